"""What one statement costs in each layer, in memory, one after another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import judging
from measure import Figure, interleave, plain
from yard import bare_verify, open_world, stock

from ledger.custody.rules.numbers import with_accounted
from ledger.custody.state import KeyUse
from ledger.statement import parse_statement, verify_statement
from ledger.storage.rows import key_row


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
            **{name: partial(_account, use, number) for name, (use, number) in _KEYS.items()},
        }
    )
    beside = f"bare engine {taken['bare'] * 1e6:,.1f} µs"
    return [
        plain("parse and strictness", taken["parse"], beside=beside),
        plain("signature", taken["verify"], beside=beside),
        *judging.figures(world),
        *(plain(f"numbers and row of a key, {name}", taken[name]) for name in _KEYS),
    ]


def _account(use: KeyUse, number: int) -> int:
    for _ in range(100):
        key_row(bytes(32), "farm", with_accounted(use, (number,), at=1_800_000_000))
    return 100


def _used(numbers: Iterable[int]) -> KeyUse:
    return with_accounted(KeyUse(), numbers, at=1_800_000_000)


_KEYS = {
    "none missing": (_used(range(1, 2_000)), 2_000),
    "999 missing side by side": (_used((1, 1_001)), 1_002),
    "999 missing, no two side by side": (_used(range(1, 2_000, 2)), 2_000),
}
