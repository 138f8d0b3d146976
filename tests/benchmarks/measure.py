"""Two things side by side in one run: slices interleaved, medians compared, never one alone."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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


class Taken(dict[str, float]):
    """Median seconds of wall time for each unit of work, by case.

    `cpu` are the same in processor time of this process and of children that ended; `foreign` is
    the median share of one core that others used meanwhile, `noisy` how many slices had too much.
    """

    def __init__(self, rows: Mapping[str, list[_Row]]) -> None:
        super().__init__({name: _median(row.wall_s for row in rows[name]) for name in rows})
        self.cpu = {name: _median(row.cpu_s for row in rows[name]) for name in rows}
        shares = [row.foreign for name in rows for row in rows[name]]
        self.foreign = _median(shares)
        self.noisy = sum(share > FOREIGN_MAX for share in shares)
        self.slices = len(shares)
        NOISE.append(self)


@dataclass(frozen=True)
class _Row:
    wall_s: float
    cpu_s: float
    foreign: float


FOREIGN_MAX = 0.15
"""Others may use so much of one core; a slice with more is repeated."""
REPEATS = 2
NOISE: list[Taken] = []
"""All that was measured, for the one line that says how quiet the machine was."""


def interleave(
    cases: Mapping[str, Slice],
    *,
    rounds: int = 7,
    pids: Sequence[int] = (),
    repeats: int | None = None,
) -> Taken:
    """Return what each unit of work takes, by case; slices take turns.

    A slice that others disturbed is repeated, at most `repeats` times, and the quietest one counts.
    `pids` are servers of our own whose work is not foreign.
    """
    tries = 1 + (REPEATS if repeats is None else repeats)
    rows: dict[str, list[_Row]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, work in cases.items():
            best: _Row | None = None
            for _ in range(tries):
                row = _slice(work, pids)
                if best is None or row.foreign < best.foreign:
                    best = row
                if best.foreign <= FOREIGN_MAX:
                    break
            assert best is not None
            rows[name].append(best)
    return Taken(rows)


def quietness() -> str:
    """Return one line that says how much others used the machine while all this was measured."""
    slices, noisy = sum(t.slices for t in NOISE), sum(t.noisy for t in NOISE)
    share = _median(t.foreign for t in NOISE) if NOISE else 0.0
    return (
        f"foreign load: {share:.2f} of a core in the median; {noisy} of {slices} slices above "
        f"{FOREIGN_MAX}, each the quietest of {1 + REPEATS} tries"
    )


def _slice(work: Slice, pids: Sequence[int]) -> _Row:
    busy, own, wall = _busy_s(), _own_s(pids), time.perf_counter()
    units = work()
    wall_s = time.perf_counter() - wall
    cpu_s = _own_s(pids) - own
    foreign = max(0.0, _busy_s() - busy - cpu_s) / wall_s
    return _Row(wall_s / units, cpu_s / units, foreign)


def _own_s(pids: Sequence[int]) -> float:
    # Of this process to the microsecond, of children that ended to the hundredth of a second.
    return time.process_time() + sum(os.times()[2:4]) + sum(map(_process_s, pids))


def _process_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _busy_s() -> float:
    """Return how long all cores were not idle since the machine started; 0 where nobody says."""
    try:
        ticks = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    except OSError:
        return 0.0
    user, nice, system, _idle, _waiting, *rest = map(int, ticks)
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def ratio(name: str, value: float, *, beside: str, at_least: float) -> Figure:
    """Return a figure that should be at least `at_least`."""
    return Figure(name, value, "×", beside, f"≥ {at_least}", value >= at_least)


def ratio_below(name: str, value: float, *, beside: str, at_most: float) -> Figure:
    """Return a figure that should be at most `at_most`."""
    return Figure(name, value, "×", beside, f"≤ {at_most}", value <= at_most)


def plain(name: str, seconds: float, *, beside: str = "") -> Figure:
    """Return a time in microseconds, without a bar."""
    return Figure(name, seconds * 1e6, "µs", beside, "", None)


def at_most_us(name: str, seconds: float, *, bar_us: float, beside: str = "") -> Figure:
    """Return a time in microseconds that has a bar."""
    return Figure(name, seconds * 1e6, "µs", beside, f"≤ {bar_us:,.0f} µs", seconds * 1e6 <= bar_us)


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
