"""Documents that name no holder: whose word alone used them up where goods came in.

Owns what keeps a stranger from locking out whoever the permit was issued for: anybody may say that
goods from outside this ledger came in under its number. Sources: CITES Art. VI (5); fraud F05.
"""

from __future__ import annotations

from ledger.custody.documents import DocumentEndorsed, DocumentState, Way
from ledger.custody.rules.in_place import passage_under
from ledger.custody.rules.papers import Draw, Word, is_holder
from ledger.custody.state import Draft, Signed

SEVERAL = ""
"""Stands for the party where more than one said so."""


def claimed_by(draft: Draft, word: Word, *, party: str) -> str | None:
    """Return who said by its own word alone that goods came in under the word's document.

    None where nobody did: an officer saw them, they left under it here, or it names its holder.
    """
    state = draft.document(word.document)
    if state is None:
        return None
    known = state.claimed_by
    if word.is_official or not _is_open(state, word.way) or _left_under(draft, word):
        return known
    return of_both(known, party)


def of_both(one: str | None, other: str | None) -> str | None:
    """Return who said so where two documents, or two statements, are taken together."""
    said = {one, other} - {None}
    return SEVERAL if len(said) > 1 else next(iter(said), None)


def is_contested(signed: Signed, draft: Draft, draw: Draw) -> bool:
    """Return whether a balance may be used up by the words of others than the party of the lot.

    The lot waits for an officer then, who compares it with the permit, and is not stopped.
    """
    state = draft.document(draw.document)
    if state is None or draw.code is None or not _is_open(state, draw.way):
        return False
    party = signed.party
    if isinstance(signed.event, DocumentEndorsed):
        lot = draft.lot(draw.code)
        party = lot.holder if lot is not None else party
    return state.claimed_by not in (None, party)


def _is_open(state: DocumentState, way: Way) -> bool:
    return way is Way.IMPORT and is_holder(state, SEVERAL)


def _left_under(draft: Draft, word: Word) -> bool:
    lot = draft.lot(word.code) if word.code is not None else None
    return lot is not None and passage_under(draft, lot, word.document, Way.EXPORT) is not None
