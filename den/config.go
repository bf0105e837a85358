package den

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Config says how a DenService works. New copies it; a field that is zero takes
// the default named beside it.
type Config struct {
	// StationID is our own ITS station id. All values are legal.
	StationID StationID
	// Store keeps the records. It must be given, and belongs to the service from
	// then on: others may read it but not change it.
	Store Store
	// Publisher sends the DENMs. It must be given. If it is a Committer, Run
	// publishes and acknowledges in one step.
	Publisher Publisher

	// TimeAfterCollision is how long after the predicted collision a warning
	// stays valid, 0..10 s. Zero means not at all. The validity that is sent is
	// the time to the collision, plus this, plus LastUpdateMaxDelay, rounded up to
	// whole seconds.
	TimeAfterCollision time.Duration
	// LastUpdateMaxDelay is how long a record waits for its next collision array
	// before it is cancelled, 1 ms..10 s. Zero means 1 s.
	LastUpdateMaxDelay time.Duration
	// CheckMaxInterval is the longest time between two checks for records to
	// cancel, 1..60 s. Checks come earlier when a record is due earlier. Zero
	// means 5 s.
	CheckMaxInterval time.Duration
	// RepetitionInterval and RepetitionDuration have the latest DENM of an event sent
	// again every so often, unchanged, until the time since it was made is over or its
	// validity is, for receivers that join late: ETSI's T_Repetition and
	// T_RepetitionDuration. 1 ms..1 h each; unless both are given, nothing is
	// repeated. The last DENM of an event is never repeated. They are not ETSI's
	// transmissionInterval, which [Template] has. A Publisher that is no Committer gets
	// the same DENM again.
	RepetitionInterval, RepetitionDuration time.Duration
	// MaxClockSkew is how far in the future a collision array may lie, since no
	// two clocks agree, 1 ms..60 s. Zero means 5 s.
	MaxClockSkew time.Duration
	// CancelOnNegation makes a negation publish a cancellation too, for receivers
	// that did not get the negation.
	CancelOnNegation bool
	// Received, if it is not nil, gets the DENMs about events of other stations. The
	// service can then negate such an event.
	Received *Received
	// Hooks tell what the service does.
	Hooks Hooks
	// Template is what every DENM says of its sender. The zero Template means
	// DefaultTemplate.
	Template Template

	// BatchSize is the most inputs that Run takes at once, and the most
	// cancellations that Cleanup publishes at once, 1..1024. Zero means 128.
	BatchSize int
	// RetryInterval is the longest pause before Run tries again what failed,
	// 1 ms..1 h; the first pauses are shorter. Zero means 2 s.
	RetryInterval time.Duration
	// MaxAttempts is how often Run applies an input that the Store fails on, before
	// it rejects it, 1..100. Zero means 5.
	MaxAttempts int
	// CancelOnExit makes Run cancel all open events when its context ends. Without
	// it they stay open, for the next process to go on with.
	CancelOnExit bool
	// ShutdownTimeout is how long Run may go on after its context ends, to
	// finish the batches in hand, 1 ms..1 h. Zero means 5 s.
	ShutdownTimeout time.Duration

	// Logger gets a line for every change of state and, at the debug level, one
	// for every change of a record. Nil means no logging.
	Logger *slog.Logger
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	setDefault(&c.LastUpdateMaxDelay, time.Second)
	setDefault(&c.CheckMaxInterval, 5*time.Second)
	setDefault(&c.MaxClockSkew, 5*time.Second)
	setDefault(&c.Template, DefaultTemplate())
	setDefault(&c.BatchSize, 128)
	setDefault(&c.RetryInterval, 2*time.Second)
	setDefault(&c.MaxAttempts, 5)
	setDefault(&c.ShutdownTimeout, 5*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// validate reports everything that is wrong, one problem a line.
func (c Config) validate() error {
	var wrong []string
	if c.Store == nil {
		wrong = append(wrong, "den: Config.Store is missing")
	}
	if c.Publisher == nil {
		wrong = append(wrong, "den: Config.Publisher is missing")
	}
	type duration struct {
		name               string
		value, least, most time.Duration
	}
	durations := []duration{
		{"TimeAfterCollision", c.TimeAfterCollision, 0, 10 * time.Second},
		{"LastUpdateMaxDelay", c.LastUpdateMaxDelay, time.Millisecond, 10 * time.Second},
		{"CheckMaxInterval", c.CheckMaxInterval, time.Second, time.Minute},
		{"MaxClockSkew", c.MaxClockSkew, time.Millisecond, time.Minute},
		{"RetryInterval", c.RetryInterval, time.Millisecond, time.Hour},
		{"ShutdownTimeout", c.ShutdownTimeout, time.Millisecond, time.Hour},
	}
	if c.RepetitionInterval != 0 {
		durations = append(durations, duration{"RepetitionInterval", c.RepetitionInterval, time.Millisecond, time.Hour})
	}
	if c.RepetitionDuration != 0 {
		durations = append(durations, duration{"RepetitionDuration", c.RepetitionDuration, time.Millisecond, time.Hour})
	}
	for _, d := range durations {
		if d.value < d.least || d.value > d.most {
			wrong = append(wrong, fmt.Sprintf("den: Config.%s must be %v..%v but is %v", d.name, d.least, d.most, d.value))
		}
	}
	if c.Received != nil && c.Received.cfg.StationID != c.StationID {
		wrong = append(wrong, fmt.Sprintf("den: Config.Received has the station id %d and not %d", c.Received.cfg.StationID, c.StationID))
	}
	if c.BatchSize < 1 || c.BatchSize > 1024 {
		wrong = append(wrong, fmt.Sprintf("den: Config.BatchSize must be 1..1024 but is %d", c.BatchSize))
	}
	if c.MaxAttempts < 1 || c.MaxAttempts > 100 {
		wrong = append(wrong, fmt.Sprintf("den: Config.MaxAttempts must be 1..100 but is %d", c.MaxAttempts))
	}
	if err := c.Template.validate(); err != nil {
		wrong = append(wrong, fmt.Sprintf("den: Config.%s", err))
	}
	if wrong == nil {
		return nil
	}
	return &ConfigError{wrong}
}

// ConfigError is everything that is wrong with the [Config] of a service, or with the
// options of a transport. [New] returns one; match it with errors.As.
type ConfigError struct {
	Problems []string // at least one, each with the name of its field
}

// Error returns the problems, one a line.
func (e *ConfigError) Error() string { return strings.Join(e.Problems, "\n") }

// LogValue implements slog.LogValuer.
func (e *ConfigError) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("problems", e.Problems))
}
