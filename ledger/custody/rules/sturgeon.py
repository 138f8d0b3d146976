"""Rule on wild caviar and meat of sturgeons: they leave their country under an export quota.

Owns the remark alone. Which stocks several States share is in no table, so that what leaves without
a quota is looked at and never kept out; where nobody told the ledger any quota of that country,
nothing is found. Source: EU Reference Guide 3.3.2 (shared stocks: rejected unless an export quota
exists); fraud F04.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import DocumentIssued, DocumentReplaced, DocumentRow
from ledger.custody.goods import Row
from ledger.custody.lots import LotExported
from ledger.custody.references import QuotaCountry, QuotaTaxon
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import country_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

ORDER = "Acipenseriformes"
TERMS = frozenset({"CAV", "MEA"})
WILD = "W"

RULES = (Rule("quota.sturgeon", "check", "Wild caviar leaves under a quota of its country."),)


def check_sturgeon(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on each lot or permit of wild caviar that no quota of its country counts."""
    day = day_of(signed)
    flagged: set[Subject] = set()
    for subject, row in _leaving(signed, draft):
        if subject not in flagged and _is_wild_sturgeon(draft, row) and _has_none(draft, row, day):
            flagged.add(subject)
            yield Flag(subject, "quota.sturgeon", Severity.CHECK)


def _leaving(signed: Signed, draft: Draft) -> Iterator[tuple[Subject, Row | DocumentRow]]:
    """Yield the goods that leave their own country, or are permitted to."""
    event = signed.event
    if isinstance(event, LotExported):
        for code in event.lots:
            lot = draft.lot(code)
            rows = lot.contents if lot is not None else ()
            subject = Subject(Kind.LOT, code)
            yield from ((subject, row) for row in rows if row.origin == event.from_country)
    elif isinstance(event, DocumentIssued | DocumentReplaced):
        kind = draft.tables.document_kind(event.document)
        if kind is not None and kind.act == "export":
            subject, country = Subject(Kind.DOCUMENT, event.document), country_of(event.document)
            yield from ((subject, row) for row in event.paper.rows if row.origin == country)


def _is_wild_sturgeon(draft: Draft, row: Row | DocumentRow) -> bool:
    if row.term not in TERMS or row.source != WILD:
        return False
    taxon = draft.tables.taxon(row.taxon)
    return taxon is not None and taxon.order == ORDER


def _has_none(draft: Draft, row: Row | DocumentRow, day: str) -> bool:
    country = draft.reference(f"quota-taxa/{row.origin}", QuotaCountry)
    if country is None:
        return False
    for name in draft.tables.names_covering(row.taxon):
        listed = draft.reference(f"quotas/{row.origin}/{name}", QuotaTaxon)
        for period in listed.quota_periods if listed is not None else ():
            state = draft.account(f"quota/{period.quota}", QuotaAccount)
            is_on = period.from_day <= day <= period.until_day
            if is_on and state is not None and _counts(state, row):
                return False
    return True


def _counts(state: QuotaAccount, row: Row | DocumentRow) -> bool:
    quota = state.quota
    terms = not quota.terms or row.term in quota.terms
    return terms and (not quota.sources or row.source in quota.sources)
