"""What the phone trusts on a page: the ledger that this server serves, and no other one."""

from __future__ import annotations

from msgspec.structs import replace
from stall import Stall, build_stall

from ledger.trust import Trust
from web.known import known_module
from web.stand import own_trust


def test_the_phone_is_given_its_own_ledger_alone(stall: Stall) -> None:
    """Whoever may write in another ledger could grind a code there that a label has here."""
    other = build_stall(seed=44).stand.trust.ledgers
    both = replace(stall.stand, trust=Trust((*other, *stall.stand.trust.ledgers), fresh_h=7))
    assert own_trust(both) == replace(stall.stand.trust, fresh_h=7)
    assert known_module(own_trust(both)).count("log ledger.example") == 1
