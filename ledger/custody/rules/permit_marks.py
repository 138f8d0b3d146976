"""Rules on marks that documents name: one tag stands on one permit of a kind.

Owns the registers of the marks on documents in force, a hundred serials in each. An export permit
and the re-export certificates that follow it name the same tags, so documents of one country and
kind are compared. Anybody may record copies: a register keeps no more of them than tell something
new, so that nobody makes those of others long. Source: fraud F10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate

from ledger.custody.documents import (
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
)
from ledger.custody.goods import MarkRange, expand
from ledger.custody.references import PermitRegister, PermitRun
from ledger.custody.rules.allotments import with_span
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

GONE = frozenset({"cancelled", "replaced"})
BLOCK = 100
"""How many serials one register holds."""
TOLD_BY = 2
"""A copy whose tags all stand on so many other documents says nothing new: it has its finding."""

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
    mine: dict[Severity, set[str]] = {}
    for name, found in sorted(_shared(draft, event.document, event.paper.rows).items()):
        if name == gone:
            continue
        other = draft.document(name)
        both_issued = is_issued and other is not None and other.status != "recorded"
        severity = Severity.STOP if both_issued else Severity.CHECK
        mine.setdefault(severity, set()).update(found)
        if is_issued:
            theirs = Subject(Kind.DOCUMENT, name)
            yield Flag(theirs, "mark.two-permits", severity, marks=tuple(sorted(found)))
    own, stopped = Subject(Kind.DOCUMENT, event.document), mine.get(Severity.STOP, set())
    for severity, found in sorted(mine.items()):
        # Of a tag that stops it, a copy says nothing more.
        marks = found if severity is Severity.STOP else found - stopped
        if marks:
            yield Flag(own, "mark.two-permits", severity, marks=tuple(sorted(marks)))


def file_marks(draft: Draft, document: str, rows: Iterable[DocumentRow], *, is_copy: bool) -> None:
    """Add the marks of a document's rows to their registers.

    A copy that nobody confirmed stands in those where it tells something new.
    """
    for name, spans in _places(document, rows).items():
        known = draft.reference(name, PermitRegister) or PermitRegister(())
        if is_copy and _is_told(known, spans):
            continue
        runs = {PermitRun(first, last, document) for first, last in spans}
        kept = tuple(sorted(runs.union(known.permit_runs), key=_order))
        draft.put(Kind.REFERENCE, name, PermitRegister(kept, findings=known.findings))


def unfile_marks(draft: Draft, document: str) -> None:
    """Take the marks of a document, as it stands, off their registers: it is gone, or said anew."""
    state = draft.document(document)
    for name in _places(document, state.rows if state is not None else ()):
        known = draft.reference(name, PermitRegister)
        if known is not None:
            left = tuple(run for run in known.permit_runs if run.document != document)
            draft.put(Kind.REFERENCE, name, PermitRegister(left, findings=known.findings))


def others_in_force(
    draft: Draft, document: str, marks: MarkRange
) -> Iterator[tuple[str, PermitRun]]:
    """Yield the other documents in force of one country and kind that name some of the marks."""
    for name, first, last in _registers(document, marks):
        register = draft.reference(name, PermitRegister)
        for run in register.permit_runs if register is not None else ():
            if run.first <= last and first <= run.last and run.document != document:
                yield run.document, run


def _shared(draft: Draft, document: str, rows: Iterable[DocumentRow]) -> dict[str, set[str]]:
    """Return by document which marks of the rows it names as well."""
    shared: dict[str, set[str]] = {}
    for row in rows:
        for marks in row.marks:
            for name, run in others_in_force(draft, document, marks):
                first, last = max(run.first, marks.first), min(run.last, marks.last)
                both = MarkRange(marks.scheme, marks.before, first, last, marks.digits, marks.after)
                shared.setdefault(name, set()).update(expand((both,)))
    return shared


def _registers(document: str, marks: MarkRange) -> Iterator[tuple[str, int, int]]:
    """Yield the names of the registers of marks on documents like this, and which serials each."""
    country, kind = document.split("/")[:2]
    form = f"{marks.scheme}/{marks.before}#{marks.digits}#{marks.after}"
    for block in range(marks.first // BLOCK, marks.last // BLOCK + 1):
        first, last = block * BLOCK, block * BLOCK + BLOCK - 1
        name = f"permits/{country}/{kind}/{block}/{form}"
        yield name, max(first, marks.first), min(last, marks.last)


def _places(document: str, rows: Iterable[DocumentRow]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return by register the serials of a document's rows, as spans that do not touch."""
    places: dict[str, tuple[tuple[int, int], ...]] = {}
    for row in rows:
        for marks in row.marks:
            for name, first, last in _registers(document, marks):
                places[name] = with_span(places.get(name, ()), first, last)
    return places


def _is_told(register: PermitRegister, spans: tuple[tuple[int, int], ...]) -> bool:
    """Return whether other documents enough name each serial of the spans."""
    steps: Counter[int] = Counter()
    for run in register.permit_runs:
        steps[run.first] += 1
        steps[run.last + 1] -= 1
    base = spans[0][0] // BLOCK * BLOCK
    depths = tuple(accumulate(steps[base + place] for place in range(BLOCK)))
    return all(
        depth >= TOLD_BY
        for first, last in spans
        for depth in depths[first - base : last - base + 1]
    )


def _order(run: PermitRun) -> tuple[int, int, str]:
    return (run.first, run.last, run.document)
