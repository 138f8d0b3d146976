"""Skins with tags: allotments of a farm's tags, lots that carry them, a rival that claims them."""

from __future__ import annotations

from typing import Any

from trade_world import World, bred, skins

from ledger.custody.accounts import AllotmentAccount
from ledger.custody.goods import MarkRange
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.marks import MarksAllotted
from ledger.custody.subjects import Kind, Subject


def tags(first: int, last: int, year: int = 2026, code: str = "NIL") -> tuple[MarkRange, ...]:
    return (MarkRange("CROC", f"ZW-{year}-", first, last, 6, f"-{code}"),)


def allotted(first: int = 1, last: int = 500, **changes: Any) -> MarksAllotted:
    fields: dict[str, Any] = {
        "party": "farm",
        "scheme": "CROC",
        "year": 2026,
        "from_day": "2026-01-01",
        "ranges": tags(first, last),
    }
    return MarksAllotted(**(fields | changes))


def account(world: World, name: str = "farm/CROC/2026") -> AllotmentAccount:
    state = world.states[Subject(Kind.ACCOUNT, f"allotment/{name}")]
    assert isinstance(state, AllotmentAccount)
    return state


def tagged(first: int, last: int, **changes: Any) -> LotRegistered:
    marks = changes.pop("marks", tags(first, last))
    return bred(skins(last - first + 1, marks=marks, **changes))


def lot(world: World, first: int, last: int, **changes: Any) -> str:
    (code,) = world.tell(tagged(first, last, **changes), by="farm")
    return code


def rival(world: World, first: int, last: int, *, by: str = "tannery") -> str:
    """The tannery, or another, says that it brought skins with these tags along."""
    goods = skins(last - first + 1, marks=tags(first, last), facility=None)
    (code,) = world.tell(LotRegistered(Basis.OPENING_STOCK, (goods,)), by=by)
    return code


def found(world: World, code: str) -> list[tuple[str, str]]:
    return [f for f in world.findings(code) if f[0].startswith(("mark.", "seal."))]
