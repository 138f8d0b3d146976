"""What one statement costs in each layer, in memory, one after another."""

from __future__ import annotations

from pathlib import Path

from measure import Figure, interleave, plain
from yard import bare_verify, open_world, stock

from ledger.block import Block, Position
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap
from ledger.statement import Verified, parse_statement, verify_statement

LAYERS = ("parse and strictness", "signature", "rules and tree", "closing, records, state map")


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return the cost of each layer for a one-lot registration, in blocks of 100."""
    world = open_world()
    raws = stock(world, 100 if quick else 400)
    base = world.ledger.registrar.live.state
    parsed = [parse_statement(raw) for raw in raws]
    key = world.members["farm"].signer.key
    verified = [Verified(statement, key) for statement in parsed]
    statemap = StateMap()
    head = world.ledger.registrar.head()
    position = Position(head.height + 1, head.size, head.closing)

    def opened() -> Block:
        at = world.clock.now_s()
        return Block(base, position=position, at=at, frontier=Frontier(), statemap=statemap)

    def judge() -> int:
        for start in range(0, len(verified), 100):
            block = opened()
            for item in verified[start : start + 100]:
                block.admit(item)
            if start:
                break
        return min(len(verified), 200)

    def judge_and_close() -> int:
        for start in range(0, min(len(verified), 200), 100):
            block = opened()
            for item in verified[start : start + 100]:
                block.admit(item)
            block.close()
        return min(len(verified), 200)

    taken = interleave(
        {
            "parse": lambda: len([parse_statement(raw) for raw in raws]),
            "verify": lambda: len([verify_statement(item, key) for item in parsed]),
            "bare": bare_verify(raws, world),
            "judge": judge,
            "close": judge_and_close,
        }
    )
    return [
        plain(LAYERS[0], taken["parse"]),
        plain(LAYERS[1], taken["verify"], beside=f"bare engine {taken['bare'] * 1e6:,.1f} µs"),
        plain(LAYERS[2], taken["judge"], beside="bar: rules and map ≤ 40 µs at 1,000,000 lots"),
        plain(LAYERS[3], taken["close"] - taken["judge"]),
    ]
