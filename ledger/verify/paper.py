"""Levels of documents: in force, confirmed, not used up, and what the paper must say.

Owns the order of reasons for a document by its own proved record and those of who signed for it
(docs/formats/card.md). Which reason has which level stands in the table. Knows no proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ledger.custody.documents import DocumentState, ReferenceEnd, Way
from ledger.custody.parties import PartyState
from ledger.custody.rules.days import is_day, log_day
from ledger.custody.rules.lines import Line, balance_of, left_by_row, lines_of
from ledger.custody.rules.validity import first_day_of, last_day_of, runs_on
from ledger.custody.subjects import Kind
from ledger.errors import MalformedError
from ledger.reference.tables import load_tables
from ledger.verify.gather import Reached, gather_findings
from ledger.verify.judge import (
    DAY_S,
    Freshness,
    Judged,
    Reason,
    age_reasons,
    finding_reasons,
    gravest,
    made,
    plain_row,
)
from ledger.verify.verdict import Level, PaperShown

_ENDED = ("cancelled", "replaced", "seized")
_LAST = (Way.IMPORT, Way.SALE)
"""The sides on which goods have come to where the document leads."""


def judge_document(
    reached: tuple[Reached, ...],
    *,
    name: str,
    as_of: int,
    now_s: int,
    freshness: Freshness,
    is_behind: bool = False,
) -> Judged:
    """Return the level of the document `name`: its own proved record and its signers' after it.

    `as_of` is the time of the newest closing, `now_s` the verifier's clock (both s); days are
    judged by the latter. Raise MalformedError for a record whose days are none.
    """
    findings = gather_findings(reached, as_of=as_of)
    state = reached[0].record.state
    reasons: list[Reason] = []
    if isinstance(state, DocumentState):
        reasons += _force_reasons(state, name=name, now_s=now_s)
        reasons += finding_reasons(findings)
        reasons += _standing_reasons(state, reached)
    reasons += age_reasons(as_of=as_of, now_s=now_s, freshness=freshness, is_behind=is_behind)
    return gravest(reasons, findings)


def parts_of(name: bytes, reached: tuple[Reached, ...]) -> tuple[Reached, ...]:
    """Return the document at the path `name` (32 bytes) and its signers out of a lot's walk.

    Nothing where the walk does not pass it.
    """
    by_path = {item.record.path: item.record for item in reached}
    found = by_path.get(name)
    if found is None or found.kind is not Kind.DOCUMENT:
        return ()
    rows = (found, *(by_path[path] for path in sorted({row.path for row in found.signers})))
    return tuple(Reached(record, inherited=False) for record in rows)


def paper_of(reached: tuple[Reached, ...], *, name: str) -> PaperShown | None:
    """Return what the paper of a document must say, and what may still pass of each row."""
    state = reached[0].record.state
    if not isinstance(state, DocumentState):
        return None
    return PaperShown(
        status=state.status,
        rows=tuple(plain_row(row) for row in state.rows),
        left=left_by_row(state),
        from_day=state.from_day,
        until_day=_last_day(state, name),
        purpose=state.purpose,
    )


def _force_reasons(state: DocumentState, *, name: str, now_s: int) -> Iterator[Reason]:
    """Yield why a document is not in force now; a day counts wherever it still or already is.

    One past its last day may have been used in time, so that it is a check.
    """
    today, yesterday = log_day(now_s), log_day(now_s - DAY_S)
    last = _last_day(state, name)
    status, level = state.status, Level.STOP
    if status not in _ENDED:
        if any(runs_on(days, today) for days in state.suspended):
            status = "suspended"
        elif state.withdrawn is not None:
            status = state.withdrawn.status.value
            level = Level.STOP if state.withdrawn.status is ReferenceEnd.REJECTED else Level.CHECK
        elif last is not None and last < yesterday:
            status, level = "expired", Level.CHECK
        else:
            status = ""
    if status:
        yield Reason(level, "document.not-in-force", {"document": name, "status": status})
    if state.from_day is not None and state.from_day > log_day(now_s + DAY_S):
        yield made("document.early", day=state.from_day)
    if state.ended_day is not None and state.ended_day < yesterday:
        yield made("document.spent", day=state.ended_day)


def _standing_reasons(state: DocumentState, reached: tuple[Reached, ...]) -> Iterator[Reason]:
    """Yield what asks for a closer look at a document that is in force."""
    if state.status == "recorded":
        yield made("document.copy")
    if any(
        isinstance(item.record.state, PartyState) and item.record.state.status == "suspended"
        for item in reached
    ):
        yield made("document.signer-suspended")
    if any(_is_full(state, balance_of(state, way)) for way in _LAST):
        yield made("document.used-up")
    elif _is_full(state, balance_of(state, Way.EXPORT)):
        # Goods on their way are shown with a full permit: no check, but said.
        yield made("document.left")


def _is_full(state: DocumentState, passed: Counter[Line]) -> bool:
    return bool(passed) and lines_of(state.rows) <= passed


def _last_day(state: DocumentState, name: str) -> str | None:
    first = first_day_of(state)
    if first is not None and not is_day(first):
        raise MalformedError("record.day", "A day in the document's record is none.")
    return last_day_of(load_tables(), name, state)
