# A bare Debian 12 in a temporary folder, for the tests that must not profit from what this machine has installed.
# Source it, call `in_private_mounts "$@"` first, then `make_chroot`; the folder is then in $chroot.

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 2
}

# Starts the script again where its mounts are seen by nobody else and end with it, however it ends.
in_private_mounts() {
  [[ -z ${HOSTFENCE_PRIVATE_MOUNTS:-} ]] || return 0
  [[ $(id -u) -eq 0 ]] || fail "must run as root: it mounts and changes root"
  command -v debootstrap >/dev/null || fail "needs debootstrap: apt-get install debootstrap"
  HOSTFENCE_PRIVATE_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
}

# This machine's own Debian 12 sources, as lines of a sources.list: the mirror is whatever apt uses here.
debian_sources() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
    awk '$2 ~ /^bookworm(-updates|-security)?$/ && $3 == "main" { print "deb", $1, $2, $3 }' | sort -u
}

# Keeps the addresses of mirrors out of what is printed.
without_addresses() {
  sed -E 's#[a-z]+://[^[:space:]]*#<mirror>#g'
}

remove_chroot() {
  umount --recursive "$chroot" 2>/dev/null || true
  if grep -qF " $chroot" /proc/self/mounts; then
    echo "$(basename "$0"): $chroot stays: something in it is still mounted" >&2
  else
    rm -rf --one-file-system "$chroot"
  fi
}

make_chroot() {
  local sources mirror proxy
  chroot=$(mktemp --directory --tmpdir hostfence-chroot-XXXXXXXX)
  # apt's own user must reach its folders.
  chmod 0755 "$chroot"
  trap remove_chroot EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # A mount of its own, so that one call takes everything below it away again.
  mount --bind "$chroot" "$chroot"

  sources=$(debian_sources)
  mirror=$(awk '$3 == "bookworm" { print $2; exit }' <<<"$sources")
  [[ -n $mirror ]] || fail "apt on this machine has no source for Debian 12 (bookworm) main"
  proxy=$(apt-config shell proxy Acquire::http::Proxy | sed "s/^proxy='\(.*\)'$/\1/")
  echo "Unpacking a bare Debian 12"
  http_proxy=${proxy:-${http_proxy:-}} debootstrap --variant=minbase bookworm "$chroot" "$mirror" >"$chroot.log" 2>&1 ||
    { tail -n 20 "$chroot.log" | without_addresses >&2; rm -f "$chroot.log"; fail "debootstrap failed"; }
  rm -f "$chroot.log"

  echo "$sources" >"$chroot/etc/apt/sources.list"
  [[ -z $proxy ]] || echo "Acquire::http::Proxy \"$proxy\";" >"$chroot/etc/apt/apt.conf.d/90proxy"
  cp --dereference /etc/resolv.conf /etc/hosts "$chroot/etc/"
  mount -t proc proc "$chroot/proc"
  mount --rbind /dev "$chroot/dev"
  mount -t tmpfs tmpfs "$chroot/tmp"
}

# Shows a folder of this machine inside, read-only.
show_in_chroot() {
  mkdir -p "$chroot$2"
  mount --bind "$1" "$chroot$2"
  mount -o remount,ro,bind "$chroot$2"
}

# Runs a command inside with an environment that has nothing of this machine's.
in_chroot() {
  env -i HOME=/root LANG=C.UTF-8 TERM=dumb CI=true PATH="${chroot_path:-}/usr/sbin:/usr/bin:/sbin:/bin" \
    DEBIAN_FRONTEND=noninteractive chroot "$chroot" "$@" </dev/null
}

install_in_chroot() {
  local log=$chroot/var/log/hostfence-install.log
  { in_chroot apt-get update -qq && in_chroot apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@"; } \
    >"$log" 2>&1 || { tail -n 20 "$log" | without_addresses >&2; fail "could not install: $*"; }
}
