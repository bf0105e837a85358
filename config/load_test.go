package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	return Load(write(t, "producer.json", edited(t, `"streams":`, `"connection": {`+connection+`}, "streams":`)))
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
	if _, err := Load("/does/not/exist.json"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "/does/not/exist.json") {
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
	if _, err := Load(large); err == nil || !strings.HasSuffix(err.Error(), "the file is larger than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
}
