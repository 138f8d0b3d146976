"""The data files of this package, byte for byte and row by row: what a ledger names as its tables.

Owns which tables are released. Kept apart from what the rows mean, so that whoever compares hashes
or looks up a word need not load that.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from ledger.errors import DamagedError

TABLE_NAMES = (
    "biology",
    "claims",
    "conversions",
    "countries",
    "document_kinds",
    "intensity",
    "ivory_exemptions",
    "mark_schemes",
    "purposes",
    "sources",
    "synonyms",
    "tag_species",
    "taxa",
    "taxon_terms",
    "term_purposes",
    "term_units",
    "terms",
    "unions",
    "units",
    "yields",
)

# Not importlib.resources: it loads a dozen modules before the first byte, at every start.
_DATA = Path(__file__).with_name("data")


@lru_cache(maxsize=1)
def table_hashes() -> Mapping[str, bytes]:
    """Return for each table the SHA-256 (32 bytes) of its file, byte for byte as released.

    LedgerFounded and RuleSetAdopted name these; names are those of the files without `.csv`.
    """
    hashes = {name: hashlib.sha256(table_file(name)).digest() for name in TABLE_NAMES}
    return MappingProxyType(hashes)


def table_file(name: str) -> bytes:
    """Return the bytes of a table's file as released."""
    return data_file(f"{name}.csv")


def data_file(name: str) -> bytes:
    """Return the bytes of a data file of this package as released."""
    return (_DATA / name).read_bytes()


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one table, column names to texts."""
    return parse_rows(table_file(name), table=name)


def parse_rows(data: bytes, *, table: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table file; raise DamagedError at one that is too long or too short."""
    reader = csv.reader(data.decode("utf-8").splitlines(), strict=True)
    columns = next(reader, [])
    for cells in reader:
        if len(cells) != len(columns):
            raise DamagedError(
                "reference.row",
                f"Line {reader.line_num} of table {table} has not {len(columns)} cells.",
                hint="Install this release again.",
                params={"table": table, "line": reader.line_num},
            )
        yield dict(zip(columns, cells, strict=True))
