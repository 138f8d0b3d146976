"""Rules on the days of documents: when each kind may be used, judged on the day of the act.

Owns the terms of kinds (table `document_kinds`), caviar quota years and what back-dating shows.
First and last day count, at the place of the act. Sources: CITES Art. VI(2); Reg. (EC) 865/2006,
Art. 10; EU Reference Guide 3.3.2, 8.2 and 8.3; frauds F08 and F09.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.documents import DocumentState, SuspendedDays, Way
from ledger.custody.lots import LotState
from ledger.custody.rules.days import day_of, days_between, log_day, months_after, quota_year_end
from ledger.custody.rules.in_place import names_before
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Rule, Severity, Subject
from ledger.reference.tables import Tables

IMPORT_MONTHS = 6
"""How long after the issue of an export document its goods may still enter the EU."""
CAVIAR_MONTHS = 18
"""How long after the first export permit caviar may still be re-exported."""
BACK_DATED_DAYS = 1
"""Days at two places of one moment may differ by one."""
OFFLINE_DAYS = 4
"""What an office without a network signs may come 72 hours later (`time.late`): a check so far."""

RULES = (
    Rule("document.not-yet-valid", "stop", "A document is used from its first day on."),
    Rule("document.expired", "stop", "A document is used until its last day."),
    Rule("document.suspended", "stop", "A document is not used while it is suspended."),
    Rule("document.ended", "stop", "A certificate ends with its specimen, or when that is sold."),
    Rule("document.last-day", "note", "Goods left on the very last day of their document."),
    Rule("document.import-late", "check", "Goods enter within six months of their export paper."),
    Rule("document.no-export-paper", "check", "An import permit needs an export document."),
    Rule("document.caviar-days", "check", "Caviar passes in its quota year, and within 18 months."),
    Rule("document.back-dated", "stop, check", "A permit stands in the ledger before goods leave."),
)


def check_days(
    signed: Signed, draft: Draft, subject: Subject, *, document: str, way: Way
) -> Iterator[Flag]:
    """Yield what is wrong about the day on which a document was used; findings on `subject`.

    The last day of an export document is that of leaving: goods may enter later.
    """
    state = draft.document(document)
    if state is None:
        return
    kind = draft.tables.document_kind(document)
    day, last = day_of(signed), last_day(draft, document, state)
    if state.from_day is not None and day < state.from_day:
        yield Flag(subject, "document.not-yet-valid", Severity.STOP)
    if state.ended_day is not None and day > state.ended_day:
        yield Flag(subject, "document.ended", Severity.STOP)
    leaves = kind is not None and kind.act in ("export", "re-export")
    has_left = leaves and way is Way.IMPORT
    if is_suspended(state, day) and not has_left:
        yield Flag(subject, "document.suspended", Severity.STOP)
    if last is not None and not has_left:
        if day > last:
            yield Flag(subject, "document.expired", Severity.STOP)
        elif day == last and leaves:
            yield Flag(subject, "document.last-day", Severity.NOTE)
    if way is Way.EXPORT:
        first = kind is None or kind.act != "re-export"
        yield from _check_caviar(state, subject, day=day, is_first=first)
        yield from _check_back_dated(draft, document, state, subject, day=day)
    yield from _check_issue(draft, document, subject, day=day, way=way, has_left=has_left)


def check_entry(
    signed: Signed, draft: Draft, subject: Subject, *, papers: tuple[str, ...]
) -> Iterator[Flag]:
    """Yield what is wrong about goods that enter a country: `papers` are all their documents."""
    kinds = {name: draft.tables.document_kind(name) for name in papers}
    export = [n for n, k in kinds.items() if k is not None and k.act in ("export", "re-export")]
    if not export and any(kind is not None and kind.kind == "IMPORT" for kind in kinds.values()):
        yield Flag(subject, "document.no-export-paper", Severity.CHECK)
    states = (draft.document(name) for name in export)
    # A copy may not say when it was issued: not after its first day, nor after its last. Goods that
    # were re-exported name the older papers still: they travel under the newest.
    days = [s.issued_day or s.from_day or s.until_day for s in states if s is not None]
    issued = max((day for day in days if day is not None), default=None)
    if issued is not None and day_of(signed) > months_after(issued, IMPORT_MONTHS):
        yield Flag(subject, "document.import-late", Severity.CHECK)


def papers_of(lot: LotState | None, documents: tuple[str, ...], used: str) -> tuple[str, ...]:
    """Return the documents under which goods travel: those used, and under which they left last."""
    left = [p.document for p in lot.passages if p.way is Way.EXPORT][-1:] if lot else []
    return tuple(sorted({used, *documents, *left}))


def is_suspended(state: DocumentState, day: str) -> bool:
    """Return whether the document is suspended by its issuer on that day."""
    return any(runs_on(days, day) for days in state.suspended)


def runs_on(days: SuspendedDays, day: str) -> bool:
    """Return whether a suspension stands on that day: its first and last day count."""
    return days.from_day <= day <= (days.until_day or day)


def last_day(draft: Draft, document: str, state: DocumentState) -> str | None:
    """Return the last day of a document: as it says, and no later than its kind allows."""
    return last_day_of(draft.tables, document, state)


def first_day_of(state: DocumentState) -> str | None:
    """Return the day from which the term of a document counts, as text that may be no day.

    A copy may say its first day alone: it was issued by then.
    """
    return state.issued_day if state.issued_day is not None else state.from_day


def last_day_of(tables: Tables, document: str, state: DocumentState) -> str | None:
    """Return the last day of a document by these tables, None where it does not end."""
    kind = tables.document_kind(document)
    days = [state.until_day] if state.until_day is not None else []
    first = first_day_of(state)
    if kind is not None and kind.months is not None and first is not None:
        days.append(months_after(first, kind.months))
    return min(days, default=None)


def _check_caviar(
    state: DocumentState, subject: Subject, *, day: str, is_first: bool
) -> Iterator[Flag]:
    """Wild caviar leaves its own country in its quota year; re-exports have 18 months alone."""
    for row in state.rows:
        if row.term != "CAV":
            continue
        wild = is_first and row.source == "W" and state.issued_day is not None
        first = row.origin_day
        ended = wild and day > quota_year_end(state.issued_day or day)
        if ended or (first is not None and day > months_after(first, CAVIAR_MONTHS)):
            yield Flag(subject, "document.caviar-days", Severity.CHECK)
            return


def _check_back_dated(
    draft: Draft, document: str, state: DocumentState, subject: Subject, *, day: str
) -> Iterator[Flag]:
    """The log knows when a document first stood in it; a copy says less than its issuer's word."""
    if is_retrospective(state):
        return
    late = days_between(day, log_day(state.entered_at)) if state.entered_at else 0
    if state.replaces is not None and _is_before_issue(draft, document, state, day):
        late = max(late, days_between(day, state.issued_day or day))
    if late > BACK_DATED_DAYS:
        is_grave = state.status == "issued" and late > OFFLINE_DAYS
        severity = Severity.STOP if is_grave else Severity.CHECK
        yield Flag(subject, "document.back-dated", severity)


