"""What the world does to a running server; each fault is there while its context is entered, and gone afterwards."""
from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator

from disk import Disk
from server import Server


@dataclasses.dataclass
class Bench:
    """What faults are done to."""

    server: Server
    disk: Disk
    # When the ledger was deleted, and where its files have gone on to exist.
    deletions: list[tuple[float, pathlib.Path]] = dataclasses.field(default_factory=list)


Act = Callable[[Bench], contextlib.AbstractContextManager[None]]


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    act: Act
    # Shorter than this it may not be noticed by anybody.
    seconds_min: float = 0
    # Whether events go to standard error meanwhile, and /readyz says so.
    spoils_ledger: bool = False
    # Whether it passes by itself, however long it is waited for.
    is_moment: bool = False
    # Whether the file goes away and comes back: what was just being written is said to be lost, and then is there again.
    comes_back: bool = False


def disk_full(bench: Bench) -> contextlib.AbstractContextManager[None]:
    return bench.disk.full(bench.server.pid)


@contextlib.contextmanager
def ledger_read_only(bench: Bench) -> Iterator[None]:
    with bench.disk.read_only(bench.server.ledger):
        yield


@contextlib.contextmanager
def ledger_deleted(bench: Bench) -> Iterator[None]:
    """The old files keep another name each, so that the events that were in them can be counted."""
    path = bench.server.ledger
    kept = path.parent / f"deleted-{len(bench.deletions)}"
    kept.mkdir()
    for suffix in ("", "-wal"):
        os.link(f"{path}{suffix}", f"{kept / path.name}{suffix}")
    for suffix in ("", "-wal", "-shm"):
        os.unlink(f"{path}{suffix}")
    bench.deletions.append((time.monotonic(), kept / path.name))
    yield


@contextlib.contextmanager
def ledger_locked(bench: Bench) -> Iterator[None]:
    other = sqlite3.connect(bench.server.ledger, isolation_level=None, timeout=10)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@contextlib.contextmanager
def server_stopped(bench: Bench) -> Iterator[None]:
    os.kill(bench.server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(bench.server.pid, signal.SIGCONT)


def stalled(stream: str) -> Act:
    @contextlib.contextmanager
    def stall(bench: Bench) -> Iterator[None]:
        may_read = bench.server.drains[stream].may_read
        may_read.clear()
        try:
            yield
        finally:
            may_read.set()

    return stall


@contextlib.contextmanager
def locked_and_unread(bench: Bench) -> Iterator[None]:
    """The way out for events that the ledger does not take is closed for a while as well."""
    with ledger_locked(bench), stalled("standard error")(bench):
        yield


FULL = Fault("disk full", disk_full, spoils_ledger=True)
READ_ONLY = Fault("ledger read-only", ledger_read_only, spoils_ledger=True, comes_back=True)
# The server waits a second for a lock, first with whatever came first, then with all that has gathered.
LOCKED = Fault("ledger locked", ledger_locked, seconds_min=2.5, spoils_ledger=True)
ALL = [
    FULL,
    Fault("server stopped", server_stopped),
    READ_ONLY,
    Fault("standard output unread", stalled("standard output")),
    Fault("ledger deleted", ledger_deleted, spoils_ledger=True, is_moment=True),
    Fault("standard error unread", stalled("standard error")),
    LOCKED,
    Fault("locked, and stderr unread", locked_and_unread, spoils_ledger=True),
]
