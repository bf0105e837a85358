package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// PasswordVariable is the environment variable that holds the Redis password. It
// comes before password and passwordFile.
const PasswordVariable = "STEP_REDIS_PASSWORD"

// Load reads the configuration file at path and resolves the password. The error
// names the file; [errors.As] finds an [*Error] in it if the content is wrong, and
// [errors.Is] the reason, such as [fs.ErrNotExist], if it or the password file
// cannot be read. A relative passwordFile is relative to the working directory.
func Load(path string) (Config, error) {
	data, err := readFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	c, err := Parse(data)
	if err != nil {
		return Config{}, fmt.Errorf("config: %s:\n%w", path, err)
	}
	if err := c.Redis.Connection.resolvePassword(); err != nil {
		return Config{}, fmt.Errorf("config: %s: redis.connection.passwordFile: %w", path, err)
	}
	return c, nil
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

// readFile reads a file, but little more than is legal of one that is too large.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}
