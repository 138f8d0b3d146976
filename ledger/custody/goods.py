"""Goods: rows of contents, measures, parts and marks, with their arithmetic.

Quantities are integers of the smallest unit (pieces, g, cm3, cm2, mm, mL); nothing is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LAST_DIGITS = re.compile(r"^(.*?)(\d{1,15})(\D*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a lot's contents: what it is, how much of it, from which source and country."""

    taxon: str
    term: str
    quantity: int
    unit: str
    source: str
    origin: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Another measure of the same goods (kg beside m3): plausibility only, never conserved."""

    quantity: int
    unit: str


@dataclass(frozen=True, slots=True)
class MarkRange:
    """Consecutive marks of one scheme: `before` + serial padded to `digits` + `after`.

    `digits` 0 means one mark without a serial: its text is `before`, and `first` = `last` = 0.
    """

    scheme: str
    before: str
    first: int
    last: int
    digits: int
    after: str

    @property
    def count(self) -> int:
        """Return how many marks the range holds."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Part:
    """Some marks or some quantity of a lot; with neither it is the whole lot.

    `row` names the row of the contents where a lot has more than one (0-based).
    """

    quantity: int | None = None
    marks: tuple[MarkRange, ...] = ()
    row: int | None = None

    @property
    def is_whole(self) -> bool:
        """Return whether nothing narrows the lot down."""
        return self.quantity is None and not self.marks and self.row is None


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot as it is born: its goods and what it rests on."""

    contents: tuple[Row, ...]
    also: tuple[Measure, ...] = ()
    marks: tuple[MarkRange, ...] = ()
    year: int | None = None
    facility: str | None = None
    claim: str | None = None
    documents: tuple[str, ...] = ()


def expand(ranges: Iterable[MarkRange]) -> tuple[str, ...]:
    """Return the names `SCHEME/TEXT` of all marks in `ranges`, in their order."""
    names: list[str] = []
    for mark in ranges:
        if mark.digits == 0:
            names.append(f"{mark.scheme}/{mark.before}")
            continue
        head = f"{mark.scheme}/{mark.before}"
        names.extend(
            f"{head}{serial:0{mark.digits}d}{mark.after}"
            for serial in range(mark.first, mark.last + 1)
        )
    return tuple(names)


def compress(names: Iterable[str]) -> tuple[MarkRange, ...]:
    """Return the canonical ranges of the mark names `SCHEME/TEXT`: sorted, merged, unique.

    The serial of a mark is its last run of digits.
    """
    singles = sorted({_split(name) for name in names})
    merged: list[MarkRange] = []
    for scheme, before, digits, after, serial in singles:
        if merged and digits:
            last = merged[-1]
            same = (last.scheme, last.before, last.digits, last.after)
            if same == (scheme, before, digits, after) and last.last + 1 == serial:
                merged[-1] = MarkRange(scheme, before, last.first, serial, digits, after)
                continue
        merged.append(MarkRange(scheme, before, serial, serial, digits, after))
    return tuple(merged)


def is_canonical(ranges: tuple[MarkRange, ...], *, count_max: int = 1_000) -> bool:
    """Return whether `ranges` are what `compress` would write for the same marks."""
    if any(m.first < 0 or m.last < m.first or not 0 <= m.digits <= 15 for m in ranges):
        return False
    if sum(m.count for m in ranges) > count_max or any("/" in m.scheme for m in ranges):
        return False
    return compress(expand(ranges)) == ranges


def count(ranges: Iterable[MarkRange]) -> int:
    """Return how many marks `ranges` hold."""
    return sum(mark.count for mark in ranges)


def without(ranges: tuple[MarkRange, ...], taken: tuple[MarkRange, ...]) -> tuple[MarkRange, ...]:
    """Return the marks of `ranges` that are not in `taken`, canonical."""
    gone = set(expand(taken))
    return compress(name for name in expand(ranges) if name not in gone)


def _split(name: str) -> tuple[str, str, int, str, int]:
    scheme, _, text = name.partition("/")
    found = _LAST_DIGITS.match(text)
    if found is None:
        return scheme, text, 0, "", 0
    before, serial, after = found.groups()
    return scheme, before, len(serial), after, int(serial)
