#!/usr/bin/env bash
# Measures what there is to measure, each beside its floor in the same run. Needs the release binary (`make release`).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
binary=${HOSTFENCE:-.build/dist/hostfence}
[[ -x $binary ]] || scripts/build-release.sh
floor=.build/bench/yaml_floor
mkdir -p .build/bench
cc -O2 -o "$floor" Benchmarks/yaml_floor.c -lyaml
python3 Benchmarks/check.py "$binary" "$floor" "$@"
