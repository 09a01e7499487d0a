"""What was measured, as Markdown, and what was asked of it."""
from __future__ import annotations

import dataclasses
import statistics

START_MS_MAX = 60.0


@dataclasses.dataclass(frozen=True)
class Cell:
    """One load on one server. Times are in microseconds, those of the CPU by review."""

    rate: float
    p50: float
    p99: float
    cpu: float
    resident_mib: float


class Measured:
    """The cells of one review, by server and number of connections."""

    def __init__(self, title: str, hostfences: list[str], floors: list[str]) -> None:
        self.title = title
        self.hostfences = hostfences
        self.floors = floors
        self.cells: dict[tuple[str, int], list[Cell]] = {}

    def add(self, server: str, connections: int, cell: Cell) -> None:
        self.cells.setdefault((server, connections), []).append(cell)

    def median(self, server: str, connections: int, field: str) -> float:
        return statistics.median(getattr(cell, field) for cell in self.cells[server, connections])

    def ratio(self, server: str, floor: str, connections: int, field: str) -> float:
        # A load of a second on an idle server takes hardly any CPU time that could be seen.
        return self.median(server, connections, field) / max(self.median(floor, connections, field), 1e-6)

    @property
    def connections(self) -> list[int]:
        return sorted({connections for _, connections in self.cells})


def print_table(measured: Measured) -> None:
    print(f"\n### Under load: {measured.title}\n")
    print("| connections | server | reviews/s | p50 µs | p99 µs | CPU µs by review | peak MiB |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for connections in measured.connections:
        for server in measured.floors + measured.hostfences:
            fields = [number_cell(measured, server, connections, field) for field in ("rate", "p50", "p99", "cpu")]
            resident = f"{measured.median(server, connections, 'resident_mib'):.1f}"
            print(f"| {' | '.join([str(connections), server, *fields, resident])} |")


def number_cell(measured: Measured, server: str, connections: int, field: str) -> str:
    """The median, and for Hostfence its ratios to the floors."""
    median = measured.median(server, connections, field)
    text = f"{median:,.1f}" if field == "cpu" else f"{median:,.0f}"
    if server in measured.floors:
        return text
    ratios = [f"{measured.ratio(server, floor, connections, field):.2f}" for floor in measured.floors]
    return f"{text} ({', '.join(ratios)})"


def print_starts(starts: dict[str, list[float]]) -> None:
    print("\n### From start to the first right answer over TLS\n")
    print("| server | median ms | fastest | slowest |")
    print("|---|---:|---:|---:|")
    for server, seconds in starts.items():
        numbers = [f"{number * 1000:.1f}" for number in (statistics.median(seconds), min(seconds), max(seconds))]
        print(f"| {server} | {' | '.join(numbers)} |")


# What was asked


@dataclasses.dataclass(frozen=True)
class Goal:
    """A bound on a field of the cells, or on its ratio to the floor."""

    title: str
    field: str
    at_most: float | None = None
    at_least: float | None = None
    is_ratio: bool = True
    # The numbers of connections it is about; None means all.
    connections: tuple[int, ...] | None = None

    def verdict(self, measured: Measured, server: str, floor: str) -> str:
        """The worst number over the connections, and whether it is within the bound."""
        about = [each for each in measured.connections if self.connections is None or each in self.connections]
        if self.is_ratio:
            numbers = [measured.ratio(server, floor, connections, self.field) for connections in about]
        else:
            numbers = [measured.median(server, connections, self.field) for connections in about]
        if not numbers:
            return "not measured"
        worst = max(numbers) if self.at_least is None else min(numbers)
        is_reached = worst <= self.at_most if self.at_most is not None else worst >= (self.at_least or 0)
        return f"{worst:.2f}, {reached(is_reached)}"


GOALS = [
    Goal("CPU by review at most 2.5 × nginx", "cpu", at_most=2.5),
    Goal("reviews/s at least 0.5 × nginx, at 8 and 64 connections", "rate", at_least=0.5, connections=(8, 64)),
    Goal("p99 at most 2 × nginx", "p99", at_most=2),
    Goal("peak MiB at most 40, at 64 connections", "resident_mib", at_most=40, is_ratio=False, connections=(64,)),
]


def print_goals(all_measured: list[Measured], floor: str, start_seconds: list[float]) -> None:
    """Each goal with the worst number, beside the floor that has as many cores."""
    columns = [(measured, server) for measured in all_measured for server in measured.hostfences]
    print(f"\n### What was asked, beside {floor}: the worst over the numbers of connections\n")
    print(f"| asked | {' | '.join(f'{server}: {measured.title}' for measured, server in columns)} |")
    print(f"|---|{'---|' * len(columns)}")
    for goal in GOALS:
        print(f"| {goal.title} | {' | '.join(goal.verdict(*column, floor) for column in columns)} |")
    start_ms = statistics.median(start_seconds) * 1000
    print(f"\nStart in less than {START_MS_MAX:.0f} ms: {start_ms:.1f} ms, {reached(start_ms < START_MS_MAX)}.")


def reached(is_reached: bool) -> str:
    return "reached" if is_reached else "**missed**"
