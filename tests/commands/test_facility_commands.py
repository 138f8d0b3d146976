"""`ringmark facility`: places, attestations, stock from a sheet, outlines, and the picture."""

from __future__ import annotations

from pathlib import Path

EDGE = (
    '{"type":"Feature","properties":{"ProducerCountry":"ZW"},"geometry":{"type":"Polygon",'
    '"coordinates":[[[29.300000,-16.400000],[29.310000,-16.400000],[29.310000,-16.390000],'
    "[29.300000,-16.390000],[29.300000,-16.400000]]]}}"
)
NILE = "Crocodylus niloticus"


def test_a_plot_is_checked_and_attested(town, tmp_path: Path) -> None:
    edge = town.write("edge.geojson", EDGE)
    other = town.write("other.geojson", EDGE.replace("29.310000", "29.305000"))
    park = town.write("park.geojson", EDGE.replace('"Producer', '"name":"Chewore","Producer'))
    place = ("--kind", "plot", "--country", "ZW", "--area-ha", "118.5", "--cell", "35K-QB")
    town.ok("farm", "facility", "register", "north", *place, "--outline", edge)
    town.ok("tannery", "facility", "register", "south", *place)
    alone = town.ok("parks", "facility", "check", edge)
    assert (alone["problems"], alone["overlaps"], alone["protected"]) == ([], [], [])
    compare = ("--against", f"tannery/south={other}", "--protected", park)
    ran = town.run("parks", "facility", "check", edge, *compare)
    assert ran.code == 1
    assert "overlaps tannery/south" in ran.out
    assert "lies in Chewore" in ran.out
    signed = ("--facility", "farm/north", *compare, "--attest")
    for words, code in (
        (("--attest",), "cli.facility-missing"),
        (("--against", "other.geojson"), "cli.against"),
    ):
        ran = town.run("parks", "facility", "check", edge, *words, "--json")
        assert ran.json["error"]["code"] == code
    town.ok("parks", "facility", "check", edge, *signed, "--dry-run")
    town.ok("parks", "facility", "check", edge, *signed)
    found = town.ok("farm", "facility", "show", "farm/north")["facility"]
    assert (found["status"], found["area_m2"]) == ("attested", alone["area_m2"])
    assert {f["rule"] for f in found["findings"]} == {"facility.overlap", "facility.protected"}


def test_a_place_has_terms_and_an_officer_corrects_them(town) -> None:
    terms = ("--capacity", "SKI 900", "--closed", "12-01..02-28", "--size", f"{NILE} 480")
    place = ("facility", "register", "pond", "--kind", "farm", "--country", "ZW")
    town.ok("farm", *place, *terms, "--until", "2027-12-31", "--since", "1998")
    attest = ("facility", "attest", "farm/pond", "--result")
    town.ok("parks", *attest, "matches", "--capacity", "SKI 500", "--area-ha", "2.5")
    found = town.ok("farm", "facility", "show", "farm/pond")["facility"]
    assert found["terms"]["capacity"] == [{"term": "SKI", "quantity": 500, "unit": "NAR"}]
    assert found["terms"]["since"] == 1998
    assert found["area_m2"] == 25_000
    refused = town.run("parks", *attest, "differs", "--json")
    assert refused.json["error"]["code"] == "facility.attestation"
    names = [row["name"] for row in town.ok("farm", "facility", "list")["facilities"]]
    assert "farm/pond" in names
    for option, words, code in (
        ("--capacity", "900", "facility.capacity"),
        ("--closed", "December", "facility.season"),
        ("--size", "480", "facility.width"),
    ):
        ran = town.run("farm", *place, option, words, "--json")
        assert ran.json["error"]["code"] == code


def test_stock_comes_from_a_sheet_and_an_officer_counts_it(town) -> None:
    sheet = town.write(
        "stock.csv",
        "taxon;females;hatched;bought;sold;died;under 60 cm;over 60 cm\n"
        f"{NILE};60;;;;;900;410\nCrocodylus porosus;4;;;;;;40\n",
    )
    assert len(town.ok("farm", "facility", "declare", "pens", "--from", sheet)["statements"]) == 2
    moves = ("--taxon", NILE, "--hatched", "1400", "--died", "210")
    town.ok("farm", "facility", "declare", "pens", *moves, "--dry-run")
    town.ok("farm", "facility", "declare", "pens", *moves)
    counts = ("--count", "under 60 cm=2080", "--count", "over 60 cm=400")
    count = ("facility", "count", "farm/pens", "--taxon", NILE, "--result", "matches")
    town.ok("parks", *count, *counts)
    skins = ("--taxon", NILE, "--term", "SKI", "--source", "R", "--origin", "ZW", "--year", "2026")
    register = ("lot", "register", *skins, "--basis", "bred", "--facility", "pens")
    town.ok("farm", *register, "--quantity", "300")
    accounts = town.ok("farm", "facility", "show", "farm/pens")["facility"]["accounts"]
    assert accounts[f"stock/farm/pens/{NILE}"]["count"] == 2_180
    shown = town.run("farm", "facility", "show", "farm/pens").out
    assert f"{NILE}: 2180 animals, counted by an officer" in shown
    assert "60 females, 1400 hatched" in shown
    for body, code in (
        ("species,females\nDraco magnus,4\n", "taxon.unknown"),
        ("females,hatched\n4,5\n", "stock.sheet"),
        (f"taxon,hatchd\n{NILE},1400\n", "stock.sheet"),
        (f"taxon,hatched\n{NILE},many\n", "stock.cell"),
    ):
        ran = town.run(
            "farm", "facility", "declare", "pens", "--from", town.write("bad.csv", body), "--json"
        )
        assert ran.json["error"]["code"] == code
    assert town.run("farm", "facility", "declare", "pens", "--json").code == 2
    ran = town.run("parks", *count, "--count", "all", "--json")
    assert ran.json["error"]["code"] == "stock.count"


def test_a_mill_has_a_picture_of_its_year(town) -> None:
    plot = ("--kind", "plot", "--country", "PE", "--area-ha", "480", "--cell", "19M-AB")
    town.ok("farm", "facility", "register", "block", *plot)
    mill = ("--kind", "mill", "--country", "PE", "--capacity", "SAW 100 m3")
    town.ok("farm", "facility", "register", "saw", *mill)
    wood = ("--taxon", "Swietenia macrophylla", "--term", "LOG", "--unit", "MTQ", "--source", "W")
    cut = (*wood, "--origin", "PE", "--year", "2026", "--basis", "harvest", "--facility", "block")
    (logs,) = town.ok("farm", "lot", "register", *cut, "--quantity", "100")["lots"]
    saw = ("lot", "transform", logs, "--process", "sawing", "--facility", "saw")
    town.ok("farm", *saw, "--output", "SAW 50 m3")
    shown = town.run("farm", "facility", "show", "farm/saw").out
    assert "1 batch(es), 100 m3 drawn" in shown
    assert "[###############...............] 50.0 %" in shown
    assert "SAW 50 m3 of 100 m3 a year" in shown
