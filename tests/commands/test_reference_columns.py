"""Columns of files that are loaded: what is not read is named, a slip is asked about."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.custody.references import Suspension
from ledger.desk.reference_columns import columns_of
from ledger.desk.reference_files import Left, Manner, Read, read_file
from ledger.errors import MalformedError

HEAD = "id,country,taxon,amount,unit,year,terms"
ROW = "ZW-2026-NIL,ZW,Crocodylus niloticus,600,NAR,2026,SKI"


def quotas(column: str, cell: str) -> str:
    """Return a file of one quota with one more column."""
    return f"{HEAD},{column}\n{ROW},{cell}\n"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("conditon", "conditions"),
        ("souces", "sources"),
        ("Regon", "region"),
        ("replace", "replaces"),
        ("until-day", "until_day"),
    ],
)
def test_a_slip_in_a_heading_is_asked_about(town: Any, slip: str, meant: str) -> None:
    file = town.write("q.csv", quotas(slip, "W"))
    words = ("reference", "load", file, "--kind", "quotas")
    ran = town.run("parks", *words, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "reference.column")
    assert ran.json["error"]["params"] == {"column": slip, "near": meant}
    # Whoever says that it is something else has it left out, and told.
    done = town.ok("parks", *words, "--ignore", slip)
    assert (done["new"], done["unread"]) == (1, [slip])


def test_columns_that_are_not_read_are_named(town: Any) -> None:
    file = town.write("q.csv", quotas("office,shelf", "north,7"))
    ran = town.run("parks", "reference", "load", file, "--kind", "quotas", "--yes")
    assert ran.code == 0
    assert "Columns that are not read: office, shelf." in ran.out + ran.err


@pytest.mark.parametrize(
    ("kind", "column", "cell"),
    [
        ("quotas", "exempt_purposes", "Z G"),
        ("quotas", "season", "09-01..12-31"),
        ("suspensions", "region", "Petén"),
        ("suspensions", "season", "09-01..12-31"),
        ("bans", "purposes", "T"),
        ("listings", "until", "2027-01-01"),
    ],
)
def test_a_row_that_says_more_than_its_kind_can_hold_is_left(
    kind: str, column: str, cell: str
) -> None:
    own = {"bans": ("acts", "deal"), "listings": ("appendix", "II")}
    more, word = own.get(kind, ("amount", "1"))
    head, row = f"country,taxon,from_day,{more}", f"ZW,Crocodylus niloticus,2026-01-01,{word}"
    body = f"{head},{column}\n{row},{cell}\n{row},\n".encode()
    full, empty = read_file(body, kind=kind, manner=Manner())
    assert isinstance(full, Left)
    assert f"{kind} have no place for {column}" in full.reason
    assert isinstance(empty, Read)


def test_a_comma_without_quotation_marks_does_not_move_the_cells() -> None:
    # Given a suspension that exempts Z, G, Q and S, as a public file has it without quotes
    head = "country,taxon,from_day,exempt_purposes,notes"
    body = f"{head}\nAF,ALL,2005-09-19,Z, G, Q, S,all trade\n".encode()
    (row,) = read_file(body, kind="suspensions", manner=Manner())
    assert isinstance(row, Left)
    assert "more cells than headings" in row.reason


def test_empty_cells_behind_the_last_heading_do_no_harm() -> None:
    body = b"country,taxon,from_day,,\nAF,ALL,2005-09-19,,,,\n"
    (row,) = read_file(body, kind="suspensions", manner=Manner())
    assert isinstance(row, Read)


def test_two_columns_of_one_heading_are_a_question() -> None:
    with pytest.raises(MalformedError, match="Two columns have the heading"):
        columns_of(("taxon", "terms", " Terms "), kind="quotas")


def test_the_second_column_of_one_meaning_is_named() -> None:
    found = columns_of(("taxon", "notes", "conditions"), kind="quotas")
    assert (found.read["note"], found.unread) == ("conditions", ("notes",))


@pytest.mark.parametrize(
    ("heading", "cell", "imports"),
    [
        ("applies_to_import", "yes", True),
        ("imports", "TRUE", True),
        ("applies_to_import", "", None),
        ("applies_to_import", "no", None),
    ],
)
def test_a_suspension_may_be_of_imports_too(heading: str, cell: str, imports: bool | None) -> None:
    head = f"country,taxon,from_day,{heading}"
    body = f"{head}\nCM,Pterocarpus erinaceus,2022-06-08,{cell}\n".encode()
    (row,) = read_file(body, kind="suspensions", manner=Manner())
    assert isinstance(row, Read)
    assert isinstance(row.value, Suspension)
    assert row.value.imports is imports


def test_what_is_neither_yes_nor_no_is_not_guessed() -> None:
    body = b"country,taxon,from_day,imports\nCM,Pterocarpus erinaceus,2022-06-08,maybe\n"
    (row,) = read_file(body, kind="suspensions", manner=Manner())
    assert isinstance(row, Left)
    assert "maybe is neither yes nor no" in row.reason
