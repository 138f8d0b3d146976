"""Marks and references by the command line: allot, return, replace; load, list, show, find."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ledger.custody.references import Quota
from ledger.desk.reference_files import Left, Manner, Read, read_file

DOMAIN = "domain"
TAGS = "ZW-2026-000001-NIL..ZW-2026-000600-NIL"
QUOTA = (
    "id,country,taxon,amount,unit,year,terms,counts,conditions\n"
    "ZW-2026-NIL,ZW,Crocodylus niloticus,600,NAR,2026,SKI,endorsement,belly width stated\n"
)


def reasons(left: list[dict[str, Any]]) -> Counter[str]:
    """Count rows that were left out by the kind of their reason."""
    known = ("is not in the tables", "is no country", "the same as line", "the file itself")
    return Counter(next((k for k in known if k in row["reason"]), row["reason"]) for row in left)


@pytest.mark.parametrize(
    ("kind", "file", "rows", "left"),
    [
        (
            "quotas",
            "quotas/national_export_quotas_focus_1997_2013.csv",
            1_633,
            {"no figure": 40, "the same as line": 8},
        ),
        ("quotas", "quotas/mandatory_quotas_sapi.csv", 72, {"is not in the tables": 63}),
        (
            "quotas",
            "quotas/reptile_quotas_1997_2023_omorton.csv",
            7_761,
            {"is not in the tables": 4_593, "the same as line": 1},
        ),
        (
            "suspensions",
            "rules/cites_suspensions.csv",
            275,
            {"is not in the tables": 223, "the file itself": 1},
        ),
        ("listings", "species/listing_updates_since_2017.csv", 18, {}),
        (
            "listings",
            "species/CITES_Listings_Reptiles_2023-07.csv",
            1_196,
            {"is not in the tables": 936},
        ),
        ("listings", "species/species_focus_2017.csv", 816, {}),
    ],
)
def test_real_tables_load_and_what_cannot_be_loaded_is_named(
    town: Any, shared_data: Path, kind: str, file: str, rows: int, left: dict[str, int]
) -> None:
    # Given a public table, as it was published
    words = ["reference", "load", str(shared_data / DOMAIN / file), "--kind", kind]
    words += ["--from-day", "2023-07-01"] if kind == "listings" else []
    # When an authority loads it, every row is on the ledger or named with the reason
    done = town.ok("parks", *words)
    assert (done["rows"], done["known"]) == (rows, 0)
    assert done["new"] + len(done["left"]) == rows
    assert reasons(done["left"]) == left
    assert all(row["line"] > 1 for row in done["left"])
    # Then the same again says nothing new, and the ledger is sound
    again = town.ok("parks", *words)
    assert (again["new"], again["known"], again["statements"]) == (0, done["new"], [])
    assert town.ok("parks", "audit", "--trust", str(town.trust))["outcome"] == "verified"


def test_the_whole_table_of_national_quotas_loads(town: Any, shared_data: Path) -> None:
    file = shared_data / DOMAIN / "quotas" / "national_export_quotas_1997_2013_sapi.csv"
    done = town.ok("parks", "reference", "load", str(file), "--kind", "quotas")
    assert (done["rows"], done["new"]) == (15_859, 4_752)
    assert reasons(done["left"]) == {
        "is not in the tables": 10_654,
        "no figure": 369,
        "no name of a taxon": 45,
        "is no country": 20,
        "the same as line": 19,
    }
    listed = town.ok("parks", "reference", "list", "quotas", "ID-2011-PYTHON-BREITENSTEINI")
    # Skins, and live ones: both quotas of the species and year.
    assert [row["quota"]["amount"] for row in listed["rows"]] == [10_800, 1_620]


@pytest.mark.parametrize(
    ("file", "rows"),
    [("term_unit_pairs", 527), ("term_purpose_pairs", 784), ("taxon_concept_term_pairs", 855)],
)
def test_real_pairs_are_in_force(town: Any, shared_data: Path, file: str, rows: int) -> None:
    path = str(shared_data / DOMAIN / "codes" / f"{file}.csv")
    done = town.ok("parks", "reference", "load", path, "--kind", "pairs")
    assert done == {"ok": True, "rows": rows, "in_force": rows, "left": []}


def test_pairs_that_are_not_in_force_are_named(town: Any) -> None:
    body = "TERM_CODE,UNIT_CODE\nSKI,\nSKI,MTQ\nQQQ,KIL\nSKI,BOX\nSKI,XXX\n"
    done = town.ok("parks", "reference", "load", town.write("p.csv", body), "--kind", "pairs")
    assert (done["in_force"], [row["line"] for row in done["left"]]) == (1, [3, 4, 5, 6])
    odd = town.run(
        "parks", "reference", "load", town.write("o.csv", "a,b\n1,2\n"), "--kind", "pairs"
    )
    assert (odd.code, "reference.file" in odd.err + odd.out) == (3, True)


def test_a_load_that_was_cut_short_goes_on(town: Any) -> None:
    # Given a file of 250 quotas, of which the first statement was sent and the rest was not
    head, row = QUOTA.splitlines()
    rows = [row.replace("2026-NIL", f"2026-{n:03d}") for n in range(250)]
    part = town.write("part.csv", "\n".join([head, *rows[:200]]) + "\n")
    whole = town.write("whole.csv", "\n".join([head, *rows]) + "\n")
    assert town.ok("parks", "reference", "load", part, "--kind", "quotas")["new"] == 200
    # When all of it is loaded, only what is missing is said
    done = town.ok("parks", "reference", "load", whole, "--kind", "quotas")
    assert (done["new"], done["known"]) == (50, 200)


def test_a_figure_that_was_amended_is_named_and_not_called_known(town: Any) -> None:
    first = town.write("first.csv", QUOTA)
    amended = town.write("amended.csv", QUOTA.replace(",600,", ",500,"))
    own = town.write("own.csv", QUOTA.replace("ZW-2026-NIL", "NILE-1"))
    words = ("--kind", "quotas")
    assert town.ok("parks", "reference", "load", first, *words)["new"] == 1
    done = town.ok("parks", "reference", "load", amended, *words)
    assert (done["new"], done["known"], done["left"][0]["line"]) == (0, 0, 2)
    assert "says something else on the ledger" in done["left"][0]["reason"]
    # An id of any form is found again.
    loads = [town.ok("parks", "reference", "load", own, *words) for _ in range(2)]
    assert [(load["new"], load["known"]) for load in loads] == [(1, 0), (0, 1)]


def test_rows_of_other_countries_are_named_and_the_own_ones_loaded(town: Any) -> None:
    request = str(town.place / "zimbabwe.json")
    town.ok("zimbabwe", "key", "create", "--out", request)
    town.ok("root", "party", "enrol", request, "--country", "ZW", "--role", "authority")
    head, row = QUOTA.splitlines()
    other = row.replace("ZW", "BR")
    both = town.write("both.csv", "\n".join([head, other, row]) + "\n")
    done = town.ok("zimbabwe", "reference", "load", both, "--kind", "quotas")
    (left,) = done["left"]
    assert (done["rows"], done["new"], left["line"]) == (2, 1, 2)
    assert "zimbabwe decides nothing for BR" in left["reason"]


def test_a_file_without_taxa_is_no_table(town: Any) -> None:
    file = town.write("odd.csv", "a,b\n1,2\n")
    ran = town.run("parks", "reference", "load", file, "--kind", "quotas", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (3, "reference.file")


@pytest.mark.parametrize("kind", ["quotas", "pairs"])
@pytest.mark.parametrize(
    "body",
    [
        b"taxon,term_code\n" + b"a" * 140_000,
        b"taxon,term_code\nx,\x81\x8d\n",
        b"taxon\0,term_code\n",
    ],
    ids=["a cell without end", "no text", "nul"],
)
def test_bytes_that_are_no_table_are_told(town: Any, kind: str, body: bytes) -> None:
    file = Path(town.write("odd.csv", ""))
    file.write_bytes(body)
    ran = town.run("parks", "reference", "load", str(file), "--kind", kind, "--json")
    assert (ran.code, ran.json["error"]["code"].partition(".")[0]) in (
        (3, "reference"),
        (3, "sheet"),
    )


def test_any_way_to_end_a_line_and_to_write_an_accent_is_read(town: Any) -> None:
    head, row = QUOTA.splitlines()
    body = f"{head}\r{row.replace('2026-NIL', '2026-MAC')[:-1]}quote-part révisée\r"
    file = Path(town.write("mac.csv", ""))
    file.write_bytes(body.encode("cp1252"))
    done = town.ok("parks", "reference", "load", str(file), "--kind", "quotas")
    assert (done["rows"], done["new"], done["left"]) == (1, 1, [])


@pytest.mark.parametrize(
    ("terms", "year", "days"),
    [
        ("CAV", "2026", ("2026-03-01", "2027-02-28")),
        ("CAV", "2027", ("2027-03-01", "2028-02-29")),
        ("MEA", "2026", ("2026-01-01", "2026-12-31")),
        ('"CAV, MEA"', "2026", ("2026-01-01", "2026-12-31")),
    ],
)
def test_a_year_of_caviar_begins_in_march(terms: str, year: str, days: tuple[str, str]) -> None:
    body = f"taxon,country,amount,unit,year,terms\nHuso huso,RU,9,KGM,{year},{terms}\n".encode()
    (row,) = read_file(body, kind="quotas", manner=Manner())
    assert isinstance(row, Read)
    assert isinstance(row.value, Quota)
    assert (row.value.from_day, row.value.until_day) == days


@pytest.mark.parametrize("taxon", ["[x] y; z", "(x; y", "*; y", "\\1 a; \\. b", "+. x", "?"])
def test_a_name_of_any_letters_is_a_name_that_is_not_known(taxon: str) -> None:
    body = f'taxon,country,amount,unit,year\n"{taxon}",ZW,1,NAR,2026\n'.encode()
    rows = list(read_file(body, kind="quotas", manner=Manner()))
    assert rows
    assert all(isinstance(row, Left) for row in rows)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("X,ZW,Crocodylus niloticus,1,NAR,2026,SKIN,harvest,", "SKIN is no code of the tables"),
        ("X,Atlantis,Crocodylus niloticus,1,NAR,2026,SKI,,", "Atlantis is no country"),
        ("X,ZW,Draco magicus,1,NAR,2026,SKI,,", "Draco magicus is not in the tables"),
        ("X,ZW,Crocodylus niloticus,1,FURLONG,2026,SKI,,", "FURLONG is no unit"),
        ("X,ZW,Crocodylus niloticus,,NAR,2026,SKI,,", "no figure"),
        ("X,ZW,Crocodylus niloticus,1,NAR,,SKI,,", "no year and no first day"),
        ("X,ZW,,1,NAR,2026,SKI,,", "no name of a taxon"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(town: Any, row: str, reason: str) -> None:
    file = town.write("q.csv", QUOTA.splitlines()[0] + "\n" + row + "\n")
    done = town.ok("parks", "reference", "load", file, "--kind", "quotas")
    assert done["new"] == 0
    assert reason in done["left"][0]["reason"]


def test_bans_load_with_seasons_and_exemptions(town: Any) -> None:
    body = (
        "ban,country,taxon,from_day,acts,season,exempt_kinds,notes\n"
        "GB-IVORY,GB,Elephantidae,2022-06-06,deal import export,,IVORY-CERT IVORY-REG,Ivory Act\n"
        "ZW-SEASON,ZW,Crocodylus niloticus,2026-01-01,harvest,09-01..12-31,,nesting\n"
        "ZW-ODD,ZW,Crocodylus niloticus,2026-01-01,dream,,,\n"
    )
    done = town.ok("parks", "reference", "load", town.write("b.csv", body), "--kind", "bans")
    assert (done["new"], done["left"][0]["line"]) == (2, 4)
    shown = town.run("parks", "reference", "show", "bans", "ZW").out
    assert "season 09-01 12-31" in shown
    assert "condition: nesting" in shown


def test_a_quota_is_shown_with_what_is_left_and_its_conditions(town: Any) -> None:
    town.ok("parks", "reference", "load", town.write("q.csv", QUOTA), "--kind", "quotas")
    shown = town.run("farm", "reference", "show", "quotas", "ZW-2026-NIL").out
    assert "600 pieces of 600 pieces left" in shown
    assert "condition: belly width stated" in shown


def test_marks_are_allotted_used_and_returned(town: Any) -> None:
    # Given 600 tags for the farm, of which 500 are used
    done = town.ok("parks", "mark", "allot", "farm", TAGS)
    assert done["account"] == "farm/CROC/2026"
    town.register_skins()
    line = town.run("farm", "reference", "list", "allotments", "farm").out
    assert "600 marks, 500 used, 0 returned" in line
    # When the rest comes back, nothing is owed
    words = ("mark", "return", "farm/CROC/2026", "ZW-2026-000501-NIL..ZW-2026-000600-NIL", "--yes")
    town.ok("farm", *words)
    assert (
        "100 returned" in town.run("farm", "reference", "show", "allotments", "farm/CROC/2026").out
    )
    assert town.run("farm", *words, "--json").json["refused"]["rule"] == "mark.not-allotted"


def test_a_replacement_counts_once_an_officer_approves(town: Any) -> None:
    town.ok("parks", "mark", "allot", "farm", TAGS)
    lot = town.register_skins()
    photo = town.write("both.jpg", "a picture")
    words = ("--why", "damaged", "--reason", "torn", "--photo", photo)
    old, new = "ZW-2026-000017-NIL", "ZW-2026-000600-NIL"
    done = town.ok("farm", "mark", "replace", lot, old, new, *words)
    assert town.ok("farm", "lot", "find", old)["results"][0]["name"] == f"CROC/{old}"
    town.ok("parks", "approve", done["statement"], "--yes")
    assert town.ok("farm", "lot", "show", new)["lot"]["code"] == lot


@pytest.mark.parametrize("typed", ["ZW-2026-000017-NIL", "zw26/17 nil", "NIL ZW 17/2026"])
def test_a_tag_is_found_in_any_spelling(town: Any, typed: str) -> None:
    lot = town.register_skins()
    assert town.ok("farm", "lot", "show", typed)["lot"]["code"] == lot
    (hit, *_) = town.ok("farm", "lot", "find", typed)["results"]
    assert (hit["kind"], hit["name"]) == ("mark", "CROC/ZW-2026-000017-NIL")


def test_a_tag_with_two_readings_is_asked_about(town: Any) -> None:
    ran = town.run("parks", "mark", "allot", "farm", "ZW990001NIL", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "mark.ambiguous")
    assert "ZW-1999-000001-NIL or ZW-2001-009900-NIL" in ran.json["error"]["message"]


def test_marks_that_show_no_year_need_one(town: Any) -> None:
    words = ("mark", "allot", "farm", "ZW000001..ZW000009", "--scheme", "SEAL")
    ran = town.run("parks", *words, "--json")
    assert ran.json["error"]["code"] == "mark.year-missing"
    assert town.ok("parks", *words, "--year", "2026")["account"] == "farm/SEAL/2026"


def test_a_document_is_found_by_its_number_alone(town: Any) -> None:
    town.ok("farm", "document", "record", "ZW/EXPORT/2026-0412", "--until", "2027-05-31")
    hits = town.ok("farm", "lot", "find", "2026-0412")["results"]
    assert ("document", "ZW/EXPORT/2026-0412") in {(h["kind"], h["name"]) for h in hits}


def test_tags_of_a_past_year_are_allotted_late(town: Any) -> None:
    town.ok("parks", "mark", "allot", "farm", "ZW-2024-000001-NIL..ZW-2024-000010-NIL")
    (row,) = town.ok("parks", "reference", "show", "allotments", "farm/CROC/2024")["rows"]
    assert row["due"] > town.clock.now_s() + 14 * 86_400
