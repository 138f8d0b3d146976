"""Real rows of the CITES trade tables become lots by the command line: here and over HTTP.

Rows that the sheet reader refuses are named by their lines and taken out, as a trader does it.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from ledger.desk.sheet import read_sheet

ROWS_MIN = 1_000
WORDS = ("--basis", "other-ledger", "--reference", "CITES Trade Database", "--each")


@pytest.fixture(scope="module")
def tables(project_root: Path) -> Iterator[ModuleType]:
    path = project_root / "tests" / "sheets" / "trade_rows.py"
    spec = importlib.util.spec_from_file_location("trade_tables", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["trade_tables"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["trade_tables"]


@pytest.fixture(scope="module")
def readable(tables: ModuleType, shared_data: Path) -> list[object]:
    """Every tenth row, without those whose line the reader names as refused."""
    rows = list(tables.trade_rows(shared_data))[::9]
    result = read_sheet(tables.trade_sheet(rows), decimal=",")
    refused = {problem.line for problem in result.problems}
    return [row for line, row in enumerate(rows, start=2) if line not in refused]


def test_a_thousand_real_rows_become_a_thousand_lots(town, tables, readable) -> None:
    assert len(readable) >= ROWS_MIN
    sheet = town.place / "real.csv"
    sheet.write_bytes(tables.trade_sheet(readable, language="fr", encoding="utf-8-sig"))
    words = ("lot", "register", "--from", str(sheet), "--decimal", ",", *WORDS)
    done = town.ok("farm", *words, "--out", str(town.place / "lots.txt"))
    assert len(done["lots"]) == len(set(done["lots"])) == len(readable)
    assert all(row["state"] == "registered" and row["receipt"] for row in done["statements"])
    assert set(done["labels"]) == set(done["lots"])
    drafts = read_sheet(sheet.read_bytes(), decimal=",").drafts
    for place in (0, len(drafts) // 2, len(drafts) - 1):
        lot = town.ok("farm", "lot", "show", done["lots"][place])["lot"]
        row, draft = lot["contents"][0], drafts[place]
        assert (row["quantity"], row["unit"]) == (draft.quantity, draft.unit)
        assert (row["term"], row["source"]) == (draft.term, draft.source)
    size = town.ok("farm", "checkpoint")["size"]
    # The same command again registers nothing twice and gives the same codes.
    assert town.ok("farm", *words)["lots"] == done["lots"]
    assert town.ok("farm", "checkpoint")["size"] == size
    assert town.ok("farm", "audit", "--trust", str(town.trust))["outcome"] == "verified"


def test_refused_rows_are_reported_and_nothing_is_signed(town, tables, shared_data) -> None:
    rows = list(tables.trade_rows(shared_data))[::40]
    sheet = town.place / "raw.csv"
    sheet.write_bytes(tables.trade_sheet(rows))
    problems = read_sheet(sheet.read_bytes(), decimal=",").problems
    assert len(problems) > 5
    ran = town.run("farm", "lot", "register", "--from", str(sheet), "--decimal", ",", *WORDS)
    assert ran.code == 3
    for problem in problems:
        assert re.search(rf"^line {problem.line}: ", ran.err, re.MULTILINE)
    assert town.ok("farm", "outbox", "list", "--all")["entries"][1:] == []


def test_an_interrupted_sheet_is_taken_up_where_it_stopped(town, monkeypatch) -> None:
    """Killed after the fourth signature: the same command signs the rest and sends each once."""
    from ledger.desk.desk import Desk

    line = "Crocodylus niloticus;skins;1;pieces;R;ZW;2026"
    sheet = town.write(
        "plain.csv",
        "species;term;quantity;unit;source;origin;year\n" + f"{line}\n" * 1_200,
    )
    words = ("lot", "register", "--from", sheet, "--basis", "bred", "--facility", "pens", "--each")
    keep, kept = Desk.keep, []

    def stumbling(desk: Desk, drafted: object, **said: str) -> object:
        if len(kept) == 3:
            raise KeyboardInterrupt
        kept.append(drafted)
        return keep(desk, drafted, **said)  # type: ignore[arg-type]

    before = town.ok("farm", "checkpoint")["size"]
    with monkeypatch.context() as patch:
        patch.setattr(Desk, "keep", stumbling)
        assert town.run("farm", *words).code != 0
    done = town.ok("farm", *words)
    assert len(set(done["lots"])) == 1_200
    assert [row["statement"] for row in done["statements"][:3]] == [
        d.statement.id.hex() for d in kept
    ]
    grown = town.ok("farm", "checkpoint")["size"] - before
    assert grown <= 2 * len(done["statements"])
    assert len(town.ok("farm", *words, "--again")["lots"]) == 1_200


def test_numbers_that_can_be_read_in_two_ways_are_asked_about(town) -> None:
    sheet = town.write(
        "wood.csv",
        "Espèce;Produit;Quantité;Unité;Source;Origine;Année\n"
        "Swietenia macrophylla;SAW;1,250;m3;W;PE;2026\n",
    )
    words = ("lot", "register", "--from", sheet, "--basis", "opening-stock")
    ran = town.run("farm", *words, "--json")
    assert ran.code == 3
    assert ran.json["error"]["code"] == "number.ambiguous"
    assert "--decimal" in ran.json["error"]["hint"]
    done = town.ok("farm", *words, "--decimal", ",")
    lot = town.ok("farm", "lot", "show", done["lots"][0])["lot"]
    assert lot["contents"][0]["quantity"] == 1_250_000


def test_opening_stock_that_one_statement_cannot_hold_is_told_before_signing(town) -> None:
    line = "Crocodylus niloticus;skins;1;pieces;W;ZW;2020\n"
    sheet = town.write("old.csv", f"species;term;quantity;unit;source;origin;year\n{line * 1_200}")
    words = ("lot", "register", "--from", sheet, "--basis", "opening-stock")
    ran = town.run("farm", *words, "--each", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "cli.opening-stock")
    assert len(town.ok("farm", *words)["lots"]) == 1
