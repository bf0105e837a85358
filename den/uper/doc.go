// Package uper encodes and decodes DENMs in ETSI's binary form: UPER, the unaligned
// packed encoding rules of ASN.1 (ITU-T X.691), as stations send them on the air.
// It also tells the DENMs of package den, which are JSON, in ETSI's terms and back.
//
// [Marshal], [Append] and [Unmarshal] convert between bytes and [DENM], which has
// ETSI's own names and whole numbers. [FromDENM] and [DENM.ToDENM] convert between
// that and [den.DENM]. A bridge from the stream to the road is
//
//	message, err := uper.FromDENM(d, uper.Profile{})
//	…
//	bytes, err := uper.Marshal(message)
//
// # What UPER is
//
// A value is as many bits as its range needs and nothing else: no names, no types,
// no gaps. A latitude is 31 bits, whether a container is there is one. So a message
// can only be read by who knows the definition, and a wrong bit shifts everything
// after it. The collision warnings of the recorded traffic in testdata are 54 bytes on
// average in release 1 and 93 in release 2; as JSON they are 1590.
//
// Types that end in "..." may grow. They begin with a bit that says whether
// something follows that was not in the first version, and what follows has a length,
// so that a reader can pass over it.
//
// # Versions
//
//   - EN 302 637-3 V1.3.1, release 1, protocol version 2: every member, in both
//     directions.
//   - EN 302 637-3 V1.2.x, protocol version 1: the same, in its own grammar. Cause
//     codes cannot grow there, and closed lanes and dangerous goods are others. It is
//     written for a [Header] that says so.
//   - TS 103 831 V2.2.1, release 2, protocol version 2: what is in release 1 has the
//     same bits under other names. Of its additions linkedDenms, eventEnd and preCrash
//     are read and written.
//
// Everything else that was added is passed over when it is read and not kept:
// [DENM].Skipped says so. That is in particular the second addition to the situation
// (V2.3.1: eventEndFactor and perceivedEvent), the one to the location (lanes,
// references to other messages, predicted paths) and roadConfiguration, which takes
// preCrash with it where both are sent.
//
// A sender tells how many additions it knows, and here that is what V2.3.1 has; so a
// message of a sender that knows V2.2.1 only is written again with one bit more. All
// other messages that are in the canonical form are written with the same bytes.
//
// # What is refused
//
// Marshal refuses what is out of range. Unmarshal refuses what is cut off, what goes
// on after the message, padding that is not zero, and what the bits can say but ETSI
// does not define. Each error names the field by its path:
//
//	uper: management.validityDuration: 90000 is not in 0..86400 (ValidityDuration, TS 102 894-2 V1.3.1 annex A)
//	uper: location.traces[0][3].pathDeltaTime: the message ends here (bit 803)
//
// In brackets stands the clause that says so, by its title, which is the name of the type:
// its number is another one in each version. Types of release 2 and of the DENM itself
// stand in the ASN.1 module that is named.
//
// Rules between members, such as that a message that ends an event has nothing but
// management, are not in the encoding: [DENM.Validate] holds them.
//
// # Time
//
// [TimestampIts] counts leap seconds and [den.Timestamp] does not: today they are 5 s
// apart. Many stations get this wrong, so that their messages of now lie 5 s in the
// past; [Profile] has a switch for them.
//
// # What it does not do
//
// There is no GeoNetworking, no BTP and no signature around the message, which a
// station needs before it may send it. Traces, and all that only other kinds of
// events have, are encoded and decoded, but a den.DENM has no place for them.
//
// # Concurrency
//
// All functions may be called concurrently. Marshal, Append, Validate and ToDENM only
// read the DENM. Nothing that is returned shares memory with what was given, except
// the buffer of Append.
//
// # Compatibility
//
// Until version 1 everything may change. From then on exported names and the bytes
// that are written for a DENM stay within a major version; error texts are for people
// and may change.
package uper
