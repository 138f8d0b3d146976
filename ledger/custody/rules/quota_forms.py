"""Rule on forms: what a quota counts is counted in whatever form it is taken.

Owns the remark alone. Animals that are taken whole become the skins that a quota counts, and
nothing is counted any more when they do. A quota of its own for the whole animals answers the
question. Sources: Res. Conf. 14.7; frauds F04 and F29.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.rules.quota_cover import Taking, covers
from ledger.custody.rules.quotas import places_filed, quotas_filed, quotas_for, takings
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Rule, Severity, Subject

_CUT = frozenset({"skin", "wood"})
_LIVE = ("LIV", "NAR")
"""A quota of living animals is no quota of the skins that others have."""

RULES = (
    Rule(
        "quota.other-form",
        "check",
        "Goods under a quota are taken in the form that the quota counts.",
    ),
)


def check_forms(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on goods taken in a form that no quota counts, beside one that is counted.

    What is made of them is, or they are made of it: skins that are cut before anybody counts them.
    """
    event = signed.event
    if not isinstance(event, LotRegistered) or event.basis not in (Basis.HARVEST, Basis.BRED):
        return
    flagged: set[Subject] = set()
    for taking in takings(signed, draft):
        if taking.subject in flagged or any(quotas_for(draft, taking)):
            continue
        if any(_makes(draft, taking, state) for state in _of_its_taxon(draft, taking)):
            flagged.add(taking.subject)
            yield Flag(taking.subject, "quota.other-form", Severity.CHECK)


def _of_its_taxon(draft: Draft, taking: Taking) -> Iterator[QuotaAccount]:
    for filed in places_filed(draft, taking):
        yield from (state for _, state in quotas_filed(draft, filed, day=taking.day))


def _makes(draft: Draft, taking: Taking, state: QuotaAccount) -> bool:
    """Return whether a term that the quota counts is made of such goods, or they of it."""
    row, quota = taking.row, state.quota
    return any(
        (
            draft.tables.conversion(row.term, row.unit, term, quota.unit) is not None
            or _is_cut(draft, taking, term=term, unit=quota.unit)
        )
        and covers(quota, replace(taking, row=replace(row, term=term)))
        for term in quota.terms
    )


def _is_cut(draft: Draft, taking: Taking, *, term: str, unit: str) -> bool:
    """Return whether the goods are a skin or wood of such a form that was cut up."""
    conversion = draft.tables.conversion(term, unit, taking.row.term, taking.row.unit)
    return conversion is not None and conversion.share in _CUT and (term, unit) != _LIVE
