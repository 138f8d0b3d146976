"""Verdicts: what a verifier says, never a bool.

Owns the two answers, `outcome` (do the proofs hold?) and `level` (what to do), and their shape as
plain values. Must not know files or proofs: `card.py`, `bundle.py` and `label.py` make verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.errors import UsageError
from ledger.reference.reasons import verdict_table
from ledger.wire import text

_LAST_SECOND = 253_402_300_799
"""The last second of the year 9999."""


class Outcome(StrEnum):
    """Whether the proofs hold; age and findings never change it."""

    VERIFIED = "verified"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Level(StrEnum):
    """What is shown: proofs, findings of the rules, and age together."""

    CONSISTENT = "consistent"
    CHECK = "check"
    STOP = "stop"
    CANNOT_TELL = "cannot-tell"


class Kind(StrEnum):
    """Whether a check was proved here or is stated by the closing and recomputed by audits."""

    PROVED = "proved"
    STATED = "stated"


class CheckOutcome(StrEnum):
    """How one check ended; one that could not be made is open."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


class Check(Struct, frozen=True):
    """One named check (docs/checks.md) and what came of it."""

    name: str
    outcome: CheckOutcome
    kind: Kind = Kind.PROVED
    detail: str = ""


class FindingShown(Struct, frozen=True):
    """A finding that a verdict gathered, and whether it reaches the goods.

    `on` is the kind of subject it stands on, `inherited` says that it stands on what an ancestor
    names, `from_at` is log time in seconds. One that does not reach the goods changes no level.
    """

    rule: str
    severity: str
    on: str
    from_at: int
    cause: bytes
    reaches: bool = True
    inherited: bool = False
    marks: tuple[str, ...] = ()


class Goods(Struct, frozen=True):
    """What the goods must look like: rows of contents and ranges of marks, as in the record."""

    rows: tuple[Mapping[str, Any], ...] = ()
    also: tuple[Mapping[str, Any], ...] = ()
    marks: tuple[Mapping[str, Any], ...] = ()
    year: int | None = None
    claim: str | None = None
    number: int | None = None
    status: str = ""
    born_at: int | None = None


class PaperShown(Struct, frozen=True):
    """What the paper of a document must say: rows and days as in the record.

    `left` says for each row how much of it may still pass, in the row's unit; `until_day` is no
    later than the document's kind allows.
    """

    status: str
    rows: tuple[Mapping[str, Any], ...] = ()
    left: tuple[int, ...] = ()
    from_day: str | None = None
    until_day: str | None = None
    purpose: str | None = None


class Verdict(Struct, frozen=True):
    """The answer of a verifier. Compare `outcome` (proofs) or `level` (what is shown).

    `reason` is a stable code of the table, or the name of the rule whose finding decided; `params`
    are the facts for its sentence. `goods` and `code` are of a lot, `paper` and `document` of a
    document. `ledger` is the id (32 bytes), `size` and `root` are of the checkpoint, `as_of` is the
    newest closing's time in seconds, `age_s` how old that is.
    """

    outcome: Outcome
    level: Level
    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    findings: tuple[FindingShown, ...] = ()
    goods: Goods | None = None
    paper: PaperShown | None = None
    ledger: bytes | None = None
    origin: str | None = None
    code: str | None = None
    document: str | None = None
    size: int | None = None
    root: bytes | None = None
    as_of: int | None = None
    age_s: int | None = None

    def __bool__(self) -> NoReturn:
        raise UsageError(
            "verdict.bool",
            "A verdict is not true or false.",
            hint="Compare verdict.outcome or verdict.level.",
        )

    def with_level(
        self, level: Level, reason: str, params: Mapping[str, str | int] | None = None
    ) -> Verdict:
        """Return this verdict with another level, for a graver reason."""
        return replace(self, level=level, reason=reason, params=dict(params or {}))


def sentence(verdict: Verdict, *, lang: str = "en") -> tuple[str, str]:
    """Return the one sentence of a verdict and what to do next, in `en`, `fr` or `es`.

    A rule's finding is worded as that rule, with the next step of its weight.
    """
    table = verdict_table().reasons
    fallback = "finding.check" if verdict.level is Level.CHECK else "finding.stop"
    row = table.get(verdict.reason) or table[fallback]
    params = {"rule": verdict.reason, **verdict.params}
    says = row.sentences[lang]
    if verdict.reason not in table:
        from ledger.reference.wording import word, wordings  # read only where a rule is worded

        if verdict.reason in wordings():
            says = word(verdict.reason, params, lang)[0]
    return _fill(says, params), _fill(row.nexts[lang], params)


def verdict_json(verdict: Verdict, *, lang: str = "en") -> dict[str, Any]:
    """Return a verdict as JSON-able values; bytes as lower-case hex, times as RFC 3339 text."""
    says, next_step = sentence(verdict, lang=lang)
    plain: dict[str, Any] = {
        "outcome": verdict.outcome.value,
        "verdict": verdict.level.value,
        "reason": verdict.reason,
        "params": dict(verdict.params),
        "sentence": says,
        "next": next_step,
        "checks": [_check(check) for check in verdict.checks],
        "findings": [_finding(finding, lang) for finding in verdict.findings],
        "goods": _goods(verdict.goods),
        "paper": _paper(verdict.paper),
        "ledger": verdict.ledger.hex() if verdict.ledger else None,
        "origin": verdict.origin,
        "code": text.format_code(text.code_value(verdict.code)) if verdict.code else None,
        "document": verdict.document,
        "size": verdict.size,
        "root": verdict.root.hex() if verdict.root else None,
        "as_of": _time(verdict.as_of),
        "age_s": verdict.age_s,
    }
    return plain


def _fill(sentence: str, params: Mapping[str, str | int]) -> str:
    for name, value in params.items():
        sentence = sentence.replace("{" + name + "}", str(value))
    return sentence


def _time(seconds: int | None) -> str | None:
    """Return a time as text; one that no calendar has, as its number."""
    if seconds is None:
        return None
    return text.format_time(seconds) if 0 <= seconds <= _LAST_SECOND else str(seconds)


def _check(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "outcome": check.outcome.value,
        "kind": check.kind.value,
        "detail": check.detail,
    }


def _finding(finding: FindingShown, lang: str) -> dict[str, Any]:
    from ledger.reference.explaining import explain  # read only where a finding is worded
    from ledger.reference.wording import word

    says, next_step = word(finding.rule, {"on": finding.on}, lang)
    innocent, ended_by = explain(finding.rule, lang)
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "on": finding.on,
        "from": _time(finding.from_at),
        "cause": finding.cause.hex(),
        "reaches": finding.reaches,
        "inherited": finding.inherited,
        "marks": list(finding.marks),
        "sentence": says,
        "next": next_step,
        "innocent": innocent,
        "ended_by": ended_by,
    }


def _goods(goods: Goods | None) -> dict[str, Any] | None:
    if goods is None:
        return None
    return {
        "rows": [dict(row) for row in goods.rows],
        "also": [dict(row) for row in goods.also],
        "marks": [dict(row) for row in goods.marks],
        "year": goods.year,
        "claim": goods.claim,
        "number": goods.number,
        "status": goods.status,
        "born_at": _time(goods.born_at),
    }


def _paper(paper: PaperShown | None) -> dict[str, Any] | None:
    if paper is None:
        return None
    rows = zip(paper.rows, paper.left, strict=True)
    return {
        "status": paper.status,
        "rows": [{**row, "left": left} for row, left in rows],
        "from_day": paper.from_day,
        "until_day": paper.until_day,
        "purpose": paper.purpose,
    }
