"""How taxa are listed on a day: by what the ledger was told, else by the table of taxa.

Owns the reading of `listings/TAXON`. The table holds one state of the Appendices; the ledger is
told of changes as they come, for all or for the population of one country.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.custody.goods import Row
from ledger.custody.references import Listing, ListingTaxon
from ledger.custody.rules.references import filed_under
from ledger.custody.state import Draft

NOT_LISTED = ("", "NC")


def listing_on(draft: Draft, taxon: str, country: str, day: str) -> Listing | None:
    """Return how the taxon of that country is listed on a day, by what the ledger was told.

    The nearest taxon that was listed decides, and of its rows one for the country before one for
    all, then the newest.
    """
    for name in draft.tables.names_covering(taxon):
        state = draft.reference(f"listings/{name}", ListingTaxon)
        if state is None:
            continue
        began = [row for row in state.listed if row.from_day <= day]
        own = [row for row in began if row.country == country]
        general = [row for row in began if row.country is None]
        if own or general:
            return (own or general)[-1]
    return None


def is_listed(draft: Draft, rows: Iterable[Row], *, day: str) -> bool:
    """Return whether a taxon of the rows stands in an Appendix on that day."""
    return any(_is_listed(draft, row, day) for row in rows)


def _is_listed(draft: Draft, row: Row, day: str) -> bool:
    told = listing_on(draft, row.taxon, row.origin, day)
    if told is not None:
        # A group that left the Appendices does not take out a species listed on its own.
        own = filed_under(draft.tables, told.taxon) == filed_under(draft.tables, row.taxon)
        if own or told.appendix not in NOT_LISTED:
            return told.appendix not in NOT_LISTED
    taxon = draft.tables.taxon(row.taxon)
    return taxon is not None and taxon.appendix not in NOT_LISTED
