"""A ledger in PostgreSQL beside the same ledger in SQLite: registration and reading, in turns."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from measure import Figure, Slice, interleave, ratio
from yard import open_world, stock

from ledger.reader import Reader, StoredMoments
from ledger.registrar import Registered
from ledger.simulator.world import World

WRITERS = 16
BAR = 0.5


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return the rates of PostgreSQL as ratios of those of SQLite; needs PostgreSQL installed."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "postgres"))
    import postgres_server

    with postgres_server.Server() as server:
        lite = open_world(folder / "lite")
        full = open_world(folder / "full", database=server.new_database())
        try:
            return _compare(lite, full, quick=quick)
        finally:
            for world in (lite, full):
                world.ledger.close()  # type: ignore[union-attr]


def _compare(lite: World, full: World, *, quick: bool) -> list[Figure]:
    count, rounds = (30, 3) if quick else (100, 7)
    cases: dict[str, Slice] = {}
    for name, world in (("lite", lite), ("full", full)):
        need = (count + 10 * WRITERS + 500) * rounds + count
        raws = iter(stock(world, need))
        submit = world.ledger.registrar.submit
        born = [code for _ in range(count) for code in _codes(submit([next(raws)]))]
        cases[f"{name} one"] = _one_by_one(submit, raws, count)
        cases[f"{name} writers"] = _by_writers(submit, raws)
        cases[f"{name} batches"] = _in_batches(submit, raws)
        cases[f"{name} cards"] = _cards(world, born)
    # The server's processes count as others here, so no slice is repeated for their sake.
    taken = interleave(cases, rounds=rounds, repeats=0)
    us = {name: f"{seconds * 1e6:,.0f} µs" for name, seconds in taken.items()}
    names = {
        "one": "registration one by one",
        "writers": f"{WRITERS} writers, single statements",
        "batches": "batches of 100",
        "cards": "cards made",
    }
    return [
        ratio(
            f"PostgreSQL beside SQLite: {said}",
            taken[f"lite {kind}"] / taken[f"full {kind}"],
            beside=f"{us[f'full {kind}']} / {us[f'lite {kind}']}",
            at_least=BAR,
        )
        for kind, said in names.items()
    ]


def _codes(outcomes: list[Any]) -> list[str]:
    return [code for one in outcomes if isinstance(one, Registered) for code in one.labels]


def _one_by_one(submit: Callable[..., Any], raws: Iterator[bytes], count: int) -> Slice:
    def work() -> int:
        for _ in range(count):
            submit([next(raws)])
        return count

    return work


def _by_writers(submit: Callable[..., Any], raws: Iterator[bytes]) -> Slice:
    def send(pile: list[bytes]) -> None:
        for raw in pile:
            submit([raw])

    def work() -> int:
        piles = [[next(raws) for _ in range(10)] for _ in range(WRITERS)]
        threads = [threading.Thread(target=send, args=(pile,)) for pile in piles]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 10 * WRITERS

    return work


def _in_batches(submit: Callable[..., Any], raws: Iterator[bytes]) -> Slice:
    def work() -> int:
        for _ in range(5):
            submit([next(raws) for _ in range(100)])
        return 500

    return work


def _cards(world: World, codes: list[str]) -> Slice:
    opened: Any = world.ledger
    reader = Reader(opened.store, StoredMoments(opened.store, note=opened.newest_note))

    def work() -> int:
        for code in codes:
            reader.card(code)
        return len(codes)

    return work
