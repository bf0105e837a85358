//go:build unix

// Package examples tests what the README promises: every command in it runs, and
// every Go program in it compiles and works.
package examples

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/den"
	"github.com/step-its/producer/den/dentest"
	"github.com/step-its/producer/den/uper"
	"github.com/step-its/producer/redisio/redistest"
)

// block is a fenced block of the README.
type block struct {
	language, text string
}

func readme(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	return blocks
}

func commands(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, b := range readme(t) {
		if b.language == "sh" {
			list = append(list, strings.Split(strings.TrimSpace(b.text), "\n")...)
		}
	}
	return list
}

// how says what is done with each command of the README. A command that is not
// in it fails the test, and so does one that the README does not have.
var how = map[string]func(t *testing.T, command string){
	"go run ./examples/producer -demo":                                                   runUntilCancelled,
	"go test ./...":                                                                      runByCI,
	"go get github.com/step-its/producer":                                                namesThisModule,
	"go run ./examples/producer -print-example > producer.json":                          nil, // see TestConfigurationCommands
	"go run ./examples/producer -check -config producer.json":                            nil,
	"go run ./examples/producer -config producer.json -redis 127.0.0.1:6379":             nil,
	"go run ./examples/producer -demo -redis 127.0.0.1:6379 -for 10s":                    nil,
	"go run ./examples/livemap -demo":                                                    showsWarnings,
	"go run ./examples/simulator -redis 127.0.0.1:6379":                                  nil, // see TestNeighbours
	"go run ./examples/simulator -print-streets > streets.geojson":                       nil,
	"go run ./examples/livemap -redis 127.0.0.1:6379 -outline streets.geojson":           nil,
	"go run ./examples/simulator -redis 127.0.0.1:6379 -client -negate 0.2":              nil,
	"go run ./examples/producer -config producer.json -redis 127.0.0.1:6379 -http :9464": nil,
}

// binary tells the commands of the section about UPER, which TestBinaryCommands runs.
func binary(command string) bool {
	return strings.Contains(command, "denms_uper") && !strings.Contains(command, "ACL SETUSER") || strings.Contains(command, "denm.")
}

func TestCommands(t *testing.T) {
	seen := make(map[string]bool)
	for _, command := range commands(t) {
		run, known := how[command]
		if strings.HasPrefix(command, "redis-cli ") || binary(command) {
			continue // see TestConfigurationCommands
		}
		if !known {
			t.Errorf("nothing tests the command %q", command)
		}
		seen[command] = true
		if run != nil {
			t.Run(strings.ReplaceAll(command, " ", "_"), func(t *testing.T) { run(t, command) })
		}
	}
	for command := range how {
		if !seen[command] {
			t.Errorf("the README has no command %q", command)
		}
	}
}

// shell returns the command as a user would run it, at the root of the project.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec "+command)
	cmd.Dir = ".."
	// A user does not ask for the race detector, and -v would make go talk.
	flags := slices.DeleteFunc(strings.Fields(os.Getenv("GOFLAGS")), func(flag string) bool {
		return flag == "-race" || flag == "-v"
	})
	cmd.Env = append(os.Environ(), "GOFLAGS="+strings.Join(flags, " "))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func runUntilCancelled(t *testing.T, command string) {
	cmd := shell(t.Context(), command)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	seen := make(map[string]bool)
	for lines := bufio.NewScanner(out); len(seen) < 3 && lines.Scan(); {
		for _, kind := range []string{" new ", " update ", " cancelled "} {
			if strings.Contains(lines.Text(), kind) {
				seen[kind] = true
			}
		}
	}
	if len(seen) < 3 {
		t.Errorf("the command ended after it showed only %v", seen)
	}
	// A terminal sends the signal to the whole group, as Ctrl-C does.
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Error(err)
	}
	go drain(out.Read)
	// The go command itself exits with 1 when it was interrupted; of the program
	// it says "exit status" where that was not 0.
	_ = cmd.Wait()
	if strings.Contains(stderr.String(), "exit status") || strings.Contains(stderr.String(), "producer: ") {
		t.Errorf("after an interrupt: %s", stderr.String())
	}
}

func drain(read func([]byte) (int, error)) {
	for buffer := make([]byte, 4096); ; {
		if _, err := read(buffer); err != nil {
			return
		}
	}
}

// runByCI stands for the command that runs this test: it cannot run itself, so
// the check is that the build runs just this command.
func runByCI(t *testing.T, command string) {
	script, err := os.ReadFile("../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(script), command) {
		t.Errorf(".ci/run does not run %q", command)
	}
}

func namesThisModule(t *testing.T, command string) {
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if name := strings.TrimPrefix(command, "go get "); !strings.HasPrefix(string(module), "module "+name+"\n") {
		t.Errorf("%s is not this module", name)
	}
}

