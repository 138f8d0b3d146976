"""Which findings a signer is told with the answer: its own business, as it came out."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.parties import ApprovalGiven, PartyState
from ledger.custody.references import Quota
from ledger.custody.subjects import Finding, Kind, Severity, Subject
from ledger.records import TRACK_START, Record
from ledger.registrar.remarking import opened_by
from ledger.statement import parse_statement

AT = 1_750_000_000
QUOTA = Quota(
    "zw-2026", "ZW", "Crocodylus niloticus", 10_800, "NAR", "2026-01-01", "2026-12-31", "issue",
    "voluntary",
)  # fmt: skip


def found(cause: bytes, severity: Severity, rule: str, *marks: str) -> Finding:
    return Finding(rule=rule, severity=severity, from_at=AT, cause=cause, marks=marks)


def record(subject: Subject, state: Any, *findings: Finding) -> Record:
    return Record(subject, 1, TRACK_START, bytes(32), replace(state, findings=findings))


def party(name: str, *findings: Finding) -> Record:
    state = PartyState("ZW", ("farm",), "active", keys={})
    return record(Subject(Kind.PARTY, name), state, *findings)


def test_told_is_what_speaks_of_the_signer_or_of_nobody_by_weight(memory: Any) -> None:
    world, made = memory
    (born,) = world.submit(world.birth())
    statement, (code,) = parse_statement(born.raw), born.labels
    lot = made.registrar.live.state.record(Subject(Kind.LOT, code)).state
    lots = [
        record(
            Subject(Kind.LOT, code),
            lot,
            found(statement.id, Severity.CHECK, "mark.other-goods", f"CROC/{code}"),
        )
        for code in ("B" * 12, "A" * 12)
    ]
    rival = replace(lot, holder="rival", owner="rival", born_by="rival")
    records = [
        *lots,
        party("farm-a", found(statement.id, Severity.NOTE, "z.note")),
        party("rival", found(statement.id, Severity.STOP, "theirs")),
        record(
            Subject(Kind.LOT, "C" * 12), rival, found(statement.id, Severity.STOP, "mark.cloned")
        ),
        record(
            Subject(Kind.ACCOUNT, "quota/q"),
            QuotaAccount(QUOTA),
            found(statement.id, Severity.STOP, "quota.beyond"),
        ),
        party("farm-a", found(bytes(32), Severity.STOP, "older")),
    ]
    told = opened_by(statement, records)
    assert [(item.severity.value, item.rule, item.on, item.marks) for item in told] == [
        ("stop", "quota.beyond", ("account/quota/q",), ()),
        (
            "check",
            "mark.other-goods",
            (f"lot/{'A' * 12}", f"lot/{'B' * 12}"),
            (f"CROC/{'A' * 12}", f"CROC/{'B' * 12}"),
        ),
        ("note", "z.note", ("party/farm-a",), ()),
    ]


def test_who_completes_an_act_is_told_what_the_act_caused(memory: Any) -> None:
    world, _ = memory
    act = bytes(range(32))
    statement = parse_statement(world.sign("ma-zw", ApprovalGiven(act)))
    (told,) = opened_by(statement, [party("ma-zw", found(act, Severity.CHECK, "x.odd"))])
    assert told.rule == "x.odd"


def test_whoever_sends_it_again_is_told_no_more_than_cards_show(memory: Any) -> None:
    world, made = memory
    raw = world.birth()
    (first,) = world.submit(raw)
    assert [(item.rule, item.on) for item in first.findings] == [
        ("stock.undeclared", ("facility/farm-a/main",))
    ]
    (again,) = made.registrar.submit([raw])
    assert again.again
    assert again.findings == ()
