// Producer turns collision predictions into DENMs: it reads collision arrays and
// DENM negations from Redis streams and writes new, updated and cancelling DENMs
// to Redis streams, as one configuration file says.
//
//	producer -config producer.json   work until SIGINT or SIGTERM
//	producer -demo                   show it at work on recorded traffic, with no
//	                                 server and no configuration
//
// It exits with 0 after a clean stop, with 1 after an error, which it tells in
// one line, or one for each problem of the configuration, and with 2 when it was
// called wrongly. The first signal ends the work in hand in order; a second one
// ends the process at once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/step-its/producer/config"
)

func main() {
	// A log that nobody reads any more must not end the producer, nor a SIGHUP that
	// comes too early.
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// With the first signal our handler goes, so the second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	config       string
	redis        string
	demo         bool
	duration     time.Duration
	cancelOnExit bool
	http         string
	pprof        bool
	check        bool
	printSchema  bool
	printExample bool
	version      bool
}

var errUsage = errors.New("wrong usage")

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("producer", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.config, "config", "", "work as the configuration `file` says")
	flags.StringVar(&o.redis, "redis", "", "use the server at `host:port` instead of the configured one; \"embedded\" is one inside this process that forgets everything when it ends")
	flags.BoolVar(&o.demo, "demo", false, "play recorded traffic through the producer and print every DENM; without -redis on an embedded server")
	flags.DurationVar(&o.duration, "for", 0, "stop after this `time`, such as 10s")
	flags.BoolVar(&o.cancelOnExit, "cancel-on-exit", false, "cancel all open events at a clean end, instead of leaving them to the next producer")
	flags.StringVar(&o.http, "http", "", "serve metrics, health and the open events at `host:port`; without a host for this machine alone")
	flags.BoolVar(&o.pprof, "pprof", false, "serve profiles of the process there, too")
	flags.BoolVar(&o.check, "check", false, "check the configuration, print what it comes to, and exit")
	flags.BoolVar(&o.printSchema, "print-schema", false, "print the JSON Schema of the configuration and exit")
	flags.BoolVar(&o.printExample, "print-example", false, "print an example configuration and exit")
	flags.BoolVar(&o.version, "version", false, "print the version and exit")
	if err := flags.Parse(args); err != nil {
		return o, err // flags has told it
	}
	var problem string
	switch {
	case flags.NArg() > 0:
		problem = fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	case o.duration < 0:
		problem = "-for must not be negative"
	case !namesServer(o.redis):
		// It is not shown: it may be a URL with a password in it.
		problem = fmt.Sprintf("-redis must be %q or host:port, with a port from 1 to 65535", embedded)
	case several(o.demo, o.check, o.printSchema, o.printExample, o.version):
		problem = "-demo, -check, -print-schema, -print-example and -version exclude each other"
	case o.check && o.redis != "":
		problem = "-check looks at the configuration alone: -redis cannot be given with it"
	case o.http != "" && !namesPort(o.http):
		problem = "-http must be host:port or :port, with a port from 0 to 65535; 0 is any that is free"
	case o.pprof && o.http == "":
		problem = "-pprof needs -http"
	case o.http != "" && (o.check || o.printSchema || o.printExample || o.version):
		problem = "-http goes with -config and -demo only"
	case o.check && o.config == "":
		problem = "-check needs -config"
	case o.config == "" && !o.demo && !o.printSchema && !o.printExample && !o.version:
		problem = "one of -config and -demo is needed"
	default:
		return o, nil
	}
	flags.Usage()
	fmt.Fprintln(stderr, problem)
	return o, errUsage
}

// namesPort reports whether the address to listen at is host:port.
func namesPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// several reports whether more than one of the flags is set.
func several(flags ...bool) bool {
	n := 0
	for _, set := range flags {
		if set {
			n++
		}
	}
	return n > 1
}

// run is main without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if o.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.duration)
		defer cancel()
	}
	if err := o.do(ctx, stdout, stderr); err != nil {
		o.tell(err, stderr)
		return 1
	}
	return 0
}

// tell prints an error in one line, or a line for each problem of the
// configuration file.
func (o options) tell(err error, stderr io.Writer) {
	var problems *config.Error
	if !errors.As(err, &problems) {
		fmt.Fprintln(stderr, "producer:", err)
		return
	}
	for _, p := range problems.Problems {
		fmt.Fprintf(stderr, "producer: %s: %s\n", o.config, p)
	}
}

// do does what the flags ask for.
func (o options) do(ctx context.Context, stdout, stderr io.Writer) error {
	switch {
	case o.version:
		_, err := fmt.Fprintln(stdout, version())
		return err
	case o.printSchema:
		_, err := stdout.Write(config.Schema())
		return err
	case o.printExample:
		_, err := stdout.Write(config.Example())
		return err
	}
	cfg := demoConfig()
	if o.config != "" {
		var warnings []config.Problem
		var err error
		if cfg, warnings, err = config.Load(o.config); err != nil {
			return err
		}
		for _, w := range warnings {
			fmt.Fprintf(stderr, "producer: %s: warning: %s\n", o.config, w)
		}
	}
	if o.check {
		if rate, bounded := cfg.JournalRate(); bounded {
			fmt.Fprintf(stderr, "producer: %s: the journal, %s, is long enough for %d DENMs a second\n", o.config, cfg.Redis.Streams.Outputs[0].StreamID, rate)
		}
		text, err := cfg.JSON()
		if err != nil {
			return err
		}
		_, err = stdout.Write(append(text, '\n'))
		return err
	}
	if o.demo && o.redis == "" {
		o.redis = embedded
	}
	server, err := chooseServer(cfg, o.redis)
	if err != nil {
		return err
	}
	defer server.close()
	if o.demo {
		return demo(ctx, o, cfg, server, stdout, stderr)
	}
	return produce(ctx, o, cfg, server, stdout, stderr)
}

// version names the module's version and the commit it was built from, as far as
// the Go tool knows them.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "producer (unknown version)"
	}
	text := "producer " + info.Main.Version + " " + info.GoVersion
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += " " + s.Value
		}
	}
	return text
}
