"""What a document may say in its boxes: refused to its issuer, a check on a copy."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import LedgerWorld
from msgspec.structs import replace

from ledger.custody.documents import (
    DocumentIssued,
    DocumentRecorded,
    DocumentRow,
    DocumentState,
    Exemption,
    Paper,
)
from ledger.custody.references import Listing, ListingTaxon
from ledger.custody.subjects import Kind, Subject

PERMIT = "ZW/EXPORT/2026-001"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 500, "NAR", "C", "ZW")
APPENDIX_I = replace(ROW, taxon="Dalbergia nigra", term="SAW", unit="CMQ", source="W", origin="BR")
IVORY = DocumentRow("Loxodonta africana", "IVC", 1, "NAR", "O", "XX", acquired="1930-01-01")
# 1,790,000,000 s, the day on which this world begins, is 2026-09-21.
TODAY = "2026-09-21"


def state(world: LedgerWorld, name: str = PERMIT) -> DocumentState:
    found = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(found, DocumentState)
    return found


def paper(*rows: DocumentRow, **fields: Any) -> Paper:
    return Paper(rows=rows or (ROW,), **fields)


def outcome(world: LedgerWorld, name: str, said: Paper) -> str:
    """The rule that refuses the issuer; else the findings of both the issuer's word and a copy."""
    by = "customs" if name.startswith("BR") else "parks"
    refused = world.rule(DocumentIssued(name, said), by=by)
    world.do(DocumentRecorded(name, said), by="farm")
    of_copies = ("document.not-confirmed", "document.no-last-day")
    found = [r for r, _ in world.findings(Kind.DOCUMENT, name) if r not in of_copies]
    if refused:
        # What is refused to the issuer is a check on a copy.
        assert refused in found
        assert dict(world.findings(Kind.DOCUMENT, name))[refused] == "check"
        return refused
    return ", ".join(found)


RE_EXPORT = "ZW/RE-EXPORT/1"
FOREIGN = replace(ROW, origin="ZM")
NAMED = replace(FOREIGN, origin_permit="ZM 4", origin_day="2026-01-02")
D_ROW = replace(ROW, source="D", taxon="Crocodylus siamensis", operation="A-TH-501")
O_ROW = replace(ROW, source="O", acquired="1970-01-01")


