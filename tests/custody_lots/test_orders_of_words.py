"""One crossing, told in every order: whoever speaks first, the verdict is what the facts are.

E and e are the export by the trader's word and by the officer's, I and i the import, A is the
acceptance; t is the export told by the receiver, where the exporter left it to its agent.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, START, World, a_quota, bred, new_world, offer, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.goods import Part
from ledger.custody.lots import LotExported, LotImported
from ledger.custody.parties import PartyState
from ledger.custody.references import QuotaSet
from ledger.custody.subjects import Kind, Refusal, Subject
from ledger.custody.transfers import TransferAccepted

PERMIT = "ZW/EXPORT/77"
THEN = {"when": START, "day": "2027-01-15"}
Verdict = tuple[list[tuple[str, str]], int, int, int, int]


def abroad() -> World:
    """Skins of the farm on offer to a tannery in France, under a permit for 100; a quota of 60."""
    world = new_world(full=True)
    for name in ("tannery", "customs"):
        subject = Subject(Kind.PARTY, name)
        party = world.states[subject]
        assert isinstance(party, PartyState)
        world.states[subject] = replace(party, country="FR")
    world.tell(QuotaSet((a_quota("ZW-1", "Crocodylus niloticus", 60),)), by="parks")
    row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
    paper = Paper(holder="farm", rows=(row,), to_country="FR")
    world.tell(DocumentIssued(PERMIT, paper), by="parks")
    return world


def play(order: str, *, seen_out: int = 60, seen_in: int = 60) -> Verdict:
    """Tell 60 skins in that order; return what counts after 40 days, and what was drawn."""
    world = abroad()
    (code,) = world.tell(bred(skins(60)), by="farm")
    world.tell(offer(world, code), by="farm")
    words: dict[str, tuple[Any, str]] = {
        "E": (LotExported((code,), PERMIT, "ZW", "FR"), "farm"),
        "t": (LotExported((code,), PERMIT, "ZW", "FR"), "tannery"),
        "e": (endorsed(code, Way.EXPORT, "ZW", seen_out), "parks"),
        "I": (LotImported((code,), PERMIT, "FR"), "tannery"),
        "i": (endorsed(code, Way.IMPORT, "FR", seen_in), "customs"),
        "A": (TransferAccepted(offer=world.last_offer()), "tannery"),
    }
    for letter in order:
        event, by = words[letter]
        outcome = world.say(event, by=by, **(THEN if letter != "A" else {}))
        assert not isinstance(outcome, Refusal), (order, letter, outcome)
    world.at += 40 * DAY
    permit = world.states[Subject(Kind.DOCUMENT, PERMIT)]
    quota = world.states[Subject(Kind.ACCOUNT, "quota/ZW-1")]
    assert isinstance(permit, DocumentState)
    assert isinstance(quota, QuotaAccount)
    drawn = [sum(r.quantity for r in permit.drawn.get(s, ())) for s in ("export", "import")]
    return (sorted(world.counting(code)), *drawn, quota.exported, quota.imported)  # type: ignore[return-value]


def endorsed(code: str, way: Way, country: str, quantity: int) -> DocumentEndorsed:
    return DocumentEndorsed(PERMIT, way, country, (Passed(0, quantity, code),))


ORDERS = ["".join(order) for order in permutations("EeIiA")]


@pytest.mark.parametrize("order", ORDERS)
def test_the_exporters_word_makes_any_order_clean(order: str) -> None:
    assert play(order) == ([], 60, 60, 60, 60)


@pytest.mark.parametrize(
    ("seen_out", "seen_in", "found", "drawn"),
    [
        pytest.param(58, 60, [], (60, 60, 60, 60), id="fewer-seen-to-leave"),
        pytest.param(60, 58, [], (60, 60, 60, 60), id="fewer-seen-to-arrive"),
        pytest.param(
            60,
            62,
            ["endorsement.more", "quota.overrun"],
            (60, 62, 60, 62),
            id="more-seen-to-arrive",
        ),
    ],
)
def test_what_officers_saw_weighs_the_same_in_any_order(
    seen_out: int, seen_in: int, found: list[str], drawn: tuple[int, ...]
) -> None:
    for order in ORDERS:
        findings, *counted = play(order, seen_out=seen_out, seen_in=seen_in)
        assert ([rule for rule, _ in findings], tuple(counted)) == (found, drawn), order


@pytest.mark.parametrize("order", ["etIiA", "eAtIi", "eAIti", "eIAit", "IeAti", "iAeIt", "Aeiti"])
def test_the_receiver_may_add_the_word_of_an_exporter_who_forgot(order: str) -> None:
    told = order if "I" in order else order.replace("ti", "tI")
    assert play(told)[0] == []


def test_nobody_tells_an_export_under_anothers_permit_that_no_officer_saw() -> None:
    # The receiver's word alone draws nothing from the exporter's permit.
    findings, exported, *_ = play("t")
    assert (findings, exported) == ([("document.other-holder", "check")], 0)


def test_a_second_journey_is_not_the_first_one_told_late() -> None:
    # Given skins that left and came in, all told
    world = abroad()
    (code,) = world.tell(bred(skins(60)), by="farm")
    world.tell(offer(world, code), by="farm")
    world.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm", **THEN)
    world.tell(LotImported((code,), PERMIT, "FR"), by="tannery", **THEN)
    # When the farm says once more that they left Zimbabwe, they were in France already
    world.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm", **THEN)
    assert ("border.elsewhere", "check") in world.counting(code)


def sold_abroad(world: World) -> str:
    """Return what the tannery in France took over of 60 skins that nobody said had left."""
    (code,) = world.tell(bred(skins(60)), by="farm")
    world.tell(offer(world, code), by="farm")
    world.tell(TransferAccepted(offer=world.last_offer()), by="tannery")
    return code


def test_the_exporter_speaks_of_a_part_that_was_taken_over() -> None:
    world = abroad()
    (code,) = world.tell(bred(skins(80)), by="farm")
    world.tell(offer(world, lots={code: Part(quantity=60)}), by="farm")
    (part,) = world.tell(TransferAccepted(offer=world.last_offer()), by="tannery")
    world.tell(LotExported((part,), PERMIT, "ZW", "FR"), by="farm", **THEN)
    assert world.findings(part) == [("document.not-endorsed", "check")]
    assert (world.lot(part).country, world.lot(part).holder) == ("FR", "tannery")


@pytest.mark.parametrize(
    ("event", "by"),
    [
        pytest.param(LotExported((), PERMIT, "ZW", "FR"), "maker", id="never-had-them"),
        pytest.param(LotExported((), "ZW/EXPORT/78", "ZW", "FR"), "farm", id="anothers-permit"),
        pytest.param(LotExported((), "ZW/EXPORT/79", "ZW", "FR"), "farm", id="one-for-anybody"),
        pytest.param(LotImported((), PERMIT, "FR"), "farm", id="the-arrival"),
    ],
)
def test_nobody_else_speaks_of_goods_that_were_taken_over(event: Any, by: str) -> None:
    world = abroad()
    row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
    for name, holder in (("ZW/EXPORT/78", "maker"), ("ZW/EXPORT/79", None)):
        paper = Paper(holder=holder, rows=(row,), to_country="FR")
        world.tell(DocumentIssued(name, paper), by="parks")
    code = sold_abroad(world)
    assert world.rule(replace(event, lots=(code,)), by=by) == "border.not-concerned"


def test_the_exporter_speaks_once() -> None:
    world = abroad()
    code = sold_abroad(world)
    event = LotExported((code,), PERMIT, "ZW", "FR")
    world.tell(event, by="farm", **THEN)
    assert world.rule(event, by="farm") == "border.not-concerned"


def test_what_was_told_of_goods_since_stays_where_they_are() -> None:
    # Given skins that came in, and went on to Italy before the exporter speaks
    world = abroad()
    code = sold_abroad(world)
    world.tell(LotImported((code,), PERMIT, "FR"), by="tannery", **THEN)
    row = DocumentRow("Crocodylus niloticus", "SKI", 60, "NAR", "C", "ZW", origin_permit=PERMIT)
    paper = Paper(holder="tannery", rows=(row,), to_country="US")
    world.tell(DocumentIssued("FR/REEXPORT/1", paper), by="customs")
    world.tell(LotExported((code,), "FR/REEXPORT/1", "FR", "US"), by="tannery", **THEN)
    world.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm", **THEN)
    assert world.lot(code).country == "US"
