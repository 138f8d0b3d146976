"""State and inclusion proofs at 10,000 and at 1,000,000 subjects."""

from __future__ import annotations

import hashlib
from pathlib import Path

from measure import Figure, interleave, plain, ratio_below

from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return proof times at both sizes, their ratio, and the time of an update at the larger."""
    small, large = (1_000, 100_000) if quick else (10_000, 1_000_000)
    items = [_item(i) for i in range(large)]
    maps = {
        small: StateMap.from_items(items[:small]),
        large: StateMap.from_items(items),
    }

    def prove(size: int) -> int:
        for i in range(0, size, size // 200):
            maps[size].prove(items[i][0])
        return 200

    def update() -> int:
        overlay = maps[large].overlay()
        for i in range(300):
            overlay.set(items[i * 7][0], items[i][1])
        overlay.root()
        return 300

    def append() -> int:
        frontier = Frontier()
        for path, _ in items[:20_000]:
            frontier.append(path)
        return 20_000

    taken = interleave(
        {
            "small": lambda: prove(small),
            "large": lambda: prove(large),
            "update": update,
            "append": append,
        }
    )
    growth = taken["large"] / taken["small"]
    return [
        plain(f"state proof at {small:,}", taken["small"]),
        plain(f"state proof at {large:,}", taken["large"], beside="bar: < 1,000 µs"),
        ratio_below("growth of a state proof", growth, beside="100 times as many", at_most=2.0),
        plain(f"state map update at {large:,}, block of 300", taken["update"]),
        plain("tree append", taken["append"]),
    ]


def _item(i: int) -> tuple[bytes, bytes]:
    seed = i.to_bytes(8, "big")
    return hashlib.sha256(b"path" + seed).digest(), hashlib.sha256(b"hash" + seed).digest()
