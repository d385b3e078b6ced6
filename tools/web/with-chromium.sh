#!/usr/bin/env bash
# Runs a command with $CHROMIUM set. Installs Chromium where it is missing and
# we may; otherwise skips the command, loudly.
set -euo pipefail
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
CHROMIUM=${CHROMIUM:-$(find_chromium)}
if [ -z "$CHROMIUM" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	{ apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null || true
	CHROMIUM=$(find_chromium)
fi
if [ -z "$CHROMIUM" ]; then
	echo "##########################################################"
	echo "## SKIPPED: no Chromium here, and it cannot be installed. ##"
	echo "## Not run: $*"
	echo "##########################################################"
	exit 0
fi
export CHROMIUM
exec "$@"
