// Package logging builds the [slog.Logger] of a running producer: where its
// lines go, from which level on, and what they look like.
//
// [New] takes the list of handlers and returns a [Log]. A handler is one
// destination with a level of its own: [Stream] for a console, [File] for a
// file, [SizeRotatingFile] and [TimeRotatingFile] for files that are begun anew,
// [Syslog] for the system log, [Null] for nothing. Every kind has a source file to
// itself.
//
// Only programs import this package. The other packages of this module accept
// a *slog.Logger and neither know nor care what stands behind it, so a service
// that embeds them keeps the logger it already has.
//
// # Levels
//
// There are five, DEBUG, INFO, WARNING, ERROR and CRITICAL, and every output
// uses exactly these names. The first four are those of log/slog; CRITICAL lies
// one step above ERROR and means that the producer cannot go on. A record whose
// level lies between two of them bears the name of the lower one.
//
// # What a line holds
//
// A record is one line, in this order: time, level, message, the component and
// the instance that were given to New, then the attributes of the call. Times,
// that of the record and those among the attributes, are in UTC with exactly
// three fraction digits: 2026-03-02T09:15:21.400Z; with [TimeUnix] that of the record
// is 1772442921.400. The Key constants name the
// attributes that several packages share, so that one search finds an event on
// its way through all of them.
//
// [FormatText] writes key=value pairs and quotes what needs it. [FormatJSON]
// writes one object a line; a [time.Duration] is there a number of nanoseconds,
// where text has 1.5ms. On a terminal, text comes in colour and without the
// keys of time, level and message.
//
// # Text from outside
//
// Messages, keys and values may hold what a stranger sent. No format lets it
// begin a new line or reach the terminal as a control sequence, nor does any
// let an invisible character through, such as those that reverse the direction
// of writing:
//
//   - Text and JSON show such characters as escapes, \n or \u202e.
//   - In colour, a message with such a character is quoted like a Go string;
//     in keys and values ESC and DEL appear as ^[ and ^?, the others are quoted.
//
// Bytes that are not UTF-8 are escaped or replaced by U+FFFD. Two attributes
// with one key both appear; most JSON readers then keep the last, so a key must
// never be taken from a message.
//
// # Nobody waits for a log
//
// Whoever logs does not wait for a disk or a network. Each handler has a queue of up to
// 8192 lines or 4 MiB and a goroutine that writes them, in their order. When the
// destination is slower than that, lines are dropped, counted, see [Log.Dropped], and
// told of in a line of their own where they are missing. Only a record of CRITICAL waits
// until it is written, for a second at most, for the program may end right after it, and
// is taken when the queue is full, too.
// [Log.Flush] waits, too, and [Log.Close] writes what is left; both for 2 s at most.
//
// # Files
//
// New files have the mode 0640. A symbolic link is not followed, and what is no regular
// file is refused. [Log.Reopen] opens files again by their names: call it at SIGHUP, for
// the likes of logrotate. A full disk loses lines, not the log: when there is room
// again, the next line is written, and on a line of its own. Where a file cannot be
// begun anew, because it cannot be renamed, it is written on.
//
// # Concurrency
//
// The logger and all methods of Log may be used concurrently. A handler writes
// each line with one call of Write and never two at once, but two handlers know
// nothing of each other: a writer that is given to both has to be safe for
// concurrent use. The goroutines of a Log end with Close, unless a writer that was given
// to it never returns. The package holds no global state.
//
// # When a handler fails
//
// Logging never harms its caller. A destination that returns an error or panics
// loses that one record; the other handlers still get it. The failure is
// counted, see [Log.Failures], and the first one of each handler is told on
// standard error.
//
// # What it will not do
//
// It never calls fsync, [slog.SetDefault] or the standard log package, does not compress
// files, does not create
// directories, and does not close a writer that it was given. Secrets are the
// business of the types that hold them: they implement [slog.LogValuer].
//
// # Compatibility
//
// The exported names, the five level names and the meaning of the Key constants
// stay within a major version. So does each line of FormatJSON, which may gain
// attributes. Text and colour are for people: their layout may change.
package logging
