package uper

// Marshal returns the encoding of the DENM. The error is a *[RangeError] or a
// *[ValueError], which names the field.
//
// The encoding is the one that every encoder must choose (it is also canonical
// PER): a validityDuration of 600 s, the default, is left out, and so are
// extensions that say nothing.
func Marshal(d *DENM) ([]byte, error) {
	return Append(make([]byte, 0, 128), d)
}

// Append appends the encoding of the DENM to dst and returns the extended buffer.
// It allocates nothing where dst is large enough: 128 bytes are for a collision
// warning. With an error it returns dst as it was.
func Append(dst []byte, d *DENM) ([]byte, error) {
	if d == nil {
		return dst, &ValueError{Problem: "there is no DENM"}
	}
	c := coder{writing: true, buf: dst}
	c.denm(d)
	if c.err != nil {
		return dst, c.err
	}
	c.flush()
	return c.buf, nil
}
