"""What is wrong with typed goods is said by the name of the option, of a sheet by its line."""

from __future__ import annotations

import pytest

GOODS = {
    "--taxon": "Crocodylus niloticus",
    "--term": "SKI",
    "--quantity": "3",
    "--source": "R",
    "--origin": "ZW",
    "--year": "2026",
}


def register(town, **changes: str | None):
    options = GOODS | {f"--{name}": value for name, value in changes.items()}
    words = [word for name, value in options.items() if value is not None for word in (name, value)]
    return town.run("farm", "lot", "register", "--basis", "bred", *words, "--json")


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"quantity": "some"}, "sheet.number", "--quantity: 'some' is no number."),
        ({"quantity": "2.5"}, "quantity.inexact", "--quantity: 2.5 NAR is not a whole number"),
        ({"quantity": "0"}, "sheet.quantity-zero", "--quantity: There is nothing in it."),
        ({"quantity": None}, "sheet.cell-missing", "--quantity: There is no quantity."),
        ({"origin": None}, "sheet.cell-missing", "--origin: There is no origin."),
        ({"origin": "Atlantis"}, "sheet.word-unknown", "--origin: 'Atlantis'"),
        ({"source": "Q?"}, "sheet.word-unknown", "--source: 'Q?'"),
        ({"unit": "armful"}, "sheet.word-unknown", "--unit: 'armful'"),
        ({"unit": "MTQ"}, "sheet.term-unit", "--unit: SKI is not measured in MTQ."),
        ({"year": "last"}, "sheet.year", "--year: 'last' is no year."),
        ({"taxon": "Draco magnus"}, "sheet.word-unknown", "--taxon: 'Draco magnus'"),
        ({"width": "broad"}, "sheet.number", "--width: 'broad' is no number."),
        (
            {"marks": "ZW-2026-000001-NIL..ZW-2026-000002-NIL"},
            "sheet.marks-quantity",
            "--quantity: There are 2 marks, but 3 NAR.",
        ),
    ],
)
def test_an_option_is_named(town, changes: dict[str, str | None], code: str, said: str) -> None:
    ran = register(town, **changes)
    error = ran.json["error"]
    assert (ran.code, error["code"]) == (3, code)
    assert said in error["message"]
    assert "line" not in error["message"].lower()
    assert error["params"]["option"] == said.partition(":")[0]
    assert "Nothing was signed." in error["hint"]


def test_all_options_that_are_wrong_are_named_at_once(town) -> None:
    message = register(town, origin="Atlantis", year="last").json["error"]["message"]
    assert "--origin: " in message
    assert "--year: " in message


def test_a_sheet_names_the_line(town) -> None:
    sheet = town.write("odd.csv", "taxon;term;quantity\nCrocodylus niloticus;SKI;some\n")
    words = ("--from", sheet, "--basis", "bred", "--source", "R", "--origin", "ZW")
    error = town.run("farm", "lot", "register", *words, "--json").json["error"]
    assert "line 2: 'some' is no number." in error["message"]
    assert error["params"]["line"] == 2


def test_more_marks_than_a_lot_has(town) -> None:
    ran = register(town, quantity="1001", marks="ZW-2026-000001-NIL..ZW-2026-001001-NIL")
    error = ran.json["error"]
    assert (ran.code, error["code"], error["params"]["option"]) == (3, "cli.marks-many", "--marks")


def test_a_part_of_marked_timber_is_typed_by_quantity_and_marks(town) -> None:
    town.enrol("forest", by="parks", role="plot")
    town.ok("forest", "facility", "register", "b1", "--kind", "plot", "--country", "PE")
    goods = ("--taxon", "Swietenia macrophylla", "--term", "LOG", "--quantity", "12.4")
    more = ("--unit", "m3", "--source", "W", "--origin", "PE", "--year", "2026")
    marks = ("--scheme", "HAMMER", "--marks", "H-0041..H-0043")
    words = ("--basis", "harvest", "--facility", "b1", *goods, *more, *marks)
    (logs,) = town.ok("forest", "lot", "register", *words)["lots"]
    (one,) = town.ok("forest", "lot", "split", f"{logs}:4.1=H-0043")["lots"]
    town.ok("forest", "transfer", "offer", logs, "--to", "tannery")
    short = f"{logs}:4=H-0042"
    (gone,) = town.ok("tannery", "transfer", "accept", "forest", "--short", short)["lots"]
    found = {code: town.ok("forest", "lot", "show", code)["lot"] for code in (logs, one, gone)}
    assert [lot["contents"][0]["quantity"] for lot in found.values()] == [
        4_300_000,
        4_100_000,
        4_000_000,
    ]
    assert [lot["marks"][0]["first"] for lot in found.values()] == [41, 43, 42]
