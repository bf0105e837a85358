// Package monitor shows a producer from outside: its metrics for Prometheus, whether it is
// fit for work, and the events that are open.
//
//	/metrics        the metrics below, in Prometheus's text format
//	/healthz        200 as long as the process answers: for whoever restarts it when not
//	/readyz         200 while the producer owns the streams, or stands by and could take
//	                over at once; 503 while it starts, the server cannot be reached, or
//	                refuses to renew the lease. The answer is JSON: ready, role (owner,
//	                standby, starting, disconnected, lapsed), epoch, error
//	/debug/denms    the latest DENM of each open event as JSON, {"active": n, "denms": […]},
//	                those first that wait longest for an update; ?limit=1..65536, 1000 if
//	                not given
//	/debug/pprof/   profiles of the process, if they are asked for
//
// A scrape reads counters and takes no lock that the service holds for long. What waits in
// the inputs is asked of the server once a second and not by the scrape, so a server that
// hangs makes the metrics older but not slower: of streams of which nothing is known for
// 5 s there are none.
//
// Whoever can read these pages sees where road users are. They are served for this machine
// alone unless the address says otherwise, and then only under the names localhost and
// numbers; they have neither encryption nor passwords: put a proxy before them. At most 64
// connections are held, and what costs something, below /debug, is given to one at a time.
//
// # Metrics
//
//	den_build_info  gauge
//		The version of the producer, as a label; always 1.
//	process_start_time_seconds  gauge
//		When the producer was started, in seconds since 1970.
//	go_goroutines  gauge
//		Goroutines there are.
//	go_heap_objects_bytes  gauge
//		Memory of the objects on the heap.
//	den_connected  gauge
//		1 while the server answers, else 0.
//	den_owner  gauge
//		1 while this producer owns the streams, 0 while it stands by or cannot renew its lease.
//	den_lease_epoch  gauge
//		Number of owners of the streams up to this producer; 0 while it stands by.
//	den_lease_acquired_total  counter
//		How often this producer became the owner.
//	den_fenced_total  counter
//		Commits refused because another producer had taken over.
//	den_connections_total  counter
//		Connections made to the server, those that replace others included.
//	den_entries_read_total  counter
//		Entries read from the input streams, those read again included.
//	den_inputs_total  counter
//		Messages looked at, by kind.
//	den_denms_made_total  counter
//		DENMs made, by kind.
//	den_denms_written_total  counter
//		DENMs written to the output streams, counted once whatever the number of streams.
//	den_denms_dropped_total  counter
//		DENMs whose validity ended before they could be written.
//	den_denms_not_encoded_total  counter
//		DENMs missing in an output stream because they could not be encoded for it.
//	den_foreign_denms_total  counter
//		DENMs about events of other stations that were news.
//	den_events_active  gauge
//		Events that are open.
//	den_sequence_numbers_used_ratio  gauge
//		Part of the 65536 sequence numbers that is in use, 0 to 1.
//	den_events_ended_total  counter
//		Events that ended without a cancellation, by how.
//	den_events_recovered_total  counter
//		Events taken over from another producer, or from before a crash.
//	den_refused_total  counter
//		Predictions and DENMs that changed nothing, by reason.
//	den_rejected_total  counter
//		Inputs put aside, by reason.
//	den_dead_letters_total  counter
//		Entries put into the dead-letter stream.
//	den_inputs_lost_total  counter
//		Entries that were gone before they were delivered, or settled.
//	den_streams_deleted_total  counter
//		Input streams that were deleted, which loses what nobody can count.
//	den_input_entries  gauge
//		Entries in an input stream, those that were settled included.
//	den_input_unread_entries  gauge
//		Entries of an input stream that were not read yet, where the server knows it.
//	den_input_pending_entries  gauge
//		Entries of an input stream that were read and not settled.
//	den_input_oldest_pending_age_seconds  gauge
//		Age of the oldest entry of an input stream that was read and not settled; 0 if there is none.
//	den_input_lag_seconds  gauge
//		Age that the input had which was settled last; 0 where the clock of the server is ahead.
//	den_journal_reach_seconds  gauge
//		Age of the first entry of the journal, the first output stream.
//	den_journal_short  gauge
//		1 while the journal does not reach back far enough: a start after a crash may not find all events that are open.
//	den_commits_total  counter
//		Commits that the server answered.
//	den_commit_failures_total  counter
//		Commits that failed; each is tried again.
//	den_commits_repeated_total  counter
//		Entries whose commit had happened before, when it was tried again.
//	den_publish_failures_total  counter
//		Attempts to publish that failed.
//	den_read_failures_total  counter
//		Reads from the server that failed.
//	den_receive_failures_total  counter
//		Attempts to receive that failed.
//	den_store_failures_total  counter
//		Inputs that the store failed on, each attempt counted.
//	den_groups_created_total  counter
//		Consumer groups that were missing.
//	den_hook_panics_total  counter
//		Panics of hooks.
//	den_log_lines_dropped_total  counter
//		Lines of the log that were dropped because a destination was too slow.
//	den_log_failures_total  counter
//		Writes of the log that failed.
//	den_end_to_end_latency_seconds  histogram
//		Time from when the server took an input until its DENM was committed; 0 where the clock of the server is ahead.
//	den_prediction_age_seconds  histogram
//		Time from the detection of a collision until its DENM was committed; 0 where the clock of the sender is ahead.
//	den_batch_inputs  histogram
//		Inputs that were settled at once.
//	den_commit_duration_seconds  histogram
//		Time it took to publish and acknowledge, attempts that failed included.
//
// dashboard.json is a dashboard for Grafana, and alerts.yaml has alerts for Prometheus; a
// test holds both against these metrics.
package monitor
