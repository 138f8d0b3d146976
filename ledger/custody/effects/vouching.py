"""Whose word on a place its goods rest on: the officers who attested it, or counted its animals.

Owns the signers that a lot takes along from the place where it came to life. A key that was stolen
when it attested a farm so stops what that farm brought in on its word, and nothing from before.
Source: fraud F25.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ledger.custody.effects.moves import signers_with
from ledger.custody.facilities import FacilityState, Vouch
from ledger.custody.rules.farm_takings import account_name, takings
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Signer

_PLACE = frozenset({"visit", "outline"})
"""What is vouched for where the goods do not matter: all of a place."""


def vouched_with(
    place: FacilityState, signed: Signed, what: str, settled: AbstractSet[str] = frozenset()
) -> tuple[Vouch, ...]:
    """Return who vouches for a place once this signer does for `what`.

    `what` is how it was attested, a taxon whose animals were counted, or a rule whose finding was
    closed. It takes the place of an earlier word on the same, and of who closed what it settles.
    """
    kept = tuple(v for v in place.vouched if v.what != what and v.what not in settled)
    (signer,) = signers_with((), signed)
    return tuple(sorted((*kept, Vouch(what, signer)), key=lambda vouch: vouch.what))


def vouchers_of(signed: Signed, draft: Draft, name: str | None, i: int) -> tuple[Signer, ...]:
    """Return on whose word the lot `i` of a statement rests, that comes to life at place `name`.

    A count is asked for goods of its taxon alone, one entry for each key, at its last leaf.
    """
    place = draft.facility(name) if name is not None else None
    if place is None or not place.vouched:
        return ()
    counted = {
        taking.account
        for taking in draft.once(takings, signed)
        if i in taking.places or i in taking.made_at
    }
    found: dict[tuple[str, bytes], Signer] = {}
    for vouch in place.vouched:
        is_of_place = vouch.what in _PLACE or "." in vouch.what
        if is_of_place or account_name(name or "", vouch.what) in counted:
            key = (vouch.by.party, vouch.by.kid)
            found[key] = max(found.get(key, vouch.by), vouch.by, key=lambda signer: signer.last)
    return tuple(found[key] for key in sorted(found))
