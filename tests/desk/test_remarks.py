"""Findings at a desk: what is chosen, in which order, and what a spreadsheet gets."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from ledger.desk.remarks import COLUMNS, Wanted, choose, facts_of, is_rule, said_by, table_rows
from ledger.desk.table_file import csv_file

DAY_S = 86_400
NOW = 1_790_000_000


def row(name: str, **changes: Any) -> dict[str, Any]:
    found = {
        "rule": "mark.cloned",
        "severity": "stop",
        "from_at": NOW,
        "cause": "ab" * 32,
        "marks": [],
        "kid": None,
        "first": None,
    }
    caused = {
        "index": 7,
        "at": NOW,
        "type": "LotRegistered",
        "role": "farm",
        "country": "ZW",
        "party": "kariba-farm",
    }
    plain = {
        "kind": "lot",
        "name": name,
        "finding": {**found, **{k: v for k, v in changes.items() if k in found}},
        "parties": ["kariba-farm", "rival"],
        "countries": ["IT", "ZW"],
        "caused": {**caused, **{k: v for k, v in changes.items() if k in caused}},
    }
    return {**plain, **{k: v for k, v in changes.items() if k in plain}}


ROWS = (
    row("A", severity="check", rule="transfer.short", at=NOW - DAY_S),
    row("B"),
    row("C", severity="note", rule="recovery.moved", parties=["old-mill"], party="moyo"),
    row("D", severity="check", rule="transfer.overdue", from_at=NOW + DAY_S, countries=["PE"]),
    row("E", caused=None, from_at=NOW - 9 * DAY_S),
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), "EBADC"),
        (Wanted(subject="lot/B"), "B"),
        (Wanted(subject="document/B"), ""),
        (Wanted(rule="transfer.short"), "A"),
        (Wanted(rule="transfer.*"), "AD"),
        (Wanted(rule="transf*"), ""),
        (Wanted(severity="check"), "AD"),
        (Wanted(party="moyo"), "C"),
        (Wanted(party="rival"), "EBAD"),
        (Wanted(country="PE"), "D"),
        (Wanted(since=NOW), "BDC"),
        (Wanted(due=NOW + DAY_S, now=NOW), "D"),
        (Wanted(due=NOW + DAY_S - 1, now=NOW), ""),
        (Wanted(due=NOW + DAY_S, now=NOW + DAY_S), ""),
        (Wanted(severity="check", country="ZW"), "A"),
    ],
)
def test_filters(wanted: Wanted, names: str) -> None:
    assert "".join(found["name"] for found in choose(ROWS, wanted, sort="weight")) == names


def test_age_comes_before_weight_when_asked() -> None:
    assert "".join(found["name"] for found in choose(ROWS, Wanted(), sort="age")) == "EABCD"


def test_a_family_is_not_a_beginning() -> None:
    assert is_rule("mark.cloned", "mark.*")
    assert not is_rule("mark.cloned", "mar.*")
    assert not is_rule("marked.x", "mark.*")


def test_the_words_of_a_cause() -> None:
    assert said_by(ROWS[1]["caused"]) == (
        "lot registered by farm kariba-farm (ZW), 2026-09-21 14:13 UTC"
    )
    assert said_by(row("X", index=-1)["caused"]).endswith(", refused")
    assert said_by(None) == ""


@pytest.mark.parametrize("lang", ["en", "fr", "es"])
def test_a_finding_is_explained_with_its_command(lang: str) -> None:
    found = facts_of(ROWS[1], lang)
    assert found["innocent"]
    assert found["ended_by"]
    assert found["commands"] == [
        f'ringmark finding close lot/B mark.cloned --cause {"ab" * 32} --reason "…"'
    ]


def test_a_table_has_a_row_for_each_finding() -> None:
    rows = read(csv_file(COLUMNS, table_rows(ROWS, "en")))
    assert tuple(rows[0]) == COLUMNS
    assert [each[2] for each in rows[1:]] == ["lot/A", "lot/B", "lot/C", "lot/D", "lot/E"]


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x","y")',
        "+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "'=1",
        '"=1',
        "\u00a0=1",
    ],
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert read(csv_file(("a",), [(cell,)]))[1] == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["", "lot/A", "2 = 2", 'Über, "alles"\nund mehr', "a-b"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert read(csv_file(("a", "b"), [("x", cell)]))[1] == ["x", cell]


def read(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
