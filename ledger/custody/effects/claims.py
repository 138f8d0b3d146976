"""Which lot claims a mark: claims move with a part, and are added, never forgotten.

Owns the claims in the records of marks, and which marks of an allotment are used by them.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from ledger.custody.accounts import AllotmentAccount, AllottedRange, Span
from ledger.custody.goods import MarkRange, expand
from ledger.custody.marks import MarkState
from ledger.custody.references import MarkRegister
from ledger.custody.rules.allotments import (
    Stretch,
    is_settled,
    range_in,
    register_of,
    stretches,
    with_early,
    with_spans,
)
from ledger.custody.rules.marks import allotted_to
from ledger.custody.state import Draft
from ledger.custody.subjects import Finding, Kind

CLAIMS_KEPT = 10
"""How many claims of one mark are kept by name; `claims` counts all of them.

A later one is stopped when it is made, and whoever claims a bale of marks that were claimed a
hundred times before would have to look at as many lots for each.
"""
NOT_RETURNED = "mark.not-returned"
CLONED = "mark.cloned"
OF_CLAIMS = (CLONED, "mark.outside-allotment", "mark.before-issue", "mark.other-year")
"""Findings that a slip in a mark leaves on its own lot: they go with the mark."""


def move_marks(draft: Draft, marks: tuple[MarkRange, ...], *, of: str, to: str) -> None:
    """Let lot `to` claim the marks that lot `of` claimed; nothing is claimed twice by this."""
    for name in expand(marks):
        state = draft.mark(name)
        if state is None:
            continue
        lots = tuple(to if code == of else code for code in state.lots)
        allotted = tuple(to if code == of else code for code in state.allotted)
        draft.put(Kind.MARK, name, replace(state, lots=lots, allotted=allotted))


def claim_marks(draft: Draft, marks: tuple[MarkRange, ...], *, to: str, party: str) -> None:
    """Note that lot `to` claims `marks`, said by `party`; its own allotments are used by this."""
    own = allotted_to(draft, (marks,), party=party)
    for name in expand(marks):
        state = draft.mark(name) or MarkState(claims=0)
        if to not in state.lots:
            # Whose mark it is has a place among those that are kept, whoever came before.
            room = CLAIMS_KEPT - 1 if name in own else CLAIMS_KEPT
            lots = (*state.lots[:room], to)[:CLAIMS_KEPT]
            allotted = (*state.allotted, to)[:CLAIMS_KEPT] if name in own else state.allotted
            state = replace(state, claims=state.claims + 1, lots=lots, allotted=allotted)
        draft.put(Kind.MARK, name, state)
    _use(draft, marks, party=party)


def confirm_marks(draft: Draft, names: tuple[str, ...], *, of: str) -> None:
    """Note that an officer confirmed the claim of lot `of`: later rivals cannot stop it again."""
    for name in names:
        state = draft.mark(name)
        if state is not None and of in state.lots and of not in state.allotted:
            draft.put(Kind.MARK, name, replace(state, allotted=(*state.allotted, of)))


def settle_claims(draft: Draft, marks: tuple[MarkRange, ...], *, of: str) -> None:
    """End what a claim on `marks` left that lot `of` took back: on it, and on a rival left alone.

    A finding on several marks goes on about the others.
    """
    alone: dict[str, set[str]] = {of: set()}
    for name in expand(marks):
        state = draft.mark(name)
        lots = state.lots if state is not None else ()
        alone[of].add(name)
        if len(lots) == 1 and state is not None and state.claims == 1:
            alone.setdefault(lots[0], set()).add(name)
    for code, names in alone.items():
        lot = draft.lot(code)
        if lot is not None and lot.findings:
            own = OF_CLAIMS if code == of else (CLONED,)
            left = (without_marks(f, names) if f.rule in own else f for f in lot.findings)
            findings = tuple(f for f in left if f is not None)
            draft.put(Kind.LOT, code, replace(lot, findings=findings))


def without_marks(finding: Finding, names: set[str]) -> Finding | None:
    """Return a finding about marks without some of them, None where none is left."""
    marks = tuple(mark for mark in finding.marks if mark not in names)
    return replace(finding, marks=marks) if marks else None


def drop_marks(draft: Draft, marks: tuple[MarkRange, ...], *, of: str) -> None:
    """Note that lot `of` has `marks` no more: a correction or a replacement says so."""
    for name in expand(marks):
        state = draft.mark(name)
        if state is not None and of in state.lots:
            lots = tuple(code for code in state.lots if code != of)
            allotted = tuple(code for code in state.allotted if code != of)
            left = replace(state, claims=state.claims - 1, lots=lots, allotted=allotted)
            draft.put(Kind.MARK, name, left)


def end_marks(draft: Draft, marks: tuple[MarkRange, ...], *, of: str, how: str) -> None:
    """Take `marks` off a lot or container for good: they stand on nothing any more."""
    drop_marks(draft, marks, of=of)
    for name in expand(marks):
        state = draft.mark(name) or MarkState(claims=0)
        draft.put(Kind.MARK, name, replace(state, ended=how))


def put_ranges(draft: Draft, name: str, changed: Mapping[AllottedRange, AllottedRange]) -> None:
    """Set ranges of an allotment; once all its marks are settled, none is owed any more."""
    state = draft.account(name, AllotmentAccount)
    if state is None:
        return
    state = replace(state, allotted=tuple(changed.get(own, own) for own in state.allotted))
    if is_settled(state):
        left = tuple(finding for finding in state.findings if finding.rule != NOT_RETURNED)
        state = replace(state, findings=left)
    draft.put(Kind.ACCOUNT, name, state)


def _use(draft: Draft, marks: tuple[MarkRange, ...], *, party: str) -> None:
    """Note early use, and the serials of its own that the party used: once for each range."""
    used: dict[str, dict[AllottedRange, list[Span]]] = {}
    for one in marks:
        for stretch in tuple(stretches(draft, one)) or (Stretch(one, None),):
            name = stretch.account
            if name is None:
                _note_early(draft, stretch.marks)
            if name is None or name.split("/")[1] != party:
                continue
            state = draft.account(name, AllotmentAccount)
            own = range_in(state, stretch.marks) if state is not None else None
            if own is not None:
                new = used.setdefault(name, {}).setdefault(own, [])
                new.append((stretch.marks.first, stretch.marks.last))
    for name, ranges in used.items():
        after = {own: replace(own, used=with_spans(own.used, new)) for own, new in ranges.items()}
        put_ranges(draft, name, after)


def _note_early(draft: Draft, marks: MarkRange) -> None:
    """Remember where marks were used that nobody was allotted: their allotment may come yet."""
    if not marks.digits:
        return
    name = register_of(marks)
    register = draft.reference(name, MarkRegister) or MarkRegister(())
    after = with_early(register, marks)
    if after is not register:
        draft.put(Kind.REFERENCE, name, after)
