#!/usr/bin/env bash
# Starts `hostfence serve` on this machine and shows one verdict over TLS, from a recorded AdmissionReview.
#
# In a terminal the server then stays until Ctrl-C. Without a terminal, or with ONCE=1, everything ends by itself.
# Settings, from the environment: PORT (8443), ADMIN_PORT (8081), ONCE, HOSTFENCE (a binary to use instead of building).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port=${PORT:-8443}
admin_port=${ADMIN_PORT:-8081}
review=Tests/Fixtures/admission-reviews/017-create-pods-sniffer.json
state=.build/demo
ready_seconds=15
stop_seconds=15
server=""

fail() {
  echo "make run: $*" >&2
  exit 1
}

# Ends the server however this script ends, and says so when it would not go.
stop_server() {
  local status=$?
  trap - EXIT INT TERM
  if [[ -n $server ]] && kill -TERM "$server" 2>/dev/null; then
    local tenths=$((stop_seconds * 10))
    while kill -0 "$server" 2>/dev/null && ((tenths > 0)); do
      sleep 0.1
      tenths=$((tenths - 1))
    done
    if kill -KILL "$server" 2>/dev/null; then
      echo "make run: the server did not end within $stop_seconds seconds of SIGTERM and was killed" >&2
      status=1
    fi
    wait "$server" 2>/dev/null || true
  fi
  exit "$status"
}

require_free_port() {
  [[ $1 =~ ^[0-9]+$ ]] && (($1 >= 1 && $1 <= 65535)) || fail "$2=$1 is not a port: it must be from 1 to 65535"
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
    fail "port $1 is taken by another program. Choose one: make run $2=$(($1 < 64536 ? $1 + 1000 : $1 - 1000))"
  fi
}

build() {
  if [[ -z ${HOSTFENCE:-} ]]; then
    swift build --product hostfence
    HOSTFENCE=$(swift build --show-bin-path)/hostfence
  fi
  [[ -x $HOSTFENCE ]] || fail "$HOSTFENCE is not an executable file"
}

# True if the files in certs/ belong together, name localhost and are valid for another day.
certificates_usable() {
  openssl verify -CAfile certs/ca.crt certs/tls.crt >/dev/null 2>&1 &&
    openssl x509 -in certs/tls.crt -noout -checkend 86400 >/dev/null &&
    certificates_for_localhost &&
    [[ $(openssl x509 -in certs/tls.crt -noout -pubkey) == "$(openssl pkey -in certs/tls.key -pubout 2>/dev/null)" ]]
}

certificates_for_localhost() {
  openssl x509 -in certs/tls.crt -noout -checkhost localhost 2>/dev/null | grep -q 'does match'
}

# Makes development certificates, and new ones once they no longer serve; never over somebody's other certificate.
prepare_certificates() {
  certificates_usable && return
  local force=()
  if [[ -e certs/tls.crt || -e certs/ca.crt ]]; then
    certificates_for_localhost ||
      fail "certs/ holds a certificate that is not for localhost, and it stays. Move it to a folder of its own."
    force=(--force)
  fi
  "$HOSTFENCE" certs create --out certs --dns localhost --ip 127.0.0.1 ${force[@]+"${force[@]}"}
}

start_server() {
  # A new ledger each time: the recorded request always has the same uid, and a ledger records it only once.
  rm -rf "$state"
  mkdir -p "$state"
  "$HOSTFENCE" serve --listen "127.0.0.1:$port" --admin-listen "127.0.0.1:$admin_port" \
    --tls-cert certs/tls.crt --tls-key certs/tls.key --ledger "sqlite:$state/ledger.sqlite" \
    </dev/null >"$state/risk-events.jsonl" 2>"$state/server.log" &
  server=$!
  local tenths=$((ready_seconds * 10))
  until curl --silent --fail --noproxy '*' --max-time 2 --output /dev/null "http://127.0.0.1:$admin_port/readyz"; do
    kill -0 "$server" 2>/dev/null || { server="" && report_failed_start "the server ended before it was ready"; }
    tenths=$((tenths - 1))
    ((tenths > 0)) || report_failed_start "/readyz did not answer within $ready_seconds seconds"
    sleep 0.1
  done
}

report_failed_start() {
  tail -n 20 "$state/server.log" >&2
  fail "$1; its last words are above and in $state/server.log"
}

# The recorded review through the webhook: refused, with the request's own uid.
show_verdict() {
  local answer
  echo
  echo "POST https://localhost:$port/validate/deny  <  $review"
  answer=$(curl --silent --show-error --noproxy '*' --max-time 10 --cacert certs/ca.crt \
    --header 'Content-Type: application/json' --data "@$review" "https://localhost:$port/validate/deny") ||
    fail "the request failed"
  jq --raw-output '.response |
    "  allowed  \(.allowed)",
    "  code     \(.status.code // "none")",
    "  message  \(.status.message // "none")",
    ((.warnings // [])[] | "  warning  \(.)")' <<<"$answer" || fail "the answer is not an AdmissionReview: $answer"
  jq --exit-status --slurpfile review "$review" \
    '.response | .allowed == false and .status.code == 403 and .uid == $review[0].request.uid' <<<"$answer" >/dev/null ||
    fail "that is not the verdict this review must get: allowed false, code 403, its own uid"
}

# The same file through the command line: the same decision, told by the exit code.
show_check() {
  local status=0
  echo
  echo "hostfence check --mode deny $review"
  "$HOSTFENCE" check --mode deny "$review" | sed 's/^/  /' || status=${PIPESTATUS[0]}
  echo "  exit code $status"
  ((status == 1)) || fail "\`check\` must end with 1 here: something is denied"
}

show_risk() {
  echo
  echo "hostfence risk events --ledger sqlite:$state/ledger.sqlite"
  "$HOSTFENCE" risk events --ledger "sqlite:$state/ledger.sqlite" --output json |
    jq --raw-output --exit-status '.[] | "  \(.riskObject)  score \(.riskScore)  \(.decision)  \(.riskMessage)"' ||
    fail "the refusal left no risk event"
}

trap stop_server EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

require_free_port "$port" PORT
require_free_port "$admin_port" ADMIN_PORT
build
prepare_certificates
start_server
show_verdict
show_check
show_risk

echo
if [[ -t 0 && -t 1 && -z ${ONCE:-} ]]; then
  echo "Serving on https://localhost:$port (probes: http://127.0.0.1:$admin_port). Ctrl-C stops it."
  echo "Risk events: $state/risk-events.jsonl, log: $state/server.log"
  trap 'exit 0' INT
  wait "$server" || report_failed_start "the server ended by itself"
else
  echo "Stopping the server (in a terminal, without ONCE=1, it would stay)."
fi
