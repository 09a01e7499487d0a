#!/usr/bin/env bash
# Proves that a fresh clone works on a bare Debian 12 with nothing but a Swift toolchain, make and root:
# `make run` ends with a served verdict and `make test` passes. Usage (as root): scripts/test-bare-machine.sh [COMMAND…]
#
# The clone holds what is committed; WORKTREE=1 copies the files as they are now instead.
# Each COMMAND runs in the clone by `bash -c`; the default is `make run ONCE=1` and `make test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/debian-chroot.sh
in_private_mounts "$@"

commands=("$@")
((${#commands[@]} > 0)) || commands=("make run ONCE=1" "make test")

# The folder that holds the toolchain's usr/, unless it is the system's own.
swift=$(readlink -f "$(command -v swift || fail "\`swift\` is not on PATH")")
toolchain=$(dirname "$(dirname "$swift")")
[[ $toolchain == */usr && $toolchain != /usr ]] || fail "the toolchain must be unpacked in a folder of its own"

make_chroot
chroot_path=/opt/toolchain/usr/bin:
show_in_chroot "$toolchain" /opt/toolchain/usr

# Swift packages: where git on this machine reads a site from a local folder, the clone must do the same.
git config --get-regexp '^url\..*\.insteadof$' | while read -r key site; do
  folder=${key#url.}
  folder=${folder%.insteadof}
  [[ $folder == /* && -d $folder ]] || continue
  mountpoint --quiet "$chroot${folder%/}" || show_in_chroot "${folder%/}" "${folder%/}"
  git config --file "$chroot/root/.gitconfig" --add "url.$folder.insteadOf" "$site"
  git config --file "$chroot/root/.gitconfig" safe.directory '*'
done

clone=$chroot/root/hostfence
if [[ -n ${WORKTREE:-} ]]; then
  mkdir "$clone"
  git ls-files --cached --others --exclude-standard -z | tar --create --null --ignore-failed-read --files-from=- |
    tar --extract --directory "$clone"
else
  [[ -z $(git status --porcelain) ]] || echo "Not committed, so not tested: $(git status --porcelain | wc -l) paths"
  git clone --quiet --no-hardlinks . "$clone"
fi

install_in_chroot make
for command in "${commands[@]}"; do
  echo
  echo "=== $command"
  begin=$SECONDS
  in_chroot bash -c "cd /root/hostfence && $command"
  echo "=== $command: passed in $((SECONDS - begin)) s"
done
