"""`ringmark facility credit`: accounts of credit, and the month in which each part lapses."""

from __future__ import annotations

import pytest

from ledger.desk.credit_accounts import credit_account

NAME = "credit/farm/SAW CMQ/FSC Mix Credit"
# 2027-01-15 at 08:00 UTC.
NOW_S = 1_800_000_000
MONTH = 2027 * 12


@pytest.mark.parametrize(
    ("month", "earned", "last", "lapsed"),
    [
        pytest.param(MONTH, "2027-01", "2028-12", False, id="this-month"),
        pytest.param(MONTH - 23, "2025-02", "2027-01", False, id="its-last-month"),
        pytest.param(MONTH - 24, "2025-01", "2026-12", True, id="the-month-after"),
    ],
)
def test_credit_lapses_after_its_twenty_fourth_month(
    month: int, earned: str, last: str, lapsed: bool
) -> None:
    rows = [{"month": month, "quantity": 7}]
    found = credit_account({"name": NAME, "months": rows}, now_s=NOW_S)
    said = {"earned": earned, "last": last, "quantity": 7, "lapsed": lapsed}
    assert found["months"] == [said]
    assert found["left"] == (0 if lapsed else 7)
    assert (found["party"], found["term"], found["unit"]) == ("farm", "SAW", "CMQ")


def logged(town, claim: str) -> str:
    """Logs of a plot of the farm, which has a mill too."""
    for name, kind in (("saw", "mill"), ("block", "plot")):
        town.ok("farm", "facility", "register", name, "--kind", kind, "--country", "ZW")
    wood = ("--taxon", "Entandrophragma cylindricum", "--term", "LOG", "--source", "W")
    place = ("--origin", "ZW", "--year", "2026", "--basis", "harvest", "--facility", "block")
    amount = ("--quantity", "100", "--unit", "MTQ", "--claim", claim)
    return str(town.ok("farm", "lot", "register", *wood, *place, *amount)["lots"][0])


def test_a_mill_reads_its_credit(town) -> None:
    assert "no credit" in town.run("farm", "facility", "credit").out
    log = logged(town, "FSC 100%")
    sawing = ("--process", "sawing", "--facility", "saw", "--output", "SAW 50 MTQ")
    town.ok("farm", "lot", "transform", log, *sawing)
    (found,) = town.ok("farm", "facility", "credit")["credits"]
    assert (found["account"], found["left"]) == (NAME, 50_000_000)
    assert [row["quantity"] for row in found["months"]] == [50_000_000]
    shown = town.run("parks", "facility", "credit", "--of", "farm").out
    assert "FSC Mix Credit  SAW  50 m3 left" in shown
    assert "to be used until the end of" in shown
    assert "no credit" in town.run("parks", "facility", "credit", "--of", "tannery").out


def test_a_mill_reads_its_percentages(town) -> None:
    log = logged(town, "FSC Mix 80%")
    sawing = ("--process", "sawing", "--facility", "saw", "--output", "SAW 50 MTQ")
    town.ok("farm", "lot", "transform", log, *sawing, "--claim", "FSC Mix 70%")
    (found,) = town.ok("farm", "facility", "credit")["percentages"]
    assert (found["made"], found["percent"]) == (50_000_000, 80)
    assert [row["claimed"] for row in found["months"]] == [70 * 50_000_000]
    shown = town.run("farm", "facility", "credit").out
    assert "FSC Mix %  SAW  80 % of 50 m3 in 12 months" in shown


def test_a_mill_begins_with_what_its_certificate_says(town) -> None:
    name = "ZW/FSC-COC/C-0103"
    words = ("--system", "credit", "--opening", "SAW 12.5 m3 2026-03", "--holder", "farm")
    town.ok("parks", "document", "issue", name, *words)
    (found,) = town.ok("farm", "facility", "credit")["credits"]
    assert (found["left"], found["opening"]) == (12_500_000, name)
    assert [row["earned"] for row in found["months"]] == ["2026-03"]
    ran = town.run("parks", "document", "issue", f"{name}-2", *words, "--json")
    assert (ran.code, ran.json["refused"]["rule"]) == (1, "credit.opening")
