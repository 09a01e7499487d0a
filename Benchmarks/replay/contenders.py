"""Who is measured: Hostfence, its floors, and other tools that can do the analytic's search or a part of the work."""
from __future__ import annotations

import dataclasses
import pathlib
import shlex
import shutil
import subprocess
import sys
from typing import Callable

import tables
from logs import HEAD_BYTES, HERE, ROOT, WORK, Log, make_head, note

VENV_PYTHON = ROOT / ".build/bench/venv/bin/python"

Reader = Callable[[pathlib.Path], tables.Table]


@dataclasses.dataclass
class Contender:
    """A command that reads the log, and what came of it."""

    name: str
    command: list[str]
    # How to read the table from what it wrote; None where it does not compute the table.
    reader: Reader | None = None
    # Whether it writes a CSV of findings instead.
    writes_findings: bool = False
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
    # The table in words, or the number of findings; more than one would be an error.
    answers: set[str] = dataclasses.field(default_factory=set)


def compile_tool(source: str, *options: str) -> str:
    """Compiles a file of this folder when one is newer than what was made of it; returns the program's path."""
    program = WORK / pathlib.Path(source).stem
    newest = max(path.stat().st_mtime for path in (HERE / source, *HERE.glob("*.h")))
    if not program.exists() or program.stat().st_mtime < newest:
        note(f"compiling {source}")
        compiler = "cc" if source.endswith(".c") else "g++"
        warnings = ["-Wall", "-Wextra"]
        command = [compiler, "-O3", "-march=native", *warnings, "-o", str(program), str(HERE / source), *options]
        subprocess.run(command, check=True)
    return str(program)


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
    if subprocess.run([str(VENV_PYTHON), "-c", find]).returncode == 0:
        return None
    note(f"installing {name} from PyPI")
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15", name]
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


# All


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
        contender = Contender(name, command, reader, writes_file=output, allowed_codes=(0, 1, 2))
        contender.writes_findings = reader is None
        contenders.append(contender)
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
