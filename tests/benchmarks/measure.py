"""Two things side by side in one run: slices interleaved, medians compared, never one alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Slice = Callable[[], int]
"""Does some work and returns how many units of it were done."""


@dataclass(frozen=True)
class Figure:
    """One line of the report: what, how much, beside what, and the bar it is held to."""

    name: str
    value: float
    unit: str
    beside: str
    bar: str
    met: bool | None


def interleave(cases: Mapping[str, Slice], *, rounds: int = 7) -> dict[str, float]:
    """Return the median seconds for each unit of work, by case; slices take turns."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, work in cases.items():
            begun = time.perf_counter()
            units = work()
            taken[name].append((time.perf_counter() - begun) / units)
    return {name: statistics.median(times) for name, times in taken.items()}


def ratio(name: str, value: float, *, beside: str, at_least: float) -> Figure:
    """Return a figure that should be at least `at_least`."""
    return Figure(name, value, "×", beside, f"≥ {at_least}", value >= at_least)


def ratio_below(name: str, value: float, *, beside: str, at_most: float) -> Figure:
    """Return a figure that should be at most `at_most`."""
    return Figure(name, value, "×", beside, f"≤ {at_most}", value <= at_most)


def plain(name: str, seconds: float, *, beside: str = "") -> Figure:
    """Return a time in microseconds, without a bar."""
    return Figure(name, seconds * 1e6, "µs", beside, "", None)


def show(figures: list[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| what | figure | beside | bar | |", "|---|---:|---|---|---|"]
    for figure in figures:
        met = {True: "met", False: "**short**", None: ""}[figure.met]
        value = f"{figure.value:,.3f}" if figure.unit == "×" else f"{figure.value:,.1f}"
        lines.append(
            f"| {figure.name} | {value} {figure.unit} | {figure.beside} | {figure.bar} | {met} |"
        )
    return "\n".join(lines)
