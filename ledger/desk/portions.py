"""Lots and parts of lots as people type them.

Owns one small syntax (docs/cli.md, Lots and parts):

    7K3M-9QXF-2W50                the whole lot
    7K3M-9QXF-2W50:12             12 of it: pieces, or kg, m3, m2, m, L with decimals
    7K3M-9QXF-2W50/2:12           12 of its second row
    7K3M-9QXF-2W50=A-001..A-040   the pieces with those marks; several ranges with commas
    ZW-2026-000017-NIL            the one piece with that mark

Decides nothing about custody; what it cannot read it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.goods import PIECES, MarkRange, Part, compress, count, expand
from ledger.desk.facts import LotFacts
from ledger.desk.marks_typed import mark_name
from ledger.desk.sheet_values import range_of_marks
from ledger.errors import MalformedError, UsageError
from ledger.reference.mark_forms import readings
from ledger.reference.quantities import display, parse_quantity
from ledger.wire import text

_TYPED = re.compile(r"([^:=/]+)(?:/([0-9]{1,3}))?(?::([^=]+))?(?:=(.+))?", re.DOTALL)


class Typed(Struct, frozen=True):
    """What a person typed: a code (12 symbols) or a mark, and what part of it; rows are 0-based."""

    code: str | None
    mark: str | None = None
    row: int | None = None
    quantity: str | None = None
    marks: str | None = None


def read_code(value: str) -> str | None:
    """Return the 12 symbols of a typed code, or None where it has not the form of one.

    Raise MalformedError `code.check` where one letter or digit is wrong.
    """
    try:
        return text.code_symbols(text.parse_code(value))
    except MalformedError as error:
        if error.code == "code.check":
            raise
        return None


def show_code(code: str) -> str:
    """Return a code in groups of four: `51PB-1X9S-FP3J`."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def read_typed(value: str) -> Typed:
    """Return what was typed, taken apart; raise MalformedError where it is no lot."""
    value = value.strip()
    match = _TYPED.fullmatch(value)
    code = read_code(match[1]) if match else None
    if match is None or code is None:
        if "://" in value:
            raise MalformedError(
                "desk.link",
                f"{value[:64]!r} is a link, no lot.",
                hint="Type the code printed below the label's symbol; to judge the label itself:"
                " ringmark label read LINK",
                params={"typed": value[:64]},
            )
        if not value or "=" in value:
            raise MalformedError(
                "desk.lot",
                f"{value!r} is no lot.",
                hint="Type a code, 7K3M-9QXF-2W50, CODE:12, CODE=A..B, CODE:2.4=A; or a mark.",
                params={"typed": value[:64]},
            )
        return Typed(None, mark=value.upper())
    row = int(match[2]) - 1 if match[2] else None
    return Typed(code, row=row, quantity=match[3], marks=match[4])


def part_of(typed: Typed, lot: LotFacts) -> Part:
    """Return the part of `lot` that was typed; whole where it is all of it.

    Raise UsageError or MalformedError where marks or quantities cannot be read.
    """
    if typed.mark is not None:
        return _whole_if_all(Part(marks=_named((typed.mark,), lot)), lot)
    if typed.marks is not None:
        # Of marked timber and caviar it is said how much bears these marks: CODE:2.4=A..B
        quantity = _quantity(typed, lot) if typed.quantity is not None else None
        marks = read_marks(typed.marks, lot)
        return _whole_if_all(Part(quantity=quantity, marks=marks, row=typed.row), lot)
    if typed.quantity is not None:
        return _whole_if_all(Part(_quantity(typed, lot), row=typed.row), lot)
    return Part(row=typed.row)


def read_quantities(values: Sequence[str], lot: LotFacts) -> tuple[int, ...]:
    """Return one typed quantity for each row of a lot, in the unit in which it is shown."""
    contents = lot.goods.contents
    if len(values) != len(contents):
        raise UsageError(
            "desk.row",
            f"Lot {show_code(lot.code)} has {len(contents)} rows, not {len(values)}.",
            hint="Give one quantity for each row.",
        )
    units = [display(row.quantity, row.unit)[1] for row in contents]
    return tuple(parse_quantity(v, u)[0] for v, u in zip(values, units, strict=True))


def read_marks(value: str, lot: LotFacts | None = None) -> tuple[MarkRange, ...]:
    """Return typed marks, `A..B,C`, as canonical ranges.

    A mark without a scheme takes that of the lot's own mark of this text, else that of its form,
    else TAG. Raise UsageError where a tag has two readings.
    """
    found: list[str] = []
    for part in value.split(","):
        first, dots, last = part.strip().upper().partition("..")
        if not dots:
            found.append(first)
            continue
        scheme, slash, start = first.rpartition("/")
        between = range_of_marks(first=start, last=last.strip().removeprefix(scheme + slash))
        if between is None:
            raise MalformedError(
                "desk.marks",
                f"From {first} to {last} is no run of marks.",
                hint="Both must be alike but for one number of the same length.",
                params={"first": first[:64], "last": last[:64]},
            )
        found += [f"{scheme}{slash}{mark}" for mark in between]
    return _named(found, lot)


def show_marks(ranges: Iterable[MarkRange]) -> str:
    """Return ranges of marks as people type them."""
    shown = []
    for mark in ranges:
        # Of a million tags the first and the last: nobody reads those between.
        ends = [replace(mark, first=n, last=n) for n in dict.fromkeys((mark.first, mark.last))]
        shown.append("..".join(name.partition("/")[2] for name in expand(ends)))
    return ", ".join(shown)


def _named(marks: Iterable[str], lot: LotFacts | None) -> tuple[MarkRange, ...]:
    own = {name.partition("/")[2]: name for name in lot.marks} if lot else {}
    names = []
    for mark in marks:
        scheme, slash, rest = mark.partition("/")
        known = own.get(mark)
        if known is not None:
            names.append(known)
        elif slash and re.fullmatch(r"[A-Z0-9-]+", scheme) and not readings(mark):
            names.append(mark_name(rest, scheme=scheme))
        else:
            names.append(mark_name(mark))
    return compress(names)


def _quantity(typed: Typed, lot: LotFacts) -> int:
    contents = lot.goods.contents
    if not contents:
        raise UsageError(
            "desk.goods-unknown",
            f"What lot {show_code(lot.code)} holds is not known here.",
            hint="Connect once, or name the whole lot or its marks.",
        )
    place = 0 if typed.row is None else typed.row
    if not 0 <= place < len(contents):
        raise UsageError(
            "desk.row",
            f"Lot {show_code(lot.code)} has {len(contents)} rows.",
            hint="Rows count from 1: CODE/1:12",
        )
    unit = contents[place].unit
    shown = display(contents[place].quantity, unit)[1]
    quantity = parse_quantity((typed.quantity or "").strip(), shown)[0]
    if not quantity:
        raise UsageError(
            "desk.nothing",
            f"A part of lot {show_code(lot.code)} is more than 0.",
            hint="Say how much of it, or name the lot alone for all of it.",
        )
    return quantity


def _whole_if_all(part: Part, lot: LotFacts) -> Part:
    contents = lot.goods.contents
    if len(contents) != 1:
        return part
    taken = part.quantity
    if taken is None and contents[0].unit == PIECES and part.marks:
        taken = count(part.marks)
    return Part() if taken == contents[0].quantity else part
