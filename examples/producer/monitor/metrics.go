package monitor

import (
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// snapshot is everything at one moment.
type snapshot struct {
	m       *Monitor
	service den.Stats
	redis   redisio.Stats
	backlog []redisio.Backlog
	state   state
	now     time.Time
}

// journal is that of an owner, who looks at it.
func (s *snapshot) journal() (j redisio.Journal) {
	if s.redis.Owner {
		j = s.redis.Journal
	}
	return j
}

const counter, gauge = "counter", "gauge"

// table is every metric, in the order of the page; see doc.go.
var table = []struct {
	name, kind, help string
	samples          func(s *snapshot) []sample
}{
	{"den_build_info", gauge, "The version of the producer, as a label; always 1.", func(s *snapshot) []sample {
		return []sample{{[]string{"version", s.m.sources.Version}, 1}}
	}},
	{"process_start_time_seconds", gauge, "When the producer was started, in seconds since 1970.", func(s *snapshot) []sample {
		return one(float64(s.m.started.UnixMilli()) / 1000)
	}},
	{"go_goroutines", gauge, "Goroutines there are.", func(*snapshot) []sample { return one(float64(runtime.NumGoroutine())) }},
	{"go_heap_objects_bytes", gauge, "Memory of the objects on the heap.", func(*snapshot) []sample { return one(heap()) }},

	{"den_connected", gauge, "1 while the server answers, else 0.", func(s *snapshot) []sample {
		return one(yes(s.state.Role == "owner" || s.state.Role == "standby" || s.state.Role == "lapsed"))
	}},
	{"den_owner", gauge, "1 while this producer owns the streams, 0 while it stands by or cannot renew its lease.", func(s *snapshot) []sample {
		return one(yes(s.redis.Owner))
	}},
	{"den_lease_epoch", gauge, "Number of owners of the streams up to this producer; 0 while it stands by.", func(s *snapshot) []sample { return one(float64(s.redis.Epoch)) }},
	{"den_lease_acquired_total", counter, "How often this producer became the owner.", count(func(s *snapshot) uint64 { return s.redis.Acquired })},
	{"den_fenced_total", counter, "Commits refused because another producer had taken over.", count(func(s *snapshot) uint64 { return s.redis.Fenced })},
	{"den_connections_total", counter, "Connections made to the server, those that replace others included.", count(func(s *snapshot) uint64 { return s.redis.Connections })},

	{"den_entries_read_total", counter, "Entries read from the input streams, those read again included.", count(func(s *snapshot) uint64 { return s.redis.Received })},
	{"den_inputs_total", counter, "Messages looked at, by kind.", func(s *snapshot) []sample {
		return by("kind", "collisions", s.service.Arrays, "denm", s.service.DENMs)
	}},
	{"den_denms_made_total", counter, "DENMs made, by kind.", func(s *snapshot) []sample {
		v := s.service
		return by("kind", "new", v.Created, "update", v.Updated, "cancellation", v.Cancelled, "repetition", v.Repeated, "negation", v.Negations)
	}},
	{"den_denms_written_total", counter, "DENMs written to the output streams, counted once whatever the number of streams.", count(func(s *snapshot) uint64 { return s.redis.Published })},
	{"den_denms_dropped_total", counter, "DENMs whose validity ended before they could be written.", count(func(s *snapshot) uint64 { return s.service.Dropped })},
	{"den_denms_not_encoded_total", counter, "DENMs missing in an output stream because they could not be encoded for it.", count(func(s *snapshot) uint64 { return s.redis.NotEncoded })},
	{"den_foreign_denms_total", counter, "DENMs about events of other stations that were news.", count(func(s *snapshot) uint64 { return s.service.Delivered })},

	{"den_events_active", gauge, "Events that are open.", func(s *snapshot) []sample { return one(float64(s.service.Active)) }},
	{"den_sequence_numbers_used_ratio", gauge, "Part of the 65536 sequence numbers that is in use, 0 to 1.", func(s *snapshot) []sample {
		return one(float64(s.service.Active) / den.MaxRecords)
	}},
	{"den_events_ended_total", counter, "Events that ended without a cancellation, by how.", func(s *snapshot) []sample {
		return by("how", "negated", s.service.Negated, "expired", s.service.Expired)
	}},
	{"den_events_recovered_total", counter, "Events taken over from another producer, or from before a crash.", count(func(s *snapshot) uint64 { return s.service.Recovered })},

	{"den_refused_total", counter, "Predictions and DENMs that changed nothing, by reason.", func(s *snapshot) []sample {
		v := s.service
		return by("reason", "invalid", v.Invalid, "future", v.Future, "stale", v.Stale, "too_late", v.TooLate, "exhausted", v.Exhausted,
			"not_negation", v.NotNegation, "own_message", v.OwnMessage, "unknown_action", v.UnknownAction, "outdated", v.Outdated,
			"repetition", v.Repetition, "not_originator", v.NotOriginator, "received_full", v.ReceivedFull)
	}},
	{"den_rejected_total", counter, "Inputs put aside, by reason.", func(s *snapshot) (samples []sample) {
		for r := range s.m.rejected[:lost] { // which den_inputs_lost_total counts
			samples = append(samples, sample{[]string{"reason", rejectReason(r).String()}, float64(s.m.rejected[r].Load())})
		}
		return samples
	}},
	{"den_dead_letters_total", counter, "Entries put into the dead-letter stream.", count(func(s *snapshot) uint64 { return s.redis.DeadLetters })},
	{"den_inputs_lost_total", counter, "Entries that were gone before they were delivered, or settled.", count(func(s *snapshot) uint64 { return s.redis.Lost })},
	{"den_streams_deleted_total", counter, "Input streams that were deleted, which loses what nobody can count.", count(func(s *snapshot) uint64 { return s.redis.StreamsDeleted })},

	{"den_input_entries", gauge, "Entries in an input stream, those that were settled included.", waiting(func(b redisio.Backlog, _ time.Time) (float64, bool) { return float64(b.Length), true })},
	{"den_input_unread_entries", gauge, "Entries of an input stream that were not read yet, where the server knows it.", waiting(func(b redisio.Backlog, _ time.Time) (float64, bool) { return float64(b.Unread), b.Unread >= 0 })},
	{"den_input_pending_entries", gauge, "Entries of an input stream that were read and not settled.", waiting(func(b redisio.Backlog, _ time.Time) (float64, bool) { return float64(b.Pending), true })},
	{"den_input_oldest_pending_age_seconds", gauge, "Age of the oldest entry of an input stream that was read and not settled; 0 if there is none.", waiting(func(b redisio.Backlog, now time.Time) (float64, bool) {
		if b.OldestPending == 0 {
			return 0, true
		}
		return max(now.Sub(b.OldestPending.Time()), 0).Seconds(), true
	})},
	{"den_input_lag_seconds", gauge, "Age that the input had which was settled last; 0 where the clock of the server is ahead.", func(s *snapshot) []sample { return one(float64(s.m.lag.Load()) / 1000) }},

	{"den_journal_reach_seconds", gauge, "Age of the first entry of the journal, the first output stream.", func(s *snapshot) []sample {
		return one(s.journal().Reach.Seconds())
	}},
	{"den_journal_short", gauge, "1 while the journal does not reach back far enough: a start after a crash may not find all events that are open.", func(s *snapshot) []sample {
		return one(yes(s.journal().Short))
	}},

	{"den_commits_total", counter, "Commits that the server answered.", count(func(s *snapshot) uint64 { return s.redis.Commits })},
	{"den_commit_failures_total", counter, "Commits that failed; each is tried again.", count(func(s *snapshot) uint64 { return s.redis.CommitErrors })},
	{"den_commits_repeated_total", counter, "Entries whose commit had happened before, when it was tried again.", count(func(s *snapshot) uint64 { return s.redis.Repeated })},
	{"den_publish_failures_total", counter, "Attempts to publish that failed.", count(func(s *snapshot) uint64 { return s.service.PublishErrors })},
	{"den_read_failures_total", counter, "Reads from the server that failed.", count(func(s *snapshot) uint64 { return s.redis.ReadErrors })},
	{"den_receive_failures_total", counter, "Attempts to receive that failed.", count(func(s *snapshot) uint64 { return s.service.ReceiveErrors })},
	{"den_store_failures_total", counter, "Inputs that the store failed on, each attempt counted.", count(func(s *snapshot) uint64 { return s.service.StoreErrors })},
	{"den_groups_created_total", counter, "Consumer groups that were missing.", count(func(s *snapshot) uint64 { return s.redis.GroupsCreated })},
	{"den_hook_panics_total", counter, "Panics of hooks.", count(func(s *snapshot) uint64 { return s.service.HookPanics })},
	{"den_log_lines_dropped_total", counter, "Lines of the log that were dropped because a destination was too slow.", count(func(s *snapshot) uint64 { return s.m.sources.Log.Dropped() })},
	{"den_log_failures_total", counter, "Writes of the log that failed.", count(func(s *snapshot) uint64 { return s.m.sources.Log.Failures() })},
}

// histograms are the metrics that are none of the table.
var histograms = []struct {
	name, help string
	of         func(m *Monitor) *histogram
}{
	{"den_end_to_end_latency_seconds", "Time from when the server took an input until its DENM was committed; 0 where the clock of the server is ahead.", func(m *Monitor) *histogram { return m.latency }},
	{"den_prediction_age_seconds", "Time from the detection of a collision until its DENM was committed; 0 where the clock of the sender is ahead.", func(m *Monitor) *histogram { return m.age }},
	{"den_batch_inputs", "Inputs that were settled at once.", func(m *Monitor) *histogram { return m.batches }},
	{"den_commit_duration_seconds", "Time it took to publish and acknowledge, attempts that failed included.", func(m *Monitor) *histogram { return m.commits }},
}

// metrics returns the page.
func (m *Monitor) metrics() []byte {
	s := snapshot{m: m, service: m.sources.Service.Stats(), redis: m.sources.Client.Stats(), backlog: m.backlog(), state: m.state(), now: time.Now()}
	p := page{text: make([]byte, 0, 16<<10)}
	for _, t := range table {
		p.metric(t.name, t.kind, t.help, t.samples(&s))
	}
	for _, h := range histograms {
		p.histogram(h.name, h.help, h.of(m))
	}
	return p.text
}

func one(v float64) []sample { return []sample{{value: v}} }

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func count(of func(s *snapshot) uint64) func(*snapshot) []sample {
	return func(s *snapshot) []sample { return one(float64(of(s))) }
}

// by returns a sample for each value of a label; values and counts come in turn.
func by(label string, pairs ...any) (samples []sample) {
	for i := 0; i < len(pairs); i += 2 {
		samples = append(samples, sample{[]string{label, pairs[i].(string)}, float64(pairs[i+1].(uint64))})
	}
	return samples
}

// waiting returns a sample for each input stream of which something is known.
func waiting(of func(b redisio.Backlog, now time.Time) (float64, bool)) func(*snapshot) []sample {
	return func(s *snapshot) (samples []sample) {
		for _, b := range s.backlog {
			if v, known := of(b, s.now); known {
				samples = append(samples, sample{[]string{"stream", b.Stream}, v})
			}
		}
		return samples
	}
}

// heap returns the bytes of the objects on the heap. It does not stop the world.
func heap() float64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(samples)
	if samples[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return float64(samples[0].Value.Uint64())
}
