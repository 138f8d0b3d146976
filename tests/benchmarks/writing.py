"""Durable registration with all checks, beside raw inserts and bare signature checks."""

from __future__ import annotations

import threading
from itertools import islice
from pathlib import Path

from measure import REPEATS, Figure, interleave, plain, ratio
from yard import bare_verify, least, open_world, raw_inserts, stock, writers_piles

WRITERS = 64


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return registration one by one, by 64 writers, and in batches of 100."""
    world = open_world(folder / "ledger")
    count, rounds = (40, 3) if quick else (200, 7)
    slices = rounds * (1 + REPEATS)
    raws = iter(stock(world, count * (slices + 2) + 100 * 10 * slices))
    piles = writers_piles(world, WRITERS, 10 * slices)
    submit = world.ledger.registrar.submit
    sample = [next(raws) for _ in range(count)]
    for raw in sample:
        submit([raw])  # warms past one cycle of the write-ahead log

    def one_by_one() -> int:
        for _ in range(count):
            submit([next(raws)])
        return count

    def by_writers() -> int:
        threads = [
            threading.Thread(target=_send, args=(submit, list(islice(pile, 10)))) for pile in piles
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 10 * WRITERS

    def in_batches() -> int:
        for _ in range(10):
            submit([next(raws) for _ in range(100)])
        return 1_000

    taken = interleave(
        {
            "one": one_by_one,
            "raw": raw_inserts(folder / "raw.db", sample[0], count=count),
            "least": least(folder / "least.db", sample, world, count=count),
            "writers": by_writers,
            "batches": in_batches,
            "verify": bare_verify(sample, world),
        },
        rounds=rounds,
    )
    world.ledger.close()  # type: ignore[union-attr]
    us = {name: f"{seconds * 1e6:,.0f} µs" for name, seconds in taken.items()}
    return [
        ratio(
            "durable registration one by one",
            taken["raw"] / taken["one"],
            beside=f"raw single inserts: {us['one']} / {us['raw']}",
            at_least=0.25,
        ),
        plain(
            "two syncs, one signature checked and three made, nothing of ours",
            taken["least"],
            beside=f"raw inserts are {taken['raw'] / taken['least']:.2f} × of that",
        ),
        ratio(
            "64 writers, single statements",
            taken["verify"] / taken["writers"],
            beside=f"bare PyNaCl verify, one core: {us['writers']} / {us['verify']}",
            at_least=0.3,
        ),
        ratio(
            "batches of 100",
            taken["verify"] / taken["batches"],
            beside=f"bare PyNaCl verify, one core: {us['batches']} / {us['verify']}",
            at_least=0.5,
        ),
    ]


def _send(submit: object, pile: list[bytes]) -> None:
    for raw in pile:
        submit([raw])  # type: ignore[operator]
