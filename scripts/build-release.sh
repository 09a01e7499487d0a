#!/usr/bin/env bash
# Builds the binary that is shipped: optimised, Swift's library linked in, symbols stripped. Prints where it is.
# The Makefile, CI and the Dockerfile all build it with this script.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Apart from .build, whose release folder belongs to the tests: other linking, so every file would be built anew.
scratch=.build/static
output=${1:-.build/dist/hostfence}

flags=(--configuration release --static-swift-stdlib --product hostfence --scratch-path "$scratch")
swift build "${flags[@]}"
mkdir -p "$(dirname "$output")"
strip --strip-all -o "$output" "$(swift build "${flags[@]}" --show-bin-path)/hostfence"
echo "$output: $(wc -c <"$output") bytes"
