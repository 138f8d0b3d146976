"""Goods in words: names, terms, amounts, sources, countries and marks in the reader's language.

Owns which of a table's words a page shows. Decides nothing: rows and marks come from a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.reference.quantities import display
from ledger.reference.tables import load_tables
from ledger.verify.verdict import Goods

_THIN = "\N{NARROW NO-BREAK SPACE}"
_POWERS = {"2": "²", "3": "³"}


class RowShown(Struct, frozen=True):
    """One row of contents in words; `unit` is empty where pieces are counted."""

    name: str
    latin: str
    term: str
    amount: str
    unit: str
    source: str
    source_code: str
    origin: str
    origin_code: str


class MarksShown(Struct, frozen=True):
    """A range of marks in words: its scheme, first and last text, and how many there are."""

    scheme: str
    first: str
    last: str
    count: int


class GoodsShown(Struct, frozen=True):
    """What the goods must look like, in words."""

    rows: tuple[RowShown, ...]
    also: tuple[str, ...]
    marks: tuple[MarksShown, ...]
    marks_count: int
    year: int | None
    claim: str | None


def goods_shown(goods: Goods, lang: str) -> GoodsShown:
    """Return the goods of a verdict in the words of `lang`."""
    marks = tuple(_marks(mark) for mark in goods.marks)
    return GoodsShown(
        rows=tuple(row_shown(row, lang) for row in goods.rows),
        also=tuple(" ".join(amount(row["quantity"], row["unit"], lang)) for row in goods.also),
        marks=marks,
        marks_count=sum(mark.count for mark in marks),
        year=goods.year,
        claim=goods.claim,
    )


def row_shown(row: Mapping[str, Any], lang: str) -> RowShown:
    """Return one row of a lot or document in words; what no table knows stays as it is."""
    tables = load_tables()
    taxon = tables.taxon(row["taxon"])
    term, source = tables.term(row["term"]), tables.source(row["source"])
    quantity, unit = amount(row["quantity"], row["unit"], lang)
    name = taxon.common_name(lang) if taxon else row["taxon"]
    return RowShown(
        name=name,
        latin="" if name == row["taxon"] else row["taxon"],
        term=getattr(term, lang) if term else row["term"],
        amount=quantity,
        unit=unit,
        source=getattr(source, f"short_{lang}") if source else row["source"],
        source_code=row["source"],
        origin=country(row["origin"], lang),
        origin_code=row["origin"],
    )


def country(code: str | None, lang: str) -> str:
    """Return the name of a country, or its code where the table does not know it."""
    found = load_tables().country(code) if code else None
    return getattr(found, lang) if found else (code or "")


def amount(quantity: int, unit: str, lang: str) -> tuple[str, str]:
    """Return a quantity of a unit of the ledger as people write it, and the unit's symbol."""
    try:
        text, shown = display(quantity, unit)
    except MalformedError:
        return str(quantity), unit
    whole, _, fraction = text.partition(".")
    point = "." if lang == "en" else ","
    grouped = grouped_digits(whole)
    found = load_tables().unit(shown)
    symbol = found.symbol if found else shown
    if symbol[-1:] in _POWERS:
        symbol = symbol[:-1] + _POWERS[symbol[-1]]
    return (f"{grouped}{point}{fraction}" if fraction else grouped), symbol


def grouped_digits(digits: str) -> str:
    """Return digits in groups of three, from five digits on."""
    if len(digits) < 5:
        return digits
    head = len(digits) % 3
    groups = ([digits[:head]] if head else []) + [
        digits[at : at + 3] for at in range(head, len(digits), 3)
    ]
    return _THIN.join(groups)


def _marks(mark: Mapping[str, Any]) -> MarksShown:
    if not mark["digits"]:
        return MarksShown(mark["scheme"], mark["before"], "", 1)
    first, last = mark["first"], mark["last"]
    texts = [f"{mark['before']}{n:0{mark['digits']}d}{mark['after']}" for n in (first, last)]
    return MarksShown(mark["scheme"], texts[0], texts[1] if last > first else "", last - first + 1)
