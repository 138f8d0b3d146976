"""What a party or an officer types about a place: capacities, seasons, sizes, the terms of it.

Owns the forms that people type; whether such a place can be is the ledger's to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from ledger.custody.facilities import Capacity, ClosedSeason, SizeLimit, Terms
from ledger.desk.sheet_values import find_term, find_unit
from ledger.errors import MalformedError
from ledger.reference.quantities import parse_quantity
from ledger.reference.tables import load_tables
from ledger.wire import text

_AREA = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,20}))?")
_SEASON = re.compile(r"([0-9]{2}-[0-9]{2})\.\.([0-9]{2}-[0-9]{2})")


class TypedTerms(Struct, frozen=True):
    """The terms of a place as typed on a command line."""

    licence: str | None = None
    from_day: str | None = None
    until_day: str | None = None
    closed: Sequence[str] = ()
    capacity: Sequence[str] = ()
    sizes: Sequence[str] = ()
    since: int | None = None


def read_terms(typed: TypedTerms) -> Terms | None:
    """Return what was typed as terms, or None where nothing was."""
    terms = Terms(
        licence=typed.licence.upper() if typed.licence else None,
        from_day=typed.from_day,
        until_day=typed.until_day,
        closed=tuple(sorted((read_season(s) for s in typed.closed), key=lambda s: s.from_day)),
        capacity=tuple(sorted((read_capacity(c) for c in typed.capacity), key=lambda c: c.term)),
        sizes=tuple(sorted((read_size(s) for s in typed.sizes), key=lambda s: s.taxon)),
        since=typed.since,
    )
    return None if terms == Terms() else terms


def read_capacity(words: str) -> Capacity:
    """Return a yearly capacity typed as `TERM QUANTITY [UNIT]`: `SAW 9000 m3`, `SKI 4000`."""
    parts = words.split()
    term = find_term(parts[0]) if len(parts) in (2, 3) else None
    unit = find_unit(parts[2]) if len(parts) == 3 else "NAR"
    if term is None or unit is None:
        raise MalformedError(
            "facility.capacity",
            f"{words!r} is no capacity.",
            hint="Write TERM QUANTITY UNIT for a year, such as 'SAW 9000 m3' or 'SKI 4000'.",
            params={"typed": words[:64]},
        )
    quantity, base = parse_quantity(parts[1], unit)
    return Capacity(term, quantity, base)


def read_season(words: str) -> ClosedSeason:
    """Return a closed season typed as `MM-DD..MM-DD`."""
    found = _SEASON.fullmatch(words.strip())
    if found is None:
        raise MalformedError(
            "facility.season",
            f"{words!r} is no season.",
            hint="Write its first and last day, such as 12-01..02-28.",
            params={"typed": words[:64]},
        )
    return ClosedSeason(found.group(1), found.group(2))


def read_size(words: str) -> SizeLimit:
    """Return a size limit typed as `TAXON MM`: `Crocodylus niloticus 480`."""
    name, _, width = words.strip().rpartition(" ")
    taxon = load_tables().taxon(name) if name else None
    if taxon is None or not width.isascii() or not width.isdigit():
        raise MalformedError(
            "facility.width",
            f"{words!r} is no size.",
            hint="Write the taxon and the widest belly in mm, such as 'Crocodylus niloticus 480'.",
            params={"typed": words[:64]},
        )
    return SizeLimit(taxon.name, text.parse_decimal(width))


def read_area_m2(area_ha: str | None) -> int | None:
    """Return an area typed in hectares in square metres.

    Raise MalformedError `place.area` for what is no number, or finer than a square metre: nothing
    is rounded in silence.
    """
    if area_ha is None:
        return None
    read = _AREA.fullmatch(area_ha.strip())
    part = (read[2] or "").rstrip("0") if read else ""
    if read is None or len(part) > 4:
        raise MalformedError(
            "place.area",
            f"--area-ha: {area_ha!r} is no area in whole square metres.",
            hint="Write hectares with a dot and four decimals at most, such as 12.3456.",
            params={"typed": area_ha[:64], "option": "--area-ha"},
        )
    square_metres = part.ljust(4, "0").lstrip("0") or "0"
    return text.parse_decimal(read[1]) * 10_000 + text.parse_decimal(square_metres)
