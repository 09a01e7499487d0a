#!/usr/bin/env bash
# Replaces the certificate of a server under load again and again, as the kubelet replaces mounted Secrets.
#
#   scripts/test-rotation.sh [ROTATIONS]        # 100 by default, a good second each
#
# Two curls ask for a verdict all the time, each with a new connection and the certificate verified. Every rotation must be
# taken, and no request may fail. HOSTFENCE names another binary than .build/dist/hostfence.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rotations=${1:-100}
binary=${HOSTFENCE:-.build/dist/hostfence}
review=Tests/Fixtures/admission-reviews/017-create-pods-sniffer.json
work=$(mktemp -d)
server=""
loads=()

finish() {
  for pid in "${loads[@]}" $server; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "test-rotation.sh: $*" >&2
  exit 1
}

[[ $rotations =~ ^[1-9][0-9]*$ ]] || fail "the number of rotations is a number, not $rotations"
[[ -x $binary ]] || fail "there is no $binary; \`make release\` makes it"

# A folder as the kubelet lays out a mounted Secret: names -> ..data/name, ..data -> ..N, which is swapped by a rename.
issue() {
  local folder="$work/mount/..$1"
  mkdir -p "$folder"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=rotation-$1" -keyout "$folder/tls.key" \
    -out "$work/request.pem" 2>/dev/null
  openssl x509 -req -in "$work/request.pem" -CA "$work/ca/ca.crt" -CAkey "$work/ca/ca.key" -days 1 \
    -extfile <(echo "subjectAltName=DNS:localhost") -out "$folder/tls.crt" 2>/dev/null
  ln -s "..$1" "$work/mount/..data_tmp"
  mv -T "$work/mount/..data_tmp" "$work/mount/..data"
}

served() {
  openssl s_client -connect "127.0.0.1:$port" -servername localhost </dev/null 2>/dev/null |
    openssl x509 -noout -subject 2>/dev/null | sed 's/.*rotation-//'
}

ask() {
  curl --silent --show-error --max-time 10 --cacert "$work/ca/ca.crt" --header 'Content-Type: application/json' \
    --data "@$review" --write-out '%{http_code}\n' --output /dev/null --resolve "localhost:$port:127.0.0.1" \
    "https://localhost:$port/validate/deny"
}

# Writes a line for each request, its status or what went wrong, until told to stop.
load() {
  while [[ ! -e $work/stop ]]; do ask 2>&1 || true; done
}

"$binary" certs create --out "$work/ca" --dns localhost 2>/dev/null
mkdir -p "$work/mount"
issue 0
for name in tls.crt tls.key; do ln -s "..data/$name" "$work/mount/$name"; done
"$binary" serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --tls-cert "$work/mount/tls.crt" \
  --tls-key "$work/mount/tls.key" --ledger "sqlite:$work/ledger.sqlite" >/dev/null 2>"$work/log" &
server=$!
for ((attempt = 0; attempt < 100; attempt++)); do
  port=$(sed -n 's|.*webhook=https://127.0.0.1:\([0-9]*\).*|\1|p' "$work/log")
  [[ -z $port ]] || break
  sleep 0.1
done
[[ -n $port ]] || fail "the server did not start: $(cat "$work/log")"

for number in 1 2; do
  load >"$work/load-$number" &
  loads+=($!)
done
for ((number = 1; number <= rotations; number++)); do
  issue "$number"
  for ((attempt = 0; attempt < 100; attempt++)); do
    [[ $(served) != "$number" ]] || break
    sleep 0.1
  done
  [[ $(served) == "$number" ]] || fail "rotation $number was not taken; the server's log ends: $(tail -n 3 "$work/log")"
  rm -rf "$work/mount/..$((number - 1))"
done
touch "$work/stop"
wait "${loads[@]}"
loads=()
kill -TERM "$server"
wait "$server" || fail "the server ended with $?"
server=""

requests=$(cat "$work"/load-* | grep -c . || true)
failures=$(cat "$work"/load-* | grep -cvx 200 || true)
echo "$rotations rotations taken, $requests requests, $failures failed"
((failures == 0)) || fail "$(cat "$work"/load-* | grep -vx 200 | sort | uniq -c | sort -rn | head -n 5)"
((requests > rotations)) || fail "too few requests to tell"
