#!/bin/sh
# Runs every fuzz target for the given time or number of runs: .ci/fuzz.sh 5000x
# (A time can end a target with "context deadline exceeded" and no finding.)
set -eu
cd -- "$(dirname -- "$0")/.."

for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		printf '\n== fuzz %s %s\n' "${package##*/}" "$target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 1x "$package"
	done
done
