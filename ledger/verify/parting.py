"""What of an ancestor concerns goods that were taken out of it: all up to then, nothing later.

Owns the cut between a part and the rest of a lot (docs/formats/record.md, decision 0023). Whoever
bought a part in good faith does not answer for what the rest does afterwards. Must not know proofs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ledger.custody.lots import LotState
from ledger.custody.subjects import Finding, Kind
from ledger.reference.reasons import verdict_table

if TYPE_CHECKING:
    from ledger.verify.gather import OpenRecord

_OWN = (Kind.DOCUMENT, Kind.ACCOUNT, Kind.FACILITY)
"""What a part takes along from its parent: it names all of these itself that concern it."""


class Cut(Struct, frozen=True):
    """Until when an ancestor concerns the goods: log time (s), and for parts the leaf index.

    `index` is None where the goods were made of a portion: they do not name its papers themselves.
    """

    at: int
    index: int | None


def cuts_of(records: Sequence[OpenRecord]) -> Mapping[bytes, Cut]:
    """Return the cut of each record that concerns the goods up to then only, by its path.

    `records` are those of one walk, the goods first. What is led to by several ways concerns the
    goods as long as the longest of them says.
    """
    lots = {record.path: record for record in records if record.kind is Kind.LOT}
    found: dict[bytes, Cut | None] = {}
    for child in lots.values():
        for path in child.paths:
            if path in lots:
                _extend(found, path, _between(child, lots[path]))
    for namer in lots.values():
        for path in namer.paths:
            if path not in lots:
                _extend(found, path, found.get(namer.path))
    return {path: cut for path, cut in found.items() if cut is not None}


def concerns(cut: Cut | None, record: OpenRecord, finding: Finding) -> bool:
    """Return whether a finding on `record` was there for the goods, by where they were cut."""
    if cut is None or finding.rule in verdict_table().of_origin:
        return True
    if record.kind in _OWN:
        return not is_of_the_rest(cut, record)
    return record.kind is Kind.PARTY or finding.from_at <= cut.at


def is_of_the_rest(cut: Cut | None, record: OpenRecord) -> bool:
    """Return whether only the rest of what the goods are a part of names this paper or place."""
    return cut is not None and cut.index is not None and record.kind in _OWN


def _between(child: OpenRecord, parent: OpenRecord) -> Cut | None:
    """Return the cut between goods and what they came of; None where they are all of it."""
    own, whole = child.state, parent.state
    if not isinstance(own, LotState) or not isinstance(whole, LotState):
        return None
    # Of what no part was taken all was used up at once, or came back under this code.
    is_made = own.basis in verdict_table().made_basis
    if own.taken_index is None and (not is_made or whole.ended_at == own.born_at):
        return None
    return Cut(own.born_at, own.taken_index)


def _extend(found: dict[bytes, Cut | None], path: bytes, cut: Cut | None) -> None:
    known = found.get(path, cut)
    if known is None or cut is None:
        found[path] = None
        return
    indexes = (known.index, cut.index)
    index = None if None in indexes else max(i for i in indexes if i is not None)
    found[path] = Cut(max(known.at, cut.at), index)
