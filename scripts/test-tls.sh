#!/usr/bin/env bash
# Holds a running `hostfence serve` to what it promises of TLS: sslyze scans it, conversations on tlslite-ng attack it.
#
# Two servers on free ports of 127.0.0.1, one with an ECDSA and one with an RSA certificate; all files go to .build/tls.
# Settings, from the environment: HOSTFENCE (.build/dist/hostfence). Needs python3 (3.10, with venv), openssl and PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

hostfence=${HOSTFENCE:-.build/dist/hostfence}
review=Tests/Fixtures/admission-reviews/018-create-pods-web.json
state=.build/tls
python=$state/venv/bin/python
ready_seconds=15
stop_seconds=30
scan_seconds=180
conversation_seconds=400
servers=()

give_up() {
  echo "test-tls.sh: $*" >&2
  exit 2
}

# However this script ends, its servers do too.
kill_servers() {
  local status=$?
  trap - EXIT INT TERM
  for server in ${servers[@]+"${servers[@]}"}; do kill -KILL "$server" 2>/dev/null || true; done
  exit "$status"
}

prepare_tools() {
  cmp -s scripts/tls/requirements.txt "$state/venv/installed.txt" && return
  rm -rf "$state/venv"
  python3 -m venv "$state/venv" || give_up "python3 cannot make a virtual environment (Debian: package python3-venv)"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement scripts/tls/requirements.txt ||
    give_up "pip cannot install what scripts/tls/requirements.txt names"
  cp scripts/tls/requirements.txt "$state/venv/installed.txt"
}

# certs create makes ECDSA keys; its authority signs an RSA certificate as well, for the suites that need one.
prepare_certificates() {
  local names=subjectAltName=DNS:localhost,IP:127.0.0.1
  "$hostfence" certs create --out "$state/certs" --dns localhost --ip 127.0.0.1 --force
  openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$state/certs/rsa.key" \
    -out "$state/certs/rsa.csr" 2>/dev/null
  openssl x509 -req -in "$state/certs/rsa.csr" -CA "$state/certs/ca.crt" -CAkey "$state/certs/ca.key" -CAcreateserial \
    -days 1 -sha256 -out "$state/certs/rsa.crt" \
    -extfile <(printf '%s\n' "$names" keyUsage=digitalSignature extendedKeyUsage=serverAuth) 2>/dev/null
}

# Starts a server with the certificate $1 and leaves its process id in `server` and its port in `port`.
start_server() {
  local name=$1 tenths=$((ready_seconds * 10))
  "$hostfence" serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --ledger none \
    --tls-cert "$state/certs/$name.crt" --tls-key "$state/certs/$name.key" \
    </dev/null >"$state/$name.out" 2>"$state/$name.log" &
  server=$!
  servers+=("$server")
  port=""
  until [[ -n $port ]]; do
    kill -0 "$server" 2>/dev/null && ((tenths-- > 0)) || give_up "the server does not start, see $state/$name.log"
    sleep 0.1
    port=$(sed -nE 's|.* webhook=https://127\.0\.0\.1:([0-9]+).*|\1|p' "$state/$name.log")
  done
}

expect() {
  local sentence=$1
  shift
  if "$@"; then echo "ok      $sentence"; else echo "NOT OK  $sentence"; fi
}

# True if the server ends by itself, and with success, once it is asked to.
ends_well() {
  local tenths=$((stop_seconds * 10))
  kill -TERM "$1" || return 1
  while kill -0 "$1" 2>/dev/null; do
    ((tenths-- > 0)) || return 1
    sleep 0.1
  done
  wait "$1"
}

says_no_crash() {
  ! grep -aiE "fatal error|crash|backtrace|segmentation|assertion fail|double free|stack smashing|sanitizer" "$1"
}

# What both tools print; a tool that ends with anything but 0 or 1 has itself failed, and so has the run.
run_tools() {
  local status=0
  timeout "$scan_seconds" "$state/venv/bin/sslyze" --mozilla_config disable --json_out "$state/sslyze.json" \
    --sslv2 --sslv3 --tlsv1 --tlsv1_1 --tlsv1_2 --tlsv1_3 --certinfo --certinfo_ca_file "$state/certs/ca.crt" \
    --compression --reneg --resum --early_data --heartbleed --robot --openssl_ccs --fallback --elliptic_curves --ems \
    "localhost:$ecdsa_port" "localhost:$rsa_port" >"$state/sslyze.log" 2>&1 ||
    give_up "sslyze ended with $?, see $state/sslyze.log"
  "$python" scripts/tls/judge_sslyze.py "$state/sslyze.json" || status=$?
  ((status <= 1)) || give_up "judge_sslyze.py ended with $status"
  status=0
  timeout "$conversation_seconds" "$python" scripts/tls/conversations.py "$ecdsa_port" "$ecdsa_server" \
    "$state/certs/ca.crt" "$review" || status=$?
  ((status <= 1)) || give_up "conversations.py ended with $status"
  for name in ecdsa rsa; do
    local id=${name}_server file=$name
    [[ $name == rsa ]] || file=tls
    expect "the $name server is the process that was started, and ends with success when asked to" ends_well "${!id}"
    expect "the $name server's log says nothing of a crash" says_no_crash "$state/$file.log"
  done
}

[[ -x $hostfence ]] || give_up "$hostfence is missing: run \`make release\`"
mkdir -p "$state"
export PYTHONDONTWRITEBYTECODE=1
trap kill_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

prepare_tools
prepare_certificates
start_server tls
ecdsa_server=$server ecdsa_port=$port
start_server rsa
rsa_server=$server rsa_port=$port

openssl version
"$python" -m pip list --format freeze --disable-pip-version-check | grep -E '^(sslyze|nassl|tlslite-ng)=='
# Not in a pipe, where the servers would not be this shell's children to wait for.
exec 3> >(tee "$state/results.txt")
printer=$!
run_tools >&3
exec 3>&-
wait "$printer"

passed=$(grep -c '^ok ' "$state/results.txt" || true)
failed=$(grep -c '^NOT OK ' "$state/results.txt" || true)
echo "$passed passed, $failed failed"
((passed > 0 && failed == 0))
