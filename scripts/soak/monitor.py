"""Looks at a server once a second: memory, and whether its metrics are readable and never fall."""
from __future__ import annotations

import dataclasses
import re
import statistics
import threading
import time

from server import Server

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (-?[\d.e+-]+|\+Inf|NaN)$')
RISING = ("_total", "_count", "_bucket")
# Above a tenth, what the last third may have more than the one before.
GROWTH_KIB = 4 * 1_024


@dataclasses.dataclass(frozen=True)
class Memory:
    second_third_kib: float
    last_third_kib: float

    def __str__(self) -> str:
        return f"{self.second_third_kib / 1024:.1f} MiB in the second third, {self.last_third_kib / 1024:.1f} in the last"

    @property
    def is_flat(self) -> bool:
        return self.last_third_kib <= self.second_third_kib * 1.1 + GROWTH_KIB


class Monitor:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.resident: list[tuple[float, int]] = []
        self.problems: list[str] = []
        self.metrics: dict[str, float] = {}
        self.readings = 0
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> Monitor:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.stop.wait(1):
            try:
                self.look()
            except OSError as error:
                self.problems.append(f"the server cannot be looked at: {error!r}")

    def look(self) -> None:
        # Two at a time could see the later numbers first.
        with self.lock:
            self._look()

    def counted_answers(self) -> float:
        return self.metrics.get('hostfence_responses_total{code="200"}', 0)

    def _look(self) -> None:
        self.resident.append((time.monotonic(), self.server.resident_kib()))
        status, text = self.server.get("/metrics")
        if status != 200:
            self.problems.append(f"/metrics answers {status}")
            return
        seen: dict[str, float] = {}
        for line in text.splitlines():
            if line.startswith("#") or not line:
                continue
            found = SAMPLE.match(line)
            if found is None:
                self.problems.append(f"/metrics has the line {line[:100]!r}")
            elif found[1] in seen:
                self.problems.append(f"/metrics has {found[1]} twice")
            else:
                seen[found[1]] = float(found[2])
        for name, before in self.metrics.items():
            if name.partition("{")[0].endswith(RISING) and seen.get(name, -1.0) < before:
                self.problems.append(f"{name} fell from {before:g} to {seen.get(name)}")
        self.metrics = seen
        self.readings += 1

    def memory(self) -> Memory:
        """Of the time that was looked at; its first third is for warming up."""
        begin, end = self.resident[0][0], self.resident[-1][0]

        def median(first: float, last: float) -> float:
            span = (end - begin) / 3
            return statistics.median(kib for at, kib in self.resident if first <= (at - begin) / span <= last)

        return Memory(median(1, 2), median(2, 3))
