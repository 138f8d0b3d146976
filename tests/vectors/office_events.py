"""What offices and keepers of places say, for the decision table: papers, marks, places, tables.

These events ask nothing of the lot that is at hand, but for the replacement of its marks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace
from trade_world import DAY, START, World, tags

from ledger.custody import blanks, documents, facilities, marks, references, stocks
from ledger.custody.control import SeizureRecorded
from ledger.custody.documents import DocumentRow, Paper
from ledger.custody.stocks import SizeClass

PAPER = "ZW/EXPORT/77"
REFERENCE = "ZW/DDS/77"
OTHER = "ZW/EXPORT/78"
TAXON = "Crocodylus niloticus"
SKINS = tags(1, 100)
SPARE = tags(501, 600)
LATER = "2028-01-01"
COUNTED = (SizeClass("all", 100),)
COVERS = Paper(rows=(DocumentRow(TAXON, "SKI", 100, "NAR", "C", "ZW"),), purpose="T")
SEIZED = (DocumentRow(TAXON, "SKI", 5, "NAR", "W", "ZW"),)
QUOTA = references.Quota(
    quota="ZW-2028",
    country="ZW",
    taxon=TAXON,
    amount=100,
    unit="NAR",
    from_day=LATER,
    until_day="2028-12-31",
    counts="issue",
    binding="voluntary",
)
FIGURE = references.Figure("rate/replaced-per-mille", 5, 1, LATER, "confirmed", "a source")

STAMP = documents.Endorsement(
    id=bytes([9]) * 32,
    by="officer",
    index=0,
    at=START,
    way=documents.Way.EXPORT,
    country="ZW",
    day="2027-01-15",
    lots=0,
    drawn=(),
)
"""An endorsement of goods without a lot that stands on the document."""

PAPERS: Mapping[str, Callable[[Any], Any]] = {
    "DocumentIssued": lambda _: documents.DocumentIssued(PAPER, COVERS),
    "DocumentRecorded": lambda _: documents.DocumentRecorded(PAPER, COVERS),
    "DocumentAttested": lambda _: documents.DocumentAttested(PAPER, "original"),
    "DocumentReplaced": lambda _: documents.DocumentReplaced(OTHER, PAPER, "a slip", COVERS),
    "DocumentCancelled": lambda _: documents.DocumentCancelled(PAPER, "why"),
    "DocumentSuspended": lambda _: documents.DocumentSuspended(PAPER, "why"),
    "DocumentReinstated": lambda _: documents.DocumentReinstated(PAPER, "why"),
    "ReferenceWithdrawn": lambda _: documents.ReferenceWithdrawn(
        REFERENCE, documents.ReferenceEnd.WITHDRAWN, "why"
    ),
    "ReferenceRestored": lambda _: documents.ReferenceRestored(REFERENCE, "why"),
    "EndorsementWithdrawn": lambda _: documents.EndorsementWithdrawn(PAPER, STAMP.id, "a slip"),
}
"""Judged for every state of the document that they are about."""
SETTLED: Mapping[str, Callable[[Any], Any]] = {
    "MarksAllotted": lambda _: marks.MarksAllotted(
        "tannery", "CITES", 2026, "2026-01-01", tags(901, 950), START + 90 * DAY
    ),
    "MarksReturned": lambda _: marks.MarksReturned("farm/CITES/2026", SPARE),
    "BlanksReported": lambda _: blanks.BlanksReported(
        "ZW",
        blanks.BlankStatus.STOLEN,
        (replace(SPARE[0], scheme="STAMP", before="ZW", after=""),),
        "why",
    ),
    "QuotaSet": lambda _: references.QuotaSet((QUOTA,)),
    "SuspensionDeclared": lambda _: references.SuspensionDeclared(
        (references.Suspension("ZW-1", "ZW", LATER, TAXON),)
    ),
    "ListingChanged": lambda _: references.ListingChanged((references.Listing(TAXON, "I", LATER),)),
    "BanDeclared": lambda _: references.BanDeclared(
        (references.Ban("ZW-1", "ZW", TAXON, LATER, ("harvest",)),)
    ),
    "YieldSet": lambda _: references.YieldSet((FIGURE,)),
    "FacilityRegistered": lambda c: facilities.FacilityRegistered(f"{c.by}/new", "farm", "ZW"),
    "FacilityAttested": lambda _: facilities.FacilityAttested("farm/one", "visit", "matches"),
    "StockDeclared": lambda _: stocks.StockDeclared("farm/one", TAXON, hatched=3),
    "StockAttested": lambda _: stocks.StockAttested("farm/one", TAXON, "matches", COUNTED),
    "SeizureRecorded": lambda _: SeizureRecorded("ZW/SEIZURE/1", "no papers", SEIZED),
}
"""Judged for every signer, whatever the lot."""
MARKED: Mapping[str, Callable[[Any], Any]] = {
    "MarkReplaced": lambda c: marks.MarkReplaced(
        c.lot, tags(1, 1), tags(501, 501), "damaged", "torn"
    ),
}
"""Judged for every state of a marked lot."""


def furnish(world: World) -> None:
    """Give the farm tags and a stock, so that it has something to return and to count."""
    allotted = marks.MarksAllotted(
        "farm", "CITES", 2026, "2026-01-01", (*SKINS, *SPARE), START + 90 * DAY
    )
    world.tell(allotted, by="parks")
    opening = stocks.StockDeclared("farm/one", TAXON, females=9, counts=COUNTED)
    world.tell(opening, by="farm")
