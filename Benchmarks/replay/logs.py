"""The logs that are measured: made once by generate.py and kept in .build/bench/replay."""
from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / ".build/bench/replay"
RECORDED = ROOT / "Tests/Fixtures/audit-log/audit.jsonl"
SEED = 20261123
# jq takes about 15 s for 1 GB.
HEAD_BYTES = 100_000_000


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


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def fingerprint(parameters: str) -> str:
    """Changes when anything does that a log is made from."""
    digest = hashlib.sha256(parameters.encode())
    for path in (HERE / "generate.py", HERE / "cluster_events.py", HERE / "cluster_objects.py", RECORDED):
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


def warm(log: Log) -> None:
    """Reads the log into the page cache."""
    with open(log.path, "rb", buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass
