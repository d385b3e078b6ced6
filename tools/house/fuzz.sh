#!/usr/bin/env bash
# Some fuzzing of each parser; the seeds run with the tests anyway.
#
# Each package's test binary is built once for all its targets, with coverage
# counters in our own code alone. "go test -fuzz" has them in the standard
# library and NATS too, compiles both anew, and sends a megabyte of counters to
# and fro for each seed: that took ten times as long.
#
# By count: a time's end races with the workers before Go 1.27
# (go.dev/issue/75804), and fails a target that found nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n 1 dirname | sort -u)
go test -c -ldflags='-s -w' -gcflags="$(go list -m)/...=-d=libfuzzer" -o "$work/" $packages
for dir in $packages; do
	for target in $(grep -hoE '^func Fuzz[A-Za-z]+' "$dir"/*_test.go | sed 's/func //'); do
		echo "fuzz $dir $target"
		(cd "$dir" && "$work/$(basename "$dir").test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzzcachedir "$work/corpus" \
			-test.fuzztime "${FUZZTIME:-10000x}" -test.fuzzminimizetime 1000x -test.parallel 2)
	done
done
