package monitor

import (
	"math"
	"strconv"
	"strings"
)

// page is a page in Prometheus's text format, version 0.0.4.
type page struct{ text []byte }

// sample is one value of a metric.
type sample struct {
	labels []string // names and values in turn
	value  float64
}

// metric writes a metric with its samples. One without a sample is left out.
func (p *page) metric(name, kind, help string, samples []sample) {
	if len(samples) == 0 {
		return
	}
	p.head(name, kind, help)
	for _, s := range samples {
		p.sample(name, s.labels, s.value)
	}
}

func (p *page) head(name, kind, help string) {
	p.text = append(p.text, "# HELP "+name+" "+help+"\n# TYPE "+name+" "+kind+"\n"...)
}

func (p *page) sample(name string, labels []string, value float64) {
	p.text = append(p.text, name...)
	for i := 0; i+1 < len(labels); i += 2 {
		p.text = append(p.text, "{,"[min(i, 1)])
		p.text = append(p.text, labels[i]...)
		p.text = append(p.text, '=', '"')
		p.text = append(p.text, escape.Replace(strings.ToValidUTF8(labels[i+1], "\ufffd"))...)
		p.text = append(p.text, '"')
	}
	if len(labels) > 0 {
		p.text = append(p.text, '}')
	}
	p.text = append(p.text, ' ')
	p.text = strconv.AppendFloat(p.text, value, 'g', -1, 64)
	p.text = append(p.text, '\n')
}

// escape is for the values of labels, which come from a configuration.
var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// histogram writes a histogram. Its numbers fit each other also while values are
// observed.
func (p *page) histogram(name, help string, h *histogram) {
	p.head(name, "histogram", help)
	count := uint64(0)
	for i, bound := range append(h.bounds[:len(h.bounds):len(h.bounds)], math.Inf(1)) {
		count += h.counts[i].Load()
		le := "+Inf"
		if !math.IsInf(bound, 1) {
			le = strconv.FormatFloat(bound, 'g', -1, 64)
		}
		p.sample(name+"_bucket", []string{"le", le}, float64(count))
	}
	p.sample(name+"_sum", nil, math.Float64frombits(h.sum.Load()))
	p.sample(name+"_count", nil, float64(count))
}