@pytest.mark.parametrize(
    ("name", "said", "found"),
    [
        # Validity by kind: counted from the day of issue, the last day included.
        pytest.param(PERMIT, paper(issued_day=TODAY, until_day="2027-03-21"), "", id="6-months"),
        pytest.param(
            PERMIT,
            paper(issued_day=TODAY, until_day="2027-03-22"),
            "document.too-long",
            id="6-months-and-a-day",
        ),
        pytest.param(PERMIT, paper(until_day="2026-10-01"), "", id="shorter"),
        pytest.param(
            "ZW/IMPORT/1", paper(issued_day=TODAY, until_day="2027-09-21"), "", id="12-months"
        ),
        pytest.param(
            "ZW/IMPORT/1",
            paper(issued_day=TODAY, until_day="2027-09-22"),
            "document.too-long",
            id="12-months-and-a-day",
        ),
        pytest.param(
            "ZW/INSTRUMENT/1", paper(issued_day=TODAY, until_day="2029-09-21"), "", id="36-months"
        ),
        pytest.param(
            "ZW/INSTRUMENT/1",
            paper(issued_day=TODAY, until_day="2029-09-22"),
            "document.too-long",
            id="36-months-and-a-day",
        ),
        pytest.param("ZW/EU-CERT/1", paper(until_day="2099-01-01"), "", id="no-term"),
        pytest.param("ZW/OTHER/1", paper(until_day="2099-01-01"), "", id="a-kind-of-its-own"),
        # Retrospective issue.
        pytest.param(PERMIT, paper(retrospective="the office was flooded"), "", id="late"),
        pytest.param(
            PERMIT, paper(retrospective=" "), "document.retrospective", id="late-without-reason"
        ),
        pytest.param(
            "BR/EXPORT/1",
            paper(APPENDIX_I, retrospective="flood"),
            "document.retrospective",
            id="late-for-appendix-i",
        ),
        pytest.param(
            "BR/EXPORT/1",
            paper(replace(APPENDIX_I, source="A"), retrospective="flood"),
            "",
            id="late-but-propagated",
        ),
        pytest.param(
            "BR/RE-EXPORT/1",
            paper(
                replace(APPENDIX_I, origin="XX", origin_permit="1", origin_day="2020-01-01"),
                retrospective="flood",
                rests_on=(),
            ),
            "document.import-first",
            id="late-re-export-of-appendix-i",
        ),
        # Re-export: the permit of origin, or why not.
        pytest.param(RE_EXPORT, paper(NAMED), "", id="origin-named"),
        pytest.param(RE_EXPORT, paper(FOREIGN), "document.origin-permit", id="origin-not-named"),
        pytest.param(
            RE_EXPORT,
            paper(replace(NAMED, origin_day=None)),
            "document.origin-permit",
            id="origin-without-day",
        ),
        pytest.param(
            RE_EXPORT, paper(replace(FOREIGN, origin_unknown="archive burnt")), "", id="justified"
        ),
        pytest.param(
            RE_EXPORT,
            paper(replace(NAMED, origin="ZW")),
            "document.origin-side",
            id="re-export-of-own-goods",
        ),
        pytest.param(PERMIT, paper(FOREIGN), "document.origin-side", id="export-of-foreign-goods"),
        pytest.param(
            PERMIT,
            paper(replace(ROW, origin="XX")),
            "document.origin-side",
            id="export-of-skins-of-nowhere",
        ),
        pytest.param(PERMIT, paper(IVORY), "", id="export-of-an-antique-of-nowhere"),
        pytest.param(
            PERMIT, paper(to_country="ZW"), "document.same-country", id="to-its-own-country"
        ),
        pytest.param(PERMIT, paper(to_country="IT"), "", id="to-another-country"),
        pytest.param(
            "ZW/IMPORT/1",
            paper(from_country="FR", to_country="FR"),
            "document.same-country",
            id="import-from-itself",
        ),
        # Source D and O.
        pytest.param(
            PERMIT,
            paper(replace(D_ROW, origin="ZW")),
            "document.operation-unknown",
            id="operation-named",
        ),
        pytest.param(
            PERMIT,
            paper(replace(D_ROW, operation=None)),
            "document.operation",
            id="operation-not-named",
        ),
        pytest.param(PERMIT, paper(O_ROW), "", id="acquired-before-any-listing"),
        pytest.param(
            PERMIT, paper(replace(O_ROW, acquired=None)), "document.acquired", id="acquired-when"
        ),
        # Box 11a.
        pytest.param(
            PERMIT, paper(replace(ROW, quota_used=500, quota_total=500)), "", id="all-of-the-quota"
        ),
        pytest.param(
            PERMIT,
            paper(replace(ROW, quota_used=501, quota_total=500)),
            "document.quota-figures",
            id="beyond-the-quota",
        ),
        pytest.param(
            PERMIT,
            paper(replace(ROW, quota_used=499, quota_total=900)),
            "document.quota-figures",
            id="this-document-not-counted",
        ),
        pytest.param(
            PERMIT,
            paper(replace(ROW, quota_total=499)),
            "document.quota-figures",
            id="more-than-the-quota",
        ),
        # Appendix I: the import permit first.
        pytest.param("BR/EXPORT/1", paper(APPENDIX_I), "document.import-first", id="no-import-yet"),
        pytest.param(
            "BR/EXPORT/1",
            paper(APPENDIX_I, rests_on=("FR/IMPORT/7",)),
            "",
            id="import-permit-named",
        ),
        # Purposes.
        pytest.param(PERMIT, paper(purpose="T"), "", id="skins-for-trade"),
        pytest.param(PERMIT, paper(purpose="G"), "pair.term-purpose", id="skins-for-a-garden"),
        # Registers of their own.
        pytest.param("FR/DDS/24FRIOBORU2228", paper(verification="SFFCB4Y3"), "", id="dds"),
        pytest.param(
            "ZW/DDS/24FRIOBORU22289", paper(), "document.number-form", id="dds-of-15-characters"
        ),
        pytest.param(
            "ZW/DDS/24FRIOBORU2228",
            paper(verification="AB12"),
            "document.verification",
            id="dds-verification-of-4",
        ),
    ],
)
def test_boxes(world: LedgerWorld, name: str, said: Paper, found: str) -> None:
    if said.rests_on:
        world.do(DocumentRecorded("FR/IMPORT/7", Paper()), by="farm")
    if name.startswith("FR"):
        world.do(DocumentRecorded(name, said), by="farm")
        assert world.findings(Kind.DOCUMENT, name) == [("document.not-confirmed", "note")]
        return
    assert outcome(world, name, said) == found


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("16.12345-00042.001-ID-NL", []),
        ("16.12345-00042.001-GH-NL", ["document.number-form"]),
        ("16.12345-00042-ID-NL", ["document.number-form"]),
        ("V-LEGAL 17", ["document.number-form"]),
    ],
)
def test_a_flegt_number_is_a_check_for_its_form_is_not_confirmed(
    world: LedgerWorld, number: str, found: list[str]
) -> None:
    name = f"ID/FLEGT/{number}"
    world.do(DocumentRecorded(name, Paper()), by="farm")
    rules = [rule for rule, _ in world.findings(Kind.DOCUMENT, name)]
    assert [rule for rule in rules if rule != "document.not-confirmed"] == found


