"""Registration with a million lots in the ledger, and an offer of 500 lots."""

from __future__ import annotations

import time
from pathlib import Path

import judging
from measure import REPEATS, Figure, interleave, plain, ratio
from yard import another_farm, bare_verify, codes_born, filled, raw_inserts, registration

from ledger.custody.goods import Part
from ledger.custody.transfers import Moves, TransferOffered
from ledger.registrar import Registered
from ledger.simulator.world import World


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return what a statement costs when there are many lots already."""
    lots, count, rounds = (20_000, 40, 3) if quick else (1_000_000, 100, 5)
    begun = time.perf_counter()
    world = filled(folder / "ledger", lots)
    filled_s = time.perf_counter() - begun
    registrar, submit = world.ledger.registrar, world.ledger.registrar.submit
    sample = [world.sign("farm", registration()) for _ in range(count)]
    for raw in sample:
        submit([raw])  # warms past one cycle of the write-ahead log

    slices = rounds * (1 + REPEATS)

    def sign(party: str, number: int) -> list[list[bytes]]:
        another_farm(world, party)
        event = registration(farm=party)
        return [[world.sign(party, event) for _ in range(number)] for _ in range(slices)]

    ones, batches = sign("one", count), sign("many", 1_000)
    offers = [_offer(world) for _ in range(slices)]

    def one_by_one() -> int:
        for raw in ones.pop(0):
            submit([raw])
        return count

    def in_batches() -> int:
        raws = batches.pop(0)
        for start in range(0, 1_000, 100):
            submit(raws[start : start + 100])
        return 1_000

    def offer() -> int:
        (outcome,) = submit([offers.pop(0)])
        assert isinstance(outcome, Registered), outcome
        return 1

    taken = interleave(
        {
            "one": one_by_one,
            "raw": raw_inserts(folder / "raw.db", sample[0], count=count),
            "batch": in_batches,
            "offer": offer,
            "verify": bare_verify(sample, world),
        },
        rounds=rounds,
    )
    judged = judging.figures(world)
    size = registrar.head().size
    world.ledger.close()  # type: ignore[union-attr]
    return [
        plain(
            f"filling a ledger with {lots:,} lots, each", filled_s / lots, beside=f"{size:,} leaves"
        ),
        ratio(
            f"durable registration one by one with {lots:,} lots",
            taken["raw"] / taken["one"],
            beside=f"raw single inserts, {taken['raw'] * 1e6:,.0f} µs",
            at_least=0.15,
        ),
        plain(f"in batches of 100 with {lots:,} lots", taken["batch"]),
        plain("an offer of 500 lots, from submission to receipt", taken["offer"]),
        *judged,
    ]


def _offer(world: World) -> bytes:
    """Register 500 lots and return a signed offer of all of them."""
    raw = world.sign("farm", registration(500))
    (outcome,) = world.ledger.registrar.submit([raw])
    assert isinstance(outcome, Registered), outcome
    return world.sign(
        "farm",
        TransferOffered(
            to="tannery",
            lots={code: Part() for code in codes_born(raw, 500)},
            moves=Moves.BOTH,
            expires=world.clock.now_s() + 86_400,
        ),
    )
