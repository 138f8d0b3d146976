"""Reading the data files of this package, byte for byte and row by row.

Owns the step from texts to values: the annotation of a field says how its column is read.
`released.py` reads the texts. Must not know what a row is used for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import NODEFAULT, Struct, structs

from ledger.errors import DamagedError
from ledger.reference.released import rows_of
from ledger.reference.rows import Day, Names, Purpose, Source, Taxon, Term, Unit

_EPOCH = date(1970, 1, 1).toordinal()
NAME_MAX = 100
"""Longer names than any taxon has are compared, but not remembered."""
_R = TypeVar("_R", bound=Struct)
_N = TypeVar("_N", Taxon, Term, Unit, Source, Purpose)
_Read = Callable[[str], Any]


def table(name: str, kind: type[_R]) -> tuple[_R, ...]:
    """Return the rows of a table as values of `kind`."""
    columns = _columns(kind)
    return tuple(
        kind(**{field: read(row[column]) for field, column, read in columns})
        for row in rows_of(name)
    )


def numbered(name: str, kind: type[_N]) -> tuple[_N, ...]:
    """Return the rows of a table whose numbers are 1, 2, 3 and so on; else raise DamagedError."""
    rows = table(name, kind)
    if [row.number for row in rows] != list(range(1, len(rows) + 1)):
        raise DamagedError(
            "reference.numbers",
            f"The numbers of table {name} are not 1, 2, 3 and so on.",
            hint="Install this release again.",
            params={"table": name},
        )
    return rows


def name_key(name: str) -> str:
    """Return `name` as it is compared: one case, single spaces, without a final `spp.`."""
    return _name_key(name) if len(name) <= NAME_MAX else _compared(name)


def _compared(name: str) -> str:
    words = name.replace("×", " x ").casefold().split()
    if len(words) > 1 and words[-1] in ("spp.", "spp", "sp.", "sp"):
        words.pop()
    return " ".join(words)


_name_key = lru_cache(maxsize=1_024)(_compared)


def synonyms_by_key() -> Mapping[str, tuple[int, ...]]:
    """Return the numbers of the taxa that each synonym may mean."""
    found: dict[str, tuple[int, ...]] = {}
    for row in rows_of("synonyms"):
        key = name_key(row["synonym"])
        found[key] = (*found.get(key, ()), int(row["taxon"]))
    return found


def _text(text: str) -> str:
    return text


def _names(text: str) -> Names:
    return tuple(text.split("|")) if text else ()


def _number(text: str) -> int | None:
    # The files are ours and released; the tests hold every number to plain ASCII digits.
    return int(text) if text else None


def _day(text: str) -> int | None:
    return date.fromisoformat(text).toordinal() - _EPOCH if text else None


def _is_so(text: str) -> bool:
    return text in ("yes", "confirmed")


_READS: Mapping[Any, _Read] = {
    str: _text,
    Names: _names,
    int: int,
    int | None: _number,
    Day | None: _day,
    bool: _is_so,
}


@lru_cache(maxsize=32)
def _columns(kind: type[Struct]) -> tuple[tuple[str, str, _Read], ...]:
    """Return field, column and reader of each member of a row."""
    return tuple(
        (item.name, item.encode_name, _read_or(item.default, _READS[item.type]))
        for item in structs.fields(kind)
    )


def _read_or(default: Any, read: _Read) -> _Read:
    """Return a reader for which an empty cell is the default, where there is one."""
    return read if default is NODEFAULT else lambda text: read(text) if text else default
