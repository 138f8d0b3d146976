"""A correction that waits for an officer is about the goods as they were, and goes when they go."""

from __future__ import annotations

from ledger.custody.control import StatementCorrected
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotSplit
from ledger.custody.parties import ApprovalGiven
from ledger.registrar.outcomes import Refused, Registered
from ledger.simulator.world import World, born_in


def skins(quantity: int) -> Row:
    return Row("Crocodylus niloticus", "SKI", quantity, "NAR", "C", "ZW")


def waiting(world: World) -> tuple[str, Registered]:
    world.enrol("parks", "authority")
    world.enrol("farm", "farm", by="parks")
    world.do("farm", FacilityRegistered("farm/pens", "farm", "ZW"))
    lot = NewLot((skins(510),), facility="farm/pens")
    registered = world.do("farm", LotRegistered(Basis.BRED, (lot,)))
    code = born_in(registered)
    more = StatementCorrected(registered.id, code, "ten were in the other pen", (skins(520),))
    return code, world.do("farm", more)


def test_an_officer_approves_while_the_goods_are_as_they_were() -> None:
    world = World(seed=3)
    code, proposal = waiting(world)
    assert [act.id for act in world.lot(code).pending] == [proposal.id]
    world.do("parks", ApprovalGiven(proposal.id))
    assert world.lot(code).contents == (skins(520),)


def test_what_was_split_off_does_not_come_back_with_a_late_approval() -> None:
    world = World(seed=4)
    code, proposal = waiting(world)
    world.do("farm", LotSplit(code, Part(quantity=500)))
    assert world.lot(code).pending == ()
    late = world.say("parks", ApprovalGiven(proposal.id))
    assert isinstance(late, Refused)
    assert late.rule == "approval.unknown"
    assert world.lot(code).contents == (skins(10),)
