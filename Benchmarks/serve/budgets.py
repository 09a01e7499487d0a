#!/usr/bin/env python3
"""Holds what one review costs against its budget: instructions and allocations, counted by valgrind.

Usage: budgets.py [--binary PATH] [--update] [--reviews N]

Times depend on the machine and on what else it does; these counts hardly do, so that CI can tell a change that makes
reviews dearer from a busy neighbour. Hostfence runs under callgrind, then under massif with a trace of malloc, without
a ledger and with one, and gets the same reviews over one TLS connection, one after the other, each with its own uid.
Counted is from the last of some to warm up to the last of N, so start and end are not in it. Any wrong answer fails it.

Prints a Markdown table. Ends with 1 if anything is above its budget in budgets.json by more than the tolerance that
stands there, with 2 if valgrind or the binary is missing. --update makes what is measured the budget.

Numbers are comparable with the same code below ours: valgrind, OpenSSL, simdjson, glibc and SQLite of Debian 12, and
the Swift of the release build. Which ones the budgets were made with is kept beside them, except for Swift, and if
others are installed it says so; after a change of theirs, --update in a commit of its own. Processors with AVX2 and
AES-NI count alike, as valgrind has no AVX-512 and shows libraries none.
The binary must be without debug information, as that of `make release` is: valgrind 3.19 dies of Swift's.
"""
from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import platform
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
from typing import Any, NoReturn

from reviews import HERE, ROOT, WORK, Review, allowed_pod, denied_pod, large_deployment
from servers import make_certificates
from valgrind import Allocations, Instructions, Valgrind

BUDGETS = HERE / "budgets.json"
WARM_UP = 100
QUANTITIES = ["instructions", "allocations", "bytes"]
# Some times as much as they varied over runs, idle and busy: 0.5 %, 0.7 % and 1.3 %.
TOLERANCE = {"instructions": 0.05, "allocations": 0.03, "bytes": 0.05}
LARGE = "allowed deployment of 64 KiB"
# It comes in pieces as large as timing has it, and buffers grow with them, to 64 KiB or to 128.
TOLERANCE_LARGE = {**TOLERANCE, "bytes": 0.25}

Costs = dict[str, float]


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of review, by the name its budget has."""

    name: str
    review: Review
    has_ledger: bool


def measure(binary: str, kinds: list[Kind], count: int) -> dict[str, Costs]:
    context = make_certificates(binary)
    costs: dict[str, Costs] = {kind.name: {} for kind in kinds}
    for has_ledger in (False, True):
        about = [kind for kind in kinds if kind.has_ledger is has_ledger]
        for tool, quantities in ((Instructions, QUANTITIES[:1]), (Allocations, QUANTITIES[1:])):
            ledger = WORK / "budgets.sqlite"
            remove_ledger(ledger)
            server = tool(binary, f"sqlite:{ledger}" if has_ledger else None, context)
            print(f"{server.name}: {count} reviews of each kind", file=sys.stderr, flush=True)
            for kind, numbers in zip(about, run(server, about, count)):
                costs[kind.name].update(zip(quantities, numbers))
            remove_ledger(ledger)
    return costs


def run(server: Valgrind, kinds: list[Kind], count: int) -> list[list[float]]:
    try:
        server.start(kinds[0].review)
        numbers = [server.measure(kind.review, WARM_UP, count) for kind in kinds]
        server.finish()
        return numbers
    finally:
        server.stop()


def remove_ledger(ledger: pathlib.Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        pathlib.Path(f"{ledger}{suffix}").unlink(missing_ok=True)


def versions() -> dict[str, str]:
    """Of what counts beside our own code; the same libraries as Python's, where Python has them."""
    valgrind = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    simdjson = sorted(path.name for path in pathlib.Path("/usr/lib").glob("*/libsimdjson.so.*.*"))
    return {
        "valgrind": valgrind.removeprefix("valgrind-"),
        "glibc": platform.libc_ver()[1],
        "openssl": ssl.OPENSSL_VERSION.split()[1],
        "simdjson": " ".join(simdjson),
        "sqlite": sqlite3.sqlite_version,
    }


# Budgets


