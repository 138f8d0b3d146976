"""Loading a file of references: what is new, what is known already, and in which statements.

Owns the comparison of a file with the ledger, so that a file may be loaded again and an interrupted
load goes on, and the cut into statements that are not too long. Signs and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ledger.custody.events import Event
from ledger.custody.references import (
    Ban,
    BanDeclared,
    Listing,
    ListingChanged,
    Quota,
    QuotaSet,
    Suspension,
    SuspensionDeclared,
)
from ledger.custody.rules.offices import EVERYWHERE
from ledger.custody.rules.references import ROWS_MAX, filed_under
from ledger.desk.reference_columns import columns_of, csv_rows
from ledger.desk.reference_files import Left, Manner, Read, Value, read_file
from ledger.desk.source import Source
from ledger.reference.tables import load_tables
from ledger.wire import cbor, fields

_OTHER = (
    "a quota of this id says something else on the ledger: what was set stays;"
    " give this one an id of its own, and name the old one in `replaces`"
)
SIZE_MAX = 40_000
"""Bytes of the rows of one statement: it must stay below 60 KiB with all else."""


class Load(Struct, frozen=True):
    """What a file holds: rows to set, rows that the ledger has already, rows that cannot be."""

    new: tuple[Read, ...]
    known: tuple[Read, ...]
    left: tuple[Left, ...]
    unread: tuple[str, ...]
    """Headings of columns that were not read."""

    @property
    def rows(self) -> int:
        """Return how many rows the file has."""
        return len(self.new) + len(self.known) + len(self.left)


def compare(data: bytes, source: Source, *, kind: str, manner: Manner, party: str) -> Load:
    """Return what of a file is new to the ledger; raise MalformedError for a file of no form.

    Rows for countries for which `party` does not decide are left: one of them would have all that
    stand in its statement refused.
    """
    read: list[Read] = []
    left: list[Left] = []
    for row in read_file(data, kind=kind, manner=manner):
        if isinstance(row, Read):
            read.append(row)
        else:
            left.append(row)
    here = _Known(source)
    office = source.party(party) if read else {}
    new: list[Read] = []
    known: list[Read] = []
    for row in read:
        if here.has(row.value):
            known.append(row)
        elif not _decides(office, row.value.country):
            left.append(_not_ours(row, party))
        elif here.has_other(row.value):
            left.append(Left(row.line, _OTHER))
        else:
            new.append(row)
    unread = columns_of(csv_rows(data)[0], kind=kind, ignored=manner.ignored).unread
    return Load(tuple(new), tuple(known), tuple(sorted(left, key=lambda row: row.line)), unread)


def events(rows: Iterable[Read]) -> Iterator[Event]:
    """Yield the events that set the rows, in their order, each short enough for one statement."""
    batch: list[Value] = []
    size = 0
    for row in rows:
        own = len(cbor.encode(fields.to_plain(row.value)))
        if batch and (len(batch) == ROWS_MAX or size + own > SIZE_MAX):
            yield _event(batch)
            batch, size = [], 0
        batch.append(row.value)
        size += own
    if batch:
        yield _event(batch)


def _decides(party: Mapping[str, Any], country: str | None) -> bool:
    """Return whether an office decides for a country, as the rule `reference.other-country`."""
    own = (party.get("scope") or {}).get("countries") or [party.get("country")]
    return country is None or EVERYWHERE in own or country in own


def _not_ours(row: Read, party: str) -> Left:
    return Left(row.line, f"{party} decides nothing for {row.value.country}")


class _Known:
    """What the ledger was told before, asked for by country or taxon and kept."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows: dict[str, Mapping[str, Any]] = {}

    def has(self, value: Value) -> bool:
        """Return whether the ledger has this very row."""
        plain = fields.to_plain(value)
        if isinstance(value, Quota):
            return self._quota(value).get("quota") == plain
        name = _name_of(value)
        entry = self._entries("reference", name).get(name, {})
        return any(plain == row for row in _rows_in(entry, value))

    def has_other(self, value: Value) -> bool:
        """Return whether a quota of this name says something else on the ledger."""
        return isinstance(value, Quota) and bool(self._quota(value))

    def _quota(self, value: Quota) -> Mapping[str, Any]:
        # Quotas are asked for by the beginnings of their names: those of one country together.
        name, together = f"quota/{value.quota}", f"quota/{value.country}-"
        prefix = together if name.startswith(together) else name
        found: Mapping[str, Any] = self._entries("account", prefix).get(name, {})
        return found

    def _entries(self, kind: str, prefix: str) -> Mapping[str, Any]:
        if prefix not in self._rows:
            found = self._source.entries(kind, prefix)
            self._rows[prefix] = {str(entry["name"]): entry for entry in found}
        return self._rows[prefix]


def _name_of(value: Suspension | Listing | Ban) -> str:
    match value:
        case Suspension():
            return f"suspensions/{value.country}"
        case Ban():
            return f"bans/{value.country}"
        case Listing():
            return f"listings/{filed_under(load_tables(), value.taxon)}"


def _rows_in(entry: Mapping[str, Any], value: Suspension | Listing | Ban) -> Iterator[Any]:
    if isinstance(value, Listing):
        yield from entry.get("listed", ())
        return
    member = "suspended" if isinstance(value, Suspension) else "banned"
    for rows in entry.get(member, {}).values():
        yield from rows


def _event(batch: Sequence[Value]) -> Event:
    first = batch[0]
    rows: Any = tuple(batch)
    match first:
        case Quota():
            return QuotaSet(rows)
        case Suspension():
            return SuspensionDeclared(rows)
        case Listing():
            return ListingChanged(rows)
        case Ban():
            return BanDeclared(rows)
