"""What is printed: where the test is, and what came out."""
from __future__ import annotations

import collections
import sys
import time

from accounts import Row

FAILURES_SHOWN = 20
began = time.monotonic()


def progress(what: str) -> None:
    """One line that changes on a terminal, else a line each."""
    seconds = time.monotonic() - began
    if sys.stderr.isatty():
        print(f"\r\033[K{seconds:5.0f} s  {what}", end="", file=sys.stderr, flush=True)
    else:
        print(f"{seconds:5.0f} s  {what}", file=sys.stderr, flush=True)


def report(rows: list[Row], notes: list[str], failures: list[str], seconds: float) -> int:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    head = ("phase", "times", "requests", "answered", "slowest s", "on stderr", "5xx expected", "wrong", "lost")
    total = Row("all")
    for row in rows:
        for name in ("count", "requests", "answered", "on_errors", "expected_5xx", "wrong", "lost"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.slowest = max(total.slowest, row.slowest)
    print(("{:<29}" + "{:>10}" * 4 + "{:>11}{:>14}{:>7}{:>6}").format(*head))
    for row in [*rows, total]:
        print(
            f"{row.name:<29}{row.count:>10}{row.requests:>10}{row.answered:>10}{row.slowest:>10.2f}{row.on_errors:>11}"
            f"{row.expected_5xx:>14}{row.wrong:>7}{row.lost:>6}"
        )
    print(*notes, sep="\n")
    if not failures:
        print(f"soak: {total.answered} answers in {seconds:.0f} s, none wrong, none lost: passed")
        return 0
    # One of a kind says as much as a thousand; uids and numbers do not make a kind.
    kinds = collections.Counter(failure.partition(":")[0] for failure in failures)
    for failure in failures[:FAILURES_SHOWN]:
        print(f"NOT OK  {failure}")
    if len(failures) > FAILURES_SHOWN:
        print(f"…and {len(failures) - FAILURES_SHOWN} more: {dict(kinds.most_common(10))}")
    print(f"soak: {len(failures)} failures in {seconds:.0f} s")
    return 1
