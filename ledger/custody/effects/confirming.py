"""Which lots wait for a copy of a document to be confirmed, and what ends when it is.

Owns the list on the copy: a lot that entered on its word alone, the parts of that lot, and what was
made of it alone. What was made of several such lots waits for an officer who looks, and so do goods
of a party that the copy does not name: nobody fills the list of others.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from ledger.custody.documents import DocumentState, Waiting
from ledger.custody.lots import LotRegistered
from ledger.custody.rules.diligence import ancestors
from ledger.custody.rules.entering import NOT_CONFIRMED, lists, words_alone
from ledger.custody.rules.papers import is_holder
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Finding, Kind

WAITING_MAX = 500
"""How many lots a copy remembers: confirming it touches each of their records."""


def await_copies(signed: Signed, draft: Draft, event: LotRegistered) -> None:
    """Note on copies which of the lots born here wait for one of them to be confirmed."""
    for i in sorted(draft.once(words_alone, signed)):
        for name in sorted(set(event.lots[i].documents)):
            state = draft.document(name)
            speaks = state is not None and lists(draft, state, event.lots[i])
            if state is not None and speaks and is_holder(state, signed.party):
                _note(draft, name, Waiting(signed.code_of(i), signed.id))


def await_along(draft: Draft, parents: Iterable[str], code: str) -> None:
    """Let what is taken, or made, of one waiting lot wait for the same copies as that one."""
    waiting = [Waiting(of, finding.cause) for of in parents for finding in _of_entry(draft, of)]
    if len(waiting) != 1:
        return
    for lot in ancestors(draft, waiting[0].lot):
        copies = [name for name in lot.documents if _waits(draft, name, waiting[0])]
        for name in copies:
            _note(draft, name, replace(waiting[0], lot=code))
        if copies:
            return


def confirmed(draft: Draft, name: str) -> None:
    """End the checks of what waited for the document, which somebody has spoken for now."""
    state = draft.document(name)
    if state is None or not state.waiting:
        return
    for one in state.waiting:
        lot = draft.lot(one.lot)
        if lot is not None:
            same = (NOT_CONFIRMED, one.cause)
            kept = tuple(f for f in lot.findings if (f.rule, f.cause) != same)
            if len(kept) < len(lot.findings):
                draft.put(Kind.LOT, one.lot, replace(lot, findings=kept))
    draft.put(Kind.DOCUMENT, name, replace(state, waiting=()))


def _of_entry(draft: Draft, code: str) -> tuple[Finding, ...]:
    lot = draft.lot(code)
    return tuple(f for f in lot.findings if f.rule == NOT_CONFIRMED) if lot is not None else ()


def _note(draft: Draft, name: str, one: Waiting) -> None:
    state = draft.document(name)
    if state is not None and state.status == "recorded" and len(state.waiting) < WAITING_MAX:
        draft.put(Kind.DOCUMENT, name, replace(state, waiting=(*state.waiting, one)))


def _waits(draft: Draft, name: str, one: Waiting) -> bool:
    state = draft.document(name)
    return isinstance(state, DocumentState) and one in state.waiting
