"""Rule on names of groups: goods under a species' quota are named by their species.

Owns the remark alone. Goods named by a genus or above draw on quotas of that group, and on none of
the species below it, nor a species on those of its subspecies: which one, nobody said. Sources:
CITES Res. Conf. 12.3 (the name on a permit is that of a species wherever it can be told); frauds
F04 and F32.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.references import QuotaCountry
from ledger.custody.rules.goods import is_wide, names_below
from ledger.custody.rules.offices import EVERYWHERE
from ledger.custody.rules.quota_cover import Taking
from ledger.custody.rules.quotas import quotas_under, rows_counted, takings
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Rule, Severity, Subject

RULES = (Rule("quota.group-name", "check", "Goods under a species' quota are named by species."),)


def check_group_names(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on goods and documents that may be of a species with a quota of its own."""
    # Nearly all goods name their species: they are done here, without another look-up.
    if not any(is_wide(draft.tables, row.taxon) for row in rows_counted(signed, draft)):
        return
    flagged: set[Subject] = set()
    for taking in takings(signed, draft):
        is_new = taking.subject not in flagged and is_wide(draft.tables, taking.row.taxon)
        if is_new and _may_be_counted(draft, taking):
            flagged.add(taking.subject)
            yield Flag(taking.subject, "quota.group-name", Severity.CHECK)


def _may_be_counted(draft: Draft, taking: Taking) -> bool:
    for origin in (taking.row.origin, EVERYWHERE):
        country = draft.reference(f"quota-taxa/{origin}", QuotaCountry)
        filed = country.quota_taxa if country is not None else ()
        for name in names_below(draft.tables, taking.row.taxon, filed):
            if any(quotas_under(draft, taking, f"quotas/{origin}/{name}")):
                return True
    return False
