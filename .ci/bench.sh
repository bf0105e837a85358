#!/bin/sh
# Measures what the producer costs against a loop that only moves the same bytes, and
# prints the medians of some runs: .ci/bench.sh [runs]. Nothing passes or fails by time;
# the figures are of this machine, and only their ratios, which come last, mean something
# elsewhere.
set -eu
cd -- "$(dirname -- "$0")/.."

runs=${1:-12}
{
	# Many short rounds, and not one benchmark after the other: what else the machine does
	# changes while this goes on.
	round=0
	while [ "$round" -lt "$runs" ]; do
		round=$((round + 1))
		go test -run '^$' -bench '^BenchmarkDrain$/^k=1$' -benchtime 40000x ./redisio
		go test -run '^$' -bench '^BenchmarkDrain$/^k=10$' -benchtime 20000x ./redisio
		go test -run '^$' -bench '^BenchmarkPaced$' -benchtime 1500x ./redisio
	done
	go test -run '^$' -bench '^BenchmarkResidentMemory$' -benchtime 20x -count 5 ./examples/producer
	go test -run '^$' -bench . -count 5 ./den ./den/uper ./denstore
} | awk '
	function sort(n,    i, j, t) {
		for (i = 1; i <= n; i++)
			for (j = i + 1; j <= n; j++)
				if (sorted[j] < sorted[i]) { t = sorted[i]; sorted[i] = sorted[j]; sorted[j] = t }
	}
	function median(key,    i) {
		for (i = 1; i <= n[key]; i++) sorted[i] = value[key, i]
		sort(n[key])
		return sorted[int((n[key] + 1) / 2)]
	}
	# ratio prints what one mover has of the other, in medians, and between what bounds it
	# was from round to round.
	function ratio(benchmark, unit, one, other,    a, b, i) {
		a = benchmark "/" one "\t" unit
		b = benchmark "/" other "\t" unit
		if (!n[a] || n[a] != n[b] || median(b) == 0) return
		for (i = 1; i <= n[a]; i++) sorted[i] = value[a, i] / value[b, i]
		sort(n[a])
		low = sorted[1]
		high = sorted[n[a]]
		printf "%-60s %14.2f (%.2f to %.2f) %s\n", benchmark ": " one " / " other, median(a) / median(b), low, high, unit
	}
	/^(goos|goarch|pkg|cpu): / || /^PASS$/ || /^ok / { next }
	!(/^Benchmark/ && $2 ~ /^[0-9]+$/) {
		print > "/dev/stderr"
		if (/FAIL/) failed = 1
		next
	}
	{
		name = $1
		sub(/-[0-9]+$/, "", name)
		for (i = 3; i < NF; i += 2) {
			key = name "\t" $(i + 1)
			if (!(key in n)) order[++keys] = key
			value[key, ++n[key]] = $i + 0
		}
	}
	END {
		for (k = 1; k <= keys; k++) {
			split(order[k], part, "\t")
			printf "%-60s %14.2f %s\n", part[1], median(order[k]), part[2]
		}
		print ""
		for (k = 1; k <= 10; k += 9) {
			drain = "BenchmarkDrain/k=" k
			ratio(drain, "DENM/s", "producer", "limit")
			ratio(drain, "µs-cpu/DENM", "producer", "limit")
			ratio(drain, "DENM/s", "limit-without-script", "limit")
			ratio("BenchmarkPaced/k=" k, "µs-p99", "producer", "limit")
		}
		if (!keys) print "nothing was measured" > "/dev/stderr"
		exit failed || !keys # what was measured before a failure is told all the same
	}'
