package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// loadWith loads the minimal file with these keys in its connection.
func loadWith(t *testing.T, connection string) (Config, error) {
	t.Helper()
	c, _, err := Load(write(t, "producer.json", edited(t, `"streams":`, `"connection": {`+connection+`}, "streams":`)))
	return c, err
}

func TestLoadPassword(t *testing.T) {
	quoted := func(content string) string {
		return `"passwordFile": "` + filepath.ToSlash(write(t, "password", []byte(content))) + `"`
	}
	for _, c := range []struct{ name, env, connection, want string }{
		{"none", "", ``, ""},
		{"key", "", `"password": "from key"`, "from key"},
		{"file", "", quoted("from file"), "from file"},
		{"file-newline", "", quoted("from file\n"), "from file"},
		{"file-crlf", "", quoted("from file\r\n"), "from file"},
		{"file-two-newlines", "", quoted("from file\n\n"), "from file\n"},
		{"environment", "from env", ``, "from env"},
		{"environment-before-key", "from env", `"password": "from key"`, "from env"},
		{"environment-before-file", "from env", `"passwordFile": "/does/not/exist"`, "from env"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(PasswordVariable, c.env)
			config, err := loadWith(t, c.connection)
			if err != nil {
				t.Fatal(err)
			}
			if got := config.Redis.Connection.Password.Reveal(); got != c.want {
				t.Errorf("password is %q, want %q", got, c.want)
			}
			if err := config.Validate(); err != nil {
				t.Errorf("what Load returns is not valid: %v", err)
			}
		})
	}
}

func TestLoadErrors(t *testing.T) {
	t.Setenv(PasswordVariable, "")
	if _, _, err := Load("/does/not/exist.json"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "/does/not/exist.json") {
		t.Errorf("got %v", err)
	}
	if _, err := loadWith(t, `"passwordFile": "/does/not/exist"`); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "redis.connection.passwordFile") {
		t.Errorf("got %v", err)
	}
	empty := filepath.ToSlash(write(t, "password", []byte("\n")))
	if _, err := loadWith(t, `"passwordFile": "`+empty+`"`); err == nil || !strings.HasSuffix(err.Error(), "passwordFile: the file is empty") {
		t.Errorf("got %v", err)
	}
	_, err := loadWith(t, `"port": 70000`)
	if e, ok := errors.AsType[*Error](err); !ok || e.Problems[0].Path != "redis.connection.port" || !strings.Contains(err.Error(), "producer.json") {
		t.Errorf("got %v", err)
	}
	large := write(t, "large.json", []byte(strings.Repeat(" ", 2*maxBytes)))
	if _, _, err := Load(large); err == nil || !strings.HasSuffix(err.Error(), `large.json" is larger than 1048576 bytes`) {
		t.Errorf("got %v", err)
	}
}

// All that is wrong with files is reported at once.
func TestLoadFiles(t *testing.T) {
	t.Setenv(PasswordVariable, "")
	file := write(t, "producer.json", edited(t, `"redis": {`, `"log": {"handlers": [
		{"type": "LogNullHandler"}, {"type": "LogFileHandler", "filename": "no/such/file.log"}]},
		"redis": {"connection": {"passwordFile": "no.password", "ssl": true, "sslCaCerts": "no.pem", "sslKeyfile": "no.key", "sslCertfile": "no.crt"},`))
	_, _, err := Load(file)
	e, ok := errors.AsType[*Error](err)
	want := []Problem{
		{"log.handlers[1].filename", "there is no directory " + strconv.Quote(filepath.Join("no", "such"))},
		{"redis.connection.passwordFile", "open \"no.password\": no such file or directory"},
		{"redis.connection.sslCaCerts", "open \"no.pem\": no such file or directory"},
		{"redis.connection.sslKeyfile", "open \"no.key\": no such file or directory"},
		{"redis.connection.sslCertfile", "open \"no.crt\": no such file or directory"},
	}
	if !ok || !cmp.Equal(e.Problems, want) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// What is wrong with files is reported together with what is wrong with the content, and
// once. What may be due to a value that cannot be read is not.
func TestLoadContentAndFiles(t *testing.T) {
	t.Setenv(PasswordVariable, "")
	file := write(t, "producer.json", edited(t, `"stationId": 7,`, `"stationId": "7", "log": {"handlers": [{"type": "LogFileHandler", "filename": "no/such/file.log"}]},`))
	_, _, err := Load(file)
	if want := "stationId: must be integer but found string\nlog.handlers[0].filename: there is no directory " + strconv.Quote(filepath.Join("no", "such")); err == nil || !strings.HasSuffix(err.Error(), "\n"+want) {
		t.Errorf("got %v", err)
	}
	for _, test := range []struct{ connection, want string }{
		{
			`"port": 70000, "ssl": true, "sslCertfile": "no.crt", "passwordFile": "no.password"`,
			"port: must be <= 65535 but found 70000\nsslCertfile: needs sslKeyfile: a certificate is of no use without its key\npasswordFile: open \"no.password\": no such file or directory",
		},
		{
			`"password": "x", "passwordFile": "no.password"`,
			"passwordFile: must not be given together with password: it is unclear which one holds",
		},
		{`"ssl": 1, "sslCaCerts": "no.pem", "passwordFile": "no.password"`, "ssl: must be boolean but found number\nsslCaCerts: open \"no.pem\": no such file or directory\npasswordFile: open \"no.password\": no such file or directory"},
	} {
		_, err := loadWith(t, test.connection)
		if err == nil {
			t.Fatalf("%s is accepted", test.connection)
		}
		_, got, _ := strings.Cut(err.Error(), "\n")
		if got = strings.ReplaceAll(got, "redis.connection.", ""); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.connection, got, test.want)
		}
	}
}

