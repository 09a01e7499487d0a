#!/usr/bin/env bash
# Proves the Dockerfile's final stage without a container engine: a bare Debian 12, the packages that stage lists and
# no others, the shipped binary, its user. Usage (as root): scripts/test-runtime-image.sh [BINARY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/debian-chroot.sh
in_private_mounts "$@"

binary=${1:-.build/dist/hostfence}
[[ -x $binary ]] || fail "$binary is missing: run \`make release\`"

# What the Dockerfile says, so that this test cannot drift from it.
read -ra packages <<<"$(sed -n 's/^ARG RUNTIME_PACKAGES="\(.*\)"$/\1/p' Dockerfile)"
user=$(sed -n 's/^USER \([0-9]*:[0-9]*\)$/\1/p' Dockerfile)
entrypoint=$(sed -n 's/^ENTRYPOINT \["\(.*\)"\]$/\1/p' Dockerfile)
[[ ${#packages[@]} -gt 0 && -n $user && -n $entrypoint ]] ||
  fail "found no RUNTIME_PACKAGES, USER or ENTRYPOINT in the Dockerfile"

make_chroot
echo "Installing what the final stage lists: ${packages[*]}"
install_in_chroot "${packages[@]}"
install -D -m 0755 "$binary" "$chroot$entrypoint"

# Everything but the ledger's folder is read-only, as in the Deployment.
install -d -o "${user%:*}" -g "${user#*:}" "$chroot/var/lib/hostfence"
mount -t tmpfs -o "uid=${user%:*},gid=${user#*:},mode=0770" tmpfs "$chroot/var/lib/hostfence"
umount "$chroot/tmp"
mount -o remount,ro,bind "$chroot"

# The entry point as the image's user, who can write nowhere else.
as_user=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "--userspec=$user" --groups= "$chroot" "$entrypoint")

echo "hostfence --version"
"${as_user[@]}" --version

echo "hostfence check"
status=0
"${as_user[@]}" check --mode deny - <<'YAML' || status=$?
apiVersion: v1
kind: Pod
metadata: {name: sniffer, namespace: payments}
spec:
  hostNetwork: true
  containers: [{name: sniffer, image: "example.com/sniffer:1"}]
YAML
((status == 1)) || fail "a pod on the node's network must end \`check --mode deny\` with 1, not $status"

# The server as the Deployment starts it, except for its addresses and a certificate made on the volume.
port=${PORT:-28443}
admin_port=${ADMIN_PORT:-28081}
state=/var/lib/hostfence
review=Tests/Fixtures/admission-reviews/017-create-pods-sniffer.json
echo "hostfence serve"
"${as_user[@]}" certs create --out "$state/tls" --dns localhost --ip 127.0.0.1
"${as_user[@]}" serve --listen "127.0.0.1:$port" --admin-listen "127.0.0.1:$admin_port" --mode warn \
  --tls-cert "$state/tls/tls.crt" --tls-key "$state/tls/tls.key" --ledger "sqlite:$state/ledger.sqlite" \
  </dev/null >"$chroot$state/stdout" 2>"$chroot$state/stderr" &
server=$!
trap '{ kill -KILL "$server" && wait "$server"; } 2>/dev/null || true; remove_chroot' EXIT
for ((tenths = 150; ; tenths--)); do
  curl --silent --fail --noproxy '*' --max-time 2 --output /dev/null "http://127.0.0.1:$admin_port/readyz" && break
  if ((tenths == 0)) || ! kill -0 "$server" 2>/dev/null; then
    tail -n 20 "$chroot$state/stderr" >&2
    fail "the server did not become ready"
  fi
  sleep 0.1
done
curl --silent --show-error --noproxy '*' --max-time 10 --cacert "$chroot$state/tls/ca.crt" \
  --header 'Content-Type: application/json' --data "@$review" "https://localhost:$port/validate/deny" |
  jq --exit-status '.response | {allowed, code: .status.code} | select(.allowed == false and .code == 403)' ||
  fail "the server must refuse $review with code 403"
recorded=$("${as_user[@]}" risk events --ledger "sqlite:$state/ledger.sqlite" --output json | jq length)
[[ $recorded == 1 ]] || fail "one refusal must leave one risk event, not $recorded"
kill -TERM "$server"
status=0
wait "$server" || status=$?
((status == 0)) || fail "SIGTERM must end the server with 0, not $status"

echo "The final stage runs: as $user, read-only, with $(in_chroot dpkg-query --show | wc -l) Debian packages in all."
