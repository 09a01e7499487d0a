#!/usr/bin/env bash
# Measures what there is to measure, each beside its floor in the same run. Needs the release binary (`make release`).
#
#   Benchmarks/run.sh [check | escalation [OPTION...] | ledger [OPTION...] | policy [OPTION...] | replay [OPTION...] |
#                     serve [OPTION...] | budgets [OPTION...]]
#
# Without an argument: all of them, with the options they have by default. HOSTFENCE names another binary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
binary=${HOSTFENCE:-.build/dist/hostfence}
build=.build/bench

fail() {
  echo "run.sh: $*" >&2
  exit 2
}

# What only the benchmarks want; the rest comes with `make dependencies`.
require_packages() {
  command -v dpkg-query >/dev/null || return 0
  local installed missing
  installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk '$1 == "installed" { print $2 }' || true)
  missing=$(printf '%s\n' "$@" | grep -vxF -f <(echo "$installed") | paste -sd ' ' || true)
  [[ -z $missing ]] || fail "the benchmark also wants: $missing. Install with: apt-get install $missing"
}

run_check() {
  require_packages g++ libyaml-dev
  cc -O2 -o "$build/yaml_floor" Benchmarks/yaml_floor.c -lyaml
  python3 Benchmarks/check.py "$binary" "$build/yaml_floor" "$@"
}

# What 1,000 exemptions add to an object that violates the policy, beside the scan that their index saves.
run_policy() {
  python3 -B Benchmarks/policy.py "$binary" "$@"
}

# How many risk events a second are kept durably, and how long reports take, beside bare INSERTs.
run_ledger() {
  require_packages postgresql-15 sqlite3 wrk
  python3 -B Benchmarks/ledger.py "$binary" "$@"
}

# What escalation adds to a request that violates the policy.
run_escalation() {
  python3 -B Benchmarks/escalation.py "$binary" "$@"
}

run_replay() {
  require_packages g++ isal jq libisal-dev libsimdjson-dev python3-venv
  python3 -B Benchmarks/replay/replay.py --binary "$binary" "$@"
}

run_serve() {
  require_packages nginx-light wrk
  # Debian has nginx where only root looks for it.
  PATH=$PATH:/usr/sbin python3 -B Benchmarks/serve/serve.py --binary "$binary" "$@"
}

# Instructions and allocations of a review, held against Benchmarks/serve/budgets.json; they hardly depend on the machine.
run_budgets() {
  require_packages valgrind
  python3 -B Benchmarks/serve/budgets.py --binary "$binary" "$@"
}

benchmark=${1:-all}
[[ $# -eq 0 ]] || shift
[[ $benchmark =~ ^(all|check|escalation|ledger|policy|replay|serve|budgets)$ ]] ||
  fail "there is check, escalation, ledger, policy, replay, serve and budgets, not $benchmark"
mkdir -p "$build"
[[ -x $binary ]] || scripts/build-release.sh
case $benchmark in
  check) run_check "$@" ;;
  escalation) run_escalation "$@" ;;
  ledger) run_ledger "$@" ;;
  policy) run_policy "$@" ;;
  replay) run_replay "$@" ;;
  serve) run_serve "$@" ;;
  budgets) run_budgets "$@" ;;
  all)
    run_check
    run_escalation
    run_ledger
    run_policy
    run_replay
    run_serve
    run_budgets
    ;;
esac
