package main

import (
	"io"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"sync"
	"syscall"
	"time"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/logging"
)

// loggingOptions says what the configuration says in the words of logging. The levels
// are those of its handlers.
func loggingOptions(cfg config.Config, levels []slog.LevelVar, stdout, stderr io.Writer) logging.Options {
	o := logging.Options{Component: "step_producer", Instance: cfg.InstanceName}
	for i, h := range cfg.Log.Handlers {
		o.Handlers = append(o.Handlers, loggingHandler(h, &levels[i], stdout, stderr))
	}
	if len(o.Handlers) == 0 {
		o.Handlers = []logging.Handler{logging.Null{}}
	}
	return o
}

func loggingHandler(h config.Handler, level slog.Leveler, stdout, stderr io.Writer) logging.Handler {
	format, times := logging.FormatText, logging.TimeRFC3339
	if h.Format == "json" {
		format = logging.FormatJSON
	}
	if h.DateFormat == "unix" {
		times = logging.TimeUnix
	}
	switch h.Type {
	case config.StreamHandler:
		writer := stderr
		if h.Stream == "stdout" {
			writer = stdout
		}
		return logging.Stream{Writer: writer, Level: level, Format: format, TimeFormat: times}
	case config.FileHandler:
		return logging.File{Filename: h.Filename, Overwrite: h.Mode == "w", Level: level, Format: format, TimeFormat: times}
	case config.SizeFileRotateHandler:
		return logging.SizeRotatingFile{
			Filename: h.Filename, MaxBytes: h.MaxBytes, BackupCount: h.BackupCount,
			Level: level, Format: format, TimeFormat: times,
		}
	case config.TimeFileRotateHandler:
		location := time.Local
		if h.UTC {
			location = time.UTC
		}
		return logging.TimeRotatingFile{
			Filename: h.Filename, When: h.When, Interval: h.Interval, BackupCount: h.BackupCount, Location: location,
			Level: level, Format: format, TimeFormat: times,
		}
	case config.SyslogHandler:
		return logging.Syslog{
			Network: h.Network, Address: h.Address, Facility: h.Facility, Tag: h.Tag,
			Level: level, Format: format, TimeFormat: times,
		}
	}
	return logging.Null{}
}

// setLevels gives each handler its level.
func setLevels(levels []slog.LevelVar, log config.Log) {
	for i, h := range log.Handlers {
		level, _ := logging.ParseLevel(h.Level) // the configuration has the same names
		levels[i].Set(level)
	}
}

// onHangup calls do at each SIGHUP, until the function is called that it returns.
func onHangup(do func()) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		for {
			select {
			case <-signals:
				do()
			case <-done:
				return
			}
		}
	})
	return func() {
		signal.Stop(signals)
		close(done)
		waiting.Wait()
	}
}

// hangup opens log files again, which somebody has moved away, and takes the levels of
// the handlers from the file over. Everything else stays as it was at the start.
func (o options) hangup(log *logging.Log, levels []slog.LevelVar, before config.Log) {
	if err := log.Reopen(); err != nil {
		log.Logger().Error("log files cannot be opened again", "error", err)
	} else {
		log.Logger().Info("log files are opened again")
	}
	if o.config == "" {
		return
	}
	cfg, _, err := config.Load(o.config)
	switch {
	case err != nil:
		log.Logger().Error("the configuration is wrong; the levels of the log stay as they are", "error", err)
	case len(cfg.Log.Handlers) != len(before.Handlers):
		log.Logger().Warn("the configuration has another number of handlers, which needs a new start; the levels of the log stay as they are")
	default:
		setLevels(levels, cfg.Log)
		log.Logger().Info("the levels of the log are those of the configuration now; anything else that has changed there needs a new start")
	}
}

// counted returns those counters of a struct that are not zero, as a group.
func counted(key string, stats any) slog.Attr {
	var attrs []any
	value := reflect.ValueOf(stats)
	for field, v := range value.Fields() {
		if !v.IsZero() {
			attrs = append(attrs, slog.Any(field.Name, v.Interface()))
		}
	}
	return slog.Group(key, attrs...)
}
