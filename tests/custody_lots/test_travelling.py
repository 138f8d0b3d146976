"""Certificates under which one thing travels to and fro: each crossing has both its words."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    DocumentState,
    EndorsementWithdrawn,
    Paper,
    Passed,
    Way,
)
from ledger.custody.effects.papers import CROSSINGS_MAX
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.rules.passing import SECOND_WORD_S
from ledger.custody.subjects import Kind, Subject

NAME = "ZW/INSTRUMENT/7"
ROW = DocumentRow("Dalbergia nigra", "WPR", 1, "NAR", "O", "BR", acquired="1980-01-01")
OUT, HOME = ("ZW", "FR"), ("FR", "ZW")


@pytest.fixture
def tour() -> World:
    """A guitar with its certificate, judged by all rules."""
    world = new_world(full=True)
    world.tell(DocumentIssued(NAME, Paper(holder="maker", rows=(ROW,), purpose="P")), by="parks")
    return world


def guitar(world: World) -> str:
    lot = skins(1, taxon="Dalbergia nigra", term="WPR", source="O", origin="BR", facility=None)
    event = LotRegistered(Basis.OPENING_STOCK, (lot,))
    (code,) = world.tell(event, by="maker")
    return code


def leave(world: World, code: str, way: tuple[str, str]) -> None:
    world.tell(LotExported((code,), NAME, *way), by="maker")


def enter(world: World, code: str, country: str) -> None:
    world.tell(LotImported((code,), NAME, country), by="maker")


def stamp(world: World, code: str, way: Way, country: str, **common: Any) -> bytes:
    event = DocumentEndorsed(NAME, way, country, (Passed(0, 1, code),))
    signed = world.signed(event, by="parks", **common)
    world.tell(event, by="parks", **common)
    return signed.id


def waits(world: World, code: str) -> list[str]:
    """What is due within 30 days on account of crossings."""
    due = world.at + SECOND_WORD_S
    rules = ("document.not-endorsed", "document.not-declared")
    return [f.rule for f in world.lot(code).findings if f.rule in rules and f.from_at <= due]


def drawn(world: World) -> dict[str, int]:
    state = world.states[Subject(Kind.DOCUMENT, NAME)]
    assert isinstance(state, DocumentState)
    return {way: sum(row.quantity for row in rows) for way, rows in state.drawn.items()}


def test_a_tour_of_three_cities_and_home(tour: World) -> None:
    code = guitar(tour)
    for way in (OUT, HOME, OUT, HOME):
        leave(tour, code, way)
        stamp(tour, code, Way.EXPORT, way[0])
        enter(tour, code, way[1])
        stamp(tour, code, Way.IMPORT, way[1])
        tour.at += DAY
    assert waits(tour, code) == []
    assert drawn(tour) == {"export": 1, "import": 1}
    assert [rule for rule, _ in tour.counting(code)] == ["basis.not-attested"]


def test_each_crossing_waits_for_its_officer(tour: World) -> None:
    code = guitar(tour)
    leave(tour, code, OUT)
    stamp(tour, code, Way.EXPORT, "ZW")
    assert waits(tour, code) == []
    leave(tour, code, HOME)
    assert waits(tour, code) == ["document.not-endorsed"]
    stamp(tour, code, Way.EXPORT, "FR")
    assert waits(tour, code) == []


def test_two_stamps_that_come_late_meet_their_crossings(tour: World) -> None:
    code = guitar(tour)
    leave(tour, code, OUT)
    leave(tour, code, HOME)
    assert waits(tour, code) == ["document.not-endorsed"] * 2
    stamp(tour, code, Way.EXPORT, "ZW")
    assert waits(tour, code) == ["document.not-endorsed"]
    stamp(tour, code, Way.EXPORT, "FR")
    assert waits(tour, code) == []


def test_an_officer_may_come_before_the_trader(tour: World) -> None:
    code = guitar(tour)
    leave(tour, code, OUT)
    stamp(tour, code, Way.EXPORT, "ZW")
    stamp(tour, code, Way.EXPORT, "FR")
    assert waits(tour, code) == ["document.not-declared"]
    leave(tour, code, HOME)
    assert waits(tour, code) == []


def test_another_thing_under_it_is_too_much(tour: World) -> None:
    first = guitar(tour)
    leave(tour, first, OUT)
    other = skins(1, taxon="Dalbergia nigra", term="WPR", source="O", origin="BR", facility=None)
    event = LotRegistered(Basis.ANTIQUE, (other,), made_before="1930-01-01")
    assert tour.rule(event, by="maker") == "basis.antique"
    bought = LotRegistered(Basis.OPENING_STOCK, (other,))
    (second,) = tour.tell(bought, by="tannery")
    tour.tell(LotExported((second,), NAME, *OUT), by="tannery")
    assert "document.other-holder" in [rule for rule, _ in tour.counting(second)]
    stamp(tour, second, Way.EXPORT, "ZW")
    assert ("document.overdrawn", "stop") in tour.counting(second)


def test_it_ends_after_three_years(tour: World) -> None:
    code = guitar(tour)
    leave(tour, code, OUT)
    tour.at += 3 * 366 * DAY
    leave(tour, code, HOME)
    assert ("document.expired", "stop") in tour.counting(code)


def test_the_last_crossings_are_kept_and_taken_back(tour: World) -> None:
    code = guitar(tour)
    ids = []
    for _ in range(CROSSINGS_MAX + 2):
        leave(tour, code, OUT)
        ids.append(stamp(tour, code, Way.EXPORT, "ZW"))
    assert len(tour.lot(code).passages) == CROSSINGS_MAX
    event = EndorsementWithdrawn(NAME, ids[-1], "the wrong guitar", (code,))
    tour.tell(event, by="parks")
    assert waits(tour, code) == ["document.not-endorsed"]


def test_a_permit_is_endorsed_once(tour: World) -> None:
    paper = Paper(rows=(ROW,), to_country="FR", from_country="ZW")
    tour.tell(DocumentIssued("ZW/PRE-CONVENTION/7", paper), by="parks")
    code = guitar(tour)
    event = DocumentEndorsed("ZW/PRE-CONVENTION/7", Way.EXPORT, "ZW", (Passed(0, 1, code),))
    tour.tell(event, by="parks")
    assert tour.rule(event, by="parks") == "endorsement.again"