def test_the_number_of_a_farm_is_no_refusal(world: LedgerWorld) -> None:
    assert world.rule(DocumentIssued("ZW/FARM/17", Paper()), by="parks") == ""
    world.do(DocumentIssued("ZW/FARM/A-ZW-501", Paper()), by="parks")
    assert world.findings(Kind.DOCUMENT, "ZW/FARM/A-ZW-501") == []
    row = replace(D_ROW, origin="ZW", operation="A-ZW-501")
    world.do(DocumentIssued(PERMIT, paper(row)), by="parks")
    assert world.findings(Kind.DOCUMENT, PERMIT) == []


@pytest.mark.parametrize(
    ("acquired", "rule"),
    [("1977-02-03", ""), ("1977-02-04", "document.acquired"), ("1990-01-01", "document.acquired")],
)
def test_acquired_before_the_first_listing(world: LedgerWorld, acquired: str, rule: str) -> None:
    listed = (
        Listing(ROW.taxon, "I", "1977-02-04"),
        Listing(ROW.taxon, "II", "1983-04-29", country="ZW"),
    )
    subject = Subject(Kind.REFERENCE, f"listings/{ROW.taxon}")
    world.states[subject] = ListingTaxon(listed=listed)
    event = DocumentIssued(PERMIT, paper(replace(O_ROW, acquired=acquired)))
    assert world.rule(event, by="parks") == rule


@pytest.mark.parametrize(
    ("listings", "acquired", "rule"),
    [
        pytest.param({"Crocodylus": "1977-02-04"}, "1977-02-03", "", id="before-its-genus"),
        pytest.param({"Crocodylus": "1977-02-04"}, "1977-02-04", "document.acquired", id="genus"),
        pytest.param({"Crocodylia": "1977-02-04"}, "1980-01-01", "document.acquired", id="order"),
        pytest.param({"Python": "1977-02-04"}, "1980-01-01", "", id="another-genus"),
        pytest.param(
            {"Crocodylus": "1975-07-01", ROW.taxon: "1977-02-04"},
            "1976-01-01",
            "document.acquired",
            id="the-first-of-both",
        ),
    ],
)
def test_a_species_is_listed_once_its_genus_is(
    world: LedgerWorld, listings: dict[str, str], acquired: str, rule: str
) -> None:
    for name, day in listings.items():
        state = ListingTaxon(listed=(Listing(name, "II", day),))
        world.states[Subject(Kind.REFERENCE, f"listings/{name}")] = state
    event = DocumentIssued(PERMIT, paper(replace(O_ROW, acquired=acquired)))
    assert world.rule(event, by="parks") == rule


def exempt(section: str, **fields: Any) -> Paper:
    return Paper(rows=(IVORY,), exemption=Exemption(section, **fields))


