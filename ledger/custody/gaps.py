"""Runs of numbers that a key skipped, kept in order: looking one up never walks over them.

Owns the arithmetic on what `KeyUse.gaps` holds. Knows no finding and no rule: when an absence
counts is an argument (`custody/rules/numbers.py`).

    ((4, 6, 1_760_000_000), (9, 9, 1_760_000_300))     4, 5, 6 and 9 are missing
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain

Gap = tuple[int, int, int]
"""First and last missing number, and the log time (s) from which their absence is a finding."""
Gaps = tuple[Gap, ...]
"""Sorted and apart. Log time never falls, and numbers are skipped upwards: times are sorted too."""


def gap_of(gaps: Gaps, number: int) -> int | None:
    """Return the place of the gap in which `number` is missing, or None."""
    place = bisect_right(gaps, number, key=_first) - 1
    return place if place >= 0 and number <= gaps[place][1] else None


def count_missing(gaps: Gaps) -> int:
    """Return how many numbers are missing."""
    return sum(last - first + 1 for first, last, _ in gaps)


def missing_numbers(gaps: Gaps) -> tuple[int, ...]:
    """Return each missing number, the lowest first."""
    return tuple(chain.from_iterable(range(first, last + 1) for first, last, _ in gaps))


def without_number(gaps: Gaps, number: int) -> Gaps:
    """Return the gaps once `number` came; as they are where it was not missing."""
    place = gap_of(gaps, number)
    if place is None:
        return gaps
    first, last, due = gaps[place]
    left = ((first, number - 1, due),) if first < number else ()
    right = ((number + 1, last, due),) if number < last else ()
    return (*gaps[:place], *left, *right, *gaps[place + 1 :])


def _first(gap: Gap) -> int:
    return gap[0]
