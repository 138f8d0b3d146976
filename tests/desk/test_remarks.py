"""Findings at a desk: page by page, in words, and what a spreadsheet gets."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from ledger.desk.remarks import COLUMNS, every, facts_of, said_by, table_rows
from ledger.desk.table_file import csv_file
from ledger.storage.finding_list import Wanted

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
        "more": 0,
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


class Pages:
    """A source of findings, two at a time."""

    def findings(self, _wanted: Wanted, *, after: str = "", limit: int = 2) -> dict[str, Any]:
        start = int(after or 0)
        stop = start + limit
        return {"findings": ROWS[start:stop], "next": str(stop) if stop < len(ROWS) else ""}


def test_all_findings_are_read_page_by_page() -> None:
    assert list(every(Pages(), Wanted())) == list(ROWS)


@pytest.mark.parametrize(
    ("wanted", "is_one"),
    [("mark.cloned", True), ("mark.*", True), ("mar.*", False), ("mark", False), (None, True)],
)
def test_a_family_is_not_a_beginning(wanted: str | None, is_one: bool) -> None:
    assert Wanted(rule=wanted).is_rule("mark.cloned") == is_one


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
        'ringmark statement correct STATEMENT --lot LOT --remove-marks MARK --reason "…"',
        f'ringmark finding close lot/B mark.cloned --cause {"ab" * 32} --reason "…"',
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
        "\uff1d1+1",
        "\u3000=1",
        "\u2009\uff0b1",
        "\uff0d1",
        "\u22121",
        "\uff20SUM(A1)",
        "\u200b=1",
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
