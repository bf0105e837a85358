package den

// A remembered is what stood last in its place, and what it says: one value, or a stretch of
// text with several. It need not be read again where the same stands there once more. Of
// what is written about one station after the other, much does: what differs is where the
// station is, and how it moves.
type remembered[T any] struct {
	text []byte
	says T
}

// A state is where a station was, how it moved, and how large it is. The same stands there
// again where the station is on collision course with several others.
type state struct {
	measured Optional[Timestamp]
	position ReferencePosition
	speed    Speed
	heading  Heading
	extent   extent
}

// A sureness is how well a station knows its position, and the altitude, which stands
// behind it.
type sureness struct {
	ellipse  PositionConfidenceEllipse
	altitude Altitude
}

// A subject is what a station is.
type subject struct {
	object Optional[ObjectID]
	kind   TrafficParticipantType
}

// An extent is how large a station is, and how well it is perceived.
type extent struct {
	x, y, z Optional[ObjectDimension]
	quality Optional[uint8]
}

// again passes over the text, and says what it says, if rest begins with it.
func (m *remembered[T]) again(rest []byte) (says T, behind []byte) {
	n := len(m.text)
	if n == 0 || len(rest) < n || string(rest[:n]) != string(m.text) {
		return says, nil
	}
	return m.says, rest[n:]
}

// maxRemembered bounds what is kept of a message when it is read.
const maxRemembered = 1 << 10

// remember keeps the text that was read, which is what whole has and behind has not any
// more. Nothing was read if behind is nil.
func (m *remembered[T]) remember(whole, behind []byte, says T) {
	if n := len(whole) - len(behind); behind != nil && n <= maxRemembered {
		m.text, m.says = append(m.text[:0], whole[:n]...), says
	}
}
