package logging_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"

	"github.com/step-its/producer/logging"
)

// Warnings go to the console, everything goes to a file as JSON.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "producer.log")

	var console bytes.Buffer // os.Stderr, in a program
	log, err := logging.New(logging.Options{
		Handlers: []logging.Handler{
			logging.Stream{Writer: &console, Level: logging.LevelWarning},
			logging.File{Filename: name, Level: logging.LevelDebug, Format: logging.FormatJSON},
		},
		Component: "producer",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()

	logger := log.Logger()
	logger.Info("DENM published", logging.KeyPair, "17/23", logging.KeyAction, "3907/12")
	logger.Log(context.Background(), logging.LevelCritical, "lease lost")

	file, err := os.ReadFile(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(atOneTime(console.String()))
	fmt.Print(atOneTime(string(file)))
	// Output:
	// time=2026-03-02T09:15:21.400Z level=CRITICAL msg="lease lost" component=producer
	// {"time":"2026-03-02T09:15:21.400Z","level":"INFO","msg":"DENM published","component":"producer","pair":"17/23","action":"3907/12"}
	// {"time":"2026-03-02T09:15:21.400Z","level":"CRITICAL","msg":"lease lost","component":"producer"}
}

var anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)

// atOneTime returns the lines as if all were written at the same moment.
func atOneTime(lines string) string {
	return anyTime.ReplaceAllString(lines, "2026-03-02T09:15:21.400Z")
}

// The level of a handler can be changed while the log is in use.
func ExampleStream_level() {
	var level slog.LevelVar // INFO
	var console bytes.Buffer
	log, err := logging.New(logging.Options{
		Handlers: []logging.Handler{logging.Stream{Writer: &console, Level: &level}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()

	log.Logger().Debug("not yet")
	level.Set(logging.LevelDebug)
	log.Logger().Debug("now")
	_ = log.Flush()
	fmt.Print(atOneTime(console.String()))
	// Output: time=2026-03-02T09:15:21.400Z level=DEBUG msg=now
}

func ExampleParseLevel() {
	level, err := logging.ParseLevel("critical")
	fmt.Println(logging.LevelName(level), err)
	_, err = logging.ParseLevel("WARN")
	fmt.Println(err)
	// Output:
	// CRITICAL <nil>
	// logging: level "WARN": must be DEBUG, INFO, WARNING, ERROR or CRITICAL
}
