"""An officer's slip at the border, taken back: all that it did ends, what traders said stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import msgpack
from msgspec.structs import replace
from trade_world import DAY, World, a_quota, bred, new_world, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.control import LotInspected
from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Endorsement,
    EndorsementWithdrawn,
    Paper,
    Passed,
    Way,
)
from ledger.custody.goods import Part
from ledger.custody.lots import LotExported, LotSplit
from ledger.custody.parties import ApprovalGiven, LedgerState, PartyState, Scope
from ledger.custody.references import QuotaSet
from ledger.custody.rules.passing import SECOND_WORD_S
from ledger.custody.subjects import LEDGER_NAME, Kind, Subject
from ledger.reference.thresholds import threshold_tables

PAPER, NEW = "ZW/EXPORT/77", "ZW/EXPORT/78"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
WITHDRAWN = ("endorsement.withdrawn", "note")


@pytest.fixture
def border() -> World:
    """A world judged by all rules, with a permit for 100 skins and two words on record."""
    world = new_world(full=True)
    state = DocumentState(status="issued", rows=(ROW,), by="parks", paper=Paper(rows=(ROW,)))
    world.states[Subject(Kind.DOCUMENT, PAPER)] = state
    return world


def paper(world: World, name: str = PAPER) -> DocumentState:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return state


def drawn(world: World, way: str = "export", name: str = PAPER) -> int:
    return sum(row.quantity for row in paper(world, name).drawn.get(way, ()))


def lot(world: World, quantity: int = 60) -> str:
    (code,) = world.tell(bred(skins(quantity)), by="farm")
    return code


def export(world: World, *codes: str, name: str = PAPER) -> None:
    world.tell(LotExported(codes, name, "ZW", "FR"), by="farm")


def endorse(world: World, *passed: Passed, by: str = "parks", **changes: Any) -> bytes:
    event = DocumentEndorsed(PAPER, Way.EXPORT, "ZW", passed, **changes)
    signed = world.signed(event, by=by)
    world.tell(event, by=by)
    return signed.id


def take_back(world: World, of: bytes, *codes: str, by: str = "parks") -> None:
    world.tell(EndorsementWithdrawn(PAPER, of, "840 for 480", codes), by=by)


def waiting(world: World, code: str) -> list[str]:
    due = world.at + SECOND_WORD_S
    return [f.rule for f in world.lot(code).findings if f.from_at <= due]


def bare(state: DocumentState) -> tuple[Any, ...]:
    return state.drawn, state.shown


def standing(world: World) -> set[bytes]:
    found = (state for state in world.states.values() if isinstance(state, Endorsement))
    return {state.id for state in found if not state.withdrawn}


def only_withdrawn(world: World) -> bool:
    return [(f.rule, f.severity.value) for f in paper(world).findings] == [WITHDRAWN]


def test_everything_is_as_before(border: World) -> None:
    code = lot(border)
    before, papers = border.lot(code), bare(paper(border))
    slip = endorse(border, Passed(0, 840, code))
    assert ("document.overdrawn", "stop") in border.counting(code)
    take_back(border, slip, code)
    after = border.lot(code)
    assert (after.passages, after.documents, after.accounts) == ((), (), ())
    assert (after.findings, after.head) == (before.findings, before.head)
    assert bare(paper(border)) == papers
    assert only_withdrawn(border)


@pytest.mark.parametrize(
    ("said", "seen", "officer_first"),
    [
        pytest.param(60, 90, False, id="saw-more"),
        pytest.param(60, 60, False, id="saw-the-same"),
        pytest.param(60, 10, False, id="saw-less"),
        pytest.param(60, 90, True, id="more-and-first"),
        pytest.param(60, 60, True, id="the-same-and-first"),
        pytest.param(60, 10, True, id="less-and-first"),
    ],
)
def test_what_the_trader_said_stays(
    border: World, said: int, seen: int, officer_first: bool
) -> None:
    code = lot(border, said)
    if officer_first:
        slip = endorse(border, Passed(0, seen, code))
        export(border, code)
    else:
        export(border, code)
        slip = endorse(border, Passed(0, seen, code))
    assert drawn(border) == max(said, seen)
    take_back(border, slip, code)
    assert drawn(border) == said
    assert border.lot(code).documents == (PAPER,)
    assert waiting(border, code) == ["document.not-endorsed"]
    assert border.counting(code) == []


def test_it_is_written_anew_and_right(border: World) -> None:
    code = lot(border)
    export(border, code)
    take_back(border, endorse(border, Passed(0, 600, code)), code)
    endorse(border, Passed(0, 60, code))
    assert drawn(border) == 60
    assert waiting(border, code) == []


def test_goods_without_a_lot(border: World) -> None:
    right = endorse(border, Passed(0, 50))
    wrong = endorse(border, Passed(0, 500))
    assert [f.rule for f in paper(border).findings] == ["document.overdrawn"]
    take_back(border, wrong)
    assert drawn(border) == 50
    assert only_withdrawn(border)
    assert standing(border) == {right}


def test_a_day_stays_shown_while_another_word_says_so(border: World) -> None:
    first, second = lot(border, 10), lot(border, 10)
    slip = endorse(border, Passed(0, 10, first))
    endorse(border, Passed(0, 10, second))
    (shown,) = paper(border).shown
    assert shown.times == 2
    take_back(border, slip, first)
    assert [(s.act, s.country, s.times) for s in paper(border).shown] == [("export", "ZW", 1)]


def test_parts_that_were_split_off_since(border: World) -> None:
    code = lot(border, 60)
    slip = endorse(border, Passed(0, 60, code))
    (part,) = border.tell(LotSplit(code, Part(quantity=20)), by="farm")
    export(border, part)
    take_back(border, slip, code, part)
    assert drawn(border) == 20
    assert border.lot(code).passages == ()
    (passage,) = border.lot(part).passages
    assert passage.seen_by is None


def test_a_replacement_that_carries_the_balance_gives_back_too(border: World) -> None:
    slip = endorse(border, Passed(0, 70))
    border.tell(DocumentReplaced(NEW, PAPER, "lost", Paper(rows=(ROW,))), by="parks")
    assert drawn(border, name=NEW) == 70
    take_back(border, slip)
    assert (drawn(border), drawn(border, name=NEW)) == (0, 0)


def quota(world: World, amount: int = 1_000) -> Callable[[], int]:
    world.tell(QuotaSet((a_quota("ZW-2027", ROW.taxon, amount),)), by="parks")

    def exported() -> int:
        account = world.states[Subject(Kind.ACCOUNT, "quota/ZW-2027")]
        assert isinstance(account, QuotaAccount)
        return account.exported

    return exported


@pytest.mark.parametrize(
    ("said", "seen", "left"),
    [(None, 90, 0), (60, 90, 60), (60, 60, 60), (60, 10, 60)],
)
@pytest.mark.parametrize("officer_first", [False, True])
def test_quotas_get_back_what_the_officer_alone_drew(
    border: World, said: int | None, seen: int, left: int, officer_first: bool
) -> None:
    exported = quota(border)
    code = lot(border, said or 60)
    if said and not officer_first:
        export(border, code)
    slip = endorse(border, Passed(0, seen, code))
    if said and officer_first:
        export(border, code)
    take_back(border, slip, code)
    assert exported() == left
    assert border.lot(code).accounts == (("quota/ZW-2027",) if said else ())
    endorse(border, Passed(0, 60, code))
    assert exported() == 60


def officer_of(world: World, country: str) -> None:
    known = world.states[Subject(Kind.PARTY, "inspector")]
    assert isinstance(known, PartyState)
    scope = Scope(powers=("control",), countries=(country,))
    world.states[Subject(Kind.PARTY, "inspector")] = PartyState(
        country, ("officer",), "active", known.keys, scope=scope
    )


@pytest.mark.parametrize(
    ("rule", "by", "change"),
    [
        pytest.param("", "parks", {}, id="as-it-should-be"),
        pytest.param("document.unknown", "parks", {"document": NEW}, id="no-such-document"),
        pytest.param("endorsement.not-there", "parks", {"endorsement": bytes(32)}, id="no-such"),
        pytest.param("document.reason", "parks", {"reason": " "}, id="no-reason"),
        pytest.param("endorsement.lots", "parks", {"lots": ()}, id="no-lot"),
        pytest.param("lot.unknown", "parks", {"lots": ("0" * 12,)}, id="unknown-lot"),
        pytest.param("party.not-entitled", "farm", {}, id="trader"),
        pytest.param("office.other-country", "inspector", {}, id="officer-of-another-country"),
    ],
)
def test_a_withdrawal_is_refused(border: World, rule: str, by: str, change: dict[str, Any]) -> None:
    officer_of(border, "FR")
    code = lot(border)
    of = endorse(border, Passed(0, 60, code))
    own = {"document": PAPER, "endorsement": of, "reason": "slip", "lots": (code,)}
    assert border.rule(EndorsementWithdrawn(**{**own, **change}), by=by) == rule


def test_a_lot_of_another_endorsement_or_named_twice_is_refused(border: World) -> None:
    code, other = lot(border, 10), lot(border, 10)
    of = endorse(border, Passed(0, 10, code))
    endorse(border, Passed(0, 10, other))
    for codes in ((other,), (code, other), (code, code)):
        event = EndorsementWithdrawn(PAPER, of, "slip", codes)
        assert border.rule(event, by="parks") == "endorsement.lots"


def test_a_part_does_not_stand_for_what_it_was_split_from(border: World) -> None:
    code = lot(border, 60)
    of = endorse(border, Passed(0, 60, code))
    (part,) = border.tell(LotSplit(code, Part(quantity=20)), by="farm")
    event = EndorsementWithdrawn(PAPER, of, "slip", (part,))
    assert border.rule(event, by="parks") == "endorsement.lots"


def test_it_is_taken_back_once(border: World) -> None:
    of = endorse(border, Passed(0, 10))
    take_back(border, of)
    event = EndorsementWithdrawn(PAPER, of, "slip")
    assert border.rule(event, by="parks") == "endorsement.not-there"


def test_the_first_of_many_is_taken_back(border: World) -> None:
    made = [endorse(border, Passed(0, 1)) for _ in range(61)]
    size = len(msgpack.encode(paper(border)))
    take_back(border, made[0])
    assert standing(border) == set(made[1:])
    assert drawn(border) == 60
    assert size < 2_000


def test_it_is_taken_back_of_the_document_that_it_is_of(border: World) -> None:
    border.states[Subject(Kind.DOCUMENT, NEW)] = paper(border)
    of = endorse(border, Passed(0, 1))
    event = EndorsementWithdrawn(NEW, of, "slip")
    assert border.rule(event, by="parks") == "endorsement.not-there"


def test_what_stood_before_the_slip_stays(border: World) -> None:
    code = lot(border, 101)
    export(border, code)
    found = border.findings(code)
    slip = endorse(border, Passed(0, 300, code))
    take_back(border, slip, code)
    assert sorted(border.findings(code)) == sorted(found)
    assert ("document.overdrawn", "stop") in border.counting(code)
    assert drawn(border) == 101


def two_officers(world: World) -> None:
    subject = Subject(Kind.LEDGER, LEDGER_NAME)
    state = world.states[subject]
    assert isinstance(state, LedgerState)
    tables = {**state.tables, "thresholds": threshold_tables()["thresholds-two"]}
    world.states[subject] = replace(state, tables=tables)


def later(world: World, _code: str) -> None:
    world.at += 3 * DAY + 1


def in_time(world: World, _code: str) -> None:
    world.at += 3 * DAY


def declared(world: World, code: str) -> None:
    export(world, code)


def inspected(world: World, code: str) -> None:
    world.tell(LotInspected((code,), "matches"), by="officer")


@pytest.mark.parametrize(
    ("happened", "by", "waits"),
    [
        pytest.param(in_time, "parks", False, id="by-the-same-within-three-days"),
        pytest.param(later, "parks", True, id="a-second-later"),
        pytest.param(in_time, "customs", True, id="by-another"),
        pytest.param(declared, "parks", True, id="the-trader-declared-it-since"),
        pytest.param(inspected, "parks", True, id="somebody-looked-since"),
    ],
)
def test_it_takes_two_once_others_rely_on_it(
    border: World, happened: Callable[[World, str], None], by: str, waits: bool
) -> None:
    two_officers(border)
    code = lot(border)
    of = endorse(border, Passed(0, 90, code))
    happened(border, code)
    event = EndorsementWithdrawn(PAPER, of, "slip", (code,))
    act = border.signed(event, by=by)
    border.tell(event, by=by)
    assert [a.type for a in paper(border).pending] == (["EndorsementWithdrawn"] if waits else [])
    assert drawn(border) == (90 if waits else 0)
    if waits:
        assert border.rule(ApprovalGiven(act.id), by="farm") == "approval.not-entitled"
        border.tell(ApprovalGiven(act.id), by="officer")
        assert drawn(border) == (60 if happened is declared else 0)
        assert paper(border).pending == border.lot(code).pending == ()


@pytest.mark.parametrize(
    ("others", "findings"),
    [
        pytest.param(40, [], id="the-rest-fits"),
        pytest.param(41, [("document.overdrawn", "stop")], id="the-rest-does-not"),
    ],
)
def test_what_was_too_much_because_of_it_is_settled_with_it(
    border: World, others: int, findings: list[tuple[str, str]]
) -> None:
    code, other = lot(border, 60), lot(border, others)
    slip = endorse(border, Passed(0, 90, code))
    export(border, other)
    export(border, code)
    assert ("document.overdrawn", "stop") in border.counting(other)
    event = EndorsementWithdrawn(PAPER, slip, "90 for 60", (code,), (other,))
    border.tell(event, by="parks")
    assert [f for f in border.counting(other) if f[0] == "document.overdrawn"] == findings


def test_only_what_was_too_much_is_settled(border: World) -> None:
    code, other = lot(border, 10), lot(border, 10)
    slip = endorse(border, Passed(0, 10, code))
    export(border, other)
    for settled, rule in (
        ((other,), "endorsement.settled"),
        ((code,), "endorsement.settled"),
        (("0" * 12,), "lot.unknown"),
    ):
        event = EndorsementWithdrawn(PAPER, slip, "slip", (code,), settled)
        assert border.rule(event, by="parks") == rule
