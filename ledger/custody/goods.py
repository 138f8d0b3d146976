"""Goods: rows of contents, measures, parts and marks, with their arithmetic.

Quantities are integers of the smallest unit (pieces, g, cm3, cm2, mm, mL); nothing is rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

PIECES = "NAR"
"""The unit of the ledger in which pieces are counted."""
DIGITS_MAX = 15
"""The most digits of a mark's serial."""
_LAST_DIGITS = re.compile(r"^(.*?)([0-9]{1,15})([^0-9]*)$", re.DOTALL)


class Row(Struct, frozen=True):
    """One row of a lot's contents: what it is, how much of it, from which source and country."""

    taxon: str
    term: str
    quantity: int
    unit: str
    source: str
    origin: str


class Measure(Struct, frozen=True):
    """Another measure of the same goods (kg beside m3): plausibility only, never conserved."""

    quantity: int
    unit: str


class MarkRange(Struct, frozen=True):
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
        """Return how many marks the range holds; one that ends before it begins holds none."""
        return max(self.last - self.first + 1, 0)


class Part(Struct, frozen=True):
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


class NewLot(Struct, frozen=True):
    """A lot as it is born: its goods and what it rests on."""

    contents: tuple[Row, ...]
    also: tuple[Measure, ...] = ()
    marks: tuple[MarkRange, ...] = ()
    year: int | None = None
    facility: str | None = None
    claim: str | None = None
    documents: tuple[str, ...] = ()
    width_mm: int | None = None
    """The widest belly among the skins."""


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
    if not ranges:
        return True
    if any(m.first < 0 or m.last < m.first or not 0 <= m.digits <= 15 for m in ranges):
        return False
    if sum(m.count for m in ranges) > count_max or any("/" in m.scheme for m in ranges):
        return False
    return compress(expand(ranges)) == ranges


def is_sound(ranges: Iterable[MarkRange]) -> bool:
    """Return whether each range can be expanded: it ends after it begins, in at most 15 digits."""
    return all(0 <= m.first <= m.last and 0 <= m.digits <= DIGITS_MAX for m in ranges)


def count(ranges: Iterable[MarkRange]) -> int:
    """Return how many marks `ranges` hold."""
    return sum(mark.count for mark in ranges)


def without(ranges: tuple[MarkRange, ...], taken: tuple[MarkRange, ...]) -> tuple[MarkRange, ...]:
    """Return the marks of `ranges` that are not in `taken`, canonical."""
    gone = set(expand(taken))
    return compress(name for name in expand(ranges) if name not in gone)


class Goods(Struct, frozen=True):
    """Contents and marks together: what a part is cut from."""

    contents: tuple[Row, ...] = ()
    marks: tuple[MarkRange, ...] = ()


class Cut(Struct, frozen=True):
    """Goods in two: what was taken, and what is left."""

    taken: Goods
    rest: Goods


def pieces(contents: Iterable[Row]) -> int:
    """Return how many pieces the rows count; rows by mass, volume or area count none."""
    return sum(row.quantity for row in contents if row.unit == PIECES)


def cut(goods: Goods, part: Part) -> Cut | str:
    """Return `goods` in two along `part`, or the name of the rule that it breaks.

    A part never is all of the goods: whoever means all names no part. Marked pieces are taken by
    their marks. Rows keep their order; a row that is taken whole leaves the rest.
    """
    if part.is_whole:
        return Cut(goods, Goods())
    if part.marks and (not is_canonical(part.marks) or without(part.marks, goods.marks)):
        return "mark.not-here"
    place = _row_of(goods.contents, part)
    if isinstance(place, str):
        return place
    row = goods.contents[place]
    quantity = _quantity_of(goods, part, place)
    if isinstance(quantity, str):
        return quantity
    marks = _marks_of(goods, part, row)
    rest_rows = list(goods.contents)
    rest_rows[place] = replace(row, quantity=row.quantity - quantity)
    rest = tuple(r for r in rest_rows if r.quantity)
    if not rest:
        return "quantity.part-is-all"
    taken = Goods((replace(row, quantity=quantity),), marks)
    return Cut(taken, Goods(rest, without(goods.marks, marks) if marks else goods.marks))


def clip(goods: Goods, part: Part) -> Part | None:
    """Return what of `part` is still there in `goods`; None where nothing of it is.

    An officer may have taken some in between: what was offered then means the rest.
    """
    if part.is_whole:
        return part
    marks = compress(set(expand(part.marks)) & set(expand(goods.marks))) if part.marks else ()
    if part.marks and not marks:
        return None
    place = _row_of(goods.contents, part)
    if isinstance(place, str):
        return None
    row = goods.contents[place]
    quantity = min(part.quantity, row.quantity) if part.quantity is not None else None
    if marks and row.unit == PIECES:
        quantity = count(marks)
    left = Part(quantity=quantity, marks=marks, row=part.row)
    taken = _quantity_of(goods, left, place)
    if taken == row.quantity and len(goods.contents) == 1:
        return Part()
    return left


def _row_of(contents: tuple[Row, ...], part: Part) -> int | str:
    if part.row is not None:
        return part.row if 0 <= part.row < len(contents) else "quantity.no-such-row"
    counted = [i for i, row in enumerate(contents) if row.unit == PIECES]
    if len(contents) == 1:
        return 0
    if part.marks and len(counted) == 1:
        return counted[0]
    return "quantity.row-needed"


def _quantity_of(goods: Goods, part: Part, place: int) -> int | str:
    row = goods.contents[place]
    quantity = part.quantity
    if row.unit == PIECES and goods.marks:
        if part.marks:
            if quantity not in (None, count(part.marks)):
                return "mark.count"
            quantity = count(part.marks)
        elif quantity is not None or pieces(goods.contents) != row.quantity:
            return "mark.needed"
    elif part.marks and quantity is None:
        return "quantity.needed"
    if quantity is None:
        quantity = row.quantity
    if quantity < 1:
        return "quantity.zero"
    return quantity if quantity <= row.quantity else "quantity.too-much"


def _marks_of(goods: Goods, part: Part, row: Row) -> tuple[MarkRange, ...]:
    if part.marks or row.unit != PIECES:
        return part.marks
    return goods.marks


def _split(name: str) -> tuple[str, str, int, str, int]:
    scheme, _, text = name.partition("/")
    found = _LAST_DIGITS.match(text)
    if found is None:
        return scheme, text, 0, "", 0
    before, serial, after = found.groups()
    return scheme, before, len(serial), after, int(serial)
