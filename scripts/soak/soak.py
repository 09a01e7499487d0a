"""Loads `hostfence serve`, brings it into all kinds of trouble, and counts what it answered and kept.

Four parts: a long run that admits what cannot be recorded, a short one that refuses it, one whose clock jumps, and many
short ones that are ended under load.
"""
from __future__ import annotations

import argparse
import dataclasses
import pathlib
import random
import shutil
import signal
import sys
import time

import accounts
import clock
import faults
import report
from accounts import Evidence
from certificates import Rotation
from disk import Disk
from monitor import Monitor
from run import RATE, Outcome, Run
from server import CouldNotRun, Server

SHORTEST_SECONDS = 45
# Files and threads that a server may have more than before its first review.
SLACK = 4
SECONDS_TO_REST_MAX = 10


@dataclasses.dataclass(frozen=True)
class Plan:
    """How the time is divided: shares of it, and what remains is for the endings."""

    seconds: int

    @property
    def main(self) -> float:
        return self.seconds * 0.62

    @property
    def warm_up(self) -> float:
        return min(5 + self.seconds / 20, 30)

    @property
    def refusing(self) -> float:
        return self.seconds * 0.13

    @property
    def clock(self) -> float:
        return self.seconds * 0.1

    @property
    def hold(self) -> float:
        """How long a fault lasts, and the quiet after it."""
        return min(3.0, max(1.0, self.seconds / 60))

    @property
    def endings(self) -> int:
        return min(20, max(5, self.seconds // 20))


class Soak:
    def __init__(self, binary: str, state: pathlib.Path, plan: Plan) -> None:
        self.binary = binary
        self.state = state
        self.plan = plan
        self.outcome = Outcome()
        self.disk = Disk(state)
        self.rotation = Rotation(binary, state)

    def start(self, name: str, ledger: pathlib.Path, *options: str, prefix: str = "", **environment: str) -> Run:
        ledger.parent.mkdir(exist_ok=True)
        server = Server(self.binary, self.state / name, ledger, self.rotation.mount)
        server.start(*options, environment=environment)
        return Run(server, self.rotation.authority, self.disk, self.outcome, prefix)

    # Parts

    def admit(self) -> None:
        """All faults, again and again, with certificates replaced all the time and memory watched."""
        options = ["--on-ledger-failure", "admit"]
        with self.start("admit", self.disk.folder / "admit.sqlite", *options) as run:
            server = run.server
            files, threads = server.open_files(), server.threads()
            run.load()
            with Monitor(server) as monitor:
                with self.rotation.going_on(server, self.plan.hold):
                    self.suffer_everything(run)
                memory = monitor.memory()
                run.rest()
                self.expect_rest(server, files, threads)
                monitor.look()
                counted = monitor.counted_answers()
                answered = sum(request.status == 200 for request in accounts.requests(run.journals))
            run.load()
            run.quiet(1)
            took = run.end()
            run.settle()
        self.outcome.failures += monitor.problems + self.rotation.problems
        if counted < answered:
            self.outcome.failures.append(f"the metrics count {counted:.0f} answers with 200, clients {answered}")
        if not memory.is_flat:
            self.outcome.failures.append(f"memory grows: {memory}")
        self.outcome.notes += [
            f"memory: {memory} (medians, {len(monitor.resident)} samples)",
            f"metrics: read {monitor.readings} times; {counted:.0f} answers with 200 counted, {answered} by clients",
            f"certificates: {self.rotation.taken} replaced and seen on the wire",
            f"SIGTERM at the end of the long run: {took:.2f} s",
        ]

    def suffer_everything(self, run: Run) -> None:
        end = time.monotonic() + self.plan.main
        run.quiet(self.plan.warm_up)
        is_first_round = True
        while True:
            for fault in faults.ALL:
                run.suffer(fault, self.plan.hold)
                run.quiet(self.plan.hold)
                if not is_first_round and time.monotonic() > end:
                    return
            is_first_round = False

    def expect_rest(self, server: Server, files: int, threads: int) -> None:
        """Without a load the server has what it had before it."""
        deadline = time.monotonic() + SECONDS_TO_REST_MAX
        while server.open_files() > files + SLACK and time.monotonic() < deadline:
            time.sleep(0.1)
        after = (server.open_files(), server.threads())
        text = f"open files: {files} before the load, {after[0]} after it; threads: {threads}, {after[1]}"
        self.outcome.notes.append(text)
        if after[0] > files + SLACK or after[1] > threads + SLACK:
            self.outcome.failures.append(f"the server keeps what it needed for the load: {text}")
        # Who deletes a ledger to make room on a disk gets none while it is open.
        gone = sorted(name for name in server.open_names() if name.endswith("(deleted)"))
        if gone:
            self.outcome.failures.append(f"the server keeps deleted files open: {', '.join(gone)}")

    def refuse(self) -> None:
        options = ["--on-ledger-failure", "refuse"]
        with self.start("refuse", self.disk.folder / "refuse.sqlite", *options, prefix="refuse: ") as run:
            run.load()
            end = time.monotonic() + self.plan.refusing
            while not run.windows or time.monotonic() < end:
                for fault in (faults.FULL, faults.READ_ONLY, faults.LOCKED):
                    run.quiet(0.5)
                    run.suffer(fault, self.plan.hold / 2, may_refuse=True)
            run.end()
            rows, _ = run.settle()
        for row in rows:
            if row.on_errors and not row.expected_5xx:
                self.outcome.failures.append(f"{row.name}: nothing was refused")

    def jump(self) -> None:
        hands = clock.Clock(self.state / "jumping")
        with self.start("clock", self.state / "clock.sqlite", prefix="clock: ", **hands.environment()) as run:
            run.load()
            end = time.monotonic() + self.plan.clock
            while time.monotonic() < end or not hands.is_done:
                hands.jump()
                run.quiet(max(1.5, self.plan.hold / 2), "jumps")
            hands.set_right()
            problem = run.server.wait("say ok once the clock is right", lambda status, _: status == 200, 10)
            run.end()
            _, evidence = run.settle()
        self.outcome.failures += [problem] if problem else []
        self.outcome.failures += hands.problems(evidence.times)
        first, last = min(evidence.times, default=""), max(evidence.times, default="")
        self.outcome.notes.append(f"clock: {hands.jumps} jumps, events from {first} to {last}")

    def end(self) -> None:
        """Short lives of a server on one ledger, each ended under load at a moment of its own."""
        generator = random.Random(41)
        ledger = self.state / "endings/ledger.sqlite"
        made: list[accounts.Request] = []
        windows: list[accounts.Window] = []
        evidence = Evidence()
        took: dict[int, list[float]] = {0: [], 1: []}
        for number in range(self.plan.endings):
            delay = number % 2
            options = ["--shutdown-delay", str(delay)]
            with self.start(f"endings/{number}", ledger, *options, prefix="endings: ") as run:
                run.load(RATE * 2)
                run.quiet(generator.uniform(0.8, 2))
                took[delay].append(run.end())
            made += accounts.requests(run.journals)
            windows += run.windows
            evidence.read_errors(run.server.errors)
        evidence.read_ledger(self.binary, ledger)
        rows, failures = accounts.judge(made, windows, evidence)
        self.outcome.rows += rows
        self.outcome.failures += failures
        for delay, seconds in took.items():
            times = f"{len(seconds)} times, {min(seconds):.2f} to {max(seconds):.2f} s"
            self.outcome.notes.append(f"SIGTERM with --shutdown-delay {delay}: {times}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("state", type=pathlib.Path)
    parser.add_argument("seconds", type=int)
    options = parser.parse_args()
    if options.seconds < SHORTEST_SECONDS:
        parser.error(f"at least {SHORTEST_SECONDS} seconds are needed")
    # An end from outside, too, ends what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(options.state, ignore_errors=True)
    options.state.mkdir(parents=True)
    begin = time.monotonic()
    try:
        soak = Soak(options.binary, options.state, Plan(options.seconds))
        print(f"disk full: {soak.disk.fullness}\nread-only: {soak.disk.readonlyness}", flush=True)
        for part in (soak.admit, soak.refuse, soak.jump, soak.end):
            part()
    except CouldNotRun as error:
        print(f"soak: could not run: {error}", file=sys.stderr)
        return 2
    return report.report(soak.outcome.rows, soak.outcome.notes, soak.outcome.failures, time.monotonic() - begin)


if __name__ == "__main__":
    sys.exit(main())
