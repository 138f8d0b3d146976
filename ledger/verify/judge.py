"""Levels: from proved records, findings and age to what is shown.

Owns the order of reasons; which reason has which level stands in `reference/data/verdict.json`,
which the browser reads too. Must not know proofs or files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from ledger.custody.documents import DocumentState
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.parties import PartyState
from ledger.custody.rules.days import log_day
from ledger.custody.rules.validity import runs_on
from ledger.reference.reasons import verdict_table
from ledger.verify.gather import OpenRecord, Reached, gather_findings, has_mark, last_trader
from ledger.verify.verdict import FindingShown, Goods, Level
from ledger.wire import fields, text

HOUR_S = 3_600
_ENDED = ("cancelled", "replaced", "seized")
DAY_S = 86_400


class Freshness(Struct, frozen=True):
    """The verifier's own policy on age, in hours."""

    fresh_h: int = 24
    check_h: int = 168


class Judged(Struct, frozen=True):
    """A level with its one reason, the facts for the sentence, and all findings."""

    level: Level
    reason: str
    params: Mapping[str, str | int]
    findings: tuple[FindingShown, ...]


class _Reason(Struct, frozen=True):
    level: Level
    code: str
    params: Mapping[str, str | int]


def judge_lot(
    reached: tuple[Reached, ...],
    *,
    as_of: int,
    now_s: int,
    freshness: Freshness,
    mark: str | None = None,
    is_behind: bool = False,
) -> Judged:
    """Return the level of a lot whose proved records are `reached`, the lot itself first.

    `as_of` is the time of the newest closing, `now_s` the verifier's clock (both s). `is_behind`
    says that the verifier has already seen a larger tree of this ledger.
    """
    findings = gather_findings(reached, as_of=as_of, mark=mark)
    reasons = [
        *_goods_reasons(reached[0].record, mark),
        *_finding_reasons(findings),
        *_rest_reasons(reached),
    ]
    reasons.extend(age_reasons(as_of=as_of, now_s=now_s, freshness=freshness, is_behind=is_behind))
    chosen = max(reasons, key=lambda reason: _WEIGHT[reason.level], default=None)
    if chosen is None:
        chosen = _made("consistent")
    return Judged(chosen.level, chosen.code, chosen.params, findings)


def judge_document(
    record: OpenRecord, *, name: str, as_of: int, now_s: int, freshness: Freshness
) -> Judged:
    """Return the level of a document by its own proved record: in force, no finding, fresh."""
    findings = gather_findings((Reached(record, inherited=False),), as_of=as_of)
    reasons = list(_finding_reasons(findings))
    if isinstance(record.state, DocumentState):
        reasons[:0] = _force_reasons(record.state, name=name, now_s=now_s)
    reasons.extend(age_reasons(as_of=as_of, now_s=now_s, freshness=freshness))
    chosen = max(reasons, key=lambda reason: _WEIGHT[reason.level], default=_made("consistent"))
    return Judged(chosen.level, chosen.code, chosen.params, findings)


def _force_reasons(state: DocumentState, *, name: str, now_s: int) -> Iterator[_Reason]:
    """Yield why a document is not in force now; its last day counts wherever it still is that day.

    One past its last day may have been used in time, so that it is a check.
    """
    today, yesterday = log_day(now_s), log_day(now_s - DAY_S)
    status, level = state.status, Level.STOP
    if status not in _ENDED:
        if any(runs_on(days, today) for days in state.suspended):
            status = "suspended"
        elif state.until_day is not None and state.until_day < yesterday:
            status, level = "expired", Level.CHECK
        else:
            return
    yield _Reason(level, "document.not-in-force", {"document": name, "status": status})


def judge_absent(
    *, as_of: int, now_s: int, freshness: Freshness, is_container: bool = False
) -> Judged:
    """Return the level of a code that provably has no lot: too old an answer says nothing."""
    aged = list(age_reasons(as_of=as_of, now_s=now_s, freshness=freshness))
    chosen = next(
        (r for r in aged if r.level is Level.CANNOT_TELL),
        _made("lot.container" if is_container else "lot.absent"),
    )
    return Judged(chosen.level, chosen.code, chosen.params, ())


def age_reasons(
    *, as_of: int, now_s: int, freshness: Freshness, is_behind: bool = False
) -> Iterator[_Reason]:
    """Yield what age and the verifier's memory say: nothing when the data are fresh."""
    age_s = now_s - as_of
    hours = age_s // HOUR_S
    if is_behind:
        yield _made("history.behind")
    if age_s > freshness.check_h * HOUR_S:
        yield _made("age.stale", hours=hours)
    elif age_s > freshness.fresh_h * HOUR_S:
        yield _made("age.old", hours=hours)
    elif age_s < -verdict_table().clock_behind_s:
        yield _made("clock.behind")


def level_of(code: str) -> Level:
    """Return the level of a reason of the table."""
    return Level(verdict_table().reasons[code].level)


def goods_of(record: OpenRecord) -> Goods | None:
    """Return what the goods of a lot's record must look like."""
    lot = record.state
    if not isinstance(lot, LotState):
        return None
    return Goods(
        rows=tuple(_plain(row) for row in lot.contents),
        also=tuple(_plain(measure) for measure in lot.also),
        marks=tuple(_plain(mark) for mark in lot.marks),
        year=lot.year,
        claim=lot.claim,
        number=lot.number,
        status=lot.status.value,
        born_at=lot.born_at,
    )


# A stop stays a stop however old it is; what is too old says nothing good. At equal weight the
# first reason wins: `max` keeps it, and the order above is from the goods outwards.
_WEIGHT = {Level.STOP: 3, Level.CANNOT_TELL: 2, Level.CHECK: 1, Level.CONSISTENT: 0}


def _goods_reasons(record: OpenRecord, mark: str | None) -> Iterator[_Reason]:
    lot = record.state
    if not isinstance(lot, LotState):
        return
    table = verdict_table()
    code = table.lot_status[lot.status.value]
    if lot.status is LotStatus.RETIRED and lot.how in table.missing_how:
        code = "lot.missing"
    if code != "consistent":
        yield _made(code, how=lot.how or "", day=_day(lot.ended_at))
    if mark is not None and not has_mark(lot, mark):
        yield _made("mark.not-in-lot", mark=mark)


def _finding_reasons(findings: tuple[FindingShown, ...]) -> Iterator[_Reason]:
    for finding in findings:
        if finding.reaches and finding.severity in ("stop", "check"):
            level = Level(finding.severity)
            yield _Reason(level, finding.rule, {"rule": finding.rule, "on": finding.on})


def _rest_reasons(reached: tuple[Reached, ...]) -> Iterator[_Reason]:
    holder = last_trader(reached)
    own = {row.path for row in reached[0].record.signers}
    for item in reached[1:]:
        state = item.record.state
        if isinstance(state, DocumentState) and state.status == "cancelled":
            yield _made("document.cancelled")
        # Who only issued a paper and is suspended later says nothing against the goods.
        if (
            isinstance(state, PartyState)
            and state.status == "suspended"
            and item.record.path in own
        ):
            is_holder = item.record.path == holder
            yield _made("party.suspended" if is_holder else "party.suspended-before")


def _made(code: str, **params: str | int) -> _Reason:
    return _Reason(level_of(code), code, params)


def _plain(value: object) -> Mapping[str, str | int]:
    plain = fields.to_plain(value)
    return plain if isinstance(plain, dict) else {}


def _day(seconds: int | None) -> str:
    return text.format_day(seconds // DAY_S) if seconds is not None else ""
