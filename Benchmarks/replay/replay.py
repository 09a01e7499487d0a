#!/usr/bin/env python3
"""Measures `hostfence replay` on audit logs beside floors and peers, and prints a Markdown table for each log.

Usage: replay.py [--binary PATH] [--bytes N] [--rounds N] [--only NAME]

All contenders of a log are run in turn, round after round, so that whatever else the machine does hits all of them;
the log is in the page cache. Medians are printed. Whoever computes the analytic's table must compute the same one, with
as many events as were put into the log, or the benchmark fails. The logs are kept in .build/bench/replay; what PyPI has
is installed in .build/bench/venv, and what cannot be had is named and left out.
"""
from __future__ import annotations

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

import tables
from contenders import Contender, compile_tool, contenders_for
from logs import ROOT, WORK, Log, compressed, make_log, note, warm


def measure(contender: Contender, tool: str, floor: str, log: Log) -> None:
    """Runs it once and keeps what it took and what it answered."""
    result, output, errors = WORK / "measured.json", WORK / "output", WORK / "errors"
    if contender.writes_file is not None:
        contender.writes_file.unlink(missing_ok=True)
    command = [tool, str(result), *contender.command]
    with open("/dev/null" if contender.discards else output, "wb") as answer, open(errors, "wb") as complaints:
        subprocess.run(command, check=True, stdout=answer, stderr=complaints)
    took = json.loads(result.read_text())
    if took["code"] not in contender.allowed_codes:
        sys.exit(f"{contender.name} ended with {took['code']}:\n{errors.read_text(errors='replace')[-2000:]}")
    scale = log.plain_bytes / contender.head.stat().st_size if contender.head is not None else 1
    contender.walls.append(took["wall"] * scale)
    contender.cpus.append(took["cpu"] * scale)
    contender.residents.append(took["resident"])
    written = contender.writes_file or output
    if contender.reader is not None:
        check(contender, contender.reader(written), floor, log)
    elif contender.writes_findings:
        check_findings(contender, len(tables.read_csv_rows(written)[1]), log)


def check_findings(contender: Contender, count: int, log: Log) -> None:
    """Every event of the table attaches a pod, so there are at least as many findings, and always the same number."""
    contender.answers.add(f"{count} findings")
    if count < log.matches or len(contender.answers) > 1:
        sys.exit(f"{contender.name} has {contender.answers}; at least {log.matches} were generated")


def check(contender: Contender, table: tables.Table, floor: str, log: Log) -> None:
    """Holds the table to the number of events that were generated, or on a head to the floor's table of it."""
    if contender.head is not None:
        expected = floor_table(floor, contender.head)
        if str(table) != str(expected):
            sys.exit(f"{contender.name} finds {table}, the floor on the same head {expected}")
        return
    if table.events != log.matches:
        sys.exit(f"{contender.name} finds {table}; generated were {log.matches} events")
    contender.answers.add(str(table))


def floor_table(floor: str, path: pathlib.Path) -> tables.Table:
    output = WORK / "head-output"
    with open(output, "wb") as file:
        subprocess.run([floor, "everyline", str(path)], check=True, stdout=file)
    return tables.read_json_rows(output)


def run_rounds(contenders: list[Contender], tool: str, floor: str, log: Log, rounds: int) -> None:
    warm(log)
    for number in range(rounds):
        note(f"{log.path.name}: round {number + 1} of {rounds}")
        for contender in contenders:
            if contender.missing is None:
                measure(contender, tool, floor, log)
    answers: dict[str, list[str]] = {}
    for contender in contenders:
        for answer in contender.answers if contender.reader is not None else ():
            answers.setdefault(answer, []).append(contender.name)
    if len(answers) > 1:
        lines = [f"  {answer}: {', '.join(names)}" for answer, names in answers.items()]
        sys.exit("\n".join(["the tables differ:", *lines]))
    note(f"{log.path.name}: all tables are {next(iter(answers))}")


def print_table(contenders: list[Contender], log: Log, rounds: int) -> None:
    size = f"{log.plain_bytes / 1e6:.0f} MB"
    if log.is_compressed:
        size = f"{log.path.stat().st_size / 1e6:.0f} MB of gzip, {size} of text"
    computed = next(iter(contenders[0].answers))
    print(f"\n### {log.title}\n")
    print(f"{size}, {log.lines} lines, {log.hits} with hostNetwork. The analytic's table has {computed}.")
    print(f"Medians of {rounds} runs; the memory is that of the largest process.\n")
    print("| contender | answer | wall s | to floor | CPU s | to floor | peak MB |")
    print("|---|---|---:|---:|---:|---:|---:|")
    base = contenders[0]
    for contender in contenders:
        print(table_line(contender, base))


def table_line(contender: Contender, base: Contender) -> str:
    answer = "the table" if contender.reader is not None else next(iter(contender.answers), "none")
    if contender.missing is not None:
        return f"| {contender.name} | {answer} | not available: {contender.missing} | | | | |"
    wall, cpu = statistics.median(contender.walls), statistics.median(contender.cpus)
    cells = [
        contender.name,
        answer,
        f"{wall:.3f}",
        f"{wall / statistics.median(base.walls):.2f}",
        f"{cpu:.3f}",
        # A log of a few lines takes no CPU time that could be seen.
        f"{cpu / max(statistics.median(base.cpus), 1e-6):.2f}",
        f"{statistics.median(contender.residents) / 1e6:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / ".build/dist/hostfence"))
    parser.add_argument("--bytes", type=lambda text: int(float(text)), default=1_000_000_000, help="of each log")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help="run only contenders whose name has this, and the floor")
    options = parser.parse_args()
    if options.rounds < 1 or options.bytes < 1:
        sys.exit("--rounds and --bytes want 1 or more")
    if shutil.which(options.binary) is None:
        sys.exit(f"{options.binary} is no program; `make release` makes it, --binary names another")
    WORK.mkdir(parents=True, exist_ok=True)
    tool = compile_tool("measure.c")
    floor = compile_tool("floor.cpp", "-std=c++17", "-lsimdjson", "-lisal")
    sparse = make_log(1, options.bytes)
    for log in (sparse, make_log(20, options.bytes), compressed(sparse)):
        contenders = contenders_for(log, options.binary, floor, options.only)
        run_rounds(contenders, tool, floor, log, options.rounds)
        print_table(contenders, log, options.rounds)


if __name__ == "__main__":
    main()
