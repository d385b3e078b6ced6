#!/usr/bin/env bash
# Starts the real server on any port, has simulated players play on it for some
# seconds, and fails where a goal is missed. Speed has no goal here: machines
# that test are shared.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work" ./cmd/muster ./tools/bots
"$work/muster" -addr 127.0.0.1:0 -data :memory: -log warn >"$work/out" &
server=$!
for _ in $(seq 1200); do # two minutes: the machine may be busy
	url=$(sed -n 's/^listening on //p' "$work/out")
	[ -n "$url" ] && break
	sleep 0.1
done
goals='joined=40,desyncs=0,errors=0,updates_pct>=50'
"$work/bots" -server "$url" -n 40 -for 12s -slo "$goals"
"$work/bots" -server "$url" -n 40 -for 6s -mode swarm -slo "$goals"
