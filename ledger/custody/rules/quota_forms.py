"""Rule on forms: what a quota counts is counted in whatever form it is taken.

Owns the remark alone. Animals that are taken, or leave, whole become the skins that a quota counts,
and nothing is counted any more when they do. A quota of its own for the whole animals answers the
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
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

_TAKEN = frozenset({Basis.HARVEST, Basis.BRED})
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
    Asked where the quota counts: of what is taken, what leaves, or what a permit is issued for.
    """
    event = signed.event
    if isinstance(event, LotRegistered) and event.basis not in _TAKEN:
        return
    flagged: set[Subject] = set()
    for taking in takings(signed, draft):
        if taking.subject in flagged or any(quotas_for(draft, taking)):
            continue
        as_taken = _is_as_taken(draft, taking.subject, signed)
        if any(
            _makes(draft, taking, state, as_taken=as_taken)
            for state in _of_its_taxon(draft, taking)
        ):
            flagged.add(taking.subject)
            yield Flag(taking.subject, "quota.other-form", Severity.CHECK)


def _is_as_taken(draft: Draft, subject: Subject, signed: Signed) -> bool:
    """Return whether goods are in the form in which they were taken: nothing was made before."""
    if subject.kind is not Kind.LOT:
        return False
    lot = draft.lot(subject.name)
    return isinstance(signed.event, LotRegistered) or (lot is not None and lot.basis in _TAKEN)


def _of_its_taxon(draft: Draft, taking: Taking) -> Iterator[QuotaAccount]:
    for filed in places_filed(draft, taking):
        yield from (state for _, state in quotas_filed(draft, filed, day=taking.day))


def _makes(draft: Draft, taking: Taking, state: QuotaAccount, *, as_taken: bool) -> bool:
    """Return whether a term that the quota counts is made of such goods, or they of it.

    What was cut in this ledger is of goods that were there to be counted.
    """
    row, quota = taking.row, state.quota
    return any(
        (
            draft.tables.conversion(row.term, row.unit, term, quota.unit) is not None
            or (as_taken and _is_cut(draft, taking, term=term, unit=quota.unit))
        )
        and covers(quota, replace(taking, row=replace(row, term=term)))
        for term in quota.terms
    )


def _is_cut(draft: Draft, taking: Taking, *, term: str, unit: str) -> bool:
    """Return whether the goods are a skin or wood of such a form that was cut up."""
    conversion = draft.tables.conversion(term, unit, taking.row.term, taking.row.unit)
    return conversion is not None and conversion.share in _CUT and (term, unit) != _LIVE
