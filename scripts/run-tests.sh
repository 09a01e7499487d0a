#!/usr/bin/env bash
# `swift test` with these arguments; at its end the failures again, because thousands of lines stand before it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

status=0
swift test "$@" 2>&1 | tee "$log" || status=$?
if ((status != 0)); then
  {
    echo
    echo "What failed, from the lines above:"
    # A recorded issue says its details on lines that begin with an arrow, and a crash has none of these marks.
    grep -E '^(✘|↳)|error:|Fatal error|exited with unexpected signal' "$log" || tail -n 40 "$log"
  } >&2
fi
exit "$status"
