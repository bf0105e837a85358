package monitor

import (
	"net/http"
	"strconv"

	"github.com/step-its/producer/den"
)

// defaultRecords is how many events /debug/denms shows where the request does not say.
const defaultRecords = 1000

// records writes the latest DENMs of the open events as JSON, the one that was updated
// last at the end. It takes a snapshot of the store, and writes it bit by bit, so neither
// the service nor memory feels it.
func (m *Monitor) records(w http.ResponseWriter, r *http.Request) {
	limit := defaultRecords
	if text := r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > den.MaxRecords {
			http.Error(w, "limit must be 1.."+strconv.Itoa(den.MaxRecords)+" but is "+strconv.Quote(text), http.StatusBadRequest)
			return
		}
		limit = n
	}
	w.Header().Set("Content-Type", "application/json")
	b := append(strconv.AppendInt([]byte(`{"active":`), int64(m.sources.Records.Len()), 10), `,"denms":[`...)
	n := 0
	for record := range m.sources.Records.All() {
		if n == limit {
			break
		}
		if n > 0 {
			b = append(b, ',')
		}
		n++
		b = record.DENM.AppendJSON(b)
		if len(b) < 32<<10 {
			continue
		}
		if _, err := w.Write(b); err != nil {
			return
		}
		b = b[:0]
	}
	_, _ = w.Write(append(b, "]}\n"...))
}
