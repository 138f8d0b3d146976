"""A gallery of errors: what a ledger that moves on, a border and a server cannot be asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.block import MemoryBase
from ledger.errors import RingmarkError
from ledger.reference.tables import load_tables
from ledger.registrar.inspecting import inspect_deep
from ledger.simulator.world import DAY_S, World
from ledger.wire.text import format_day


def raised(act: Callable[[], object]) -> str:
    with pytest.raises(RingmarkError) as caught:
        act()
    assert caught.value.message.strip()
    return caught.value.code


def test_a_ledger_that_moves_on_while_it_is_looked_over() -> None:
    world = World(seed=7)
    store = world.ledger.store
    base = MemoryBase(ledger=world.ledger.ledger, tables=load_tables())
    size = store.head().size
    world.enrol("parks", "authority")
    assert raised(lambda: list(inspect_deep(store, size, base))) == "records.moving"
    world.ledger.registrar.close()


CASES: dict[str, tuple[str, ...]] = {
    "cli.endorse-side": ("document", "endorse", "ZW/EXPORT/1", "--line", "1=1"),
    "cli.ivory-section": ("document", "issue", "ZW/EXPORT/1", "--made-before", "1930-01-01"),
    "cli.option-blank": ("document", "issue", "ZW/EXPORT/1", "--stamp", " "),
    "cli.paper-file": ("document", "issue", "ZW/EXPORT/1", "--from", "p.json", "--holder", "farm"),
    "serve.workers": ("serve", "--workers", "2"),
}


@pytest.mark.parametrize("code", CASES)
def test_commands_that_name_a_wrong_place(code: str, town: Any) -> None:
    ran = town.run("parks", *CASES[code], "--json")
    shown = ran.json.get("error", {}).get("code") or ran.out
    assert shown == code, ran.out


def test_an_option_is_named_as_it_is_typed(town: Any) -> None:
    words = ("document", "issue", "ZW/EXPORT/1", "--from", "p.json", "--until", "2027-01-01")
    assert "--until would be left out" in town.run("parks", *words).err


def test_goods_that_no_line_of_a_document_covers(town: Any) -> None:
    code = town.register_skins()
    rows = ("--taxon", "Swietenia macrophylla", "--term", "LOG", "--quantity", "3", "--unit", "MTQ")
    words = ("ZW/EXPORT-PERMIT/1", *rows, "--source", "W", "--origin", "ZW")
    town.ok("parks", "document", "issue", *words, "--until", "2027-05-31")
    words = ("document", "endorse", "ZW/EXPORT-PERMIT/1", code, "--export", "ZW", "--json")
    assert town.run("parks", *words).json["error"]["code"] == "endorse.no-line"


def test_a_stamp_on_a_document_that_has_ended_says_a_day(town: Any) -> None:
    code = town.register_skins()
    today = format_day(town.clock.now_s() // DAY_S)
    rows = ("--taxon", "Crocodylus niloticus", "--term", "SKI", "--quantity", "100")
    goods = (*rows, "--source", "R", "--origin", "ZW")
    town.ok("parks", "document", "issue", "ZW/EXPORT/1", *goods, "--until", today)
    town.clock.advance(23 * 3_600)
    words = ("document", "endorse", "ZW/EXPORT/1", code, "--export", "ZW")
    said = town.run("parks", *words, "--json").json["error"]
    assert (said["code"], today in said["message"]) == ("endorse.day", True)
    # What the trader stated is the day of the passage, whenever its stamp comes.
    exported = ("ZW/EXPORT/1", "--from", "ZW", "--to", "IT", "--when", today)
    town.ok("farm", "border", "export", code, "--document", *exported)
    town.ok("parks", *words)
    found = town.ok("farm", "lot", "show", code)["lot"]["findings"]
    assert "document.expired" not in [finding["rule"] for finding in found]