@pytest.mark.parametrize(
    ("kind", "said", "rule"),
    [
        pytest.param("IVORY-CERT", exempt("s.2", made_before="1918-01-01"), "", id="s2"),
        pytest.param(
            "IVORY-CERT", exempt("s.2", made_before="1918-01-02"), "ivory.test", id="s2-too-young"
        ),
        pytest.param("IVORY-CERT", exempt("s.2"), "ivory.test", id="s2-undated"),
        pytest.param(
            "IVORY-REG", exempt("s.6", made_before="1850-01-01", surface_cm2=320), "", id="s6"
        ),
        pytest.param(
            "IVORY-REG",
            exempt("s.6", made_before="1850-01-01", surface_cm2=321),
            "ivory.test",
            id="s6-too-large",
        ),
        pytest.param(
            "IVORY-REG", exempt("s.7", made_before="1947-03-03", share_percent=9), "", id="s7"
        ),
        pytest.param(
            "IVORY-REG",
            exempt("s.7", made_before="1947-03-03", share_percent=10),
            "ivory.test",
            id="s7-ten-percent",
        ),
        pytest.param(
            "IVORY-REG", exempt("s.8", made_before="1975-01-01", share_percent=19), "", id="s8"
        ),
        pytest.param(
            "IVORY-REG",
            exempt("s.8", made_before="1975-01-01", share_percent=20),
            "ivory.test",
            id="s8-twenty-percent",
        ),
        pytest.param("IVORY-REG", exempt("s.9", museum="V&A"), "", id="s9"),
        pytest.param("IVORY-REG", exempt("s.9"), "ivory.test", id="s9-no-museum"),
        pytest.param(
            "IVORY-REG", exempt("s.2", made_before="1900-01-01"), "ivory.section", id="s2-as-reg"
        ),
        pytest.param("IVORY-REG", Paper(rows=(IVORY,)), "ivory.section", id="no-section"),
        pytest.param("IVORY-REG", exempt("s.3"), "ivory.section", id="no-such-section"),
    ],
)
def test_ivory_act(world: LedgerWorld, kind: str, said: Paper, rule: str) -> None:
    name = f"GB/{kind}/7K2-4411"
    world.enrol("apha", "authority", country="GB")
    assert world.rule(DocumentIssued(name, said), by="apha") == rule
    world.do(DocumentRecorded(name, said), by="farm")
    rules = [r for r, _ in world.findings(Kind.DOCUMENT, name) if r != "document.not-confirmed"]
    assert rules == ([rule] if rule else [])


def test_ivory_papers_are_british(world: LedgerWorld) -> None:
    said = exempt("s.9", museum="V&A")
    assert world.rule(DocumentIssued("ZW/IVORY-REG/1", said), by="parks") == "document.kind-country"


@pytest.mark.parametrize(
    ("issued", "retrospective", "found"),
    [
        ("2026-09-18", None, []),
        ("2026-09-17", None, ["document.entered-late"]),
        ("2026-09-17", "the post was late", []),
    ],
)
def test_a_document_is_entered_soon(
    world: LedgerWorld, issued: str, retrospective: str | None, found: list[str]
) -> None:
    said = paper(issued_day=issued, retrospective=retrospective)
    world.do(DocumentIssued(PERMIT, said), by="parks")
    assert [rule for rule, _ in world.findings(Kind.DOCUMENT, PERMIT)] == found


def test_an_office_in_the_east_issues_on_its_own_day(world: LedgerWorld) -> None:
    # At this moment the day after has begun in Auckland
    assert world.rule(DocumentIssued(PERMIT, paper(issued_day="2026-09-22")), by="parks") == ""


@pytest.mark.parametrize(
    "said",
    [
        paper(issued_day="2026-09-23"),
        paper(issued_day="2026-02-30"),
        paper(replace(ROW, acquired="yesterday")),
        paper(replace(ROW, origin_day="2026-00-01")),
        paper(replace(ROW, last_day="9999-01-01")),
    ],
)
def test_days_in_boxes_are_days(world: LedgerWorld, said: Paper) -> None:
    assert world.rule(DocumentIssued(PERMIT, said), by="parks") == "document.days"


def test_a_document_names_documents_and_countries_that_are_there(world: LedgerWorld) -> None:
    event = DocumentIssued(PERMIT, paper(rests_on=("FR/IMPORT/7",)))
    assert world.rule(event, by="parks") == "document.unknown"
    event = DocumentIssued(PERMIT, paper(replace(ROW, last_country="QQ")))
    assert world.rule(event, by="parks") == "country.unknown"
