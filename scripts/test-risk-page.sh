#!/usr/bin/env bash
# Reads the risk page in headless Chromium: as a file of `hostfence risk`, and as `hostfence serve` shows it at /risk.
#
# Selenium comes from PyPI into .build/selenium. Settings, from the environment: HOSTFENCE (.build/dist/hostfence),
# SCREENS (a folder for pictures of each page in light, dark and narrow; none by default).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

hostfence=${HOSTFENCE:-.build/dist/hostfence}
checks=scripts/risk-page
selenium=4.51.0
work=$(mktemp -d)
server=""

finish() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "test-risk-page.sh: $*" >&2
  exit 1
}

make_python() {
  local folder=.build/selenium
  if ! "$folder/bin/python" -c "import selenium; assert selenium.__version__ == '$selenium'" 2>/dev/null; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" --quiet --disable-pip-version-check install "selenium==$selenium"
  fi
  python=$folder/bin/python
}

# A ledger with the events of one kind of cluster.
make_ledger() {
  python3 -B "$checks/ledgers.py" "$1" >"$work/$1.jsonl"
  "$hostfence" risk import --ledger "sqlite:$work/$1.sqlite" "$work/$1.jsonl" 2>/dev/null
}

check() {
  "$python" -B "$checks/check.py" "$@" ${SCREENS:+--screens "$SCREENS"}
}

check_file() {
  echo "--- a file, $1"
  make_ledger "$1"
  "$hostfence" risk incidents --ledger "sqlite:$work/$1.sqlite" --since 7d --output "html=$work/$1.html"
  check "$work/$1.html" "${@:2}"
}

check_served() {
  local admin=""
  echo "--- served at /risk"
  "$hostfence" certs create --out "$work" --dns localhost 2>/dev/null
  "$hostfence" serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --tls-cert "$work/tls.crt" \
    --tls-key "$work/tls.key" --ledger "sqlite:$work/typical.sqlite" >/dev/null 2>"$work/log" &
  server=$!
  for ((attempt = 0; attempt < 100 && ${#admin} == 0; attempt++)); do
    sleep 0.1
    admin=$(sed -n 's|.*admin=http://\(127.0.0.1:[0-9]*\).*|\1|p' "$work/log")
  done
  [[ -n $admin ]] || fail "the server did not start: $(cat "$work/log")"
  # What comes meanwhile is another user's, so that no charge of it is a repetition.
  sed 's/alice/mallory/g; s/"id": "/"id": "later-/' "$work/typical.jsonl" >"$work/later.jsonl"
  check "http://$admin/risk" --change \
    "'$hostfence' risk import --ledger 'sqlite:$work/typical.sqlite' '$work/later.jsonl' 2>/dev/null"
}

[[ -x $hostfence ]] || fail "there is no $hostfence; \`make release\` makes it"
command -v chromium >/dev/null && command -v chromedriver >/dev/null ||
  fail "chromium and chromedriver are missing: apt-get install chromium chromium-driver"
make_python
check_file typical --refresh
check_file single
check_file quiet
check_file empty
check_file many
check_file hostile --refresh
check_served
