"""Levels: from proved records, findings and age to what is shown.

Owns the order of reasons; which reason has which level stands in `reference/data/verdict.json`,
which the browser reads too. Must not know proofs or files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ledger.custody.lots import LotState, LotStatus
from ledger.custody.parties import PartyState
from ledger.reference.reasons import verdict_table
from ledger.verify.gather import OpenRecord, Reached, gather_findings, has_mark, last_trader
from ledger.verify.verdict import FindingShown, Goods, Level
from ledger.wire import fields, text

HOUR_S = 3_600
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


class Reason(Struct, frozen=True):
    """Why something has a level: a code of the table or the name of a rule, and its facts."""

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
        *finding_reasons(findings),
        *_rest_reasons(reached),
    ]
    reasons.extend(age_reasons(as_of=as_of, now_s=now_s, freshness=freshness, is_behind=is_behind))
    return gravest(reasons, findings)


def judge_absent(code: str, *, as_of: int, now_s: int, freshness: Freshness) -> Judged:
    """Return the level of what provably is not there, for the reason `code` of the table.

    Too old an answer says nothing.
    """
    aged = list(age_reasons(as_of=as_of, now_s=now_s, freshness=freshness))
    chosen = next((r for r in aged if r.level is Level.CANNOT_TELL), made(code))
    return Judged(chosen.level, chosen.code, chosen.params, ())


def gravest(reasons: Sequence[Reason], findings: tuple[FindingShown, ...]) -> Judged:
    """Return the level of the gravest reason, the first of equal ones; none is CONSISTENT."""
    chosen = max(reasons, key=lambda reason: _WEIGHT[reason.level], default=made("consistent"))
    return Judged(chosen.level, chosen.code, chosen.params, findings)


def made(code: str, **params: str | int) -> Reason:
    """Return a reason of the table with its level there."""
    return Reason(level_of(code), code, params)


def finding_reasons(findings: tuple[FindingShown, ...]) -> Iterator[Reason]:
    """Yield the stops and checks among findings that reach what is judged."""
    for finding in findings:
        if finding.reaches and finding.severity in ("stop", "check"):
            level = Level(finding.severity)
            yield Reason(level, finding.rule, {"rule": finding.rule, "on": finding.on})


def age_reasons(
    *, as_of: int, now_s: int, freshness: Freshness, is_behind: bool = False
) -> Iterator[Reason]:
    """Yield what age and the verifier's memory say: nothing when the data are fresh."""
    age_s = now_s - as_of
    hours = age_s // HOUR_S
    if is_behind:
        yield made("history.behind")
    if age_s > freshness.check_h * HOUR_S:
        yield made("age.stale", hours=hours)
    elif age_s > freshness.fresh_h * HOUR_S:
        yield made("age.old", hours=hours)
    elif age_s < -verdict_table().clock_behind_s:
        yield made("clock.behind")


def level_of(code: str) -> Level:
    """Return the level of a reason of the table."""
    return Level(verdict_table().reasons[code].level)


def goods_of(record: OpenRecord) -> Goods | None:
    """Return what the goods of a lot's record must look like."""
    lot = record.state
    if not isinstance(lot, LotState):
        return None
    return Goods(
        rows=tuple(plain_row(row) for row in lot.contents),
        also=tuple(plain_row(measure) for measure in lot.also),
        marks=tuple(plain_row(mark) for mark in lot.marks),
        year=lot.year,
        claim=lot.claim,
        number=lot.number,
        status=lot.status.value,
        born_at=lot.born_at,
    )


def plain_row(value: object) -> Mapping[str, str | int]:
    """Return a row, measure or range of marks as a plain map, for whoever shows it."""
    plain = fields.to_plain(value)
    return plain if isinstance(plain, dict) else {}


# A stop stays a stop however old it is; what is too old says nothing good. At equal weight the
# first reason wins: `max` keeps it, and the order above is from the goods outwards.
_WEIGHT = {Level.STOP: 3, Level.CANNOT_TELL: 2, Level.CHECK: 1, Level.CONSISTENT: 0}


def _goods_reasons(record: OpenRecord, mark: str | None) -> Iterator[Reason]:
    lot = record.state
    if not isinstance(lot, LotState):
        return
    table = verdict_table()
    code = table.lot_status[lot.status.value]
    if lot.status is LotStatus.RETIRED and lot.how in table.missing_how:
        code = "lot.missing"
    if code != "consistent":
        yield made(code, how=lot.how or "", day=_day(lot.ended_at))
    if mark is not None and not has_mark(lot, mark):
        yield made("mark.not-in-lot", mark=mark)


def _rest_reasons(reached: tuple[Reached, ...]) -> Iterator[Reason]:
    holder = last_trader(reached)
    own = {row.path for row in reached[0].record.signers}
    for item in reached[1:]:
        state = item.record.state
        # Who only issued a paper and is suspended later says nothing against the goods.
        if (
            isinstance(state, PartyState)
            and state.status == "suspended"
            and item.record.path in own
        ):
            is_holder = item.record.path == holder
            yield made("party.suspended" if is_holder else "party.suspended-before")


def _day(seconds: int | None) -> str:
    return text.format_day(seconds // DAY_S) if seconds is not None else ""
