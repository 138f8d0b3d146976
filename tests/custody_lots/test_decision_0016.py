"""The table of decision 0016, played row by row: what goes beyond a permit stops itself alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from trade_world import World, bred, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import LotExported
from ledger.custody.subjects import Kind, Subject

NAME = "ZW/EXPORT/77"
OVER = "document.overdrawn"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "decisions" / "0016-who-came-first.md"
ROW = re.compile(r"^\| ([^|]*\b(?:lot|same)\b[^|]*) \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)


@pytest.fixture
def border() -> World:
    """A world judged by all rules, with the farm's permit for 100 skins."""
    world = new_world(full=True)
    row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
    paper = Paper(holder="farm", rows=(row,), to_country="FR")
    world.tell(DocumentIssued(NAME, paper), by="parks")
    return world


def passes(world: World, quantity: int, code: str | None = None) -> None:
    """The officer saw that many pass: of a lot, or of goods that have none."""
    passed = Passed(0, quantity) if code is None else Passed(0, quantity, code)
    world.tell(DocumentEndorsed(NAME, Way.EXPORT, "ZW", (passed,)), by="parks")


def play(world: World, said: str) -> list[str]:
    """Do what a row says, from left to right; return the codes of its lots."""
    codes: list[str] = []
    for act in re.split(r", (?:and )?", said):
        number = int((re.findall(r"\d+", act) or ["60"])[0])
        if "without a lot" in act:
            passes(world, number)
        elif "officer" in act:
            passes(world, number, codes[0])
        else:
            codes += world.tell(bred(skins(number)), by="farm")
            world.tell(LotExported((codes[-1],), NAME, "ZW", "FR"), by="farm")
    return codes


def overdrawn(world: World) -> list[str]:
    state = world.states[Subject(Kind.DOCUMENT, NAME)]
    assert isinstance(state, DocumentState)
    return [found.rule for found in state.findings if found.rule == OVER]


def told() -> list[tuple[str, str, str, str]]:
    """The rows of the page; what "the same" refers to is the row above."""
    rows: list[tuple[str, str, str, str]] = []
    for said, *others in ROW.findall(PAGE.read_text(encoding="utf-8")):
        document, first, later = (other.strip() for other in others)
        if said.startswith("the same, "):
            said = f"{rows[-1][0].rpartition(', ')[0]}, {said.removeprefix('the same, and ')}"
        rows.append((said, document, first, later))
    return rows


@pytest.mark.parametrize(("said", "document", "first", "later"), told())
def test_row_of_the_table(border: World, said: str, document: str, first: str, later: str) -> None:
    codes = play(border, said)
    lots = [[rule for rule, _ in border.counting(code) if rule == OVER] for code in codes]
    assert bool(overdrawn(border)) is (OVER in document)
    assert bool(lots[0]) is (OVER in first)
    assert bool(lots[-1]) is (OVER in later) or len(lots) == 1


def test_every_row_of_the_page_is_played() -> None:
    assert len(told()) == 7
