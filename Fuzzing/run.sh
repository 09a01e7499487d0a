#!/usr/bin/env bash
# Fuzzes each parser with libFuzzer: Fuzzing/run.sh [SECONDS], for each of review, yaml, json, audit and policy.
#
# The seed corpus is the fixtures; what is found anew is kept in .build/fuzz/corpus. A crash ends with status 1 and names
# the file that holds the input.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "usage: Fuzzing/run.sh [SECONDS]" >&2; exit 2; }

toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
driver=$(find "$toolchain/lib/clang" -name "libclang_rt.fuzzer_no_main-$(uname -m).a" | head -n 1)
[[ -n $driver ]] || { echo "fuzz: the Swift toolchain has no libclang_rt.fuzzer_no_main" >&2; exit 1; }

build=.build/fuzz
FUZZ=1 swift build --scratch-path "$build" --configuration release --product fuzzer -Xlinker "$driver" -Xlinker -lstdc++ -Xlinker -lm
fuzzer=$(FUZZ=1 swift build --scratch-path "$build" --configuration release --show-bin-path)/fuzzer

# Single events and short runs of them, and one log of each kind that there is a fixture of.
seed_audit() {
  split --lines=1 --suffix-length=4 Tests/Fixtures/audit-log/audit.jsonl "$1/event-"
  split --lines=20 --suffix-length=4 Tests/Fixtures/audit-log/audit.jsonl "$1/events-"
  find Tests/Fixtures/audit-log -type f -size -64k -exec cp --backup=numbered {} "$1" \;
}

seed() {
  case $1 in
    review) cp Tests/Fixtures/admission-reviews/*.json Tests/Fixtures/policy-reviews/*.json "$2" ;;
    yaml) find Tests/Fixtures/objects Tests/Fixtures/manifests manifests -name '*.yaml' -size -64k -exec cp --backup=numbered {} "$2" \; ;;
    audit) seed_audit "$2" ;;
    policy) cp Tests/Fixtures/policies/*.yaml docs/policy/*.yaml "$2" ;;
    json) find Tests/Fixtures -name '*.json' -size -64k -exec cp --backup=numbered {} "$2" \; ;;
  esac
}

for target in review yaml json audit policy; do
  seeds=$build/seeds/$target
  corpus=$build/corpus/$target
  rm -rf "$seeds"
  mkdir -p "$seeds" "$corpus"
  seed "$target" "$seeds"
  echo "fuzz: $target for $seconds s"
  # A crash must end the run rather than wait in the backtracer.
  SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
    -max_len=65536 -artifact_prefix="$build/crash-$target-" -print_final_stats=1 "$corpus" "$seeds" >"$build/$target.log" 2>&1 || {
    tail -n 30 "$build/$target.log" >&2
    exit 1
  }
  grep -E 'stat::number_of_executed_units|cov:' "$build/$target.log" | tail -n 2
done
