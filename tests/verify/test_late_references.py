"""The state that an audit stands on, where what was looked for in vain is set up later."""

from __future__ import annotations

from msgspec.structs import replace
from trail import trade

from ledger.block import Changes
from ledger.custody.references import QuotaCountry
from ledger.custody.subjects import Kind, Subject
from ledger.records import Record, encode_record
from ledger.reference.tables import load_tables
from ledger.storage.rows import record_of
from ledger.verify.packed import HOT_MAX, MemoryShelf, PackedBase

QUOTAS = Subject(Kind.REFERENCE, "quota-taxa/ZW")


def keep(base: PackedBase, *records: Record) -> None:
    changes = Changes()
    changes.records = {record.subject: record for record in records}
    base.keep(
        changes, {record.subject: encode_record(record, ledger=base.ledger) for record in records}
    )


def test_a_reference_that_was_not_there_is_found_long_after_it_was_set_up():
    trail, code = trade("late-references")
    base = PackedBase(ledger=trail.ledger, tables=load_tables(), shelf=MemoryShelf())
    assert base.record(QUOTAS) is None
    first = bytes(32)
    keep(base, Record(QUOTAS, 1, first, first, QuotaCountry({"Crocodylus niloticus": 1})))
    row = trail.store.record(kind="lot", name=code)
    assert row is not None
    lot = record_of(row)
    others = (Subject(Kind.LOT, f"{i:012}") for i in range(2 * HOT_MAX))
    keep(base, *(replace(lot, subject=other) for other in others))
    assert QUOTAS not in base.records
    assert base.record(QUOTAS) is not None
