#!/bin/sh
# Measures what the producer costs against a loop that only moves the same bytes, and
# prints the medians of some runs: .ci/bench.sh [runs]. Nothing passes or fails here;
# the figures are of this machine, and only their ratios mean something elsewhere.
set -eu
cd -- "$(dirname -- "$0")/.."

runs=${1:-5}
{
	# Round after round, and not one benchmark after the other: what else the machine does
	# changes while this goes on.
	round=0
	while [ "$round" -lt "$runs" ]; do
		round=$((round + 1))
		go test -run '^$' -bench '^BenchmarkDrain$' -benchtime 50000x ./redisio
		go test -run '^$' -bench '^BenchmarkPaced$' -benchtime 2500x ./redisio
	done
	go test -run '^$' -bench . -count "$runs" ./den ./den/uper ./denstore
} | awk '
	/^Benchmark/ {
		name = $1
		sub(/-[0-9]+$/, "", name)
		for (i = 3; i < NF; i += 2) {
			key = name "\t" $(i + 1)
			if (!(key in n)) order[++keys] = key
			value[key, ++n[key]] = $i
		}
	}
	END {
		for (k = 1; k <= keys; k++) {
			key = order[k]
			for (i = 1; i <= n[key]; i++) sorted[i] = value[key, i] + 0
			for (i = 1; i <= n[key]; i++)
				for (j = i + 1; j <= n[key]; j++)
					if (sorted[j] < sorted[i]) { t = sorted[i]; sorted[i] = sorted[j]; sorted[j] = t }
			split(key, part, "\t")
			printf "%-60s %14.2f %s\n", part[1], sorted[int((n[key] + 1) / 2)], part[2]
		}
	}'
