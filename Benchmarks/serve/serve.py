#!/usr/bin/env python3
"""Measures `hostfence serve` beside its floor, nginx with a constant answer, and prints Markdown tables.

Usage: serve.py [--binary PATH] [--rounds N] [--seconds S] [--connections 1,8,64] [--starts N] [--one-core]

All servers are up for the whole run, on loopback with the same certificate, and wrk loads one after the other, round
after round, so that whatever else the machine does hits all of them. Every review has a uid of its own, so that each
denied one is a risk event of its own, in the ledger before it is answered. What servers log goes to a file, what they
write to standard output is thrown away.
Medians are printed. Any error fails the benchmark, and so does a wrong verdict before or after a load, or a ledger with
fewer events than denied reviews were answered. What every single load took is kept in .build/bench/serve/loads.jsonl.

Servers and wrk share the machine's first two cores; with --one-core the servers have the first and wrk the second.
wrk's latencies are corrected for the requests it would have sent while it waited (coordinated omission).
"""
from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from typing import Any

from report import Cell, Measured, print_goals, print_starts, print_table
from reviews import HERE, PATH, ROOT, WORK, Review, allowed_pod, denied_pod, large_deployment
from servers import Hostfence, Nginx, Server, make_certificates

# For what a server still does about a load that has ended.
SETTLING_SECONDS = 0.1


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A review, and who answers it: the floors, then Hostfence."""

    review: Review
    floors: list[Server]
    hostfences: list[Server]

    @property
    def servers(self) -> list[Server]:
        return self.floors + self.hostfences

    def nothing_measured(self) -> Measured:
        hostfences, floors = ([server.name for server in servers] for servers in (self.hostfences, self.floors))
        return Measured(self.review.title, hostfences, floors)


class Load:
    """wrk with some number of connections for some seconds."""

    def __init__(self, seconds: int, pin: list[str]) -> None:
        self.seconds = seconds
        self.pin = pin
        self.runs = itertools.count(1)
        self.raw = WORK / "loads.jsonl"
        self.raw.unlink(missing_ok=True)
        # Answers to denied reviews, by server.
        self.denied: dict[str, int] = {}

    def put_on(self, server: Server, review: Review, connections: int) -> Cell:
        server.check(review)
        server.forget_peak()
        before = server.cpu_seconds()
        took = self.run_wrk(server, review, connections)
        time.sleep(SETTLING_SECONDS)
        cpu = server.cpu_seconds() - before
        resident = server.peak_bytes()
        server.check(review)
        # wrk makes one request in each run that it does not send.
        lost = took["sent"] - took["answers"] - connections - 1
        if any(took["errors"].values()) or took["answers"] == 0 or lost > 0:
            server.fail(f"has errors under a load of {connections} connections, {review.title}: {json.dumps(took)}")
        if not review.allowed:
            self.denied[server.name] = self.denied.get(server.name, 0) + took["answers"]
        with open(self.raw, "a") as raw:
            about = {"server": server.name, "review": review.title, "connections": connections}
            raw.write(json.dumps({**about, **took, "cpu": cpu, "resident": resident}) + "\n")
        return Cell(
            rate=took["answers"] / took["seconds"],
            p50=took["p50"],
            p99=took["p99"],
            cpu=cpu / took["answers"] * 1e6,
            resident_mib=resident / (1 << 20),
        )

    def run_wrk(self, server: Server, review: Review, connections: int) -> dict[str, Any]:
        command = [*self.pin, "wrk", "--threads", "1" if connections == 1 else "2", "--connections", str(connections)]
        command += ["--duration", f"{self.seconds}s", "--script", str(HERE / "load.lua")]
        command += [f"https://127.0.0.1:{server.port}{PATH}", "--", str(review.path), review.uid, str(next(self.runs))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=self.seconds + 30)
        if done.returncode != 0 or not done.stdout.endswith("}\n"):
            server.fail(f"cannot be loaded: wrk ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])


def measure_starts(servers: list[Server], review: Review, count: int) -> dict[str, list[float]]:
    starts: dict[str, list[float]] = {server.name: [] for server in servers}
    for _ in range(count):
        for server in servers:
            try:
                starts[server.name].append(server.start(review))
            finally:
                server.stop()
    return starts


def measure_loads(scenarios: list[Scenario], options: argparse.Namespace, load: Load) -> list[Measured]:
    all_measured = [scenario.nothing_measured() for scenario in scenarios]
    for number in range(options.rounds):
        note(f"round {number + 1} of {options.rounds}")
        for scenario, measured in zip(scenarios, all_measured):
            for connections in options.connections:
                for server in scenario.servers:
                    measured.add(server.name, connections, load.put_on(server, scenario.review, connections))
    return all_measured


def check_ledger(ledger: pathlib.Path, answered: int) -> None:
    """Whoever answers before the event is written would not be measured at what it is for."""
    with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
        (events,) = connection.execute("SELECT count(*) FROM risk_event").fetchone()
    if events < answered:
        sys.exit(f"{answered} denied reviews were answered, but the ledger has {events} events")
    size = f"{ledger.stat().st_size / 1e6:.0f} MB"
    note(f"{answered} denied reviews were answered, the ledger has {events} events in {size}")


def sync_microseconds(folder: pathlib.Path) -> float:
    """What the disk of the ledger takes at least to make anything durable: one write of a page and its sync."""
    page = bytes(4096)
    path = folder / "sync"
    took: list[float] = []
    with open(path, "wb", buffering=0) as file:
        for index in range(1200):
            begin = time.perf_counter()
            # Over and over the same pages, as SQLite's log does: the file does not grow.
            os.pwrite(file.fileno(), page, index % 200 * len(page))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begin)
    path.unlink()
    return statistics.median(took[200:]) * 1e6


def remove_ledger(ledger: pathlib.Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        pathlib.Path(f"{ledger}{suffix}").unlink(missing_ok=True)


def run(options: argparse.Namespace) -> None:
    cores = sorted(os.sched_getaffinity(0))[:2]
    if options.one_core and len(cores) < 2:
        sys.exit("--one-core wants two cores: one for the servers, one for wrk")
    # Whatever is started from here on has no others.
    os.sched_setaffinity(0, cores)
    pins = [["taskset", "-c", str(core)] if options.one_core else [] for core in cores]
    pin_server, pin_load = pins[0], pins[-1]
    context = make_certificates(options.binary)
    ledger = WORK / "ledger.sqlite"
    remove_ledger(ledger)
    floors: list[Server] = [Nginx(workers, context, pin_server) for workers in (1, 2)]
    with_ledger = Hostfence(options.binary, f"sqlite:{ledger}", context, pin_server)
    without = Hostfence(options.binary, None, context, pin_server)
    servers = [*floors, with_ledger, without]
    denied = denied_pod()
    scenarios = [
        Scenario(allowed_pod(), floors, [with_ledger]),
        Scenario(denied, floors, [with_ledger, without]),
        Scenario(large_deployment(), floors, [with_ledger]),
    ]
    load = Load(options.seconds, pin_load)
    sync = sync_microseconds(WORK)
    try:
        note(f"starting {options.starts} times")
        starts = measure_starts([floors[0], without], denied, options.starts)
        for server in servers:
            server.start(denied)
        all_measured = measure_loads(scenarios, options, load)
        with_ledger.stop()
        check_ledger(ledger, load.denied[with_ledger.name])
    finally:
        for server in servers:
            server.stop()
        remove_ledger(ledger)

    where = f"servers and wrk on {len(cores)} cores"
    if options.one_core:
        where = "servers on one core, wrk on another"
    protections = " and ".join(sorted({server.protection for server in servers}))
    print(f"Medians of {options.rounds} loads of {options.seconds} s, {where}; {protections}.")
    print("In parentheses: ratios to nginx with 1 worker and with 2. Memory is that of all processes.")
    for measured in all_measured:
        print_table(measured)
    print_starts(starts)
    print(f"\nOne page written and synced on the disk of the ledger: {sync:.0f} µs (median), before anything else is done.")
    print_goals(all_measured, floors[0 if options.one_core else 1].name, starts[without.name])


def numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / ".build/dist/hostfence"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load")
    parser.add_argument("--connections", type=numbers, default=[1, 8, 64])
    parser.add_argument("--starts", type=int, default=9, help="of which the time to the first answer is measured")
    parser.add_argument("--one-core", action="store_true", help="the servers on one core, wrk on another")
    options = parser.parse_args()
    if min(options.rounds, options.seconds, options.starts, *options.connections) < 1:
        sys.exit("--rounds, --seconds, --starts and --connections want 1 or more")
    if any(connections != 1 and connections % 2 for connections in options.connections):
        sys.exit("--connections wants 1 or even numbers, as wrk has two threads")
    for program in (options.binary, "nginx", "wrk", "taskset"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is no program; `make release` makes hostfence, --binary names another")
    WORK.mkdir(parents=True, exist_ok=True)
    # The servers are ended on the way out.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    run(options)


if __name__ == "__main__":
    main()
