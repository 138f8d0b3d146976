"""Stopped servers and killed connections under eight writers: nothing lost, nothing false (T09).

In full length, with its figure:

    RINGMARK_STOPS=50 python -m pytest -s tests/postgres/test_stops.py
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - pauses between stops, no secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.errors import UnavailableError
from ledger.reference.tables import load_tables
from ledger.registrar import Failed, Registered, Registrar
from ledger.storage.places import open_mark
from ledger.storage.postgres.store import PostgresStore
from ledger.storage.published import PublishedNote

STOPS = int(os.environ.get("RINGMARK_STOPS", "3"))
KILLS = 10 * STOPS
WRITERS, AGAIN_S_MAX = 8, 10.0
KILL_ONE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = 'ringmark' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
)


class Writers:
    """Eight clients of two processes, each sending the same bytes until they are registered."""

    def __init__(self, world: Any, registrars: list[Registrar]) -> None:
        self.acknowledged: dict[bytes, int] = {}
        self.unknown = 0
        self.slowest_s = 0.0
        self.faults: list[BaseException] = []
        self._world = world
        self._signing = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(registrars[n % len(registrars)],))
            for n in range(WRITERS)
        ]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)
        assert self.faults == []

    def _write(self, registrar: Registrar) -> None:
        try:
            while not self._stop.is_set():
                with self._signing:
                    raw = self._world.birth()
                self._until_registered(registrar, raw)
        except BaseException as error:
            self.faults.append(error)

    def _until_registered(self, registrar: Registrar, raw: bytes) -> None:
        begun = time.monotonic()
        while True:
            (outcome,) = registrar.submit([raw])
            if isinstance(outcome, Registered):
                known = self.acknowledged.setdefault(outcome.id, outcome.index)
                assert known == outcome.index
                self.slowest_s = max(self.slowest_s, time.monotonic() - begun)
                return
            assert isinstance(outcome, Failed), outcome
            assert isinstance(outcome.error, UnavailableError), outcome.error
            self.unknown += 1
            self._stop.wait(0.05)


def registrars_of(opened: Any) -> list[Registrar]:
    return [registrar_of(opened) for _ in range(2)]


def registrar_of(opened: Any) -> Registrar:
    """Return another process's registrar on the same ledger."""
    mark = open_mark(opened.directory, opened.places, ledger=opened.ledger)
    return Registrar(
        PostgresStore(opened.store.url), mark, PublishedNote(), signers=opened.signers,
        tables=load_tables(), clock=opened.registrar._sequencer.clock, clock_ok=True,
    )  # fmt: skip


def run(actors: Any, directory: Path, nemesis: Callable[[random.Random], None], rounds: int) -> Any:
    """Let eight writers write while `nemesis` strikes so often, then check everything."""
    world, opened = actors.open_world(directory)
    registrars = registrars_of(opened)
    pauses = random.Random(rounds)
    with Writers(world, registrars) as writers:
        for _ in range(rounds):
            before = len(writers.acknowledged)
            time.sleep(pauses.uniform(0.02, 0.2))
            nemesis(pauses)
            until = time.monotonic() + AGAIN_S_MAX
            while len(writers.acknowledged) <= before and time.monotonic() < until:
                time.sleep(0.01)
            assert len(writers.acknowledged) > before, "nobody got through again"
    for registrar in registrars:
        registrar.close()
        registrar._store.close()
        registrar._sequencer._mark.close()
    opened.close()
    _, opened = actors.open_world(directory)
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())
    found = {name: opened.store.index_of(name) for name in writers.acknowledged}
    assert found == writers.acknowledged
    assert len(found) == len(set(found.values()))
    opened.close()
    return writers


def told(what: str, writers: Writers) -> str:
    return (
        f"\n{what}: {len(writers.acknowledged)} acknowledged, 0 lost, 0 twice; {writers.unknown} "
        f"answers 'try again'; slowest {writers.slowest_s:.1f} s"
    )


@pytest.mark.parametrize("mode", ["immediate", "kill"])
def test_stopped_server_loses_nothing_that_was_acknowledged(
    actors: Any, directory: Path, postgres: Any, mode: str
) -> None:
    writers = run(actors, directory, lambda _: postgres.restart(mode), STOPS)
    assert writers.unknown > 0
    print(told(f"{STOPS} × {mode}", writers))


def test_killed_connections_lose_nothing_that_was_acknowledged(
    actors: Any, directory: Path, postgres: Any
) -> None:
    def kill(_: random.Random) -> None:
        postgres.ask("postgres", KILL_ONE)

    writers = run(actors, directory, kill, KILLS)
    print(told(f"{KILLS} killed connections", writers))


def test_commit_of_unknown_outcome_is_said_to_be_unknown(
    actors: Any, directory: Path, postgres: Any
) -> None:
    world, opened = actors.open_world(directory)
    world.submit(world.birth())
    raw = world.birth()
    postgres.stop("immediate")
    (outcome,) = world.registrar.submit([raw])
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, UnavailableError)
    postgres.start()
    (outcome,) = world.registrar.submit([raw])
    assert isinstance(outcome, Registered)
    with psycopg.connect(opened.store.url) as line:
        assert line.execute("SELECT size FROM head").fetchone() == (outcome.index + 2,)
    opened.close()
