"""What a permit gives back to quotas that count issue, once it is cancelled or replaced.

Owns the way from what a permit reserved, account by account, to what of that was not used. A permit
that reserved nothing, because the quota came later, gives nothing back. Source: Res. Conf. 14.7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import DocumentCancelled, DocumentReplaced, DocumentState
from ledger.custody.goods import Row
from ledger.custody.rules.in_place import freed
from ledger.custody.rules.offices import EVERYWHERE
from ledger.custody.rules.quota_cover import (
    Pool,
    Side,
    Taking,
    covers,
    current,
    measured,
    pools_of,
)
from ledger.custody.rules.references import filed_under
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind, Subject


def released(signed: Signed, draft: Draft) -> Mapping[str, int]:
    """Return what a cancelled or replaced permit gives back, by the account that counts it now.

    What passed under the permit stays counted. Of quotas that no record tells apart, the first one
    gets back what it holds before the next.
    """
    event = signed.event
    name = event.document if isinstance(event, DocumentCancelled) else None
    if isinstance(event, DocumentReplaced):
        name = event.replaces
    old = draft.document(name) if name is not None else None
    if old is None or old.status != "issued":
        return {}
    rests: dict[Pool, int] = {}
    found: defaultdict[str, int] = defaultdict(int)
    held = [(name, draft.account(name, QuotaAccount)) for name in sorted(old.reserved)]
    known = [(name, state) for name, state in held if state is not None]
    pools = pools_of([state.quota for _, state in known])
    for pool, (account, state) in zip(pools, known, strict=True):
        reserved = old.reserved[account]
        left = rests.setdefault(pool, sum(_unused(signed, draft, old, state)))
        back = min(reserved, max(left, 0))
        rests[pool] = left - back
        found[current(draft, account)] += back
    return {account: back for account, back in found.items() if back}


def _unused(signed: Signed, draft: Draft, old: DocumentState, state: QuotaAccount) -> Iterator[int]:
    """Yield what of each line that the quota counts did not pass, in the quota's unit."""
    quota = state.quota
    for line, quantity in freed(old, signed.event).items():
        taxon, term, unit, source, origin = line
        taking = Taking(
            Subject(Kind.DOCUMENT, ""),
            Row(taxon, term, quantity, unit, source, origin),
            (),
            Side.RESERVED,
            "issue",
            "",
            purpose=old.purpose,
        )
        of_here = quota.country in (origin, EVERYWHERE)
        named = filed_under(draft.tables, quota.taxon) in draft.tables.names_covering(taxon)
        if quantity > 0 and of_here and named and covers(quota, taking):
            yield measured(taking, quota) or 0
