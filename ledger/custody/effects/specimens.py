"""What sales and losses do to certificates of one specimen; who brings in goods for oneself."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ledger.custody.rules.days import day_of
from ledger.custody.rules.lines import lines_of
from ledger.custody.rules.specimens import KEPT_MAX, OF_SPECIMENS, WHILE_TRUE, personal_uses
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind
from ledger.custody.transfers import Moves, Offer


def end_sold(signed: Signed, draft: Draft, offer: Offer, codes: Iterable[str]) -> None:
    """End the certificates of specimens of which an acceptance moves the title."""
    if offer.event.moves is not Moves.CUSTODY:
        end_certificates(signed, draft, codes)


def end_certificates(signed: Signed, draft: Draft, codes: Iterable[str]) -> None:
    """End the certificates of specimens that changed hands or are no more."""
    for code in codes:
        lot = draft.lot(code)
        for name in lot.documents if lot is not None else ():
            # The name tells the kind: no record is asked for the papers of most goods.
            kind = draft.tables.document_kind(name)
            if kind is None or kind.kind not in OF_SPECIMENS:
                continue
            state = draft.document(name)
            if state is not None and state.ended_day is None:
                draft.put(Kind.DOCUMENT, name, replace(state, ended_day=day_of(signed)))


def end_described(signed: Signed, draft: Draft, codes: Iterable[str]) -> None:
    """End papers that describe goods which are no more, where they cover nothing else."""
    for code in codes:
        lot = draft.lot(code)
        for name in lot.documents if lot is not None else ():
            kind = draft.tables.document_kind(name)
            state = draft.document(name) if kind is not None and kind.kind in WHILE_TRUE else None
            if state is None or lot is None or not state.rows or state.ended_day is not None:
                continue
            if lines_of(state.rows) <= lines_of(lot.contents):
                draft.put(Kind.DOCUMENT, name, replace(state, ended_day=day_of(signed)))


def note_personal(signed: Signed, draft: Draft) -> None:
    """Keep on the importer under which documents it brought in goods for itself, and when."""
    new = personal_uses(signed, draft)
    party = draft.party(signed.party) if new else None
    if party is None:
        return
    named = {use.document for use in new}
    kept = (*(use for use in party.personal if use.document not in named), *new)[-KEPT_MAX:]
    draft.put(Kind.PARTY, signed.party, replace(party, personal=kept))
