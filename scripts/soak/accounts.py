"""Holds what clients were answered against what was kept of it."""
from __future__ import annotations

import collections
import dataclasses
import json
import pathlib
import sqlite3
import subprocess
from collections.abc import Iterable
from typing import NamedTuple

import reviews

KINDS = {kind.name: kind for kind in reviews.kinds()}
# A request is in the server's hands when its last byte was sent so long before the connection ended.
IN_HAND_SECONDS = 0.05
# The API server gives up after this at the default of timeoutSeconds.
SECONDS_TO_ANSWER_MAX = 10
LOST_LINE = b'{"level":"error","message":"risk event not in the ledger'


class Request(NamedTuple):
    begin: float
    sent: float
    end: float
    kind: str
    uid: str
    status: int
    problem: str

    @property
    def is_review(self) -> bool:
        return self.kind in KINDS

    @property
    def leaves_event(self) -> bool:
        return self.is_review and KINDS[self.kind].leaves_event

    @property
    def was_in_hand(self) -> bool:
        return self.sent > 0 and self.end - self.sent >= IN_HAND_SECONDS


def requests(journals: Iterable[pathlib.Path]) -> list[Request]:
    found = []
    for journal in journals:
        for line in journal.read_text().splitlines():
            begin, sent, end, kind, uid, status, problem = line.split("\t")
            found.append(Request(float(begin), float(sent), float(end), kind, uid, int(status), problem))
    return found


@dataclasses.dataclass
class Evidence:
    """Where events are: uids of reviews, each with how often."""

    ledger: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    errors: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    # In files that were deleted, with when.
    deleted: dict[str, float] = dataclasses.field(default_factory=dict)
    # Times of events in the ledger, as they are written.
    times: list[str] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)

    def read_ledger(self, binary: str, ledger: pathlib.Path) -> None:
        command = [binary, "risk", "events", "--ledger", f"sqlite:{ledger}", "--output", "json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            # One event a line, so that the memory for all of them is not needed.
            for line in process.stdout:
                if line.startswith(b"{"):
                    event = json.loads(line.rstrip().rstrip(b","))
                    self.ledger[event["requestUID"]] += 1
                    self.times.append(event["time"])
        if process.returncode != 0:
            self.problems.append(f"risk events ended with {process.returncode}")

    def read_deleted(self, at: float, ledger: pathlib.Path) -> None:
        database = sqlite3.connect(ledger)
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            self.problems.append(f"the deleted ledger {ledger.parent.name} is damaged")
        for (uid,) in database.execute("SELECT request_uid FROM risk_event"):
            self.deleted[uid] = at
        database.close()

    def read_errors(self, path: pathlib.Path) -> None:
        """Events on standard error, which is JSON lines; one that is torn apart is a failure."""
        for line in path.read_bytes().splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                self.problems.append(f"a torn line on standard error: {line[:60]!r}…{line[-60:]!r}")
                continue
            if line.startswith(LOST_LINE):
                self.errors[value["riskEvent"]["requestUID"]] += 1

    def has(self, request: Request) -> bool:
        if request.uid in self.ledger or request.uid in self.errors:
            return True
        # What was asked after a file was deleted is lost with it.
        return request.begin < self.deleted.get(request.uid, 0)


@dataclasses.dataclass
class Row:
    """What happened in the phases of one name."""

    name: str
    count: int = 0
    requests: int = 0
    answered: int = 0
    expected_5xx: int = 0
    wrong: int = 0
    lost: int = 0
    on_errors: int = 0
    slowest: float = 0


@dataclasses.dataclass(frozen=True)
class Window:
    name: str
    begin: float
    end: float
    # Whether reviews with an event may be answered with 500, unless they are denied.
    may_refuse: bool = False
    # Whether the ledger's file came back, with what was said to be lost with it.
    comes_back: bool = False
    # Whether the server was told to end.
    is_ending: bool = False


def judge(made: list[Request], windows: list[Window], evidence: Evidence) -> tuple[list[Row], list[str]]:
    """A row for each name, in order, and what is wrong."""
    rows: dict[str, Row] = {}
    for window in windows:
        rows.setdefault(window.name, Row(window.name)).count += 1
    failures = [*evidence.problems]
    for request in made:
        window = next((window for window in windows if window.begin <= request.end < window.end), windows[-1])
        failure = judge_one(request, window, evidence, rows[window.name])
        if failure:
            failures.append(f"{window.name}: {request.kind} {request.uid}: {failure}")
    for where, events in (("the ledger", evidence.ledger), ("standard error", evidence.errors)):
        failures += [f"{uid} is {count} times in {where}" for uid, count in events.items() if count > 1]
    known = {request.uid for request in made}
    strangers = (evidence.ledger.keys() | evidence.errors.keys()) - known
    failures += [f"{uid} has an event and was never sent" for uid in strangers]
    return list(rows.values()), failures


def judge_one(request: Request, window: Window, evidence: Evidence, row: Row) -> str:
    """Counts a request, and says what is wrong about it."""
    row.requests += 1
    if not request.is_review:
        # Only a server that was told to end may turn connections away.
        return request.problem if request.kind == "connection" and not window.is_ending else ""
    if request.status == 0:
        if request.uid in evidence.ledger or request.uid in evidence.errors:
            return f"was recorded and not answered ({request.problem})"
        if window.is_ending and not request.was_in_hand:
            return ""
        return f"was not answered ({request.problem}, {request.end - request.sent:.3f} s after it was sent)"
    row.answered += 1
    row.slowest = max(row.slowest, request.end - max(request.begin, request.sent))
    row.on_errors += request.uid in evidence.errors
    if request.uid in evidence.errors and request.uid in evidence.ledger and not window.comes_back:
        return "is in the ledger, and said not to be"
    if request.end - request.sent > SECONDS_TO_ANSWER_MAX:
        return f"was answered after {request.end - request.sent:.1f} s"
    if request.leaves_event and not evidence.has(request):
        row.lost += 1
        return f"was answered with {request.status}, and its event is nowhere"
    if request.status >= 500:
        kind = KINDS[request.kind]
        if request.status == 500 and window.may_refuse and kind.leaves_event and kind.allowed:
            row.expected_5xx += 1
            return ""
        return f"was answered with {request.status}"
    if request.problem:
        row.wrong += 1
        return request.problem
    return "" if request.leaves_event else unwanted(request, evidence)


def unwanted(request: Request, evidence: Evidence) -> str:
    if request.uid in evidence.ledger or request.uid in evidence.errors:
        return "left an event, and should not"
    return ""

