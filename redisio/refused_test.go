package redisio_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
	"github.com/step-its/producer/redisio/redistest"
)

// operator returns a function that has the server do something.
func operator(commands ...string) func(t *testing.T, server *redistest.Server) {
	return func(t *testing.T, server *redistest.Server) {
		t.Helper()
		for _, command := range commands {
			if _, err := server.Command(command); err != nil {
				t.Fatalf("%s: %v", command, err)
			}
		}
	}
}

// Whatever a server may refuse for a time, or not answer: nothing is lost or done
// twice, it is told what it is, and the log tells that it has ended.
func TestRefusedForATime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		options    []string // of the server
		begin, end func(t *testing.T, server *redistest.Server)
		want       string // what is told
	}{
		{
			// Loading takes long, since each key does, and the server looks at its
			// connections often meanwhile.
			"loading",
			[]string{"--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"},
			restartFull, func(*testing.T, *redistest.Server) {},
			"the server is loading its data: LOADING",
		},
		{
			"replica", nil,
			operator("REPLICAOF 127.0.0.1 1"), operator("REPLICAOF NO ONE"),
			"the server is a replica: READONLY",
		},
		{
			"too_few_replicas", nil,
			operator("CONFIG SET min-replicas-to-write 1"), operator("CONFIG SET min-replicas-to-write 0"),
			"the server has fewer replicas than min-replicas-to-write: NOREPLICAS",
		},
		{
			"cannot_save",
			[]string{"--enable-protected-configs", "yes"},
			cannotSave, canSaveAgain,
			"the server cannot save its data; its log says why: MISCONF",
		},
		{
			"busy",
			[]string{"--busy-reply-threshold", "10"},
			endlessScript, operator("SCRIPT KILL"),
			"the server is busy with a long script of somebody: BUSY",
		},
		{
			"hung", nil,
			func(t *testing.T, server *redistest.Server) { server.Pause(t) },
			func(t *testing.T, server *redistest.Server) { server.Resume(t) },
			"deadline exceeded",
		},
		{
			// With less the server forgets what it has answered, when the disk is slow.
			"restarted",
			[]string{"--appendfsync", "always"},
			func(t *testing.T, server *redistest.Server) { server.Kill() },
			func(t *testing.T, server *redistest.Server) { server.Restart(t) },
			"connection refused",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := redistest.Start(t, test.options...)
			// It is slow, so that the outage comes in the middle of the traffic.
			proxy := redistest.StartProxy(t, server.Addr)
			proxy.Delay(2 * time.Millisecond)
			o, log := options(proxy.Addr), new(syncBuffer)
			o.Timeout = 300 * time.Millisecond
			probe, x := openProbe(t, options(server.Addr)), newTraffic()
			probe.send("collisions", x.messages...)
			logger := slog.New(slog.NewTextHandler(log, nil))
			s := run(t, open(t, o), func(c *den.Config) { c.BatchSize, c.Logger = 32, logger })
			awaitDENMs(t, probe, denmsOfTraffic/4)
			told := listenFor(t, server.Addr, test.want)
			test.begin(t, server)
			eventually(t, "it is told: "+test.want, told.Load)
			eventually(t, "the service has noticed", func() bool {
				return strings.Contains(log.String(), "failed; trying again")
			})
			test.end(t, server)
			settled(t, probe)
			_ = s.stop()
			x.wantAnswered(t, probe)
			wantToldOnce(t, log.String())
		})
	}
}

// listenFor has new clients ask the server all the time, and returns whether one
// of them was refused with this text.
func listenFor(t *testing.T, address, text string) *atomic.Bool {
	o := options(address)
	o.Timeout = 300 * time.Millisecond
	told, stop := new(atomic.Bool), make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for i := 0; !told.Load(); i++ {
			// A group that is there needs no writing, which not all of this refuses.
			o.Inputs = []redisio.InputStream{{Stream: "elsewhere", Group: strconv.Itoa(i)}}
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
			client, err := redisio.Open(o)
			if err == nil {
				err = client.Setup(context.Background())
				client.Close()
			}
			told.Store(err != nil && strings.Contains(err.Error(), text))
		}
	})
	t.Cleanup(func() {
		close(stop)
		asking.Wait()
	})
	return told
}

// wantToldOnce fails unless the log tells the beginning and the end of an outage
// once for reading and once for publishing, where these have failed.
func wantToldOnce(t *testing.T, log string) {
	t.Helper()
	for _, what := range []string{"receive", "publish"} {
		began, ended := strings.Count(log, what+" failed; trying again"), strings.Count(log, what+" works again")
		if began > 1 || began != ended {
			t.Errorf("%s failed %d times and worked again %d times:\n%s", what, began, ended, log)
		}
	}
}

// restartFull restarts the server with many more keys, which it loads as one file.
func restartFull(t *testing.T, server *redistest.Server) {
	operator(
		`EVAL "for i = 1, 2000 do redis.call('SET', 'filler:' .. i, string.rep('x', 100)) end" 0`,
		"BGREWRITEAOF",
	)(t, server)
	awaitInfo(t, server, "aof_rewrite_in_progress:0")
	server.Restart(t)
}

// cannotSave has the server fail to write its data: where the file should be is a
// directory.
func cannotSave(t *testing.T, server *redistest.Server) {
	must(t, os.MkdirAll(filepath.Join(server.Dir, "blocked", "sub"), 0o700))
	operator("CONFIG SET dbfilename blocked", `CONFIG SET save "3600 1"`, "BGSAVE")(t, server)
	awaitInfo(t, server, "rdb_last_bgsave_status:err")
}

func canSaveAgain(t *testing.T, server *redistest.Server) {
	operator("CONFIG SET dbfilename dump.rdb", "BGSAVE")(t, server)
	awaitInfo(t, server, "rdb_last_bgsave_status:ok")
}

// awaitInfo waits until what the server tells about itself contains a line.
func awaitInfo(t *testing.T, server *redistest.Server, line string) {
	t.Helper()
	eventually(t, line, func() bool {
		info, err := server.Command("INFO")
		return err == nil && strings.Contains(info, line)
	})
}

// endlessScript has somebody run a script that ends when it is killed.
func endlessScript(t *testing.T, server *redistest.Server) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = server.Command(`EVAL "while true do end" 0`)
	}()
	t.Cleanup(func() { <-ended })
}
