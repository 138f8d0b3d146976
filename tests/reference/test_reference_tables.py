"""The reference tables load, are numbered for ever, and hold what the public sources hold."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from ledger.errors import DamagedError
from ledger.reference.released import parse_rows
from ledger.reference.tables import LEDGER_UNITS, Tables, lineage, load_tables, table_hashes

NUMBERED = ("taxa", "terms", "units", "sources", "purposes")
OWN = {"closings", "explanations", "states", "thresholds-one", "thresholds-two", "wording"}
"""Our own files: thresholds have hashes of their own, and no rule rests on words."""
DATA = Path(__file__).resolve().parents[2] / "ledger" / "reference" / "data"

# The first numbers of each table. A label printed today must read the same in ten years:
# this list only grows.
FROZEN: Mapping[str, tuple[str, ...]] = {
    "taxa": ("Crocodylus niloticus", "Crocodylus porosus", "Crocodylus siamensis"),
    "terms": ("SKI", "SID", "SKP", "LPS", "LPL", "GAR", "TAI", "LOG", "SAW", "VEN", "PLY", "TRW"),
    "units": ("NAR", "GRM", "CMQ", "CMK", "MMT", "MLT", "KGM", "MTQ", "MTK", "MTR", "LTR"),
    "sources": ("W", "R", "D", "A", "C", "F", "U", "I", "O", "X", "Y"),
    "purposes": ("T", "P", "S", "H", "E", "M", "Z", "Q", "B", "G", "N", "L"),
}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load_tables()


def public_rows(shared_data: Path, name: str) -> list[dict[str, str]]:
    with (shared_data / "domain" / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("table", NUMBERED)
def test_numbers_are_dense_and_frozen(tables: Tables, table: str) -> None:
    rows = getattr(tables, table)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    names = tuple(getattr(row, "code", None) or row.name for row in rows)
    assert len(set(names)) == len(names)
    assert names[: len(FROZEN[table])] == FROZEN[table]


def test_every_row_names_its_source(tables: Tables) -> None:
    known = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    for path in sorted(DATA.glob("*.csv")):
        if path.stem in OWN:
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                assert row["source"], (path.name, row)
                for word in row["source"].split("; "):
                    assert f"`{word}`" in known, (path.name, word)


@pytest.mark.parametrize("row", [b"1\n", b"1,W,wild,more\n"], ids=["too-short", "too-long"])
def test_a_damaged_row_is_not_passed_over(row: bytes) -> None:
    assert list(parse_rows(b"number,code,en\n1,W,wild\n", table="sources"))
    with pytest.raises(DamagedError) as caught:
        list(parse_rows(b"number,code,en\n" + row, table="sources"))
    assert caught.value.code == "reference.row"


def test_files_are_canonical_bytes() -> None:
    for path in sorted(DATA.glob("*.csv")):
        data = path.read_bytes()
        assert b"\r" not in data, path.name
        assert not data.startswith(b"\xef\xbb\xbf"), path.name
        assert data.endswith(b"\n"), path.name
        data.decode("utf-8")


def test_hashes_name_every_file() -> None:
    hashes = table_hashes()
    assert set(hashes) == {path.stem for path in DATA.glob("*.csv")} - OWN
    assert {len(value) for value in hashes.values()} == {32}
    with pytest.raises(TypeError):
        hashes["taxa"] = b""  # type: ignore[index]


@pytest.mark.parametrize(
    ("file", "lookup"),
    [
        ("codes/term_codes.csv", "term"),
        ("codes/unit_codes.csv", "unit"),
        ("codes/source_codes.csv", "source"),
        ("codes/purpose_codes.csv", "purpose"),
    ],
)
def test_every_public_code_is_known(
    tables: Tables, shared_data: Path, file: str, lookup: str
) -> None:
    codes = [row["code"] for row in public_rows(shared_data, file)]
    assert codes
    assert [code for code in codes if getattr(tables, lookup)(code) is None] == []


def test_names_in_three_languages(tables: Tables) -> None:
    for table in ("terms", "units", "sources", "purposes", "countries"):
        for row in getattr(tables, table):
            assert row.en, row
            assert row.fr, row
            assert row.es, row


def test_every_country_of_the_parties_is_known(tables: Tables, shared_data: Path) -> None:
    rows = public_rows(shared_data, "geo/countries_en_fr_es.csv")
    assert [row["iso2"] for row in rows if tables.country(row["iso2"]) is None] == []
    parties = [c for c in tables.countries if c.party_since is not None]
    assert len(parties) >= 183
    namibia = tables.country("NA")
    assert namibia is not None
    assert namibia.en == "Namibia"


def test_every_focus_taxon_resolves(tables: Tables, shared_data: Path) -> None:
    rows = public_rows(shared_data, "species/species_focus_2017.csv")
    names = [row["scientific_name"] for row in rows]
    assert len(names) == 816
    assert [name for name in names if tables.taxon(name) is None] == []


def test_reptile_names_of_2023_resolve(tables: Tables, shared_data: Path) -> None:
    rows = public_rows(shared_data, "species/CITES_Listings_Reptiles_2023-07.csv")
    families = {"Pythonidae", "Boidae", "Crocodylidae", "Alligatoridae", "Gavialidae"}
    names = [row["Scientific Name"] for row in rows if row["Family"] in families]
    missing = [name for name in names if tables.taxon(name) is None]
    assert missing == []


def test_listing_updates_are_applied(tables: Tables) -> None:
    for name, annotation in [
        ("Pterocarpus erinaceus", "#17"),
        ("Pericopsis elata", "#17"),
        ("Khaya ivorensis", "#17"),
        ("Handroanthus impetiginosus", "#17"),
        ("Dipteryx odorata", "#17"),
        ("Pterocarpus tinctorius", "#6"),
        ("Cedrela odorata", "#6"),
    ]:
        taxon = tables.taxon(name)
        assert taxon is not None, name
        assert (taxon.appendix, taxon.annotation) == ("II", annotation), name


@pytest.mark.parametrize(
    ("synonym", "accepted"),
    [
        ("Crocodilus galeatus", "Crocodylus siamensis"),
        ("caiman YACARE", "Caiman crocodilus yacare"),
        ("Mecistops cataphractus", "Crocodylus cataphractus"),
        ("Loxodonta cyclotis", "Loxodonta africana"),
        ("Afrormosia elata", "Pericopsis elata"),
        ("Acipenser ruthenus × Huso huso", "Huso huso x Acipenser ruthenus"),
        ("Gonystylus spp.", "Gonystylus"),
        ("  Python   reticulatus ", "Malayopython reticulatus"),
        ("Elephantidae spp.", "Elephantidae"),
    ],
)
def test_a_synonym_resolves(tables: Tables, synonym: str, accepted: str) -> None:
    taxon = tables.taxon(synonym)
    assert taxon is not None
    assert taxon.name == accepted


def test_every_synonym_leads_to_its_taxon(tables: Tables) -> None:
    for key, numbers in tables.synonyms.items():
        assert all(tables.taxon_by_number(number) is not None for number in numbers)
        assert tables.taxa_named(key)
        if len(numbers) > 1:
            assert tables.taxon(key) is None


def test_an_ambiguous_synonym_is_not_guessed(tables: Tables) -> None:
    assert tables.taxon("Boa canina") is None
    assert {taxon.name for taxon in tables.taxa_named("Boa canina")} == {
        "Corallus batesii",
        "Corallus caninus",
    }


def test_names_are_accepted_in_their_time(tables: Tables) -> None:
    before, after = 19410, 19411  # 2023-02-22 and 2023-02-23
    old, new = tables.taxa_named("Python reticulatus")[0], tables.taxon("Malayopython reticulatus")
    assert new is not None
    for name in ("Python reticulatus", "Malayopython reticulatus", "Boa phrygia"):
        assert tables.taxon(name, day=before) == old, name
        assert tables.taxon(name, day=after) == new, name
        assert tables.taxon(name) == new, name
    assert tables.taxon_by_number(old.number) == old


def test_successors_and_predecessors_share_the_day(tables: Tables) -> None:
    renamed = [taxon for taxon in tables.taxa if taxon.succeeded_by is not None]
    assert len(renamed) >= 10
    for taxon in renamed:
        successor = tables.taxon_by_number(taxon.succeeded_by or 0)
        assert successor is not None
        assert successor.accepted_from == taxon.accepted_until is not None


def test_within(tables: Tables) -> None:
    def taxon(name: str):  # type: ignore[no-untyped-def]
        found = tables.taxon(name)
        assert found is not None
        return found

    assert tables.within(taxon("Crocodylus niloticus"), taxon("Crocodylia spp."))
    assert tables.within(taxon("Caiman crocodilus fuscus"), taxon("Caiman crocodilus"))
    assert tables.within(tables.taxa_named("Python reticulatus")[0], taxon("Pythonidae"))
    assert tables.within(tables.taxa_named("Python reticulatus")[0], taxon("Python"))
    assert not tables.within(taxon("Python curtus"), taxon("Crocodylia"))


def test_unknown_things_are_none(tables: Tables) -> None:
    assert tables.taxon("Draco volans magicus") is None
    assert tables.taxon("") is None
    assert tables.taxon_by_number(0) is None
    assert tables.taxon_by_number(-1) is None
    assert tables.term_by_number(len(tables.terms) + 1) is None
    assert tables.term("XXX") is None
    assert tables.unit("") is None
    assert tables.country("uk") is None
    assert tables.conversion("XXX", "NAR", "XXX", "NAR") is None


def test_public_term_unit_pairs_are_allowed(tables: Tables, shared_data: Path) -> None:
    rows = public_rows(shared_data, "codes/term_unit_pairs.csv")
    assert len(rows) == 527
    for row in rows:
        assert tables.pair_allowed(row["TERM_CODE"], row["UNIT_CODE"] or "NAR"), row
    assert tables.pair_allowed("SAW", "MTQ")
    assert tables.pair_allowed("SAW", "CMQ")
    assert not tables.pair_allowed("SKI", "MTQ")
    assert not tables.pair_allowed("SKI", "BOX")
    assert not tables.pair_allowed("SKI", "???")


def test_public_term_purpose_pairs_are_allowed(tables: Tables, shared_data: Path) -> None:
    for row in public_rows(shared_data, "codes/term_purpose_pairs.csv"):
        assert tables.purpose_allowed(row["TERM_CODE"], row["PURPOSE_CODE"]), row
    assert not tables.purpose_allowed("SAW", "?")


@pytest.mark.parametrize(
    ("taxon", "term", "plausible"),
    [
        ("Crocodylus niloticus", "SKI", True),
        ("Crocodylus niloticus", "SID", True),
        ("Malayopython reticulatus", "SKI", True),
        ("Malayopython reticulatus", "CAV", False),
        ("Malayopython reticulatus", "SAW", False),
        ("Huso huso", "CAV", True),
        ("Swietenia macrophylla", "SAW", True),
        ("Handroanthus serratifolius", "TRW", True),
        ("Swietenia macrophylla", "SKI", False),
        ("Loxodonta africana", "TUS", True),
        ("Loxodonta africana", "CAV", False),
        ("Python curtus", "ESH", True),  # a term bound to no taxon
        ("Python curtus", "???", False),
    ],
)
def test_terms_fit_their_taxa(tables: Tables, taxon: str, term: str, plausible: bool) -> None:
    found = tables.taxon(taxon)
    assert found is not None
    assert tables.term_taxon_plausible(found, term) is plausible


def test_lineage_goes_down(tables: Tables) -> None:
    taxon = tables.taxon("Caiman crocodilus fuscus")
    assert taxon is not None
    assert lineage(taxon) == (
        "Animalia",
        "Chordata",
        "Reptilia",
        "Crocodylia",
        "Alligatoridae",
        "Caiman",
        "Caiman crocodilus",
        "Caiman crocodilus fuscus",
    )


@pytest.mark.parametrize(
    ("step", "ratio", "confirmed"),
    [
        (("SKI", "NAR", "SKI", "NAR"), (1, 1), True),
        (("LOG", "GRM", "LOG", "GRM"), (1, 1), True),
        (("SKI", "NAR", "SID", "NAR"), (2, 1), True),
        (("LOG", "CMQ", "SAW", "CMQ"), (65, 100), True),
        (("LOG", "CMQ", "VEN", "CMQ"), (65, 100), False),
        (("SAW", "CMQ", "TRW", "CMQ"), (1, 1), True),
        (("TUS", "GRM", "IVC", "GRM"), (1, 1), True),
        (("EGL", "NAR", "LIV", "NAR"), (1, 1), True),
        (("PKY", "NAR", "KEY", "NAR"), (52, 1), True),
    ],
)
def test_conversions(
    tables: Tables, step: tuple[str, str, str, str], ratio: tuple[int, int], confirmed: bool
) -> None:
    found = tables.conversion(*step)
    assert found is not None
    assert (found.numerator, found.denominator) == ratio
    assert found.confirmed is confirmed


@pytest.mark.parametrize(
    "step",
    [
        ("SID", "NAR", "SKI", "NAR"),
        ("SAW", "CMQ", "LOG", "CMQ"),
        ("SKI", "NAR", "LIV", "NAR"),
        ("SKI", "NAR", "SKI", "GRM"),
        ("IVC", "GRM", "TUS", "GRM"),
    ],
)
def test_what_cannot_be_made_has_no_row(tables: Tables, step: tuple[str, str, str, str]) -> None:
    assert tables.conversion(*step) is None


def test_there_and_back_yields_nothing_that_was_not_there(tables: Tables) -> None:
    """Else a skin made a trophy would come back with skull, skeleton and claws."""
    rows = {((r.term_in, r.unit_in), (r.term_out, r.unit_out)): r for r in tables.conversions}
    for (first, second), _ in rows.items():
        back = rows.get((second, first))
        if back is None or first == second:
            continue
        for (start, end), more in rows.items():
            beside = start == second and more.share != back.share
            assert not beside or (first, end) in rows, (first, second, end)


def test_conversion_rows_make_sense(tables: Tables) -> None:
    for row in tables.conversions:
        assert row.numerator > 0, row
        assert row.denominator > 0, row
        assert row.source, row
        assert not (row.confirmed and row.source == "ours"), row
        if row.term_in == "*":
            continue
        assert row.unit_in in LEDGER_UNITS, row
        assert row.unit_out in LEDGER_UNITS, row
        assert tables.pair_allowed(row.term_in, row.unit_in), row
        assert tables.pair_allowed(row.term_out, row.unit_out), row
        if row.plausible_numerator is not None:
            assert row.plausible_denominator is not None, row
            assert (
                row.plausible_numerator * row.denominator
                <= row.numerator * row.plausible_denominator
            ), row


def test_no_chain_of_confirmed_steps_creates_matter(tables: Tables) -> None:
    """A detour over another product never yields more than the direct row allows."""
    best = {
        (c.term_in, c.unit_in, c.term_out, c.unit_out): c for c in tables.conversions if c.confirmed
    }
    for first in best.values():
        for second in best.values():
            if (first.term_out, first.unit_out) != (second.term_in, second.unit_in):
                continue
            direct = best.get((first.term_in, first.unit_in, second.term_out, second.unit_out))
            if direct is not None:
                assert (
                    first.numerator * second.numerator * direct.denominator
                    <= direct.numerator * first.denominator * second.denominator
                ), (first, second)
