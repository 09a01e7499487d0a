#!/usr/bin/env bash
# Holds policy files to their documentation and their schema: every example of docs/policy.md is read and every command of
# it run again, and random policies must be judged alike by `hostfence policy check` and by the JSON Schema.
#
# Settings, from the environment: HOSTFENCE (.build/dist/hostfence); UPDATE=1 writes what commands print now into
# docs/policy.md, and tests nothing. Needs python3 (3.10, with venv), jq and PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

hostfence=${HOSTFENCE:-.build/dist/hostfence}
state=.build/policy
python=$state/venv/bin/python
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

give_up() {
  echo "test-policy.sh: $*" >&2
  exit 2
}

prepare_tools() {
  cmp -s scripts/policy/requirements.txt "$state/venv/installed.txt" && return
  rm -rf "$state/venv"
  python3 -m venv "$state/venv" || give_up "python3 cannot make a virtual environment (Debian: package python3-venv)"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement scripts/policy/requirements.txt ||
    give_up "pip cannot install what scripts/policy/requirements.txt names"
  cp scripts/policy/requirements.txt "$state/venv/installed.txt"
}

[[ -x $hostfence ]] || give_up "$hostfence is missing: run \`make release\`"
command -v jq >/dev/null || give_up "jq is missing"
mkdir -p "$state"
export PYTHONDONTWRITEBYTECODE=1

prepare_tools
"$python" scripts/policy/run.py . "$hostfence" "$work" ${UPDATE:+--update}
