"""What ends on other documents when one that shared their tags, stamp or number is gone."""

from __future__ import annotations

from msgspec.structs import replace

from ledger.custody.blanks import BlankState
from ledger.custody.documents import DocumentState, Paper
from ledger.custody.effects.claims import without_marks
from ledger.custody.goods import compress
from ledger.custody.rules.blanks import stamp_of
from ledger.custody.rules.lines import lines_of
from ledger.custody.rules.near_numbers import NEAR, near_to
from ledger.custody.rules.permit_marks import GONE, others_in_force, unfile_marks
from ledger.custody.state import Draft
from ledger.custody.subjects import Finding, Kind

TWO_PERMITS, TWICE = "mark.two-permits", "blank.twice"


def settle_sharing(draft: Draft, gone: str) -> None:
    """End on other documents what was found because they shared tags, stamp or number with `gone`.

    What they still share with another document in force stays.
    """
    state = draft.document(gone)
    if state is None:
        return
    unfile_marks(draft, gone)
    rows = (marks for row in state.rows for marks in row.marks)
    others = {name for marks in rows for name, _ in others_in_force(draft, gone, marks)}
    stamp = stamp_of(gone, state.paper or Paper())
    borne = draft.reference(stamp, BlankState) if stamp is not None else None
    others |= set(borne.documents if borne is not None else ()) - {gone}
    # It is gone: whatever may have been near to it is asked anew.
    others |= set(near_to(draft, gone, lines_of(state.rows), is_copy=True))
    for name in sorted(others):
        other = draft.document(name)
        if other is not None and other.findings:
            kept = (_kept(draft, name, other, finding) for finding in other.findings)
            findings = tuple(finding for finding in kept if finding is not None)
            draft.put(Kind.DOCUMENT, name, replace(other, findings=findings))


def _kept(draft: Draft, name: str, state: DocumentState, finding: Finding) -> Finding | None:
    if finding.rule == TWO_PERMITS:
        free = {mark for mark in finding.marks if not _is_shared(draft, name, mark)}
        return without_marks(finding, free)
    if finding.rule == TWICE and not _shares_stamp(draft, name, state):
        return None
    is_copy = state.status == "recorded"
    if finding.rule == NEAR and not near_to(draft, name, lines_of(state.rows), is_copy=is_copy):
        return None
    return finding


def _is_shared(draft: Draft, name: str, mark: str) -> bool:
    return any(any(others_in_force(draft, name, one)) for one in compress((mark,)))


def _shares_stamp(draft: Draft, name: str, state: DocumentState) -> bool:
    stamp = stamp_of(name, state.paper or Paper())
    borne = draft.reference(stamp, BlankState) if stamp is not None else None
    others = (
        draft.document(n) for n in (borne.documents if borne is not None else ()) if n != name
    )
    return any(other is not None and other.status not in GONE for other in others)
