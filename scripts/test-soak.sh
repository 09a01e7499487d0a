#!/usr/bin/env bash
# Loads `hostfence serve` for minutes, brings it into all kinds of trouble meanwhile, and counts what it answered and kept.
#
#   scripts/test-soak.sh [SECONDS]        # 600 by default; 60 for CI
#
# Trouble: a full disk, a ledger that is read-only, deleted or locked, SIGSTOP, output that nobody reads, jumps of the
# clock, certificates replaced all the time, clients that break off, SIGTERM under load. No verdict may be wrong, no answered
# event lost or doubled, memory stays flat. Exit code: 0 passed, 1 failed, 2 could not be run. All files go to .build/soak.
# HOSTFENCE names another binary than .build/dist/hostfence. Needs python3 (3.11), openssl, cc and util-linux; the small
# disk is mounted in a namespace of its own, and where that is not permitted the output says what stands in for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-600}
hostfence=${HOSTFENCE:-.build/dist/hostfence}
state=.build/soak

give_up() {
  echo "test-soak.sh: $*" >&2
  exit 2
}

[[ $seconds =~ ^[1-9][0-9]*$ ]] || give_up "the time is a number of seconds, not $seconds"
[[ -x $hostfence ]] || give_up "$hostfence is missing: run \`make release\`"
for tool in python3 openssl unshare; do
  command -v "$tool" >/dev/null || give_up "$tool is missing (Debian: packages python3, openssl, util-linux)"
done

# A mount namespace of its own: nobody else sees the small disk, and it goes with the last process in it.
namespace=()
for flags in "--mount" "--map-root-user --mount"; do
  read -ra words <<<"$flags"
  if unshare "${words[@]}" true 2>/dev/null; then
    namespace=(unshare "${words[@]}")
    break
  fi
done

export PYTHONDONTWRITEBYTECODE=1
exec ${namespace[@]+"${namespace[@]}"} python3 scripts/soak/soak.py "$hostfence" "$state" "$seconds"
