"""Rule on certificates of origin: of Appendix III goods, from countries that did not list them.

Owns the question which paper goods of Appendix III need where they leave. The country that listed a
taxon permits its export from the day of the listing on; any other certifies the origin; Appendix I
and II need a permit everywhere. Who listed is what the ledger was told (`ListingChanged` with a
country): the table of taxa does not say. Sources: CITES Art. V(2) and (3); EU Reference Guide
3.3.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.documents import (
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentRow,
)
from ledger.custody.goods import Row
from ledger.custody.lots import LotExported
from ledger.custody.references import ListingTaxon
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import country_of
from ledger.custody.rules.listings import listing_on
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

KIND = "ORIGIN"
THIRD = "III"
_GRAVER = frozenset({"I", "II"})

RULES = (
    Rule(
        "listing.origin-paper",
        "check",
        "A certificate of origin is for Appendix III, of a country that did not list.",
    ),
)


def check_origin_paper(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on a certificate of origin, or a lot leaving under one, that needs a permit."""
    event = signed.event
    if isinstance(event, LotExported):
        if not _is_origin(draft, event.document):
            return
        for code in event.lots:
            lot = draft.lot(code)
            rows = lot.contents if lot is not None else ()
            if _needs_permit(signed, draft, rows, country=event.from_country):
                yield Flag(Subject(Kind.LOT, code), "listing.origin-paper", Severity.CHECK)
    elif isinstance(event, DocumentIssued | DocumentRecorded | DocumentReplaced):
        name = event.document
        if not _is_origin(draft, name):
            return
        if _needs_permit(signed, draft, event.paper.rows, country=country_of(name)):
            yield Flag(Subject(Kind.DOCUMENT, name), "listing.origin-paper", Severity.CHECK)


def _is_origin(draft: Draft, name: str) -> bool:
    kind = draft.tables.document_kind(name)
    return kind is not None and kind.kind == KIND


def _needs_permit(
    signed: Signed, draft: Draft, rows: tuple[Row, ...] | tuple[DocumentRow, ...], *, country: str
) -> bool:
    day = day_of(signed)
    return any(
        country in _listed_by(draft, row.taxon, day) or _is_graver(draft, row, day) for row in rows
    )


def _listed_by(draft: Draft, taxon: str, day: str) -> frozenset[str]:
    """Return the countries in whose Appendix III the taxon stands on that day."""
    found: dict[str, str] = {}
    for name in draft.tables.names_covering(taxon):
        state = draft.reference(f"listings/{name}", ListingTaxon)
        for row in state.listed if state is not None else ():
            if row.country is not None and row.from_day <= day:
                found[row.country] = row.appendix
    return frozenset(country for country, appendix in found.items() if appendix == THIRD)


def _is_graver(draft: Draft, row: Row | DocumentRow, day: str) -> bool:
    """Return whether goods stand in Appendix I or II: as the ledger was told, else by the table."""
    told = listing_on(draft, row.taxon, row.origin, day)
    if told is not None:
        return told.appendix in _GRAVER
    taxon = draft.tables.taxon(row.taxon)
    return taxon is not None and set(taxon.appendix.split("/")) <= _GRAVER and taxon.appendix != ""
