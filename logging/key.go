package logging

// The keys of the attributes that several packages write. Packages that do not
// import this one write the same words.
const (
	// KeyComponent is the part of the system that speaks: "producer".
	KeyComponent = "component"
	// KeyInstance tells apart the processes that share a configuration.
	KeyInstance = "instance"
	// KeyEvent is the id of the event that carried a message in or out.
	KeyEvent = "event"
	// KeyInput is the stream and the id of the entry that brought an input:
	// collisions/1772442921400-0.
	KeyInput = "input"
	// KeyAction is the action id of a DENM: originating station and sequence
	// number.
	KeyAction = "action"
	// KeyPair is a reference station and a target station on collision course.
	KeyPair = "pair"
	// KeyBatch is a number of inputs that were handled as one.
	KeyBatch = "batch"
	// KeyStream and KeyGroup are a stream and its consumer group.
	KeyStream = "stream"
	KeyGroup  = "group"
	// KeyError is what went wrong. Errors that know more are groups: error.field,
	// error.pair.
	KeyError = "error"
	// KeyDuration is how long something took, a time.Duration.
	KeyDuration = "duration"
)
