"""What the lists and steps of a store say, held to the records that the newest closing binds.

Owns the comparison. Lists and records are read one after another while others write: whatever does
not fit is read again, both at one state, before it is called damage.
"""

from __future__ import annotations

from ledger.custody.subjects import Kind
from ledger.errors import DamagedError
from ledger.reader.views import LotView
from ledger.records import Record, track_of
from ledger.statement import parse_statement
from ledger.storage.protocol import Store
from ledger.storage.rows import holders, record_of

_NEAR = 64
"""Codes that may begin with the same eleven symbols, and more."""


def check_steps(store: Store, record: Record, touched: list[bytes]) -> None:
    """Raise DamagedError unless statements with these ids are all that a record's track counts."""
    if record.n == len(touched) and record.track == track_of(touched):
        return
    kind, name = record.subject.kind.value, record.subject.name
    with store.snapshot():
        row = store.record(kind=kind, name=name)
        n = row.n if row is not None else 0
        leaves = [store.leaf(index) for index in store.history(kind=kind, name=name, limit=n + 1)]
    ids = [parse_statement(leaf.raw).id for leaf in leaves if leaf is not None]
    if row is None or track_of(ids) != record_of(row).track:
        raise damaged(f"The steps of {kind}/{name} are not those that its record counts.")


def check_held(store: Store, party: str, view: LotView) -> LotView:
    """Return a lot that a party's list names; raise DamagedError unless it is the party's."""
    if party in holders(view.state):
        return view
    kind, code = Kind.LOT.value, view.code
    with store.snapshot():
        row = store.record(kind=kind, name=code)
        named = store.held_by(party, kind=kind, after=code[:-1], limit=_NEAR)
    if code in named and (row is None or party not in holders(record_of(row).state)):
        raise damaged(f"The list of what {party} holds names {code}, whose record does not.")
    return view


def damaged(said: str) -> DamagedError:
    """Return the error for a derived row that contradicts what the root covers."""
    return DamagedError(
        "store.derived",
        said,
        hint="Rebuild the derived tables from the leaves: `ringmark doctor --rebuild`.",
    )
