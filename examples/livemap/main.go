// Livemap shows the DENMs that a producer writes to Redis on a map in the browser, as
// they appear, move and are cancelled.
//
//	livemap -redis 127.0.0.1:6379   show the stream step_client of this server
//	livemap -demo                   show it with no server and no producer: the DEN
//	                                service itself, in a small town, in real time
//
// It only reads: it belongs to no consumer group and writes nothing. A user name and a
// password for the server are taken from the environment variables
// STEP_REDIS_USERNAME and STEP_REDIS_PASSWORD. It listens on the loopback address
// unless it is told otherwise; there is no login, so whoever can reach it can look.
//
// It exits with 0 after a clean stop, with 1 after an error and with 2 when it was
// called wrongly. While the server cannot be reached it tries again, and the page says
// so.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// With the first signal our handler goes, so the second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	redis, stream, listen string
	demo                  bool
	tiles, attribution    string
	outline               string
	duration              time.Duration
}

var errUsage = errors.New("wrong usage")

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("livemap", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.redis, "redis", "127.0.0.1:6379", "follow the server at `host:port`")
	flags.StringVar(&o.stream, "stream", "step_client", "follow this `stream` of DENMs")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "serve the page at `host:port`")
	flags.BoolVar(&o.demo, "demo", false, "show the DEN service at work in a small town, with no server and no producer")
	flags.StringVar(&o.outline, "outline", "", "draw the lines of this GeoJSON `file` under the warnings, such as streets")
	flags.StringVar(&o.tiles, "tiles", "", "draw the map on tiles from this `URL`, such as https://tiles.example/{z}/{x}/{y}.png; the browser then asks that server, and no other")
	flags.StringVar(&o.attribution, "attribution", "", "the `text` that the server of the tiles wants to see under the map")
	flags.DurationVar(&o.duration, "for", 0, "stop after this `time`, such as 10s")
	if err := flags.Parse(args); err != nil {
		return o, err // flags has told it
	}
	problem := o.problem(flags)
	if problem == "" {
		return o, nil
	}
	flags.Usage()
	fmt.Fprintln(stderr, problem)
	return o, errUsage
}

// problem returns what is wrong with the flags, or nothing.
func (o options) problem(flags *flag.FlagSet) string {
	given := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	_, tilesError := tileOrigin(o.tiles)
	switch {
	case flags.NArg() > 0:
		return fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	case o.demo && (given["redis"] || given["stream"]):
		return "-demo uses no server: -redis and -stream cannot be given with it"
	case o.demo && o.outline != "":
		return "-demo has streets of its own: -outline cannot be given with it"
	case !isAddress(o.redis, 1):
		// It is not shown: it may be a URL with a password in it.
		return "-redis must be host:port, with a port from 1 to 65535"
	case !isAddress(o.listen, 0):
		return "-listen must be host:port, with a port from 0 to 65535"
	case o.stream == "":
		return "-stream must not be empty"
	case tilesError != nil:
		return "-tiles " + tilesError.Error()
	case o.duration < 0:
		return "-for must not be negative"
	}
	return ""
}

// isAddress reports whether the text is host:port with a port that is not below least.
func isAddress(text string, least uint64) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n >= least
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
		fmt.Fprintln(stderr, "livemap:", err)
		return 1
	}
	return 0
}

// do serves the page until ctx ends, or a part fails.
func (o options) do(ctx context.Context, stdout, stderr io.Writer) error {
	streets, err := readOutline(o.outline)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	hub := newHub(log)
	s := site{hub: hub, streets: streets, tiles: o.tiles, attribution: o.attribution, source: o.stream + " at " + o.redis}
	feed := (&follower{address: o.redis, stream: o.stream, hub: hub, log: log}).run
	if o.demo {
		town := newDemo(hub, log)
		s.source, s.streets, feed = "demonstration", town.streets(), town.run
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "the map is at http://%s\n", listener.Addr())

	// Whoever fails first ends the other.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	for _, part := range []func(context.Context) error{
		feed,
		func(ctx context.Context) error { return s.serve(ctx, listener) },
	} {
		parts.Go(func() {
			if err := part(ctx); err != nil {
				cancel(err)
			}
		})
	}
	parts.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