def _check_issue(
    draft: Draft, document: str, subject: Subject, *, day: str, way: Way, has_left: bool
) -> Iterator[Flag]:
    """Goods do not come in before their paper is issued; a late one is for what had passed."""
    state = draft.document(document)
    if state is None:
        return
    if way is Way.IMPORT and _is_before_issue(draft, document, state, day):
        yield Flag(subject, "document.back-dated", Severity.CHECK)
    if not has_left and _is_after_late_issue(state, day):
        yield Flag(subject, "document.retrospective", Severity.CHECK)


def is_retrospective(state: DocumentState) -> bool:
    """Return whether a document says that it was issued after the act."""
    return state.paper is not None and state.paper.retrospective is not None


def is_used_before(state: DocumentState, issued_day: str) -> bool:
    """Return whether a document was used more than a day before the day of its issue."""
    acts = (Way.EXPORT.value, Way.IMPORT.value)
    days = (shown.day for shown in state.shown if shown.act in acts)
    return any(days_between(day, issued_day) > BACK_DATED_DAYS for day in days)


def _is_before_issue(draft: Draft, document: str, state: DocumentState, day: str) -> bool:
    """Return whether goods passed before a document was issued, and none in its place stood then.

    One that replaces another covers what passed while that was in force.
    """
    if state.issued_day is None or is_retrospective(state):
        return False
    if days_between(day, state.issued_day) <= BACK_DATED_DAYS:
        return False
    older = ((name, draft.document(name)) for name in names_before(draft, document))
    return not any(
        known is not None and name != document and _stood_on(draft, name, known, day)
        for name, known in older
    )


def _stood_on(draft: Draft, name: str, state: DocumentState, day: str) -> bool:
    first = state.from_day or state.issued_day or day
    return first <= day <= (last_day(draft, name, state) or day)


def _is_after_late_issue(state: DocumentState, day: str) -> bool:
    """Return whether goods passed under a retrospective document after it had been issued."""
    if state.issued_day is None or not is_retrospective(state):
        return False
    return days_between(state.issued_day, day) > BACK_DATED_DAYS


__all__ = [
    "RULES",
    "check_days",
    "check_entry",
    "first_day_of",
    "is_retrospective",
    "is_suspended",
    "is_used_before",
    "last_day",
    "last_day_of",
    "papers_of",
    "runs_on",
]
