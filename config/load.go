package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// PasswordVariable is the environment variable that holds the Redis password. It
// comes before password and passwordFile.
const PasswordVariable = "STEP_REDIS_PASSWORD"

// Load reads the configuration file at path, resolves the password, and looks whether
// the files for TLS are there and go together, and the directories of log files. The
// error is an [*Error] with the name of the file; [errors.Is] finds the reason in it, such
// as [fs.ErrNotExist], if the file or one that it names cannot be read. Files that it
// names are relative to the working directory.
//
// Warnings are those of [Parse], and of files with a secret that everybody may read.
func Load(path string) (c Config, warnings []Problem, err error) {
	data, err := readFile(path)
	if err != nil {
		return Config{}, nil, &Error{File: path, Problems: []Problem{{Message: fileProblem(err)}}, cause: err}
	}
	c, warnings, err = parse(data, func(c *Config) inFiles { return c.resolveFiles(path) })
	if wrong, ok := errors.AsType[*Error](err); ok {
		wrong.File = path
	}
	return c, warnings, err
}

// inFiles is what was found in the files that a configuration names.
type inFiles struct {
	wrong    []finding
	causes   []error // of each of them; nil where there is none
	warnings []Problem
}

func (f *inFiles) add(at jsontext.Pointer, message string, cause error) {
	f.wrong, f.causes = append(f.wrong, finding{at, message}), append(f.causes, cause)
}

// resolveFiles reads the files that the configuration at path names. It completes c
// with what they hold.
func (c *Config) resolveFiles(path string) (found inFiles) {
	connection := &c.Redis.Connection
	if connection.Password != "" || connection.SentinelPassword != "" {
		found.warnings = openToOthers("", path)
	}
	found.warnings = append(found.warnings, openToOthers("redis.connection.passwordFile", connection.PasswordFile)...)
	found.warnings = append(found.warnings, openToOthers("redis.connection.sslKeyfile", connection.SSLKeyfile)...)
	_, files := connection.loadTLS()
	found.wrong, found.causes = files.wrong, files.causes
	if err := connection.resolvePassword(); err != nil {
		found.add(connectionAt+"/passwordFile", fileProblem(err), err)
	}
	for i, h := range c.Log.Handlers {
		if h.Filename == "" {
			continue
		}
		at := jsontext.Pointer(fmt.Sprintf("/log/handlers/%d/filename", i))
		if info, err := os.Stat(filepath.Dir(h.Filename)); err != nil || !info.IsDir() {
			found.add(at, "there is no directory "+cited(filepath.Dir(h.Filename)), err)
		} else if info, err := os.Lstat(h.Filename); err == nil && !info.Mode().IsRegular() {
			found.add(at, cited(h.Filename)+" is no regular file", nil)
		}
	}
	return found
}

// openToOthers warns of a file with a secret that others than its owner may read.
// There is nothing to see where files have no such mode.
func openToOthers(key, path string) []Problem {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o007 == 0 {
		return nil
	}
	return []Problem{{key, fmt.Sprintf("%s holds a secret and may be read by everybody: chmod o= %[1]s", path)}}
}

// resolvePassword leaves the password that holds in Password, and PasswordFile empty.
func (c *Connection) resolvePassword() error {
	file := c.PasswordFile
	c.PasswordFile = ""
	if p := os.Getenv(PasswordVariable); p != "" {
		c.Password = Secret(p)
		return nil
	}
	if file == "" {
		return nil
	}
	data, err := readFile(file)
	if err != nil {
		return err
	}
	text, found := strings.CutSuffix(string(data), "\r\n")
	if !found {
		text = strings.TrimSuffix(text, "\n")
	}
	if text == "" {
		return errors.New("the file is empty")
	}
	c.Password = Secret(text)
	return nil
}

// fileProblem says why a file could not be read. No path can break a line of the report.
func fileProblem(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Sprintf("%s %s: %v", p.Op, cited(p.Path), p.Err)
	}
	return err.Error()
}

// readFile reads a file, unless it is too large.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxBytes:
		return nil, fmt.Errorf("%s is larger than %d bytes", cited(path), maxBytes)
	}
	return data, nil
}
