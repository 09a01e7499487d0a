#!/usr/bin/env bash
# Runs all Swift tests under the thread and the address sanitizer (with leaks), each built apart in .build/sanitize.
#
#   scripts/test-sanitizers.sh [thread | address]        # both by default
#
# The programs that the tests start (`hostfence serve` and others) are sanitized as well. Whatever a sanitizer reports
# fails the run, and so does a test. Some twenty minutes for each.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sanitizers=("$@")
((${#sanitizers[@]} > 0)) || sanitizers=(thread address)
# The backtracer of Swift takes the signals that a sanitizer wants.
export SWIFT_BACKTRACE=enable=no
lists=$PWD/scripts/lib
export TSAN_OPTIONS="exitcode=66 suppressions=$lists/tsan-suppressions.txt"
export ASAN_OPTIONS="detect_leaks=1"
export LSAN_OPTIONS="suppressions=$lists/lsan-suppressions.txt print_suppressions=0"

for sanitizer in "${sanitizers[@]}"; do
  [[ $sanitizer =~ ^(thread|address)$ ]] || { echo "test-sanitizers.sh: there is thread and address, not $sanitizer" >&2 && exit 2; }
  scratch=.build/sanitize/$sanitizer
  log=$scratch.log
  mkdir -p .build/sanitize
  swift build --build-tests --sanitize="$sanitizer" --scratch-path "$scratch"
  status=0
  swift test --skip-build --sanitize="$sanitizer" --scratch-path "$scratch" >"$log" 2>&1 || status=$?
  reports=$(grep -cE 'WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer' "$log" || true)
  grep -E '^✔ Test run|^✘' "$log" || true
  echo "$sanitizer sanitizer: $reports reports, tests ended with $status"
  ((status == 0 && reports == 0)) || { echo "test-sanitizers.sh: see $log" >&2 && exit 1; }
done
