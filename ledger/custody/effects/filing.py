"""Which documents bear a stamp, and which have numbers that are read as one.

Owns the room on those lists: copies that nobody confirmed take no place of documents in force, nor
of copies by others (docs/decisions/0022-records-of-many-hands.md).
"""

from __future__ import annotations

from msgspec.structs import replace

from ledger.custody.blanks import BlankState
from ledger.custody.documents import DocumentState, Paper
from ledger.custody.references import NumberedPapers
from ledger.custody.rules.blanks import stamp_of
from ledger.custody.rules.near_numbers import is_in_force, numbers_of
from ledger.custody.rules.origin_permits import is_re_export, named_by, re_exports_of
from ledger.custody.state import Draft
from ledger.custody.subjects import Kind

DOCUMENTS_MAX = 20
"""How many documents a list keeps, and how many copies beside."""
COPIES_EACH = 5
"""How many of the copies may be one party's: nobody fills the place of others by himself."""


RE_EXPORTS_MAX = 100
"""Of how many re-exports of one country a permit of origin remembers."""


def file_document(draft: Draft, document: str, paper: Paper) -> None:
    """Note a document, as it stands now, beside those that bear its stamp or share its number."""
    _file_number(draft, document)
    _file_re_export(draft, document)
    name = stamp_of(document, paper)
    if name is None:
        return
    known = draft.reference(name, BlankState) or BlankState()
    if _has_room(draft, known.documents, document):
        borne = replace(known, documents=(*known.documents, document))
        draft.put(Kind.REFERENCE, name, borne)


def _file_number(draft: Draft, document: str) -> None:
    name = numbers_of(document)
    known = draft.reference(name, NumberedPapers) or NumberedPapers(())
    # One that is gone is near to nothing, and does not come back.
    kept = tuple(other for other in known.numbered if is_in_force(draft, other))
    if _has_room(draft, kept, document):
        draft.put(Kind.REFERENCE, name, replace(known, numbered=(*kept, document)))


def _file_re_export(draft: Draft, document: str) -> None:
    """Note a re-export of its issuer beside those that name the same permits of origin."""
    state = draft.document(document)
    if state is None or _is_copy(state) or not is_re_export(draft, document):
        return
    for key in named_by(state.rows):
        name = re_exports_of(document, key)
        known = draft.reference(name, NumberedPapers) or NumberedPapers(())
        kept = tuple(n for n in known.numbered if n != document and is_in_force(draft, n))
        if len(kept) < RE_EXPORTS_MAX:
            draft.put(Kind.REFERENCE, name, replace(known, numbered=(*kept, document)))


def _has_room(draft: Draft, names: tuple[str, ...], document: str) -> bool:
    """Return whether a list of documents takes this one, which may stand on it already."""
    own = draft.document(document)
    if own is None or document in names:
        return False
    known = [state for state in map(draft.document, names) if state is not None]
    copies = [state for state in known if _is_copy(state)]
    if not _is_copy(own):
        return len(known) - len(copies) < DOCUMENTS_MAX
    mine = sum(copy.by == own.by for copy in copies)
    return len(copies) < DOCUMENTS_MAX and mine < COPIES_EACH


def _is_copy(state: DocumentState) -> bool:
    return state.status == "recorded"
