package monitor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/step-its/producer/redisio"
)

// promtool returns Prometheus's own tool, or skips the test; PROMTOOL_REQUIRE=1 makes that
// a failure.
func promtool(t *testing.T, input []byte, args ...string) (output string, err error) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("PROMTOOL_REQUIRE") == "1" {
			t.Fatal("promtool is not installed")
		}
		t.Skip("promtool, of Prometheus, is not installed")
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Stdin = bytes.NewReader(input)
	out, err := command.CombinedOutput()
	return string(out), err
}

// Prometheus reads the page, and finds no fault with the names.
func TestPrometheusReadsThePage(t *testing.T) {
	f := &fake{backlog: []redisio.Backlog{{Stream: "in"}}}
	m := watching(f)
	m.polled.Store(&poll{at: time.Now(), backlog: f.backlog})
	_, text := get(t, m, "/metrics")
	if out, err := promtool(t, []byte(text), "check", "metrics"); err != nil || out != "" {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
	if _, err := promtool(t, []byte("den_x{ 1\n"), "check", "metrics"); err == nil {
		t.Error("promtool accepts what is wrong") // then it cannot judge
	}
}

// shownNames returns the names of the page of a producer that has something to tell.
func shownNames(t *testing.T) map[string]bool {
	t.Helper()
	m := watching(new(fake))
	m.polled.Store(&poll{at: time.Now(), backlog: []redisio.Backlog{{Stream: "in"}}})
	_, text := get(t, m, "/metrics")
	names := make(map[string]bool)
	for series := range values(t, text) {
		name, _, _ := strings.Cut(series, "{")
		names[name] = true
	}
	return names
}

var metricName = regexp.MustCompile(`\b(?:den|go|process)_[a-z_]+\b`)

// checkQueries holds PromQL against the page, and has Prometheus parse it.
func checkQueries(t *testing.T, queries []string) {
	t.Helper()
	names := shownNames(t)
	rules := new(strings.Builder)
	rules.WriteString("groups:\n- name: queries\n  rules:\n")
	for i, q := range queries {
		found := metricName.FindAllString(q, -1)
		if len(found) == 0 {
			t.Errorf("%s names no metric", q)
		}
		for _, name := range found {
			if !names[name] {
				t.Errorf("%s names %s, which there is not", q, name)
			}
		}
		q = strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*").Replace(q)
		fmt.Fprintf(rules, "  - record: query:%d\n    expr: %s\n", i, strconv.Quote(q))
	}
	file := t.TempDir() + "/queries.yaml"
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := promtool(t, nil, "check", "rules", file); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
}

func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	var queries []string
	seen := make(map[int]bool)
	for _, p := range dashboard.Panels {
		if seen[p.ID] || p.Title == "" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d, %q, is not right", p.ID, p.Title)
		}
		seen[p.ID] = true
		for _, target := range p.Targets {
			queries = append(queries, target.Expr)
		}
	}
	if len(queries) < 20 {
		t.Errorf("the dashboard has only %d queries", len(queries))
	}
	checkQueries(t, queries)
}

func TestAlerts(t *testing.T) {
	text, err := os.ReadFile("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var queries []string
	for _, m := range regexp.MustCompile(`(?m)^        expr: (.*)$`).FindAllStringSubmatch(string(text), -1) {
		queries = append(queries, m[1])
	}
	if n := strings.Count(string(text), "- alert: "); n < 10 || n != len(queries) {
		t.Errorf("%d alerts with %d queries", n, len(queries))
	}
	checkQueries(t, queries)
	if out, err := promtool(t, nil, "check", "rules", "alerts.yaml"); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
	// Each of them fires when it should, and none when it should not.
	if out, err := promtool(t, nil, "test", "rules", "testdata/alerts_test.yaml"); err != nil {
		t.Errorf("promtool test rules: %v\n%s", err, out)
	}
	provoked, err := os.ReadFile("testdata/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(string(text), -1) {
		if !strings.Contains(string(provoked), `alertname="`+m[1]+`"`) {
			t.Errorf("nothing provokes %s", m[1])
		}
	}
}