// TestConfigurationCommands follows the section "Run the producer", with a server
// of its own in place of the one at the usual port.
func TestConfigurationCommands(t *testing.T) {
	server := redistest.Start(t)
	host, port, _ := strings.Cut(server.Addr, ":")
	file := filepath.Join(t.TempDir(), "producer.json")
	replace := strings.NewReplacer("127.0.0.1:6379", server.Addr, "-h 127.0.0.1 -p 6379", "-h "+host+" -p "+port,
		"producer.json", file, ":9464", ":0")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	run := func(command, want string) string {
		t.Helper()
		out, err := shell(ctx, command).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("%s: %v, want %q in\n%s", command, err, want, out)
		}
		return string(out)
	}
	// The producer works as the user that the README makes, who has the least rights.
	t.Setenv("STEP_REDIS_PASSWORD", "change-me")
	for _, command := range commands(t) {
		if strings.Contains(command, "ACL SETUSER producer") {
			run(replace.Replace(command), "OK")
		}
	}
	stop := func() {}
	defer func() { stop() }()
	for _, command := range commands(t) {
		pasted := replace.Replace(command)
		switch {
		case how[command] != nil, binary(command), isNeighbour(command):
		case strings.HasSuffix(command, "> producer.json"):
			run(pasted, "")
			// The log file of the example belongs into the test's folder.
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text = []byte(strings.Replace(string(text), `"username": null`, `"username": "producer"`, 1))
			text = []byte(strings.Replace(string(text), `"producer.log"`, `"`+filepath.Join(t.TempDir(), "producer.log")+`"`, 1))
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		case strings.Contains(command, "-check"):
			run(pasted, `"instanceName": "step_producer_1"`)
		case strings.Contains(command, "-config"):
			stop()
			stop = startProducer(t, pasted)
		case strings.Contains(command, "XREVRANGE"):
			for !strings.Contains(run(pasted, ""), `"referenceStationId":1001`) {
				time.Sleep(20 * time.Millisecond) // run fails when the time is over
			}
		case strings.Contains(command, "-demo"):
			stop()
			refused := strings.ReplaceAll(run("redis-cli -h "+host+" -p "+port+" ACL LOG", ""), "client|setinfo", "")
			if strings.Contains(refused, "producer") {
				t.Errorf("the rights that the README names are not enough: %s", refused)
			}
			run(pasted, " cancelled in ")
		case strings.Contains(command, "ACL SETUSER"):
			run(pasted, "OK")
		default:
			run(pasted, "-0")
		}
	}
}

// TestBinaryCommands looks at the last message in UPER as the README does, from a stream
// that has one.
func TestBinaryCommands(t *testing.T) {
	for _, program := range []string{"tshark", "text2pcap", "redis-cli"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("TSHARK_REQUIRE") == "1" {
				t.Fatal(err)
			}
			t.Skipf("%s is not installed", program)
		}
	}
	server := redistest.Start(t)
	host, port, _ := strings.Cut(server.Addr, ":")
	template, c := den.DefaultTemplate(), dentest.Collisions(dentest.Now(), 1001, 1002)
	prediction := den.Prediction{StationID: 3000001, Template: &template, DetectionTime: c.DetectionTime, Reference: &c.Stations[0], Target: &c.Stations[1]}
	message, err := uper.Profile{}.Append(nil, prediction.DENM(den.ActionID{OriginatingStationID: 3000001, SequenceNumber: 7}, c.DetectionTime))
	if err != nil {
		t.Fatal(err)
	}
	add := exec.CommandContext(t.Context(), "redis-cli", "-h", host, "-p", port, "-x", "XADD", "denms_uper", "*", "actionId", "3000001/7", "termination", "", "contentType", "x", "message")
	add.Stdin = bytes.NewReader(message)
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	dir, n, text := t.TempDir(), 0, ""
	for _, command := range commands(t) {
		if !binary(command) {
			continue
		}
		n++
		cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(command, "-h 127.0.0.1 -p 6379", "-h "+host+" -p "+port))
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		text = string(out)
	}
	if n != 3 || !strings.Contains(text, "originatingStationID: 3000001") || !strings.Contains(text, "sequenceNumber: 7") || strings.Contains(text, "Malformed") {
		t.Errorf("%d commands, the last of which says\n%s", n, text)
	}
}

// startProducer runs the command until the returned function is called. It
// returns when the producer says that it works.
func startProducer(t *testing.T, command string) (stop func()) {
	t.Helper()
	cmd := shell(t.Context(), command)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "msg=started") {
			go drain(log.Read)
			return stop
		}
	}
	stop()
	t.Fatal("the producer did not start")
	return nil
}

// TestPrograms compiles and runs the Go programs and tests of the README.
func TestPrograms(t *testing.T) {
	n := 0
	for _, b := range readme(t) {
		if b.language != "go" {
			continue
		}
		n++
		command, name, want := "go run ", "main.go", "3000001/0 20"
		switch {
		case strings.HasPrefix(b.text, "package warning_test"):
			command, name, want = "go test ", "warning_test.go", "ok"
		case strings.Contains(b.text, "uper.Unmarshal"):
			want = "{97 2} 2400 ms"
		case strings.Contains(b.text, "redisio.Open"):
			command, want = "go vet ", "" // it would work for ever
		}
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := shell(t.Context(), command+file).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("program %d: %v\n%s", n, err, out)
		}
	}
	if n != 4 {
		t.Errorf("the README has %d Go programs, want 4", n)
	}
}

// TestOutputs takes the outputs in JSON that the README shows into a configuration.
func TestOutputs(t *testing.T) {
	n := 0
	for _, b := range readme(t) {
		if b.language != "json" {
			continue
		}
		n++
		_, _, err := config.Parse([]byte(`{"templateVersion": "1", "instanceName": "a", "stationId": 1, "redis": {"streams": {
			"inputs": [{"streamId": "in", "groupId": "g"}], "outputs": [{"streamId": "out", "groupId": "g"}, ` + b.text + `]}}}`))
		if err != nil {
			t.Errorf("%v in\n%s", err, b.text)
		}
	}
	if n == 0 {
		t.Error("the README shows no output")
	}
}
