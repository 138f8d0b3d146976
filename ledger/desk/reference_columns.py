"""The columns of a file of quotas, suspensions, listings or bans: which of them are read.

Owns the headings under which public files say a thing, what each kind of file reads, and what is
done with the rest: a heading that is nearly one of ours is asked about, for a letter too few would
lose a restriction; all others are named.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from msgspec import Struct

from ledger.desk.sheet_grid import decode_text
from ledger.errors import MalformedError

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "quota_id", "suspension", "ban"),
    "country": ("country", "party_iso2", "iso_code2", "iso2", "party"),
    "taxon": ("taxon", "taxon_name", "fullname", "scientific name", "scientific_name"),
    "amount": ("amount", "quota"),
    "unit": ("unit",),
    "from": ("from_day", "from", "start_date", "effective", "date valid from"),
    "until": ("until_day", "until", "end_date"),
    "year": ("year",),
    "terms": ("terms", "term"),
    "sources": ("sources", "source"),
    "purposes": ("purposes", "purpose"),
    "exempt_terms": ("exempt_terms",),
    "exempt_sources": ("exempt_sources",),
    "exempt_purposes": ("exempt_purposes",),
    "exempt_kinds": ("exempt_kinds",),
    "imports": ("imports", "applies_to_import"),
    "acts": ("acts",),
    "season": ("season",),
    "region": ("region",),
    "carried": ("carried",),
    "replaces": ("replaces",),
    "counts": ("counts",),
    "kind": ("quota_type", "binding"),
    "appendix": ("appendix", "listing", "appendix_2017"),
    "annotation": ("annotation", "annotation_symbol", "# full note"),
    "note": ("conditions", "notes", "note"),
    "publication": ("publication", "link"),
    "parse": ("parse",),
}
"""For each thing that a row may say, the headings under which public files have it."""
NARROWING = frozenset(
    ("terms", "sources", "purposes", "exempt_terms", "exempt_sources", "exempt_purposes")
    + ("exempt_kinds", "imports", "acts", "season", "region")
    + ("carried", "replaces", "year", "until")
)
"""What makes a row mean less or more: where a kind of file has no place for it, the row is left."""
_ALWAYS = frozenset({"id", "country", "taxon", "from", "note", "publication", "parse"})
_READ: Mapping[str, frozenset[str]] = {
    "quotas": frozenset(
        ("amount", "unit", "until", "year", "terms", "sources", "purposes", "region")
        + ("carried", "replaces", "counts", "kind")
    ),
    "suspensions": frozenset(
        ("until", "terms", "sources", "purposes")
        + ("exempt_terms", "exempt_sources", "exempt_purposes", "imports")
    ),
    "listings": frozenset({"appendix", "annotation"}),
    "bans": frozenset({"until", "acts", "season", "terms", "sources", "exempt_kinds"}),
}
_NEAR = 0.8
"""How alike two headings are that are asked about, from 0 to 1 (`difflib`)."""


class Columns(Struct, frozen=True):
    """The columns of a file: the heading of each thing that is read, and the others."""

    read: Mapping[str, str]
    unread: tuple[str, ...]
    """Headings that are not read, as the file writes them, in its order."""
    narrowing: Mapping[str, str]
    """Headings of what this kind of file has no place for, but what would change a row."""


def columns_of(headings: tuple[str, ...], *, kind: str, ignored: tuple[str, ...] = ()) -> Columns:
    """Return the columns that a file of `kind` has, by its headings.

    Raise MalformedError `reference.file` without a column of taxa or with two of one heading, and
    `reference.column` for a heading that is nearly a known one, unless it is among `ignored`.
    """
    ours = {name.strip().casefold(): name for name in headings if name.strip()}
    _check_once(headings)
    found = {
        meaning: next((ours[name] for name in names if name in ours), None)
        for meaning, names in COLUMNS.items()
    }
    wanted = _ALWAYS | _READ[kind]
    read = {m: name for m, name in found.items() if name is not None and m in wanted}
    unread = tuple(n for n in headings if n.strip() and n not in read.values())
    passed = {name.strip().casefold() for name in ignored}
    for name in unread:
        if name.strip().casefold() not in passed:
            _check_not_near(name, wanted - read.keys())
    if "taxon" not in read:
        raise MalformedError(
            "reference.file",
            "The file has no column for taxa.",
            hint="The first line names the columns: taxon, country, amount, unit, …",
        )
    narrowing = {
        meaning: name
        for meaning, name in found.items()
        if name in unread and meaning in NARROWING and name.strip().casefold() not in passed
    }
    return Columns(read, unread, narrowing)


def csv_rows(data: bytes) -> tuple[tuple[str, ...], Iterator[list[str]]]:
    """Return the headings of a CSV file with commas, and the cells of its rows, as written.

    Encodings are those of `sheet_grid.decode_text`. Raise MalformedError `reference.file`, with
    the rows, where a line cannot be cut into cells.
    """
    reader = csv.reader(io.StringIO(decode_text(data), newline=""))

    def lines() -> Iterator[list[str]]:
        try:
            yield from reader
        except csv.Error as error:
            raise MalformedError(
                "reference.file",
                f"Line {reader.line_num} of the file cannot be cut into cells: {error}.",
                hint="Look for a quotation mark without its partner, or save it as CSV again.",
                params={"line": reader.line_num},
            ) from error

    found = lines()
    headings = tuple(next(found, []))
    return headings, (row for row in found if row)


def _check_once(headings: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in headings:
        plain = name.strip().casefold()
        if plain and plain in seen:
            raise MalformedError(
                "reference.file",
                f"Two columns have the heading {name.strip()!r}.",
                hint="Keep the one that counts, or give the other a heading of its own.",
                params={"column": name.strip()[:64]},
            )
        seen.add(plain)


def _check_not_near(name: str, missing: frozenset[str]) -> None:
    """Raise MalformedError for a heading that is nearly one of something the file does not say."""
    plain = name.strip().casefold()
    if any(plain in names for names in COLUMNS.values()):
        return
    known = [heading for meaning in sorted(missing) for heading in COLUMNS[meaning]]
    near = get_close_matches(plain, known, n=1, cutoff=_NEAR)
    if near:
        raise MalformedError(
            "reference.column",
            f"The column {name.strip()[:64]!r} is not known; {near[0]!r} is.",
            hint=f"Correct the heading; --ignore {name.strip()[:64]!r} if it means something else.",
            params={"column": name.strip()[:64], "near": near[0]},
        )
