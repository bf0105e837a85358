package config

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretDoesNotShow(t *testing.T) {
	const word = "hunter2"
	c := Default()
	c.Redis.Connection.Password, c.Redis.Connection.SentinelPassword = word, word
	var shown bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&shown, verb+"\n", c.Redis.Connection.Password)
		fmt.Fprintf(&shown, verb+"\n", c)
		fmt.Fprintf(&shown, verb+"\n", &c.Redis)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&shown, nil), slog.NewJSONHandler(&shown, nil)} {
		slog.New(h).Info("m", "secret", c.Redis.Connection.Password, "config", c)
	}
	for _, encode := range []func() ([]byte, error){
		c.JSON,
		func() ([]byte, error) { return stdjson.Marshal(c) },
	} {
		data, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(data)
	}
	hex := fmt.Sprintf("%x", word)
	for _, leak := range []string{word, hex, strings.ToUpper(hex)} {
		if strings.Contains(shown.String(), leak) {
			t.Errorf("the secret shows as %q in\n%s", leak, shown.String())
		}
	}
	if !strings.Contains(shown.String(), `"password": "[redacted]"`) {
		t.Error("the dump does not tell that a password is set")
	}
	if got := c.Redis.Connection.Password.Reveal(); got != word {
		t.Errorf("Reveal gives %q", got)
	}
}

func TestSecretFormats(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, Secret("x")); got != "[redacted]" {
			t.Errorf("%s gives %q", verb, got)
		}
		if got := fmt.Sprintf(verb, Secret("")); got != "" {
			t.Errorf("%s of nothing gives %q", verb, got)
		}
	}
}
