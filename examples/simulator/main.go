// Simulator stands in for the neighbours of the producer, for whoever wants to try it.
//
//	simulator -redis 127.0.0.1:6379           predict collisions in a small town, and
//	                                          write them to the input stream
//	simulator -redis 127.0.0.1:6379 -client   read DENMs from the output stream, and
//	                                          print what a vehicle would do
//
// A user name and a password for the server are taken from the environment variables
// STEP_REDIS_USERNAME and STEP_REDIS_PASSWORD. It exits with 0 after a clean stop,
// with 1 after an error and with 2 when it was called wrongly. While the server
// cannot be reached it tries again.
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
	"strconv"
	"syscall"
	"time"

	"github.com/step-its/producer/examples/simulator/world"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// With the first signal our handler goes, so the second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	redis, input, output string
	duration             time.Duration
	client               bool

	town    world.Config // without -client
	rate    float64
	streets bool

	station uint64 // with -client
	negate  float64
}

var errUsage = errors.New("wrong usage")

func parseFlags(args []string, stderr io.Writer) (options, error) {
	o := options{town: world.Default()}
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.redis, "redis", "127.0.0.1:6379", "use the server at `host:port`")
	flags.StringVar(&o.input, "input", "step_producer", "the `stream` that the producer reads")
	flags.StringVar(&o.output, "output", "step_client", "the `stream` that the producer writes")
	flags.DurationVar(&o.duration, "for", 0, "stop after this `time`, such as 10s")
	flags.Uint64Var(&o.town.Seed, "seed", o.town.Seed, "the `number` that makes this town differ from others, and with -client this client")
	flags.Float64Var(&o.rate, "rate", 10, "predict so many `times` a second, 0.1 to 100; the town goes on in real time at any rate")
	flags.IntVar(&o.town.Blocks, "blocks", o.town.Blocks, "how many `blocks` of houses lie along each side of the town, 1 to 50")
	flags.IntVar(&o.town.Vehicles, "vehicles", o.town.Vehicles, "how `many` vehicles there are, 0 to 5000")
	flags.IntVar(&o.town.Cyclists, "cyclists", o.town.Cyclists, "how `many` cyclists there are, 0 to 5000")
	flags.IntVar(&o.town.Pedestrians, "pedestrians", o.town.Pedestrians, "how `many` pedestrians there are, 0 to 5000")
	flags.Float64Var(&o.town.Noise, "noise", o.town.Noise, "the standard deviation of measured positions in `metres`, 0 to 20")
	flags.DurationVar(&o.town.Horizon, "horizon", 3*time.Second, "predict collisions so far ahead, a `time` up to 10s")
	flags.BoolVar(&o.streets, "print-streets", false, "print the streets of the town as GeoJSON and exit")
	flags.BoolVar(&o.client, "client", false, "be the client: print what a vehicle would do for each DENM")
	flags.Uint64Var(&o.station, "station", 0, "with -client, only for the vehicle with this `id`; 0 is all of them")
	flags.Float64Var(&o.negate, "negate", 0, "with -client, negate this `part` of the events, 0 to 1, as their target station")
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
	within := func(n, least, most float64) bool { return n >= least && n <= most } // false for NaN
	forClient := map[string]bool{"station": true, "negate": true, "output": true}
	forBoth := map[string]bool{"redis": true, "for": true, "seed": true, "client": true, "input": true}
	misplaced := ""
	flags.Visit(func(f *flag.Flag) {
		if !forBoth[f.Name] && forClient[f.Name] != o.client {
			misplaced = f.Name
		}
	})
	switch {
	case flags.NArg() > 0:
		return fmt.Sprintf("unexpected argument %q", flags.Arg(0))
	case misplaced != "" && o.client:
		return "-" + misplaced + " has no meaning with -client"
	case misplaced != "":
		return "-" + misplaced + " needs -client"
	case !isAddress(o.redis):
		// It is not shown: it may be a URL with a password in it.
		return "-redis must be host:port, with a port from 1 to 65535"
	case o.input == "" || o.output == "":
		return "a stream must have a name"
	case o.duration < 0:
		return "-for must not be negative"
	case !within(o.rate, 0.1, 100):
		return "-rate must be 0.1 to 100"
	case !within(float64(o.town.Blocks), 1, 50):
		return "-blocks must be 1 to 50"
	case !within(float64(o.town.Vehicles), 0, 5000), !within(float64(o.town.Cyclists), 0, 5000), !within(float64(o.town.Pedestrians), 0, 5000):
		return "-vehicles, -cyclists and -pedestrians must be 0 to 5000"
	case !within(o.town.Noise, 0, 20):
		return "-noise must be 0 to 20"
	case !within(o.town.Horizon.Seconds(), 0.001, 10):
		return "-horizon must be up to 10s"
	case o.station > 1<<32-1:
		return "-station must be 0 to 4294967295"
	case !within(o.negate, 0, 1):
		return "-negate must be 0 to 1"
	}
	return ""
}

// isAddress reports whether the value of -redis can be one.
func isAddress(redis string) bool {
	_, port, err := net.SplitHostPort(redis)
	if err != nil {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
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
		fmt.Fprintln(stderr, "simulator:", err)
		return 1
	}
	return 0
}

func (o options) do(ctx context.Context, stdout, stderr io.Writer) error {
	if o.streets {
		return printStreets(o.town, stdout)
	}
	redis, err := connect(ctx, o.redis, stderr)
	if err != nil || redis == nil {
		return err
	}
	defer redis.Close()
	if o.client {
		return newClient(o, redis, stdout, stderr).run(ctx)
	}
	return predict(ctx, o, redis, stdout, stderr)
}
