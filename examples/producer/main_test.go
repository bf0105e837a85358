package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/step-its/producer/config"
)

// producer runs the program in this process.
func producer(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrongUsage(t *testing.T) {
	for _, test := range []struct {
		name, want string
		args       []string
	}{
		{"nothing", "one of -config and -demo is needed", nil},
		{"unknown-flag", "flag provided but not defined: -nonsense", []string{"-nonsense"}},
		{"argument", `unexpected argument "more"`, []string{"-demo", "more"}},
		{"bad-duration", `invalid value "soon"`, []string{"-demo", "-for", "soon"}},
		{"negative-duration", "-for must not be negative", []string{"-demo", "-for", "-1s"}},
		{"check-what", "-check needs -config", []string{"-check"}},
		{"two-at-once", "-demo, -check, -print-schema, -print-example and -version exclude", []string{"-print-schema", "-print-example"}},
		{"check-with-redis", "-check looks at the configuration alone", []string{"-check", "-config", "f", "-redis", "host:1"}},
		{"no-server", `-redis must be "embedded" or host:port`, []string{"-demo", "-redis", "here"}},
		{"no-port", `-redis must be "embedded" or host:port`, []string{"-demo", "-redis", "127.0.0.1:99999"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := producer(t.Context(), test.args...)
			if code != 2 || stdout != "" {
				t.Errorf("exit %d, stdout %q", code, stdout)
			}
			if !strings.Contains(stderr, "\n"+test.want) && !strings.HasPrefix(stderr, test.want) || !strings.Contains(stderr, "Usage of producer:") {
				t.Errorf("stderr %q", stderr)
			}
		})
	}
}

func TestErrorsAreOneLineAndExit1(t *testing.T) {
	example := string(config.Example())
	for _, test := range []struct {
		name, file, want string
		args             []string
	}{
		{"no-file", "", "missing.json", []string{"-config", "missing.json"}},
		{"not-json", "{", "line 1", nil},
		{"wrong-value", strings.Replace(example, `"port": 6379`, `"port": 70000`, 1), "redis.connection.port: must be <= 65535 but found 70000", nil},
		{
			"tls", strings.NewReplacer(`"ssl": false`, `"ssl": true`, `"sslCaCerts": null`, `"sslCaCerts": "missing.pem"`).Replace(example),
			`redis.connection.sslCaCerts: open "missing.pem": no such file or directory`, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := test.args
			if test.file != "" {
				args = append(args, "-config", writeFile(t, "producer.json", test.file))
			}
			code, _, stderr := producer(t.Context(), args...)
			if code != 1 || !strings.HasPrefix(stderr, "producer: ") || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d, stderr %q", code, stderr)
			}
			if strings.Count(stderr, "\n") != 1 {
				t.Errorf("stderr is not one line: %q", stderr)
			}
		})
	}
}

func TestPrintedExampleIsAccepted(t *testing.T) {
	code, example, stderr := producer(t.Context(), "-print-example")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	file := writeFile(t, "producer.json", example)
	code, effective, stderr := producer(t.Context(), "-check", "-config", file)
	if code != 0 || stderr != journalNote(file) {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	if _, _, err := config.Parse([]byte(effective)); err != nil {
		t.Errorf("what -check prints is not accepted: %v", err)
	}
}

// journalNote is what -check says of the example's journal: 10000 entries in 21 s.
func journalNote(file string) string {
	return "producer: " + file + ": the journal, step_client, is long enough for 476 DENMs a second\n"
}

// What should be changed is told, and refused it is not.
func TestCheckWarns(t *testing.T) {
	example := strings.Replace(string(config.Example()), `"groupId"`, `"consumerGroup"`, 1)
	file := writeFile(t, "producer.json", example)
	code, stdout, stderr := producer(t.Context(), "-check", "-config", file)
	want := "producer: " + file + ": warning: redis.streams.inputs[0].consumerGroup: is read as groupId, its name here\n" + journalNote(file)
	if code != 0 || stderr != want || !strings.Contains(stdout, `"groupId"`) || strings.Contains(stdout, "consumerGroup") {
		t.Errorf("exit %d, stderr %q\n%s", code, stderr, stdout)
	}
}

func TestCheckShowsNoSecret(t *testing.T) {
	example := strings.Replace(string(config.Example()), `"password": null`, `"password": "hunter2"`, 1)
	code, stdout, stderr := producer(t.Context(), "-check", "-config", writeFile(t, "producer.json", example))
	if code != 0 || strings.Contains(stdout+stderr, "hunter2") || !strings.Contains(stdout, "[redacted]") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

func TestPrintSchema(t *testing.T) {
	code, schema, _ := producer(t.Context(), "-print-schema")
	var keys map[string]any
	if err := json.Unmarshal([]byte(schema), &keys); code != 0 || err != nil || keys["$schema"] == nil {
		t.Errorf("exit %d, %v, $schema %v", code, err, keys["$schema"])
	}
}

func TestVersion(t *testing.T) {
	code, stdout, _ := producer(t.Context(), "-version")
	if code != 0 || !strings.HasPrefix(stdout, "producer ") {
		t.Errorf("exit %d, %q", code, stdout)
	}
}

// TestDemo is the first command of the README: within ten seconds a newcomer
// sees DENMs of all three kinds.
func TestDemo(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := producer(t.Context(), "-demo", "-for", "10s")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	for _, kind := range []string{" new ", " update ", " cancelled "} {
		if !strings.Contains(stdout, kind) {
			t.Errorf("no line with %q in\n%s", kind, stdout)
		}
	}
	t.Log(stdout)
}
