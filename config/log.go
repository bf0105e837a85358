package config

// The values of [Handler.Type].
const (
	StreamHandler         = "LogStreamHandler"         // standard output or standard error
	FileHandler           = "LogFileHandler"           // one file
	SizeFileRotateHandler = "LogSizeFileRotateHandler" // files of limited size
	TimeFileRotateHandler = "LogTimeFileRotateHandler" // a new file at set times
	SyslogHandler         = "LogSyslogHandler"         // the system log, local or remote
	NullHandler           = "LogNullHandler"           // nowhere
)

// Log says what is logged, and where to.
type Log struct {
	// Handlers each receive every record of their level and above, 0..16.
	// Default: one [StreamHandler]. An empty list is no logging at all.
	Handlers []Handler `json:"handlers"`
}

// Handler is one destination of the log. Type, Level, Format and DateFormat belong
// to every handler; each of the other fields says whose it is, and must be zero in
// handlers of other types.
type Handler struct {
	// Type is what the handler is, one of the constants above. Required.
	Type string `json:"type"`

	// Level is the least level that is logged: "DEBUG", "INFO" (default),
	// "WARNING", "ERROR", "CRITICAL".
	Level string `json:"level"`

	// Format is how a record is written: "text" (default) or "json".
	Format string `json:"format"`

	// DateFormat is how its time is written: "rfc3339" (default), UTC with
	// milliseconds; or "unix", seconds since 1970 with three decimals.
	DateFormat string `json:"dateFormat"`

	// Stream is "stderr" (default) or "stdout". StreamHandler.
	Stream string `json:"stream"`

	// Filename is the file to write. Not empty, required. FileHandler and both
	// rotating handlers.
	Filename string `json:"filename"`

	// Mode is "a" (default), append, or "w", overwrite. FileHandler.
	Mode string `json:"mode"`

	// Encoding is the encoding of the file: "utf-8" (default), the only choice.
	// FileHandler and both rotating handlers.
	Encoding string `json:"encoding"`

	// MaxBytes is the size at which a new file is begun.
	// 1..1099511627776 bytes, default 10485760. SizeFileRotateHandler.
	MaxBytes int64 `json:"maxBytes"`

	// BackupCount is how many old files are kept. SizeFileRotateHandler: 1..1000,
	// default 5. TimeFileRotateHandler: 0..1000, default 7; zero keeps all.
	BackupCount int `json:"backupCount"`

	// When is the unit of Interval: "S", "M", "H", "D" (second to day), "midnight"
	// (default), or a weekday, "W0" (Monday) to "W6". TimeFileRotateHandler.
	When string `json:"when"`

	// Interval is the number of units between two files; a weekday ignores it.
	// 1..10000, default 1. TimeFileRotateHandler.
	Interval int `json:"interval"`

	// UTC makes midnight and weekdays those of UTC, not of local time.
	// Default true. TimeFileRotateHandler.
	UTC bool `json:"utc"`

	// Network is how the system log is reached: "" (default), locally; or "udp",
	// "tcp", "unixgram". SyslogHandler.
	Network string `json:"network"`

	// Address is where: host:port, or the path of the socket. Default empty, and
	// only so when Network is empty. SyslogHandler.
	Address string `json:"address"`

	// Facility is the syslog facility: "kern", "user" (default), "mail", "daemon",
	// "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	// "local0" to "local7". SyslogHandler.
	Facility string `json:"facility"`

	// Tag names the program in each line. 1..48 visible ASCII characters
	// other than :, [ and ], default
	// "step-producer". SyslogHandler.
	Tag string `json:"tag"`
}

// defaultHandler returns the defaults of one type of handler. An unknown type gets
// those that all have.
func defaultHandler(kind string) Handler {
	h := Handler{Type: kind, Level: "INFO", Format: "text", DateFormat: "rfc3339"}
	switch kind {
	case StreamHandler:
		h.Stream = "stderr"
	case FileHandler:
		h.Mode, h.Encoding = "a", "utf-8"
	case SizeFileRotateHandler:
		h.MaxBytes, h.BackupCount, h.Encoding = 10<<20, 5, "utf-8"
	case TimeFileRotateHandler:
		h.When, h.Interval, h.BackupCount = "midnight", 1, 7
		h.UTC, h.Encoding = true, "utf-8"
	case SyslogHandler:
		h.Facility, h.Tag = "user", "step-producer"
	}
	return h
}
