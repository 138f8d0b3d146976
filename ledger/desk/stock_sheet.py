"""Stock of a farm as people write it: a sheet with one row for each taxon, or words.

Owns headings and numbers of such sheets. A heading that names no movement is a class of size, and
its cells are animals counted. Whether a stock can be is the ledger's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from msgspec import Struct

from ledger.custody.stocks import SizeClass, StockDeclared
from ledger.desk.sheet_grid import GridRow, read_grid
from ledger.errors import MalformedError
from ledger.reference.tables import load_tables
from ledger.wire import text

TAXON = frozenset({"taxon", "species", "espece", "espèce", "especie"})
MOVES: Mapping[str, str] = {
    "females": "females",
    "breeding females": "females",
    "femelles": "females",
    "hembras": "females",
    "eggs": "eggs",
    "eggs collected": "eggs",
    "oeufs": "eggs",
    "œufs": "eggs",
    "huevos": "eggs",
    "hatched": "hatched",
    "hatchlings": "hatched",
    "births": "hatched",
    "naissances": "hatched",
    "nacimientos": "hatched",
    "bought": "bought",
    "purchases": "bought",
    "achats": "bought",
    "compras": "bought",
    "sold": "sold",
    "sales": "sold",
    "ventes": "sold",
    "ventas": "sold",
    "died": "died",
    "deaths": "died",
    "losses": "died",
    "morts": "died",
    "muertes": "died",
}
"""Headings, in the languages of the trade, and the movement each names."""
_NEAR = 0.85
"""How alike a heading and that of a movement are that is asked about, from 0 to 1 (`difflib`)."""


class StockRow(Struct, frozen=True):
    """One row of a sheet: a taxon, its movements by name, and its inventory."""

    taxon: str
    moves: Mapping[str, int]
    counts: tuple[SizeClass, ...] = ()


def read_stock_sheet(data: bytes) -> tuple[StockRow, ...]:
    """Return the rows of a CSV or XLSX sheet of stock.

    Raises MalformedError `stock.sheet` without a heading for the taxon or with one that is nearly
    that of a movement, `stock.cell` for a cell
    that is no whole number, `taxon.unknown`, and what `read_grid` raises.
    """
    headings, *rows = read_grid(data) or (GridRow(0, ()),)
    names = [cell.strip() for cell in headings.texts]
    if not any(name.casefold() in TAXON for name in names) or not rows:
        raise MalformedError(
            "stock.sheet",
            "The sheet has no column `taxon`, or no row.",
            hint="Head its columns taxon, females, hatched, bought, sold, died and size classes.",
        )
    for name in names:
        _check_meant(name)
    return tuple(_row(names, row) for row in rows)


def read_counts(values: Sequence[str]) -> tuple[SizeClass, ...]:
    """Return classes of size typed as `NAME=COUNT`: `"over 120 cm=340"`."""
    found: list[SizeClass] = []
    for value in values:
        name, sign, number = value.rpartition("=")
        if not sign:
            raise MalformedError(
                "stock.count",
                f"{value!r} is no count.",
                hint="Write a class of size and how many, such as 'over 120 cm=340'.",
                params={"typed": value[:64]},
            )
        found.append(SizeClass(name.strip(), _number(number, line=0, column=name)))
    return tuple(sorted(found, key=lambda size: size.name))


def declarations(rows: Sequence[StockRow], *, facility: str) -> tuple[StockDeclared, ...]:
    """Return one declaration for each row."""
    return tuple(
        StockDeclared(
            facility,
            row.taxon,
            females=row.moves.get("females"),
            eggs=row.moves.get("eggs"),
            hatched=row.moves.get("hatched"),
            bought=row.moves.get("bought"),
            sold=row.moves.get("sold"),
            died=row.moves.get("died"),
            counts=row.counts,
        )
        for row in rows
    )


def accepted_taxon(name: str, *, line: int = 0) -> str:
    """Return the accepted name of a taxon as typed; raise MalformedError `taxon.unknown`."""
    taxon = load_tables().taxon(name)
    if taxon is None:
        where = f"line {line}: " if line else ""
        raise MalformedError(
            "taxon.unknown",
            f"{where}{name!r} is no taxon of the tables.",
            hint="Write the accepted scientific name; ringmark reference list taxa has them.",
            params={"taxon": name[:64]},
        )
    return taxon.name


def _check_meant(name: str) -> None:
    """Raise MalformedError for a heading that is nearly a movement: as a class it would be lost."""
    key = name.casefold()
    near = get_close_matches(key, MOVES, n=1, cutoff=_NEAR) if key not in MOVES else []
    if near:
        raise MalformedError(
            "stock.sheet",
            f"The heading {name[:40]!r} is nearly {near[0]!r}.",
            hint="Correct it; if it is a class of size, give it another name.",
            params={"column": name[:40], "near": near[0]},
        )


def _row(names: Sequence[str], row: GridRow) -> StockRow:
    taxon = ""
    moves: dict[str, int] = {}
    counts: list[SizeClass] = []
    for name, cell in zip(names, row.texts, strict=False):
        key = name.casefold()
        if key in TAXON:
            taxon = accepted_taxon(cell, line=row.line)
        elif name and cell:
            number = _number(cell, line=row.line, column=name)
            if key in MOVES:
                moves[MOVES[key]] = moves.get(MOVES[key], 0) + number
            else:
                counts.append(SizeClass(name, number))
    return StockRow(taxon, moves, tuple(sorted(counts, key=lambda size: size.name)))


def _number(cell: str, *, line: int, column: str) -> int:
    try:
        return text.parse_decimal(cell.strip())
    except MalformedError as error:
        where = f"line {line}, {column}" if line else column
        raise MalformedError(
            "stock.cell",
            f"{where}: {cell!r} is no whole number.",
            hint="Write animals as digits only.",
            params={"line": line, "column": column[:40]},
        ) from error
