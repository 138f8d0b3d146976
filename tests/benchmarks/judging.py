"""What the rules and the state map take for events of each kind, on whatever ledger is there."""

from __future__ import annotations

from measure import Figure, Slice, Taken, at_most_us, interleave
from yard import another_farm, codes_born, registration

from ledger.block import Block, Position
from ledger.custody.events import Event
from ledger.custody.goods import Part
from ledger.custody.lots import LotDeparted
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.policy import Admission
from ledger.registrar import Registered
from ledger.simulator.world import World
from ledger.statement import Verified, parse_statement

COUNT = 100
"""Statements judged in one block, each about one lot."""
MANY = 500
"""Lots in the large offer."""
RULES_US, MAP_US, OFFER_US = 40, 60, 25_000


def figures(world: World) -> list[Figure]:
    """Return the time of rules and of records with state map, for one-lot events and an offer."""
    cases = {
        "registration of one bred lot": _registrations(world),
        "offer of one lot": _offers(world),
        "acceptance of one lot": _acceptances(world),
        "departure of one lot": _departures(world),
        f"offer of {MANY} lots": [_large_offer(world)],
    }
    slices: dict[str, Slice] = {}
    for name, statements in cases.items():
        slices[f"{name}: rules"] = _judging(world, statements, closes=False)
        slices[f"{name}: all"] = _judging(world, statements, closes=True)
    taken = interleave(slices)
    rows: list[Figure] = []
    for name in cases:
        rows += _rows(name, taken)
    return rows


def _rows(name: str, taken: Taken) -> list[Figure]:
    rules, everything = taken[f"{name}: rules"], taken[f"{name}: all"]
    if name.endswith("lots"):
        return [at_most_us(f"{name}: rules, records, map", everything, bar_us=OFFER_US)]
    return [
        at_most_us(f"{name}: rules", rules, bar_us=RULES_US),
        at_most_us(f"{name}: records and state map", everything - rules, bar_us=MAP_US),
    ]


def _judging(world: World, statements: list[Verified], *, closes: bool) -> Slice:
    live = world.ledger.registrar.live
    head = world.ledger.registrar.head()

    def work() -> int:
        block = Block(
            live.state,
            position=Position(head.height + 1, head.size, head.closing),
            at=world.clock.now_s(),
            frontier=live.edge.frontier(),
            statemap=live.statemap,
        )
        for statement in statements:
            outcome = block.admit(statement)
            assert isinstance(outcome, Admission), outcome
        if closes:
            block.close()
        return len(statements)

    return work


def _registrations(world: World) -> list[Verified]:
    another_farm(world, "grower")
    return [_signed(world, "grower", registration(farm="grower")) for _ in range(COUNT)]


def _offers(world: World) -> list[Verified]:
    return [_signed(world, "seller", _offer(world, [code])) for code in _born(world, "seller")]


def _acceptances(world: World) -> list[Verified]:
    def accepted(code: str) -> Event:
        return TransferAccepted(_submitted(world, "giver", _offer(world, [code])))

    return [_signed(world, "tannery", accepted(code)) for code in _born(world, "giver")]


def _departures(world: World) -> list[Verified]:
    def departed(code: str) -> Event:
        return LotDeparted({code: Part()}, "retail", country="ZW")

    return [_signed(world, "shop", departed(code)) for code in _born(world, "shop")]


def _large_offer(world: World) -> Verified:
    another_farm(world, "merchant")
    raw = world.sign("merchant", registration(MANY, farm="merchant"))
    _taken(world, raw)
    return _signed(world, "merchant", _offer(world, codes_born(raw, MANY)))


def _born(world: World, farm: str) -> list[str]:
    another_farm(world, farm)
    raws = [world.sign(farm, registration(farm=farm)) for _ in range(COUNT)]
    _taken(world, *raws)
    return [code for raw in raws for code in codes_born(raw, 1)]


def _offer(world: World, codes: list[str]) -> TransferOffered:
    return TransferOffered(
        to="tannery",
        lots={code: Part() for code in codes},
        moves=Moves.BOTH,
        expires=world.clock.now_s() + 86_400,
    )


def _submitted(world: World, party: str, event: Event) -> bytes:
    raw = world.sign(party, event)
    _taken(world, raw)
    return parse_statement(raw).id


def _signed(world: World, party: str, event: Event) -> Verified:
    return Verified(parse_statement(world.sign(party, event)), world.members[party].signer.key)


def _taken(world: World, *raws: bytes) -> None:
    outcomes = world.ledger.registrar.submit(raws)
    assert all(isinstance(outcome, Registered) for outcome in outcomes), outcomes[0]
