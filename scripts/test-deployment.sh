#!/usr/bin/env bash
# Checks what manifests/ renders to, and that scripts/install-ca.sh puts the CA where it belongs. Needs no cluster.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The python that the distribution's python3-yaml belongs to comes first; another one may be earlier on PATH.
for python in /usr/bin/python3 python3; do
  if "$python" -c 'import yaml' 2>/dev/null; then
    export PYTHONDONTWRITEBYTECODE=1
    exec "$python" -m unittest discover --verbose --start-directory scripts/lib --pattern '*_checks.py'
  fi
done
echo "test-deployment.sh: no python3 with PyYAML: run scripts/install-dependencies.sh (package python3-yaml)" >&2
exit 2
