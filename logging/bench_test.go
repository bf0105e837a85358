package logging_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/step-its/producer/logging"
)

// BenchmarkRecord is the cost of one typical record at each destination.
func BenchmarkRecord(b *testing.B) {
	text := logging.Stream{Writer: io.Discard}
	json := logging.Stream{Writer: io.Discard, Format: logging.FormatJSON}
	color := logging.Stream{Writer: io.Discard, Color: logging.ColorAlways}
	file := logging.File{Filename: filepath.Join(b.TempDir(), "p.log"), Format: logging.FormatJSON}
	size := logging.SizeRotatingFile{Filename: filepath.Join(b.TempDir(), "p.log"), MaxBytes: 1 << 20, BackupCount: 2}
	daily := logging.TimeRotatingFile{Filename: filepath.Join(b.TempDir(), "p.log")}
	receiver, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer receiver.Close()
	syslog := logging.Syslog{Network: "udp", Address: receiver.LocalAddr().String()}
	disabled := logging.Stream{Writer: io.Discard, Level: logging.LevelError}
	tests := []struct {
		name     string
		handlers []logging.Handler
	}{
		{"text", []logging.Handler{text}},
		{"json", []logging.Handler{json}},
		{"color", []logging.Handler{color}},
		{"file", []logging.Handler{file}},
		{"size-rotating", []logging.Handler{size}},
		{"time-rotating", []logging.Handler{daily}},
		{"syslog", []logging.Handler{syslog}},
		{"null", []logging.Handler{logging.Null{}}},
		{"disabled", []logging.Handler{disabled}},
		{"text-and-json", []logging.Handler{text, json}},
		{"disabled-twice", []logging.Handler{disabled, disabled}},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			logger := newLog(b, tt.handlers...).Logger().With(logging.KeyComponent, "producer")
			benchmark(b, logger, "1772442921400-0")
		})
	}
	// The same record through slog alone, for comparison.
	b.Run("slog-text", func(b *testing.B) {
		benchmark(b, slog.New(slog.NewTextHandler(io.Discard, nil)).With("component", "producer"), "1772442921400-0")
	})
}

// BenchmarkHostileRecord is the cost of a record whose text must be escaped.
func BenchmarkHostileRecord(b *testing.B) {
	for _, l := range layouts {
		b.Run(l.name, func(b *testing.B) {
			benchmark(b, newLog(b, l.stream(io.Discard)).Logger(), "\x1b[2J\u009b\x7f")
		})
	}
}

func benchmark(b *testing.B, logger *slog.Logger, entry string) {
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		logger.LogAttrs(ctx, logging.LevelInfo, "DENM published",
			slog.String(logging.KeyInput, entry),
			slog.String(logging.KeyAction, "3907/12"),
			slog.Duration(logging.KeyDuration, 1500*time.Microsecond),
		)
	}
}
