#!/usr/bin/env bash
# Brings the certificates of `hostfence certs create` into Kubernetes: the CA into every `caBundle`, the serving
# certificate into the Secret that the Deployment mounts.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/install-ca.sh COMMAND

  secret [CERTS]            print the Secret hostfence-tls made of CERTS/tls.crt and CERTS/tls.key
  inject [CERTS]            copy manifests from standard input to standard output, with the CA in every webhook
  render OVERLAY [CERTS]    print OVERLAY as kubectl renders it, with the CA in every webhook
  patch  [CERTS] [NAME]     put the CA into the ValidatingWebhookConfiguration NAME of the current cluster

CERTS is a folder and is certs/cluster when it is not given; NAME is hostfence.
ca.crt may hold several CAs, so that a new one is trusted before the certificate changes (see certs/README.md).
TEXT
}

fail() {
  echo "install-ca.sh: $*" >&2
  exit 2
}

# The base64 of one file of the folder, on one line.
base64_of() {
  [[ -s $1 ]] || fail "$1 is missing or empty: make it with \`hostfence certs create --out $(dirname "$1") …\`"
  base64 <"$1" | tr -d '\n'
}

# The base64 of the CA, after a look that it is certificates and nothing else: a key put in here would be public.
ca_bundle() {
  local file=$1/ca.crt bundle
  bundle=$(base64_of "$file")
  openssl x509 -in "$file" -noout 2>/dev/null || fail "$file does not hold a PEM certificate"
  if grep -q 'PRIVATE KEY' "$file"; then fail "$file holds a private key: it must hold certificates only"; fi
  echo "$bundle"
}

secret() {
  local certificate key
  certificate=$(base64_of "$1/tls.crt")
  key=$(base64_of "$1/tls.key")
  cat <<TEXT
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: hostfence-tls
  namespace: hostfence-system
  labels:
    app.kubernetes.io/name: hostfence
    app.kubernetes.io/part-of: hostfence
data:
  tls.crt: $certificate
  tls.key: $key
TEXT
}

# Adds a line below each `clientConfig:`; a `caBundle` that is there already is dropped first.
inject() {
  local bundle
  bundle=$(ca_bundle "$1")
  BUNDLE=$bundle awk '
    /^ *caBundle:/ { next }
    { print }
    /^ *(- )?clientConfig: *$/ {
      match($0, /clientConfig/)
      printf "%*scaBundle: %s\n", RSTART + 1, "", ENVIRON["BUNDLE"]
      injected++
    }
    END { if (!injected) exit 3 }
  ' || fail "found no clientConfig to put the CA into: is a ValidatingWebhookConfiguration in the input?"
}

render() {
  [[ -e $1/kustomization.yaml ]] || fail "$1 is not an overlay: it has no kustomization.yaml"
  command -v kubectl >/dev/null || fail "kubectl is needed to render $1"
  local manifests
  manifests=$(kubectl kustomize "$1")
  inject "$2" <<<"$manifests"
}

# Patches by position, as a JSON Patch must; the API server refuses it if the list changed in between.
patch() {
  local bundle operations="" index=0 name
  bundle=$(ca_bundle "$1")
  command -v kubectl >/dev/null || fail "kubectl is needed to reach the cluster"
  for name in $(kubectl get validatingwebhookconfiguration "$2" -o 'jsonpath={.webhooks[*].name}'); do
    operations+=$(printf ',{"op":"test","path":"/webhooks/%d/name","value":"%s"}' "$index" "$name")
    operations+=$(printf ',{"op":"add","path":"/webhooks/%d/clientConfig/caBundle","value":"%s"}' "$index" "$bundle")
    index=$((index + 1))
  done
  ((index > 0)) || fail "the ValidatingWebhookConfiguration $2 has no webhooks in this cluster"
  kubectl patch validatingwebhookconfiguration "$2" --type=json --patch "[${operations#,}]"
}

command=${1:-help}
[[ $# -eq 0 ]] || shift
case $command in
  secret) secret "${1:-certs/cluster}" ;;
  inject) inject "${1:-certs/cluster}" ;;
  render) render "${1:?an overlay is needed, such as manifests/overlays/audit}" "${2:-certs/cluster}" ;;
  patch) patch "${1:-certs/cluster}" "${2:-hostfence}" ;;
  help | -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
