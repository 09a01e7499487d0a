"""One life of a server under load: what is done to it, phase by phase, and what came of it."""
from __future__ import annotations

import dataclasses
import pathlib
import subprocess
import time

import accounts
import faults
import report
from accounts import Evidence, Row, Window
from disk import Disk
from server import SECONDS_TO_STOP_MAX, Loads, Server

RATE = 600
CONNECTIONS = 16
# One Python has one core at most.
PROCESSES = 2
SECONDS_TO_FAIL_MAX = 20
SECONDS_TO_RECOVER_MAX = 15
FAULTS = {fault.name: fault for fault in faults.ALL}


@dataclasses.dataclass
class Outcome:
    """What all runs together came to."""

    rows: list[Row] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)


class Run:
    """Begins with the first load; names of phases begin with `prefix`."""

    def __init__(self, server: Server, authority: pathlib.Path, disk: Disk, outcome: Outcome, prefix: str = "") -> None:
        self.server = server
        self.authority = authority
        self.bench = faults.Bench(server, disk)
        self.outcome = outcome
        self.prefix = prefix
        self.windows: list[Window] = []
        self.journals: list[pathlib.Path] = []
        self.loads: Loads | None = None
        self.begin = time.monotonic()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        if self.loads is not None:
            self.loads.kill()
        self.server.kill()

    def load(self, rate: float = RATE) -> None:
        self.loads = Loads(self.server, self.authority, rate, CONNECTIONS, PROCESSES)
        self.journals += self.loads.journals

    def rest(self) -> None:
        if self.loads is not None:
            self.loads.stop()

    def quiet(self, seconds: float, name: str = "load") -> None:
        """Nothing but load; belongs to it what was answered since the phase before."""
        report.progress(self.prefix + name)
        time.sleep(seconds)
        self.note_phase(Window(self.prefix + name, self.windows[-1].end if self.windows else self.begin, time.monotonic()))

    def note_phase(self, window: Window) -> None:
        self.windows.append(window)

    def suffer(self, fault: faults.Fault, seconds: float, may_refuse: bool = False) -> None:
        """One fault, with what /readyz says while it lasts and afterwards."""
        name = self.prefix + fault.name
        report.progress(name)
        begin = time.monotonic()
        problems = []
        with fault.act(self.bench):
            if fault.spoils_ledger and not fault.is_moment:
                is_told = "tell of the ledger"
                problems.append(self.server.wait(is_told, lambda _, text: "risk ledger" in text, SECONDS_TO_FAIL_MAX))
            time.sleep(0 if fault.is_moment else max(seconds, fault.seconds_min))
        is_well = "say ok again"
        problems.append(self.server.wait(is_well, lambda *answer: answer == (200, "ok\n"), SECONDS_TO_RECOVER_MAX))
        # Whoever was held up is answered within this moment, and belongs to the fault.
        time.sleep(0.3)
        self.outcome.failures += [f"{name}: {problem}" for problem in problems if problem]
        self.note_phase(Window(name, begin, time.monotonic(), may_refuse=may_refuse, comes_back=fault.comes_back))

    def end(self) -> float:
        """SIGTERM under load; returns the seconds that the server took."""
        name = f"{self.prefix}SIGTERM"
        report.progress(name)
        begin = time.monotonic()
        took = float("inf")
        try:
            took = self.server.terminate()
        except subprocess.TimeoutExpired:
            self.outcome.failures.append(f"{name}: the server does not end within {SECONDS_TO_STOP_MAX} s")
        if self.server.exit_code != 0:
            self.outcome.failures.append(f"{name}: the server ended with {self.server.exit_code}")
        self.note_phase(Window(name, begin, time.monotonic(), is_ending=True))
        self.rest()
        return took

    def settle(self) -> tuple[list[Row], Evidence]:
        """Compares what was answered with what was kept."""
        report.progress(f"{self.prefix}reading the ledger")
        evidence = Evidence()
        evidence.read_ledger(self.server.binary, self.server.ledger)
        evidence.read_errors(self.server.errors)
        for at, ledger in self.bench.deletions:
            evidence.read_deleted(at, ledger)
        rows, failures = accounts.judge(accounts.requests(self.journals), self.windows, evidence)
        for row in rows:
            fault = FAULTS.get(row.name.removeprefix(self.prefix))
            if fault is not None and fault.spoils_ledger and row.on_errors == 0:
                failures.append(f"{row.name}: no event went to standard error, so the fault did not bite")
        self.outcome.rows += rows
        self.outcome.failures += failures
        return rows, evidence
