#!/usr/bin/env python3
"""Measures `hostfence replay` on audit logs beside floors and peers, and prints a Markdown table for each log.

Usage: replay.py [--binary PATH] [--bytes N] [--rounds N] [--only NAME]

All contenders of a log are run in turn, round after round, so that whatever else the machine does hits all of them;
the log is in the page cache. Medians are printed. Whoever computes the analytic's table must compute the same one, with
as many events as were put into the log, or the benchmark fails. The logs are kept in .build/bench/replay.
"""
from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
from typing import Callable

import tables

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / ".build/bench/replay"
VENV_PYTHON = ROOT / ".build/bench/venv/bin/python"
RECORDED = ROOT / "Tests/Fixtures/audit-log/audit.jsonl"
SEED = 20261123
# jq takes about 15 s for 1 GB.
HEAD_BYTES = 100_000_000

Reader = Callable[[pathlib.Path], tables.Table]


@dataclasses.dataclass(frozen=True)
class Log:
    """A log and what its generator says of it."""

    path: pathlib.Path
    title: str
    plain_bytes: int
    lines: int
    hits: int
    matches: int

    @property
    def is_compressed(self) -> bool:
        return self.path.suffix == ".gz"


@dataclasses.dataclass
class Contender:
    """A command that reads the log, and what came of it."""

    name: str
    command: list[str]
    # How to read the table from what it wrote; None where it does not compute the table.
    reader: Reader | None = None
    # Where it writes; standard output goes there unless it is a file of its own.
    writes_file: pathlib.Path | None = None
    # Whether its output goes nowhere: what a decompressed log costs shall not be the file system's doing.
    discards: bool = False
    # The head of the log, when it reads that; times are scaled by the ratio of the sizes.
    head: pathlib.Path | None = None
    allowed_codes: tuple[int, ...] = (0,)
    missing: str | None = None
    walls: list[float] = dataclasses.field(default_factory=list)
    cpus: list[float] = dataclasses.field(default_factory=list)
    residents: list[float] = dataclasses.field(default_factory=list)
    answers: set[str] = dataclasses.field(default_factory=set)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def compile_tool(source: str, *options: str) -> str:
    """Compiles a file of this folder when it is newer than what was made of it; returns the program's path."""
    program = WORK / pathlib.Path(source).stem
    if not program.exists() or program.stat().st_mtime < (HERE / source).stat().st_mtime:
        note(f"compiling {source}")
        compiler = "cc" if source.endswith(".c") else "g++"
        warnings = ["-Wall", "-Wextra"]
        command = [compiler, "-O3", "-march=native", *warnings, "-o", str(program), str(HERE / source), *options]
        subprocess.run(command, check=True)
    return str(program)


# Logs


