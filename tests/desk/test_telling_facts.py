"""Whoever signs reads all of it: no fact of a paper, reference, office or place is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.custody.certification import CertificateScope, CreditOpening, ProductGroup
from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    Exemption,
    Paper,
    Passed,
    Way,
)
from ledger.custody.events import Event
from ledger.custody.facilities import (
    Capacity,
    ClosedSeason,
    FacilityRegistered,
    SizeLimit,
    Terms,
)
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import Basis, LotDeparted, LotRegistered
from ledger.custody.parties import PartyEnrolled, PublicKey, Scope
from ledger.custody.references import (
    Ban,
    BanDeclared,
    Listing,
    ListingChanged,
    Quota,
    QuotaSet,
    Suspension,
    SuspensionDeclared,
)
from ledger.custody.transfers import Moves, TransferOffered
from ledger.desk.telling import tell
from ledger.wire import fields

CODE = "7K3M9QXF2W50"
TAGS = MarkRange("CROC", "ZW-2026-", 17, 19, 6, "-NIL")
PAPER = Paper(
    holder="kariba-farm",
    from_day="2026-02-01",
    until_day="2026-07-09",
    rows=(
        DocumentRow(
            "Crocodylus niloticus", "SKI", 3, "NAR", "R", "ZW", (TAGS,), "II", 1503, 9000,
            "ZA-88", "2026-01-07", "lost in a fire", "MZ", "MZ-12", "2026-01-08", "A-ZW-501",
            "1974-05-06",
        ),
    ),
    purpose="T",
    from_country="NA",
    to_country="IT",
    retrospective="the office was closed",
    scope=CertificateScope(
        (ProductGroup("SAW", "Swietenia macrophylla"),),
        ("credit",),
        True,
        (CreditOpening("VEN", "CMQ", 21_000_000, "2025-05"),),
    ),
    issued_day="2026-01-31",
    conditions="tags stay on the skins",
    stamp="CITES-0099",
    rests_on=("IT/IMPORT/7",),
    verification="ABCD1234",
    plots=("tambo/block-12",),
    exemption=Exemption("s.7", "1947-01-01", 9, 316, "V-and-A"),
)  # fmt: skip
PLACE = FacilityRegistered(
    "kariba-farm/pens",
    "mill",
    "ZW",
    12_345,
    ("S17E028",),
    Terms(
        "ZW/FARM/9",
        "2026-01-02",
        "2026-12-30",
        (ClosedSeason("09-03", "11-04"),),
        (Capacity("SAW", 5_000_000_000, "CMQ"),),
        (SizeLimit("Crocodylus niloticus", 471),),
        1987,
    ),
)
QUOTA = Quota(
    "Q-1", "ZW", "Crocodylus niloticus", 77, "NAR", "2026-01-01", "2026-12-31", "harvest",
    "mandatory", ("SKI",), ("W",), ("T",), "Kariba north", ("belly width stated",), 13,
    None, "Q-0",
)  # fmt: skip
SUSPENSION = Suspension(
    "S-1", "AF", "2005-09-19", "Ursus arctos", "2015-04-09", ("W",), ("SKI",), ("T",), ("A",),
    ("TRO",), ("Z",), ("said by letter",),
)  # fmt: skip
LISTING = Listing("Crocodylus niloticus", "II", "2017-01-02", "MG", "zero quota for ranches")
BAN = Ban(
    "B-1", "GB", "Elephantidae", "2022-06-06", ("deal", "export"), "2030-01-01",
    ("09-01", "12-31"), ("IVC",), ("W",), ("IVORY-REG",), ("Ivory Act",),
)  # fmt: skip
GOODS = NewLot(
    (Row("Crocodylus niloticus", "SKI", 3, "NAR", "R", "ZW"),),
    marks=(TAGS,), year=2026, facility="kariba-farm/pens", claim="FSC 100%",
    documents=("ZW/FARM/9",), width_mm=471,
)  # fmt: skip
SILENT = {"unit", "digits", "before", "after", "first", "last", "scheme", "key", "proof"}
"""What is told in another form: units beside amounts, marks as their first and last."""
TOLD_AS = {
    "12345": "1.2345 ha",
    "5000000000": "5000 m3",
    "21000000": "21 m3",
    "harvest": "taken",
    "True": "contractors",
    "1800000000": "2027-01-15",
    CODE: "7K3M-9QXF-2W50",
    "export": "leave",
    "both": "custody and title",
    "0": "line 1",
}


def values(plain: Any, name: str = "") -> Iterator[str]:
    """Yield all values of an event but those told in another form."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if key not in SILENT:
                yield from values(value, key)
    elif isinstance(plain, list | tuple):
        for value in plain:
            yield from values(value)
    elif plain is not None:
        yield str(plain)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(DocumentIssued("ZW/EXPORT/2026-0412", PAPER), id="document"),
        pytest.param(
            DocumentReplaced(
                document="ZW/EXPORT/2026-0413",
                replaces="ZW/EXPORT/2026-0412",
                paper=PAPER,
                reason="lost",
            ),
            id="replaced",
        ),
        pytest.param(
            PartyEnrolled(
                "moyo",
                "ZW",
                ("officer",),
                PublicKey(kty=1, crv=6, x=b"k" * 32),
                b"p",
                Scope(("control", "documents"), ("ZW", "ZM")),
                "parks",
            ),
            id="officer",
        ),
        pytest.param(PLACE, id="place"),
        pytest.param(QuotaSet((QUOTA,)), id="quota"),
        pytest.param(SuspensionDeclared((SUSPENSION,)), id="suspension"),
        pytest.param(ListingChanged((LISTING,)), id="listing"),
        pytest.param(BanDeclared((BAN,)), id="ban"),
        pytest.param(
            LotRegistered(Basis.ANTIQUE, (GOODS,), "1947-01-01", "a house in Bath"), id="lot"
        ),
        pytest.param(
            TransferOffered(
                "arno",
                Moves.BOTH,
                1_800_000_000,
                {CODE: Part()},
                (),
                ("sell",),
                ("DE/FSC-COC/C-0101",),
                {CODE: "FSC Mix Credit"},
            ),
            id="offer",
        ),
        pytest.param(
            LotDeparted({CODE: Part()}, "retail", "GB", ("GB/IVORY-REG/9M1-0027",)), id="departed"
        ),
        pytest.param(
            DocumentEndorsed(
                "ZW/EXPORT/2026-0412",
                Way.EXPORT,
                "ZW",
                (Passed(0, 480, CODE),),
                "Beitbridge",
                "AWB 020-7",
            ),
            id="endorsed",
        ),
    ],
)
def test_every_fact_is_told(event: Event) -> None:
    told = "\n".join(tell(event, units={CODE: ("NAR",)}))
    missing = [
        value
        for value in values(fields.to_plain(event))
        if value not in told and TOLD_AS.get(value, value) not in told
    ]
    assert missing == []


