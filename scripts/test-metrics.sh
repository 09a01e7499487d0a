#!/usr/bin/env bash
# Has Prometheus' own promtool read what `hostfence serve` shows on /metrics, after reviews of every kind.
#
# promtool comes from PATH, or out of Debian's package prometheus, which is unpacked to .build/promtool and not installed:
# installing it would start a server. Settings, from the environment: HOSTFENCE (.build/dist/hostfence).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

hostfence=${HOSTFENCE:-.build/dist/hostfence}
reviews=Tests/Fixtures/admission-reviews
work=$(mktemp -d)
server=""

finish() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "test-metrics.sh: $*" >&2
  exit 1
}

find_promtool() {
  command -v promtool && return
  local folder=.build/promtool
  if [[ ! -x $folder/usr/bin/promtool ]]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$work" && apt-get download -qq prometheus >/dev/null) ||
      fail "Debian's package prometheus cannot be fetched; does apt-get update help?"
    dpkg-deb --extract "$work"/prometheus_*.deb "$folder"
  fi
  echo "$folder/usr/bin/promtool"
}

ask() {
  curl --silent --max-time 10 --cacert "$work/ca.crt" --header 'Content-Type: application/json' --output /dev/null \
    --resolve "localhost:$1:127.0.0.1" "${@:3}" "https://localhost:$1$2"
}

[[ -x $hostfence ]] || fail "there is no $hostfence; \`make release\` makes it"
promtool=$(find_promtool)
"$hostfence" certs create --out "$work" --dns localhost 2>/dev/null
"$hostfence" serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --tls-cert "$work/tls.crt" --tls-key "$work/tls.key" \
  --audit-webhook --ledger "sqlite:$work/ledger.sqlite" >/dev/null 2>"$work/log" &
server=$!
for ((attempt = 0; attempt < 100; attempt++)); do
  port=$(sed -n 's|.*webhook=https://127.0.0.1:\([0-9]*\).*|\1|p' "$work/log")
  admin=$(sed -n 's|.*admin=http://127.0.0.1:\([0-9]*\).*|\1|p' "$work/log")
  [[ -z $port ]] || break
  sleep 0.1
done
[[ -n $port ]] || fail "the server did not start: $(cat "$work/log")"

for review in "$reviews"/*.json; do
  for path in /validate /validate/deny; do ask "$port" "$path" --data-binary "@$review"; done
done
ask "$port" /validate --data-binary '{'
ask "$port" /nowhere --data-binary '{}'
ask "$port" /audit --data-binary '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[]}'
curl --silent --insecure --max-time 2 "http://127.0.0.1:$port/" >/dev/null || true

curl --silent --fail --max-time 10 "http://127.0.0.1:$admin/metrics" >"$work/metrics"
for family in verdicts_total responses_total review_duration_seconds_bucket review_body_bytes_bucket \
  reviews_in_flight reviews_shed_total tls_failures_total ledger_writable certificate_expiry_timestamp_seconds \
  policy_generation build_info; do
  grep -q "^hostfence_$family[ {]" "$work/metrics" || fail "there is no hostfence_$family on /metrics"
done
"$promtool" check metrics <"$work/metrics" || fail "promtool has something to say"
kill -TERM "$server"
wait "$server" || fail "the server ended with $?"
server=""
echo "$(grep -c '^# TYPE' "$work/metrics") families, $(grep -vc '^#' "$work/metrics") samples: promtool has nothing to say"