def fingerprint(parameters: str) -> str:
    """Changes when anything does that a log is made from."""
    digest = hashlib.sha256(parameters.encode())
    for path in (HERE / "generate.py", HERE / "cluster_events.py", RECORDED):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_log(hit_percent: int, size: int) -> Log:
    """Makes the log, or takes the one that is there when it was made the same way."""
    path = WORK / f"plain-{hit_percent}.jsonl"
    description = path.with_suffix(".json")
    made_from = fingerprint(f"{size} {hit_percent} {SEED}")
    known = json.loads(description.read_text()) if description.exists() and path.exists() else {}
    if known.get("made_from") != made_from or path.stat().st_size != known["bytes"]:
        note(f"making {path.name}: {size / 1e6:.0f} MB")
        pathlib.Path(f"{path}.gz").unlink(missing_ok=True)
        head_path(path).unlink(missing_ok=True)
        command = [sys.executable, "-B", str(HERE / "generate.py"), str(path)]
        command += ["--bytes", str(size), "--hit-percent", str(hit_percent), "--seed", str(SEED)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        known = {"made_from": made_from, **json.loads(printed)}
        description.write_text(json.dumps(known))
    title = f"Plain, {hit_percent} % of the lines mention hostNetwork"
    return Log(path, title, known["bytes"], known["lines"], known["hits"], known["matches"])


def compressed(log: Log) -> Log:
    """The log as `gzip -6` makes it."""
    path = pathlib.Path(f"{log.path}.gz")
    if not path.exists() or path.stat().st_mtime < log.path.stat().st_mtime:
        note(f"compressing {log.path.name}")
        unfinished = path.with_suffix(".part")
        with open(unfinished, "wb") as file:
            subprocess.run(["gzip", "-6", "--stdout", str(log.path)], check=True, stdout=file)
        unfinished.rename(path)
    return dataclasses.replace(log, path=path, title=log.title.replace("Plain", "Compressed (gzip -6)"))


def head_path(path: pathlib.Path) -> pathlib.Path:
    return path.with_suffix(".head.jsonl")


def make_head(log: Log) -> pathlib.Path:
    """Whole lines from the start of a plain log, HEAD_BYTES of them at most; the log itself if it is no longer."""
    if log.plain_bytes <= HEAD_BYTES:
        return log.path
    path = head_path(log.path)
    if not path.exists() or path.stat().st_mtime < log.path.stat().st_mtime:
        with open(log.path, "rb") as file:
            bytes_read = file.read(HEAD_BYTES)
        path.write_bytes(bytes_read[: bytes_read.rindex(b"\n") + 1])
    return path


# Peers


def make_venv() -> str | None:
    """Makes the virtual environment with the peers from PyPI; returns why it could not."""
    if not VENV_PYTHON.exists():
        command = [sys.executable, "-m", "venv", str(VENV_PYTHON.parents[1])]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            return "python3 -m venv fails"
    return None


def missing_package(name: str) -> str | None:
    """Installs a package of PyPI unless it is there; returns why it could not."""
    if why := make_venv():
        return why
    find = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{name}') is None)"
    if subprocess.run([VENV_PYTHON, "-c", find]).returncode == 0:
        return None
    note(f"installing {name} from PyPI")
    command = [VENV_PYTHON, "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15", name]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return None if done.returncode == 0 else "pip cannot install it"


def python_peer(name: str, package: str, script: str, log: Log) -> Contender:
    command = [str(VENV_PYTHON), "-B", str(HERE / script), str(log.path)]
    return Contender(name, command, tables.read_json_rows, missing=missing_package(package))


def pipeline(name: str, *steps: list[str], reader: Reader | None = None, discards: bool = False) -> Contender:
    """Commands joined by pipes, missing where one of their programs is."""
    missing = [step[0] for step in steps if shutil.which(step[0]) is None]
    command = " | ".join(shlex.join(step) for step in steps)
    # A single command takes the place of the shell, which would otherwise be measured with it.
    command = command if len(steps) > 1 else f"exec {command}"
    why = f"no {missing[0]} on PATH" if missing else None
    return Contender(name, ["sh", "-c", command], reader, discards=discards, missing=why)


# Contenders


def hostfence_contenders(binary: str, log: Log) -> list[Contender]:
    """0, 1 and 2 all mean that it ran; 2 that some writes could not be judged, of which this log is full."""
    contenders = []
    for name, options, reader in [
        ("hostfence, Splunk's search", ["--semantics", "splunk"], tables.read_csv),
        ("hostfence, Splunk's search, 1 thread", ["--semantics", "splunk", "--threads", "1"], tables.read_csv),
        ("hostfence, its own judgement", [], None),
    ]:
        output = WORK / "hostfence.csv"
        command = [binary, "replay", *options, "--output", f"csv={output}", str(log.path)]
        contenders.append(Contender(name, command, reader, writes_file=output, allowed_codes=(0, 1, 2)))
    return contenders


def floor_contenders(floor: str, log: Log) -> list[Contender]:
    """The first is the one that the others are divided by."""
    inflate = "ISA-L in process, " if log.is_compressed else ""
    names = {
        "prefilter": f"**floor**: {inflate}SIMD search, simdjson on the hits",
        "memmem": f"floor: {inflate}memmem, simdjson on the hits",
        "everyline": f"floor: {inflate}simdjson on every line",
        "search": f"floor: {inflate}SIMD search alone",
    }
    readers: dict[str, Reader | None] = {"search": None}
    return [
        Contender(name, [floor, mode, str(log.path)], readers.get(mode, tables.read_json_rows))
        for mode, name in names.items()
    ]


JQ = ["jq", "--compact-output", "--from-file", str(HERE / "analytic.jq")]
COUNT = [["env", "LC_ALL=C", "sort"], ["uniq", "-c"]]


def python_peers(log: Log) -> list[Contender]:
    return [
        python_peer("ClickHouse (chdb), lines that mention it", "chdb", "peer_chdb.py", log),
        python_peer("DuckDB, explicit columns", "duckdb", "peer_duckdb.py", log),
    ]


def plain_peers(log: Log) -> list[Contender]:
    path, head = str(log.path), make_head(log)
    scaled = "" if head == log.path else f" (first {HEAD_BYTES // 1_000_000} MB, times scaled)"
    whole_jq = pipeline(f"jq{scaled}", [*JQ, str(head)], *COUNT, reader=tables.read_json_rows)
    whole_jq.head = None if head == log.path else head
    return [
        *python_peers(log),
        pipeline("grep, then jq", ["grep", "hostNetwork", path], JQ, *COUNT, reader=tables.read_json_rows),
        whole_jq,
        pipeline("grep -c hostNetwork", ["grep", "-c", "hostNetwork", path]),
        pipeline("wc -l", ["wc", "-l", path]),
    ]


def compressed_peers(log: Log) -> list[Contender]:
    path, grep = str(log.path), ["grep", "hostNetwork"]
    inflate = ["igzip", "-dc", path]
    return [
        *python_peers(log),
        pipeline("igzip, grep, then jq", inflate, grep, JQ, *COUNT, reader=tables.read_json_rows),
        pipeline("igzip -dc", inflate, discards=True),
        pipeline("gzip -dc", ["gzip", "-dc", path], discards=True),
    ]


def contenders_for(log: Log, binary: str, floor: str, only: str | None) -> list[Contender]:
    """The floor first, whatever is asked for: all else is measured by it."""
    peers = compressed_peers(log) if log.is_compressed else plain_peers(log)
    base, *others = floor_contenders(floor, log)
    return [base] + [
        contender
        for contender in hostfence_contenders(binary, log) + others + peers
        if only is None or only.lower() in contender.name.lower()
    ]


# Measuring


def measure(contender: Contender, tool: str, floor: str, log: Log) -> None:
    """Runs it once and keeps what it took and what it answered."""
    result, output, errors = WORK / "measured.json", WORK / "output", WORK / "errors"
    if contender.writes_file is not None:
        contender.writes_file.unlink(missing_ok=True)
    with open("/dev/null" if contender.discards else output, "wb") as standard_output, open(errors, "wb") as standard_error:
        subprocess.run([tool, str(result), *contender.command], check=True, stdout=standard_output, stderr=standard_error)
    took = json.loads(result.read_text())
    if took["code"] not in contender.allowed_codes:
        sys.exit(f"{contender.name} ended with {took['code']}:\n{errors.read_text(errors='replace')[-2000:]}")
    scale = log.plain_bytes / contender.head.stat().st_size if contender.head is not None else 1
    contender.walls.append(took["wall"] * scale)
    contender.cpus.append(took["cpu"] * scale)
    contender.residents.append(took["resident"])
    if contender.reader is not None:
        check(contender, contender.reader(contender.writes_file or output), floor, log)


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


def warm(log: Log) -> None:
    """Reads the log into the page cache."""
    with open(log.path, "rb", buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass


def run_rounds(contenders: list[Contender], tool: str, floor: str, log: Log, rounds: int) -> None:
    warm(log)
    for number in range(rounds):
        note(f"{log.path.name}: round {number + 1} of {rounds}")
        for contender in contenders:
            if contender.missing is None:
                measure(contender, tool, floor, log)
    answers: dict[str, list[str]] = {}
    for contender in contenders:
        for answer in contender.answers:
            answers.setdefault(answer, []).append(contender.name)
    if len(answers) > 1:
        sys.exit("the tables differ:\n" + "\n".join(f"  {answer}: {', '.join(who)}" for answer, who in answers.items()))
    note(f"{log.path.name}: all tables are {next(iter(answers))}")


# Printing


def print_table(contenders: list[Contender], log: Log, rounds: int) -> None:
    size = f"{log.plain_bytes / 1e6:.0f} MB"
    if log.is_compressed:
        size = f"{log.path.stat().st_size / 1e6:.0f} MB of gzip, {size} of text"
    computed = next(iter(contenders[0].answers))
    print(f"\n### {log.title}\n")
    print(f"{size}, {log.lines} lines, {log.hits} with hostNetwork; the table: {computed}. Medians of {rounds} runs.\n")
    print("| contender | computes the table | wall s | to floor | CPU s | to floor | peak MB |")
    print("|---|---|---:|---:|---:|---:|---:|")
    base = contenders[0]
    for contender in contenders:
        print(table_line(contender, base))


def table_line(contender: Contender, base: Contender) -> str:
    does = "yes" if contender.reader is not None else "no"
    if contender.missing is not None:
        return f"| {contender.name} | {does} | not available: {contender.missing} | | | | |"
    wall, cpu = statistics.median(contender.walls), statistics.median(contender.cpus)
    wall_ratio = wall / statistics.median(base.walls)
    cpu_ratio = cpu / max(statistics.median(base.cpus), 1e-6)
    resident = statistics.median(contender.residents) / 1e6
    return f"| {contender.name} | {does} | {wall:.3f} | {wall_ratio:.2f} | {cpu:.3f} | {cpu_ratio:.2f} | {resident:.0f} |"


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