def test_marks_of_a_permit_are_told_by_first_and_last() -> None:
    told = tell(DocumentIssued("ZW/EXPORT/2026-0412", PAPER))
    assert "3 marks ZW-2026-000017-NIL..ZW-2026-000019-NIL" in told[1]


def test_more_rows_than_fit_are_counted() -> None:
    told = tell(QuotaSet((QUOTA,) * 30))
    assert (len(told), told[-1]) == (10, "  … and 22 more")


@pytest.mark.parametrize(
    ("units", "amount"),
    [({CODE: ("GRM",)}, "0.48 kg on line 2"), ({}, "480 smallest units on line 2")],
)
def test_what_passed_is_told_in_the_unit_of_its_lot(
    units: dict[str, tuple[str, ...]], amount: str
) -> None:
    event = DocumentEndorsed("IR/EXPORT/1", Way.IMPORT, "FR", (Passed(1, 480, CODE),))
    assert tell(event, units=units)[2] == f"  7K3M-9QXF-2W50: {amount}"


def test_goods_without_a_lot_are_told_too() -> None:
    event = DocumentEndorsed("IR/EXPORT/1", Way.IMPORT, "FR", (Passed(0, 480),))
    assert tell(event)[1:] == [
        "  IR/EXPORT/1: goods enter FR",
        "  goods without a lot: 480 smallest units on line 1",
    ]
