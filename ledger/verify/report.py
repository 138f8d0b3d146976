"""What an audit reports, and what an auditor remembers until the next one.

Owns the named checks in their order and two JSON shapes. Must not know how a check is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from ledger.custody.subjects import Finding, Severity, Subject
from ledger.errors import MalformedError
from ledger.verify.checks import Remembered
from ledger.verify.verdict import CheckOutcome, Outcome
from ledger.wire import text

CHECKS = (
    "leaves.strict",
    "signatures.good",
    "rules.replayed",
    "blocks.linked",
    "closings.refused",
    "closings.root",
    "closings.state",
    "closings.signed",
    "records.recomputed",
    "checkpoint.signed",
    "checkpoint.witnessed",
    "tree.root",
    "history.remembered",
    "records.stored",
)
"""Every named check of an audit, in the order of the report."""

FINDINGS_MAX = 1_000
"""The most findings that a report lists one by one; all of them are counted."""


class AuditCheck(Struct, frozen=True):
    """One named check: its outcome and how often it was made."""

    name: str
    outcome: CheckOutcome
    count: int
    detail: str = ""


class Failure(Struct, frozen=True):
    """The first thing that does not hold: which check, at which leaf (None: none), and why."""

    check: str
    index: int | None
    code: str
    message: str


class Kept(Struct, frozen=True):
    """What the audit held in memory at its end: lots in custody, ended ones, subjects in all."""

    live: int
    ended: int
    subjects: int


class AuditReport(Struct, frozen=True):
    """What an audit found.

    `authority` says how many persons must agree on what is gravest. `contradiction` is a portable
    proof where one could be made, `remember` what the next audit must be given.
    """

    outcome: Outcome
    size: int
    root: bytes
    checks: tuple[AuditCheck, ...]
    first_failure: Failure | None = None
    ledger: bytes | None = None
    origin: str | None = None
    at: int | None = None
    authority: str = ""
    contradiction: bytes | None = None
    remember: Remembered | None = None
    state: Iterable[bytes] | None = None
    """With `keep`: the file that the next audit may resume from (docs/formats/remembered.md)."""
    kept: Kept | None = None
    findings: Mapping[Subject, tuple[Finding, ...]] = field(default_factory=dict)
    """Open findings, as the rules recomputed them, of whatever custody has not ended for."""
    processes: int = 1
    lost: int = 0
    """How many of its processes ended early; their work was done by the others."""


def report_json(report: AuditReport) -> dict[str, Any]:
    """Return a report as JSON-able values: outcome, size, root, checks, first_failure and more."""
    failure = report.first_failure
    return {
        "outcome": report.outcome.value,
        "ledger": report.ledger.hex() if report.ledger else None,
        "origin": report.origin,
        "size": report.size,
        "root": report.root.hex(),
        "at": text.format_time(report.at) if report.at is not None else None,
        "authority": report.authority,
        "processes": report.processes,
        "processes_lost": report.lost,
        "lots": {"live": report.kept.live, "ended": report.kept.ended} if report.kept else None,
        "findings": _findings(report),
        "checks": [
            {
                "name": check.name,
                "outcome": check.outcome.value,
                "count": check.count,
                "detail": check.detail,
            }
            for check in report.checks
        ],
        "first_failure": None
        if failure is None
        else {
            "check": failure.check,
            "index": failure.index,
            "code": failure.code,
            "message": failure.message,
        },
    }


def _findings(report: AuditReport) -> dict[str, Any]:
    """Return how many findings are open, by weight and by rule, and the heaviest of them.

    Those that lie `ahead` of the newest closing are among them, and do not count yet.
    """
    rows = [(s, f) for s, findings in report.findings.items() for f in findings]
    order = list(Severity)
    weights = Counter(f.severity for _, f in rows)
    ahead = Counter(f.severity for _, f in rows if report.at is None or f.from_at > report.at)
    rows.sort(key=lambda row: (order.index(row[1].severity), row[1].from_at, row[0], row[1].rule))
    rules = Counter(finding.rule for _, finding in rows)
    return {
        **{weight.value: weights[weight] for weight in order},
        "ahead": {weight.value: ahead[weight] for weight in order},
        "rules": dict(sorted(rules.items())),
        "open": [
            {
                "subject": str(subject),
                "rule": finding.rule,
                "severity": finding.severity.value,
                "from": text.format_time(finding.from_at),
                "cause": finding.cause.hex(),
            }
            for subject, finding in rows[:FINDINGS_MAX]
        ],
    }


def format_remembered(remembered: Remembered, *, ledger: bytes) -> str:
    """Return what an auditor keeps between audits, as JSON text."""
    plain = {"ledger": ledger.hex(), "size": remembered.size, "root": remembered.root.hex()}
    return text.json_dumps(plain) + "\n"


def parse_remembered(data: str | bytes) -> tuple[bytes, Remembered]:
    """Return ledger id and checkpoint of a remembered file; raise MalformedError for any other.

    The checkpoint names its ledger, so that it is held to no other.
    """
    plain = text.json_loads(data)
    if not isinstance(plain, dict) or set(plain) != {"ledger", "size", "root"}:
        raise MalformedError("remembered.shape", "The remembered file is not of its form.")
    size, texts = plain["size"], (plain["ledger"], plain["root"])
    if type(size) is not int or size < 1 or not all(isinstance(item, str) for item in texts):
        raise MalformedError("remembered.shape", "The remembered file is not of its form.")
    root = text.decode_hex(plain["root"], size=32)
    ledger = text.decode_hex(plain["ledger"], size=32)
    return ledger, Remembered(size, root, ledger)
