"""The file system of the ledger: a small one of its own that can be filled and made read-only, where mounting is allowed."""
from __future__ import annotations

import contextlib
import os
import pathlib
import resource
import subprocess
from collections.abc import Iterator

from server import CouldNotRun

# Room on the small disk; none of it is memory before it is written.
ROOM_MIB = 2_048
# What is left of it before it is filled with another file.
FILLED_MIB = 8


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


class Disk:
    """`folder` is for the ledger; the script around this runs in a mount namespace of its own, if it may."""

    def __init__(self, state: pathlib.Path) -> None:
        self.root = state / "disk"
        # The same files by another way, which stays writable while the way of the server is read-only.
        self.other = state / "disk-by-another-way"
        for path in (self.root, self.other):
            path.mkdir(parents=True, exist_ok=True)
        self.is_mounted = mount("-t", "tmpfs", "-o", f"size={ROOM_MIB}m,mode=700", "soak", str(self.root)) and mount(
            "--bind", str(self.root), str(self.other)
        )
        if not self.is_mounted:
            self.other = self.root
        self.folder = self.root / "ledger"
        self.folder.mkdir(exist_ok=True)

    @property
    def fullness(self) -> str:
        if self.is_mounted:
            return "a tmpfs of its own, filled with another file (ENOSPC)"
        return "prlimit --fsize on the server, as mounting is not permitted here (EFBIG, not ENOSPC)"

    @property
    def readonlyness(self) -> str:
        if self.is_mounted:
            return "a read-only mount over the folder, met when the ledger is opened again (EROFS)"
        return "a folder in place of the file, as mounting is not permitted here"

    @contextlib.contextmanager
    def full(self, pid: int) -> Iterator[None]:
        if not self.is_mounted:
            before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (4_096, before[1]))
            try:
                yield
            finally:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
            return
        status = os.statvfs(self.root)
        used = (status.f_blocks - status.f_bfree) * status.f_frsize
        self._remount((used >> 20) + FILLED_MIB)
        ballast = self.root / "ballast"
        # Unbuffered, so that every error is seen here; whatever the server writes at the same time, the rest is taken.
        with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4_096)
        try:
            yield
        finally:
            ballast.unlink()
            self._remount(ROOM_MIB)

    def _remount(self, mib: int) -> None:
        # With its source named, or mount would repeat options that a namespace of a user's does not take.
        if not mount("-o", f"remount,size={mib}m", "soak", str(self.root)):
            raise CouldNotRun("the small disk cannot be made smaller or larger")

    @contextlib.contextmanager
    def read_only(self, ledger: pathlib.Path) -> Iterator[None]:
        """Nothing that is open is kept from being written by a mount, so the server is made to open the ledger again."""
        file = self.other / ledger.relative_to(self.root)
        aside = file.with_name("aside")
        if not self.is_mounted:
            os.rename(file, aside)
            file.mkdir()
            try:
                yield
            finally:
                file.rmdir()
                os.rename(aside, file)
            return
        folder = str(self.folder)
        if not (mount("--bind", folder, folder) and mount("-o", "remount,bind,ro", folder)):
            raise CouldNotRun("the folder of the ledger cannot be mounted read-only")
        try:
            os.rename(file, aside)
            yield
        finally:
            if aside.exists():
                os.rename(aside, file)
            subprocess.run(["umount", "--lazy", folder], check=True)
