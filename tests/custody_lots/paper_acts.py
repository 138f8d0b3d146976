"""A permit of 100 skins for France, and what parties and officers do with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace
from trade_world import DAY, World, bred, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import LotExported
from ledger.custody.parties import PartyState
from ledger.custody.subjects import Kind, Subject

PERMIT, AGAIN, HOME = "ZW/EXPORT/77", "ZW/EXPORT/78", "FR/RE-EXPORT/1"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
PAPER = Paper(rows=(ROW,), to_country="FR")


def at(world: World, day: str, hour: int = 12) -> dict[str, Any]:
    """Return what a statement says of an act on that day at its place."""
    days = date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()
    return {"when": days * DAY + hour * 3_600, "day": day}


def issue(world: World, name: str = PERMIT, paper: Paper = PAPER, *, by: str = "parks") -> None:
    world.tell(DocumentIssued(name, paper), by=by)


def lot_of(world: World, quantity: int = 100) -> str:
    (code,) = world.tell(bred(skins(quantity)), by="farm")
    return code


def leave(world: World, code: str, name: str = PERMIT, **common: Any) -> None:
    world.tell(LotExported((code,), name, "ZW", "FR"), by="farm", **common)


def see(world: World, code: str, quantity: int = 100, by: str = "officer", **common: Any) -> None:
    event = DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, quantity, code),))
    world.tell(event, by=by, **common)


def found(world: World, code: str, rule: str) -> list[str]:
    return [severity for name, severity in world.counting(code) if name == rule]


def on_paper(world: World, name: str, rule: str) -> list[str]:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    return [f.severity.value for f in state.findings if f.rule == rule]


def move(world: World, party: str, country: str) -> None:
    subject = Subject(Kind.PARTY, party)
    state = world.states[subject]
    assert isinstance(state, PartyState)
    world.states[subject] = replace(state, country=country)
