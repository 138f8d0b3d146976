"""What nothing takes back is asked about: by each command of the act, and by `statement sign`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cli.asking import ASKED, question_of
from ledger.custody.events import EVENTS
from ledger.custody.lots import LotFound
from ledger.custody.parties import StatementDropped
from ledger.wire import text

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
ROW = re.compile(r"^\| (`[^|]+`) \| `([A-Za-z]+)` \| [^|]+ \|$", re.MULTILINE)
ABSENT = "51PB-1X9S-FP3J"


def test_the_page_lists_what_is_asked_about_and_nothing_else() -> None:
    section = PAGE.read_text("utf-8").partition("## What is asked about")[2].partition("\n## ")[0]
    assert {event for _, event in ROW.findall(section)} == set(ASKED)
    assert set(ASKED) <= {name for name, _ in EVENTS}


def test_what_is_followed_by_its_contrary_is_not_asked_about() -> None:
    assert question_of(LotFound(ABSENT)) == ""
    assert question_of(StatementDropped(b"k" * 32, (3, 4), "lost")) == "Give up 2 numbers of a key."


def asked(town: Any, party: str, *words: str) -> str:
    """The question of a command where nobody is there to be asked; nothing is signed then."""
    before = town.ok(party, "outbox", "list", "--all")["entries"]
    error = town.run(party, *words, "--json").json["error"]
    assert error["code"] == "cli.confirm"
    assert town.ok(party, "outbox", "list", "--all")["entries"] == before
    return str(error["message"]).partition(" This cannot be undone")[0]


def test_an_officer_is_asked_before_a_finding_is_closed(town: Any) -> None:
    code = town.register_skins()
    lost = "ZW-2026-000017-NIL"
    town.ok("farm", "lot", "measure", code, "499", "--cause", "recount", "--missing", lost)
    words = ("finding", "close", f"lot/{code}", "quantity.missing", "--reason", "counted again")
    assert asked(town, "parks", *words) == f"Close quantity.missing on lot/{code}."
    every = ("finding", "close-all", "quantity.missing", "--reason", "counted again")
    assert asked(town, "parks", *every) == "Close 1 finding of quantity.missing."
    town.ok("parks", *words, "--dry-run")
    town.ok("parks", *words, "--yes")


def test_marks_that_come_back_are_asked_about(town: Any) -> None:
    tags = "ZW-2026-000001-NIL..ZW-2026-000100-NIL"
    town.ok("parks", "mark", "allot", "farm", tags)
    words = ("mark", "return", "farm/CROC/2026", tags)
    said = "100 marks of farm/CROC/2026 may stand on no goods any more."
    assert asked(town, "farm", *words) == said


def test_a_seizure_without_a_lot_is_asked_about(town: Any) -> None:
    goods = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--quantity", "3")
    more = ("--source", "U", "--origin", "ZW", "--reason", "no permit")
    words = ("seizure", "record", "ZW/SEIZURE/26-1", *goods, *more)
    assert asked(town, "parks", *words) == "Record the seizure ZW/SEIZURE/26-1."


@pytest.mark.parametrize("more", [(), ("--out", "event.cose")], ids=["sent", "written"])
def test_an_event_in_a_file_is_asked_about_as_its_command_is(
    town: Any, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(town.place)
    code = town.register_skins()
    event = {"type": "LotRetired", "lots": {code: {}}, "why": "lost"}
    file = town.write("event.json", text.json_dumps(event))
    assert asked(town, "farm", "statement", "sign", file, *more) == "End 1 lot as lost."
    assert not (town.place / "event.cose").exists()


def test_a_statement_that_is_given_up_is_asked_about(town: Any) -> None:
    code = town.register_skins()
    town.ok("farm", "lot", "split", f"{code}:1", "--queue")
    place = town.ok("farm", "outbox", "list")["entries"][0]["place"]
    fix = ("outbox", "fix", str(place))
    assert asked(town, "farm", *fix, "--drop", "typed twice") == f"Give up statement {place}."
    instead = {"type": "LotRetired", "lots": {code: {}}, "why": "lost"}
    file = town.write("event.json", text.json_dumps(instead))
    assert asked(town, "farm", *fix, "--with", file) == "End 1 lot as lost."