def update(costs: dict[str, Costs], made_with: dict[str, str]) -> None:
    reviews = {name: {each: rounded(each, cost[each]) for each in QUANTITIES} for name, cost in costs.items()}
    tolerance = {name: TOLERANCE_LARGE if name == LARGE else TOLERANCE for name in costs}
    document = {"made_with": made_with, "tolerance": tolerance, "reviews": reviews}
    BUDGETS.write_text(json.dumps(document, indent=2) + "\n")


def rounded(quantity: str, number: float) -> float:
    return round(number, 1) if quantity == "allocations" else round(number)


def compare(costs: dict[str, Costs], document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Prints the table; returns what is above its budget and what is well below it."""
    above, below = [], []
    print("| review | counted | by review | budget | ratio |")
    print("|---|---|---:|---:|---:|")
    for name, cost in costs.items():
        for quantity in QUANTITIES:
            number, budget = cost[quantity], document["reviews"].get(name, {}).get(quantity)
            shown = f"{rounded(quantity, number):,}"
            if budget is None:
                print(f"| {name} | {quantity} | {shown} | none | |")
                above.append(f"{name}: {quantity} have no budget")
                continue
            print(f"| {name} | {quantity} | {shown} | {budget:,} | {number / max(budget, 1e-6):.3f} |")
            allowance = budget * document["tolerance"][name][quantity]
            said = f"{name}: {shown} {quantity}, where the budget is {budget:,}"
            if number > budget + allowance:
                above.append(f"{said} and {budget + allowance:,.1f} would be tolerated")
            elif number < budget - allowance:
                below.append(said)
    return above, below


def verdict(costs: dict[str, Costs], made_with: dict[str, str]) -> int:
    document = json.loads(BUDGETS.read_text())
    above, below = compare(costs, document)
    for line in below:
        print(f"Well below its budget: {line}.")
    if below:
        print("Lower the budget with `Benchmarks/serve/budgets.py --update`, or what was gained is lost unseen.")
    for line in above:
        print(f"ABOVE ITS BUDGET: {line}.")
    if above:
        print(
            "Find what the change added and take it out; if it is worth its price, raise the budget with "
            "`Benchmarks/serve/budgets.py --update` and say in the commit why. With `strip --strip-debug -o NAMED "
            ".build/static/release/hostfence` and `--binary NAMED` `callgrind_annotate --threshold=100` names all of "
            ".build/bench/serve/hostfence*-callgrind.out.*."
        )
    others = [
        f"{program} {made_with[program]} instead of {version}"
        for program, version in document["made_with"].items()
        if made_with.get(program) != version
    ]
    if others:
        print(f"The budgets were made with other versions, which count too: here is {', '.join(others)}.")
    return 1 if above else 0


def fail(why: str) -> NoReturn:
    print(f"budgets.py: {why}", file=sys.stderr)
    sys.exit(2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / ".build/dist/hostfence"))
    parser.add_argument("--update", action="store_true", help="make what is measured the budget")
    parser.add_argument("--reviews", type=int, default=500, help="of each kind that are counted")
    options = parser.parse_args()
    if options.reviews < 1:
        fail("--reviews wants 1 or more")
    for program in ("valgrind", "vgdb"):
        if shutil.which(program) is None:
            fail(f"there is no {program}. Install with: apt-get install valgrind")
    if shutil.which(options.binary) is None:
        fail(f"{options.binary} is no program; `make release` makes hostfence, --binary names another")
    if not options.update and not BUDGETS.exists():
        fail(f"there is no {BUDGETS}; make it with --update")
    WORK.mkdir(parents=True, exist_ok=True)
    # There are as many event loops as cores.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    # The server is ended on the way out.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: sys.exit(128 + received))

    pod, sniffer = allowed_pod(), denied_pod()
    kinds = [
        Kind("allowed pod", pod, has_ledger=False),
        Kind("denied pod, no ledger", sniffer, has_ledger=False),
        Kind("denied pod, SQLite ledger", sniffer, has_ledger=True),
        Kind(LARGE, large_deployment(), has_ledger=False),
    ]
    costs = measure(options.binary, kinds, options.reviews)
    made_with = versions()
    if options.update:
        update(costs, made_with)
    return verdict(costs, made_with)


if __name__ == "__main__":
    sys.exit(main())
