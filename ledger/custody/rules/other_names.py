"""Rule on names: a permit in another name for the species that passes under it.

Owns the remark alone. The permit covers the goods all the same: a name changed between the two, and
who reads both should know it. Sources: CITES Res. Conf. 12.11 (standard nomenclature); fraud F32.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.rules.goods import same_taxon
from ledger.custody.rules.papers import uses
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

RULES = (Rule("document.other-name", "note", "A document names goods as their lot does."),)


def check_names(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a note for each lot that passes under a line in another name of its own taxon."""
    for use in uses(signed, draft):
        state = draft.document(use.document)
        if state is None or not state.rows:
            continue
        written = {row.taxon for row in state.rows}
        missing = [row.taxon for row in use.contents if row.taxon not in written]
        if any(same_taxon(draft.tables, name, taxon) for taxon in missing for name in written):
            yield Flag(Subject(Kind.LOT, use.code), "document.other-name", Severity.NOTE)