// No name of a file can break a line of the report, and the cause is of something in it.
func TestLoadForgedLines(t *testing.T) {
	t.Setenv(PasswordVariable, "")
	_, err := loadWith(t, `"ssl": true, "sslCaCerts": "a\nforged", "passwordFile": "b\nforged"`)
	if err == nil || strings.Contains(err.Error(), "\nforged") || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got %v", err)
	}
	_, err = loadWith(t, `"ssl": true, "sslCertfile": "no.crt", "sslKeyfile": 5`)
	if errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// What is accepted and should be changed all the same is told, once each.
func TestWarnings(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("files have no mode here: only the warnings of Parse are looked at")
	}
	t.Setenv(PasswordVariable, "")
	secret := write(t, "password", []byte("hunter2"))
	for _, test := range []struct {
		name, old, new string
		mode           fs.FileMode
		want           string
	}{
		{"none", `"groupId": "go"`, `"groupId": "go", "maxLength": 1000`, 0o644, ""},
		{
			"aliases", `"inputs": [{"streamId": "in", "groupId": "gi"}]`,
			`"deadLetter": {"maxLen": 5}, "inputs": [{"streamId": "in", "maxLen": 7, "consumerGroup": "gi"}]`, 0o600,
			"redis.streams.inputs[0].consumerGroup: is read as groupId, its name here\n" +
				"redis.streams.inputs[0].maxLen: is read as maxLength, its name here\n" +
				"redis.streams.deadLetter.maxLen: is read as maxLength, its name here",
		},
		{
			"short_journal", `"groupId": "go"`, `"groupId": "go", "maxLength": 999`, 0o600,
			"redis.streams.outputs[0].maxLength: is short for the journal from which the next producer learns which events are open: at more than 47 DENMs a second some of them will be forgotten",
		},
		{
			"interval_of_no_repetition", `"redis":`, `"denmRepetitionInterval": 500, "redis":`, 0o600,
			"denmRepetitionDuration: is 0, so nothing is repeated although denmRepetitionInterval is given",
		},
		{
			"duration_of_no_repetition", `"redis":`, `"denmRepetitionDuration": 500, "redis":`, 0o600,
			"denmRepetitionInterval: is 0, so nothing is repeated although denmRepetitionDuration is given",
		},
		{
			"repetition_after_the_end", `"redis":`, `"denmRepetitionInterval": 1000, "denmRepetitionDuration": 2000, "redis":`, 0o600,
			"denmRepetitionInterval: is not less than denmLastUpdateMaxDelay, which is 1000: an event without updates is cancelled before it is repeated",
		},
		{
			"short_repetition", `"redis":`, `"denmRepetitionInterval": 500, "denmRepetitionDuration": 499, "redis":`, 0o600,
			"denmRepetitionInterval: is greater than denmRepetitionDuration, which is 499, so nothing is repeated",
		},
		{
			"leap_seconds_in_JSON", `"groupId": "go"`, `"groupId": "go", "leapSeconds": false`, 0o600,
			"redis.streams.outputs[0].leapSeconds: is false, which has no effect on times in JSON: they are in UTC",
		},
		{"repetition", `"redis":`, `"denmRepetitionInterval": 500, "denmRepetitionDuration": 2000, "redis":`, 0o600, ""},
		{
			"readable", `"streams":`, `"connection": {"password": "hunter2"}, "streams":`, 0o644,
			"FILE holds a secret and may be read by everybody: chmod o= FILE",
		},
		{
			"anybody_can_play_the_server", `"streams":`, `"connection": {"ssl": true, "sslCertReqs": "none"}, "streams":`, 0o600,
			"redis.connection.sslCertReqs: is none: the certificate of the server is not checked, and anybody can play the server",
		},
		{
			"any_certificate_will_do", `"streams":`, `"connection": {"ssl": true, "sslCheckHostname": false}, "streams":`, 0o600,
			"redis.connection.sslCheckHostname: is false: whoever has any certificate of the authorities can play the server",
		},
		{"readable_by_the_group", `"streams":`, `"connection": {"password": "hunter2"}, "streams":`, 0o640, ""},
		{
			"password_file", `"streams":`, `"connection": {"passwordFile": "` + filepath.ToSlash(secret) + `"}, "streams":`, 0o644,
			"redis.connection.passwordFile: " + secret + " holds a secret and may be read by everybody: chmod o= " + secret,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := write(t, "producer.json", edited(t, test.old, test.new))
			for _, path := range []string{file, secret} {
				if err := os.Chmod(path, test.mode); err != nil {
					t.Fatal(err)
				}
			}
			c, warnings, err := Load(file)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(test.want, "FILE", file)
			if runtime.GOOS == "windows" && strings.Contains(want, "chmod") {
				want = ""
			}
			if got := (&Error{Problems: warnings}).Error(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(test.name, "aliases") {
				in := c.Redis.Streams.Inputs[0]
				if in.GroupID != "gi" || in.MaxLength != 7 || c.Redis.Streams.DeadLetter.MaxLength != 5 {
					t.Errorf("got %+v and %+v", in, c.Redis.Streams.DeadLetter)
				}
			}
		})
	}
}
