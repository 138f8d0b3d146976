"""Real rows of the CITES trade tables as a trader's sheet: for tests and demos, never shipped.

Source: CITES Trade Database, compiled by UNEP-WCMC for the CITES Secretariat. Terms and units are
English words there; an empty unit means number of specimens.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILES = (
    "reptile_skins_all_sources_2013.csv",
    "timber_and_ivory_all_sources_2013.csv",
    "crocodilian_skins_wild_2001_2015.csv",
    "python_boa_skins_wild_2001_2015.csv",
    "timber_wild_2001_2015.csv",
)

# Words of the trade tables -> words of a sheet. Plurals are left to the reader.
UNIT_WORDS: Mapping[str, str] = {"": "number"}

HEADINGS: Mapping[str, Sequence[str]] = {
    "en": ("Scientific name", "Product", "Quantity", "Unit",
           "Source", "Country of origin", "Year", "Exporter"),
    "fr": ("Nom scientifique", "Produit", "Quantité", "Unité",
           "Code source", "Pays d'origine", "Année", "Exportateur"),
    "es": ("Nombre científico", "Producto", "Cantidad", "Unidad",
           "Fuente", "País de origen", "Año", "Exportador"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One row of a trade table, quantity as decimal text with a dot."""

    taxon: str
    term: str
    quantity: str
    unit: str
    source: str
    origin: str
    year: str
    exporter: str


def trade_rows(shared_data: Path, *, files: Sequence[str] = FILES) -> Iterator[TradeRow]:
    """Yield the rows with a source and a quantity; without origin the exporter is the origin."""
    for name in files:
        path = shared_data / "domain" / "trade" / name
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                quantity = row["Exporter reported quantity"] or row["Importer reported quantity"]
                if not quantity or not row["Source"]:
                    continue
                yield TradeRow(
                    taxon=row["Taxon"],
                    term=row["Term"].strip(),
                    quantity=quantity,
                    unit=UNIT_WORDS.get(row["Unit"], row["Unit"]),
                    source=row["Source"],
                    origin=row["Origin"] or row["Exporter"],
                    year=row["Year"],
                    exporter=row["Exporter"],
                )


def trade_sheet(
    rows: Sequence[TradeRow],
    *,
    language: str = "en",
    delimiter: str = ";",
    decimal: str = ",",
    encoding: str = "utf-8-sig",
) -> bytes:
    """Return rows as a spreadsheet program of that country writes them."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(HEADINGS[language])
    for row in rows:
        quantity = row.quantity.replace(".", decimal)
        writer.writerow(
            (
                row.taxon,
                row.term,
                quantity,
                row.unit,
                row.source,
                row.origin,
                row.year,
                row.exporter,
            )
        )
    return stream.getvalue().encode(encoding)
