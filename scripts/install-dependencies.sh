#!/usr/bin/env bash
# Installs what a bare Debian 12 lacks to build and test Hostfence. Silent and quick when all is there.
set -euo pipefail

# What the programs of a Swift toolchain load or call: linker, C and C++ headers, git and the shared libraries of
# SwiftPM and the driver. (Only lldb wants Python, and nothing here runs lldb.)
toolchain=(binutils ca-certificates git libc6-dev libcurl4 libgcc-12-dev libncurses6 libsqlite3-0 libstdc++-12-dev
  libuuid1 libxml2 make pkg-config tzdata zlib1g-dev)
# What Hostfence links: TLS, JSON, YAML, gzip and zstd, the embedded ledger.
libraries=(libisal-dev libpq-dev libsimdjson-dev libsqlite3-dev libssl-dev libyaml-dev libzstd-dev)
# What the tests and `make run` call.
tools=(curl jq openssl postgresql-15 python3 python3-venv python3-yaml sqlite3 zstd)
# What counts instructions for the budgets.
tools+=(valgrind)
# What reads the risk page.
tools+=(chromium chromium-driver)

swift_needed="6.3"

fail() {
  echo "install-dependencies.sh: $*" >&2
  exit 2
}

# The packages of the lists above that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' \
    "${toolchain[@]}" "${libraries[@]}" "${tools[@]}" 2>/dev/null | awk '$1 == "installed" { print $2 }' || true)
  printf '%s\n' "${toolchain[@]}" "${libraries[@]}" "${tools[@]}" | grep -vxF -f <(echo "$installed") || true
}

install_packages() {
  local administrator=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "these Debian packages are missing: $*. Install them as root, or install sudo."
    administrator=(sudo)
    [[ -t 0 ]] || administrator+=(--non-interactive)
  fi
  echo "Installing: $*"
  "${administrator[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${administrator[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

require_swift() {
  local where="https://www.swift.org/install/linux/ (Debian 12, unpack it and put its usr/bin on PATH)"
  command -v swift >/dev/null || fail "\`swift\` is not on PATH. Hostfence needs Swift $swift_needed or newer: $where"
  local version
  version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] || fail "\`swift --version\` names no version: $(swift --version 2>&1 | head -n 1)"
  [[ $(printf '%s\n' "$swift_needed" "$version" | sort --version-sort | head -n 1) == "$swift_needed" ]] ||
    fail "Swift $version is too old. Hostfence needs Swift $swift_needed or newer: $where"
}

codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null || true)
if [[ $codename == bookworm ]]; then
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
else
  echo "install-dependencies.sh: not Debian 12, so nothing is installed. Needed here, by whatever names:" >&2
  echo "  ${libraries[*]} ${tools[*]}" >&2
fi
require_swift
