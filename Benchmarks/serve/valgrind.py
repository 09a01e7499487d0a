"""Hostfence under valgrind: what callgrind and the trace of malloc say of one review after the other."""
from __future__ import annotations

import contextlib
import http.client
import pathlib
import re
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator

import servers
from reviews import HEADERS, PATH, SECONDS_MAX, WORK, Answer, Review

# Valgrind takes seconds to start, and a whole run writes what it counted when it stops.
servers.SECONDS_TO_START_MAX = 60
SECONDS_TO_STOP_MAX = 60
SECONDS_TO_DUMP_MAX = 60
# Until the threads of the log and of standard output have written what they gathered.
SETTLING_SECONDS = 0.1
# How long it is watched while nobody asks: whole periods of what it looks at once a second.
IDLE_SECONDS = 5


class WholeRequests(http.client.HTTPSConnection):
    """Sends head and body at once: otherwise it is up to timing in how many pieces they are read."""

    pieces: list[bytes] | None = None

    def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        self.pieces = []
        super().request(method, path, body, headers)
        whole, self.pieces = b"".join(self.pieces), None
        super().send(whole)

    def send(self, data: bytes) -> None:
        if self.pieces is None:
            super().send(data)
        else:
            self.pieces.append(data)


class Valgrind(servers.Hostfence):
    """A run under one of valgrind's tools; `counters` says what it has counted so far."""

    tool = ""

    def __init__(self, binary: str, ledger: str | None, context: ssl.SSLContext) -> None:
        super().__init__(binary, ledger, context, [])
        self.name += f", {self.tool}"
        stem = self.log.with_suffix("").name + f"-{self.tool}"
        self.log = WORK / f"{stem}.log"
        self.out = WORK / f"{stem}.out"
        self.valgrind_log = WORK / f"{stem}.valgrind"
        # What it counts in a second while nobody asks.
        self.idle: list[float] | None = None

    def options(self) -> list[str]:
        """Valgrind's."""
        raise NotImplementedError

    def command(self) -> list[str]:
        # A server that was left over by a run that broke off would write into the same file.
        for old in [*WORK.glob(f"{self.out.name}*"), *WORK.glob(self.valgrind_log.name)]:
            old.unlink()
        valgrind = ["valgrind", f"--tool={self.tool}", f"--log-file={self.valgrind_log}", *self.options()]
        return [*valgrind, *super().command()]

    def measure(self, review: Review, warm_up: int, count: int) -> list[float]:
        """What one review costs, the mean of `count` of them over one connection.

        What the server does by itself every second is not in it: on a slow machine there are more seconds to a review.
        """
        with self.connection() as connection:
            self.send(connection, review, warm_up)
            if self.idle is None:
                counted, seconds = self.counted(lambda: time.sleep(IDLE_SECONDS))
                self.idle = [each / seconds for each in counted]
            counted, seconds = self.counted(lambda: self.send(connection, review, count))
            return [(each - seconds * rate) / count for each, rate in zip(counted, self.idle)]

    def counted(self, work: Callable[[], None]) -> tuple[list[int], float]:
        """What it counts while something is done, and the seconds between the two counts."""
        before, begin = self.counters(), time.monotonic()
        work()
        after, end = self.counters(), time.monotonic()
        return [now - then for now, then in zip(after, before)], end - begin

    def counters(self) -> list[int]:
        """All counted up to now."""
        raise NotImplementedError

    @contextlib.contextmanager
    def connection(self) -> Iterator[http.client.HTTPSConnection]:
        connection = WholeRequests("127.0.0.1", self.port, timeout=SECONDS_MAX, context=self.context)
        try:
            # Otherwise the client would make another one whenever the server closes it, and nobody would see.
            connection.connect()
            connection.auto_open = 0
            yield connection
        finally:
            connection.close()

    def send(self, connection: http.client.HTTPSConnection, review: Review, count: int) -> None:
        """One after the other, each with its uid; fails unless all answers are right."""
        for _ in range(count):
            uid, body = review.with_new_uid()
            try:
                connection.request("POST", PATH, body, HEADERS)
                response = connection.getresponse()
                answer = Answer(response.status, response.read(), "")
            except (OSError, http.client.HTTPException) as error:
                self.fail(f"does not answer to {review.title}: {error!r}")
            if not self.is_right(answer, uid, review.allowed):
                self.fail(f"answers {answer.status} {answer.body[:500]!r} to {review.title}")
        time.sleep(SETTLING_SECONDS)

    def finish(self) -> None:
        """Ends it, and fails unless it does so by itself with 0."""
        assert self.process is not None
        self.process.terminate()
        try:
            status = self.process.wait(SECONDS_TO_STOP_MAX)
        except subprocess.TimeoutExpired:
            self.fail(f"does not end within {SECONDS_TO_STOP_MAX} s of SIGTERM")
        if status != 0:
            self.fail(f"ends with {status} after SIGTERM")


class Instructions(Valgrind):
    """Counts instructions, of all threads, those of libraries too and not those of the kernel."""

    tool = "callgrind"

    def options(self) -> list[str]:
        self.dumps = 0
        self.total = 0
        return [f"--callgrind-out-file={self.out}"]

    def counters(self) -> list[int]:
        # Each dump is about the time since the one before.
        assert self.process is not None
        self.dumps += 1
        command = ["vgdb", f"--pid={self.process.pid}", "dump"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_DUMP_MAX)
        dump = pathlib.Path(f"{self.out}.{self.dumps}")
        found = re.search(r"^totals: (\d+)$", dump.read_text(), re.MULTILINE) if dump.exists() else None
        if found is None:
            self.fail(f"leaves no {dump}: {done.stdout}{done.stderr}")
        self.total += int(found[1])
        return [self.total]


class Allocations(Valgrind):
    """Counts calls that allocate or grow, and the bytes they ask for: massif is the cheapest tool that sees them."""

    tool = "massif"
    # For example malloc(264), calloc(32,1), realloc(0x5561620,256), memalign(al 16, size 80), _Znwm(40) and
    # _ZnwmSt11align_val_t(size 1536, al 8). Without a block realloc goes on to malloc, which tells of itself.
    CALL = re.compile(
        rb"\b(?:(?:malloc|_Zn[wa]m(?:RKSt9nothrow_t)?)\((?P<size>\d+)"
        rb"|calloc\((?P<count>\d+),(?P<each>\d+)"
        rb"|realloc\(0x(?!0,)[0-9A-F]+,(?P<grown>\d+)"
        rb"|(?:memalign|_Zn[wa]mSt11align_val_t\w*)\([^)]*size (?P<aligned>\d+))"
    )

    def options(self) -> list[str]:
        self.read = 0
        self.calls = self.bytes = 0
        return [f"--massif-out-file={self.out}", "--trace-malloc=yes", "--depth=1", "--time-unit=B"]

    def counters(self) -> list[int]:
        with open(self.valgrind_log, "rb") as trace:
            trace.seek(self.read)
            text = trace.read()
        # The last line may still be written.
        text = text[: text.rfind(b"\n") + 1]
        self.read += len(text)
        for call in self.CALL.finditer(text):
            size, count, each, grown, aligned = call.groups(default=b"0")
            self.calls += 1
            self.bytes += int(size) + int(count) * int(each) + int(grown) + int(aligned)
        return [self.calls, self.bytes]
