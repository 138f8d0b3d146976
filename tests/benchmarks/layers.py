"""What one statement costs in each layer, in memory, one after another."""

from __future__ import annotations

from pathlib import Path

import judging
from measure import Figure, interleave, plain
from yard import bare_verify, open_world, stock

from ledger.statement import parse_statement, verify_statement


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return the cost of each layer; statements are judged in blocks of 100."""
    world = open_world()
    raws = stock(world, 100 if quick else 400)
    parsed = [parse_statement(raw) for raw in raws]
    key = world.members["farm"].signer.key
    taken = interleave(
        {
            "parse": lambda: len([parse_statement(raw) for raw in raws]),
            "verify": lambda: len([verify_statement(item, key) for item in parsed]),
            "bare": bare_verify(raws, world),
        }
    )
    beside = f"bare engine {taken['bare'] * 1e6:,.1f} µs"
    return [
        plain("parse and strictness", taken["parse"], beside=beside),
        plain("signature", taken["verify"], beside=beside),
        *judging.figures(world),
    ]
