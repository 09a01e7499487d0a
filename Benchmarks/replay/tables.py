"""The analytic's table, whoever computed it: read from each tool's output into one form that can be compared.

The form is a mapping from the values of the twelve by-fields to the count of events and the set of groups.
"""
from __future__ import annotations

import csv
import hashlib
import json
import pathlib
import sys
from typing import Any

BY_FIELDS = 12
HEADER = [
    "kind",
    "objectRef.name",
    "objectRef.namespace",
    "objectRef.resource",
    "requestObject.kind",
    "responseStatus.code",
    "src_ip",
    "stage",
    "user",
    "userAgent",
    "verb",
    "requestObject.metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    "count",
    "user_groups",
]


class Table:
    """Rows added in any order, each once or in parts."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, ...], tuple[int, frozenset[str]]] = {}

    def add(self, key: list[Any], count: int, groups: list[str]) -> None:
        if len(key) != BY_FIELDS:
            raise ValueError(f"a row has {len(key)} by-fields, not {BY_FIELDS}: {key}")
        texts = tuple(str(value) for value in key)
        before, seen = self.rows.get(texts, (0, frozenset()))
        self.rows[texts] = (before + count, seen | frozenset(groups))

    @property
    def events(self) -> int:
        return sum(count for count, _ in self.rows.values())

    @property
    def digest(self) -> str:
        """Equal for equal tables."""
        lines = [json.dumps([*key, count, sorted(groups)]) for key, (count, groups) in sorted(self.rows.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{len(self.rows)} rows, {self.events} events, sha256 {self.digest}"


def read_csv_rows(path: pathlib.Path) -> tuple[list[str], list[list[str]]]:
    """The header, and the rows behind it."""
    csv.field_size_limit(sys.maxsize)
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def read_json_rows(path: pathlib.Path) -> Table:
    """Lines of `[count, by-fields..., groups]`, or of `COUNT [by-fields..., groups]` as `uniq -c` makes them."""
    table = Table()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            counted, bracket, rest = line.partition("[")
            values = json.loads(bracket + rest)
            count = int(counted) if counted.strip() else int(values.pop(0))
            table.add(values[:-1], count, values[-1])
    return table


def read_csv(path: pathlib.Path) -> Table:
    """The CSV of `hostfence replay --semantics splunk`; groups are joined by line feeds."""
    header, rows = read_csv_rows(path)
    if header != HEADER:
        raise ValueError(f"{path} has the columns {header}")
    table = Table()
    for *key, count, groups in rows:
        table.add(key, int(count), groups.split("\n"))
    return table
