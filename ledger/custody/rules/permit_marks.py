"""Rules on marks that documents name: one tag stands on one permit of a kind.

Owns the register of the marks on documents, by range. An export permit and the re-export
certificates that follow it name the same tags, so documents of one country and kind are compared.
Source: fraud F10.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentReplaced
from ledger.custody.goods import MarkRange, expand
from ledger.custody.references import PermitRegister, PermitRun
from ledger.custody.rules.marks import MARKS_MAX
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

GONE = frozenset({"cancelled", "replaced"})

RULES = (Rule("mark.two-permits", "stop, check", "A tag stands on one permit of a kind."),)


def check_marks(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield what marks on another document in force mean: a stop on both where both were issued.

    A copy that somebody recorded says nothing against the document of another.
    """
    event = signed.event
    if not isinstance(event, DocumentIssued | DocumentRecorded | DocumentReplaced):
        return
    is_issued = not isinstance(event, DocumentRecorded)
    gone = event.replaces if isinstance(event, DocumentReplaced) else ""
    shared: dict[str, set[str]] = {}
    for row in event.paper.rows:
        for marks in row.marks:
            for name, run in others_in_force(draft, event.document, marks):
                if name == gone:
                    continue
                first, last = max(run.first, marks.first), min(run.last, marks.last)
                both = MarkRange(marks.scheme, marks.before, first, last, marks.digits, marks.after)
                shared.setdefault(name, set()).update(expand((both,)))
    for name, found in sorted(shared.items()):
        other = draft.document(name)
        both_issued = is_issued and other is not None and other.status != "recorded"
        severity = Severity.STOP if both_issued else Severity.CHECK
        marks_shared = tuple(sorted(found))
        own = Subject(Kind.DOCUMENT, event.document)
        yield Flag(own, "mark.two-permits", severity, marks=marks_shared)
        if is_issued:
            theirs = Subject(Kind.DOCUMENT, name)
            yield Flag(theirs, "mark.two-permits", severity, marks=marks_shared)


def permits_of(marks: MarkRange) -> str:
    """Return the name of the register of documents for marks that differ in the serial alone."""
    return f"permits/{marks.scheme}/{marks.before}#{marks.digits}#{marks.after}"


def file_marks(signed: Signed, draft: Draft) -> None:
    """Add the marks of a document's rows to their registers."""
    event = signed.event
    if not isinstance(event, DocumentIssued | DocumentRecorded | DocumentReplaced):
        return
    new: dict[str, set[PermitRun]] = {}
    for row in event.paper.rows:
        for marks in row.marks:
            run = PermitRun(marks.first, marks.last, event.document)
            new.setdefault(permits_of(marks), set()).add(run)
    # Sorted once for each register: a paper may name a thousand single tags of one form.
    for name, runs in new.items():
        known = draft.reference(name, PermitRegister) or PermitRegister(())
        kept = tuple(sorted(runs.union(known.permit_runs), key=_order))
        draft.put(Kind.REFERENCE, name, PermitRegister(kept, findings=known.findings))


def others_in_force(
    draft: Draft, document: str, marks: MarkRange
) -> Iterator[tuple[str, PermitRun]]:
    """Yield the other documents in force of one country and kind that name some of the marks."""
    register = draft.reference(permits_of(marks), PermitRegister)
    kind = document.split("/")[:2]
    runs = register.permit_runs if register is not None else ()
    # No run is longer than a line may have marks, so none before this one reaches so far.
    place = bisect_left(runs, marks.first - MARKS_MAX + 1, key=lambda run: run.first)
    for run in runs[place:]:
        if run.first > marks.last:
            return
        if run.last < marks.first or run.document == document:
            continue
        state = draft.document(run.document)
        in_force = state is not None and state.status not in GONE
        if in_force and run.document.split("/")[:2] == kind:
            yield run.document, run


def _order(run: PermitRun) -> tuple[int, int, str]:
    return (run.first, run.last, run.document)
