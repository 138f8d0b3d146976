"""What the ledger remarked on a statement: what its signer is told with the answer.

Owns which of the findings that a statement opened its signer is told, and their order. Decides
nothing: the rules did, and the records hold it. Without it a slip of the pen is met at the border.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.custody.concerning import parties_judged
from ledger.custody.events import BlockClosed, births
from ledger.custody.parties import ApprovalGiven
from ledger.custody.subjects import Finding, Kind, Subject
from ledger.policy import reads
from ledger.records import Record
from ledger.registrar.outcomes import Opened
from ledger.statement import Statement, lot_code
from ledger.storage.finding_list import WEIGHTS


def opened_by(statement: Statement, records: Iterable[Record]) -> tuple[Opened, ...]:
    """Return the findings of `records` that the statement caused, as far as its signer is told.

    Alike ones are one, the heaviest first. Told is what stands on a subject that the statement
    names, or that speaks of the signer's party or of none: where a mark turns out to stand on a
    rival's goods too, their code is none of its business (docs/http.md, Who may read). Whoever
    completes an act of several is told what that act caused.
    """
    event = statement.event
    causes = (statement.id, event.of if isinstance(event, ApprovalGiven) else None)
    found = [
        (record, finding)
        for record in records
        for finding in record.state.findings
        if finding.cause in causes
    ]
    if not found:
        return ()
    named = frozenset(brought(statement))
    alike: dict[tuple[int, str, int], list[tuple[Subject, Finding]]] = {}
    for record, finding in found:
        subject = record.subject
        judged = parties_judged(subject, record.state)
        if subject in named or not judged or statement.party in judged:
            key = (WEIGHTS.index(finding.severity), finding.rule, finding.from_at)
            alike.setdefault(key, []).append((subject, finding))
    return tuple(_opened(alike[key]) for key in sorted(alike))


def brought(statement: Statement) -> tuple[Subject, ...]:
    """Return the subjects that a statement names, and the lots that it brings to life."""
    event = statement.event
    if isinstance(event, BlockClosed):
        return ()
    codes = [lot_code(kid=statement.kid, salt=statement.salt, i=i) for i in range(births(event))]
    return (*reads(statement), *(Subject(Kind.LOT, code) for code in codes))


def _opened(alike: list[tuple[Subject, Finding]]) -> Opened:
    first = alike[0][1]
    return Opened(
        rule=first.rule,
        severity=first.severity,
        from_at=first.from_at,
        on=tuple(sorted(f"{subject.kind.value}/{subject.name}" for subject, _ in alike)),
        marks=tuple(sorted({mark for _, finding in alike for mark in finding.marks})),
    )
