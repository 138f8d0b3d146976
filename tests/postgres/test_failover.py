"""An older replica in place of the database is a rollback, and is refused wherever it shows."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import DamagedError, UnavailableError
from ledger.reader import Reader, StoredMoments
from ledger.registrar import Failed, Registered
from ledger.wiring import open_for_reading


def founded(actors: Any, folder: Path, **places: str) -> Path:
    actors.found_directory(folder / "ledger", **places)
    world, opened = actors.open_world(folder / "ledger", settle=True)
    world.submit(world.birth())
    opened.close()
    return folder / "ledger"


def write_on(actors: Any, directory: Path, count: int = 3) -> None:
    world, opened = actors.open_world(directory)
    for _ in range(count):
        world.clock.advance(1)
        world.submit(world.birth())
    opened.close()


def test_restored_dump_is_refused_by_a_mark_elsewhere(
    actors: Any, postgres: Any, tmp_path: Path
) -> None:
    database, mark = postgres.new_database(), postgres.new_database()
    directory = founded(actors, tmp_path, database=database, high_water=mark)
    old = postgres.dump(database)
    write_on(actors, directory)
    replica = postgres.new_database()
    postgres.restore(old, replica)
    with pytest.raises(DamagedError) as caught:
        actors.open_world(directory, database=replica)
    assert caught.value.code == "store.behind-mark"
    # The newest one still opens.
    write_on(actors, directory)


def test_restored_dump_with_its_own_mark_is_refused_by_what_was_published(
    actors: Any, postgres: Any, tmp_path: Path
) -> None:
    database = postgres.new_database()
    directory = founded(actors, tmp_path, database=database)
    old = postgres.dump(database)
    write_on(actors, directory)
    replica = postgres.new_database()
    postgres.restore(old, replica)
    with pytest.raises(DamagedError) as caught:
        actors.open_world(directory, database=replica)
    assert caught.value.code == "high-water.old"


def test_failover_to_an_older_replica_stops_a_running_server(
    actors: Any, postgres: Any, tmp_path: Path, project_root: Path
) -> None:
    import sys

    mark = tmp_path / "mark"
    servers = sys.modules["postgres_server"]
    with servers.Server() as primary:
        database = primary.new_database()
        directory = founded(actors, tmp_path, database=database, high_water=str(mark))
        primary.stop("fast")
        with servers.Server(data=primary.data) as replica:
            primary.start()
            world, opened = actors.open_world(directory)
            reading = open_for_reading(directory)
            reader = Reader(reading.store, StoredMoments(reading.store, note=reading.newest_note))
            for _ in range(3):
                world.submit(world.birth())
            newest = reader.moment().head.size
            primary.stop("immediate")
            # The old copy takes over the very address: the socket of the primary.
            (replica.folder / ".s.PGSQL.5432").rename(primary.folder / ".s.PGSQL.5432")
            (outcome,) = world.registrar.submit([world.birth()])
            assert isinstance(outcome, Failed)
            (outcome,) = world.registrar.submit([world.birth()])
            assert isinstance(outcome, Failed)
            assert outcome.error.code == "store.behind-mark"
            with pytest.raises(DamagedError) as caught:
                reader.moment()
            assert caught.value.code == "store.behind-mark"
            assert opened.newest_note() == reading.newest_note()
            head = opened.store.head()
            assert head is not None
            assert head.size < newest
            reading.close()
            opened.store.close()
            opened._mark.close()


def test_replica_that_only_reads_takes_nothing(actors: Any, directory: Path, postgres: Any) -> None:
    world, opened = actors.open_world(directory)
    postgres.ask("postgres", "ALTER SYSTEM SET default_transaction_read_only = on")
    postgres.ask("postgres", "SELECT pg_reload_conf()")
    try:
        opened.store.close()
        outcomes = [world.registrar.submit([world.birth()])[0] for _ in range(2)]
        assert all(isinstance(outcome, Failed) for outcome in outcomes)
        assert all(isinstance(outcome.error, UnavailableError) for outcome in outcomes)
    finally:
        with_right = "SET default_transaction_read_only = off; ALTER SYSTEM RESET ALL"
        import psycopg

        with psycopg.connect(postgres.address("postgres"), autocommit=True) as line:
            for statement in with_right.split("; "):
                line.execute(statement.encode())
            line.execute("SELECT pg_reload_conf()")
    opened.close()


def test_nobody_is_told_before_the_standby_has_it(
    actors: Any, directory: Path, postgres: Any
) -> None:
    world, opened = actors.open_world(directory)
    raw = world.birth()
    told: list[Any] = []
    client = threading.Thread(target=lambda: told.extend(world.registrar.submit([raw])))
    try:
        postgres.ask("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nowhere'")
        postgres.ask("postgres", "SELECT pg_reload_conf()")
        client.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        while postgres.ask("postgres", waiting) == [(0,)]:
            assert client.is_alive()
        client.join(1)
        assert told == []
    finally:
        postgres.ask("postgres", "ALTER SYSTEM RESET ALL")
        postgres.ask("postgres", "SELECT pg_reload_conf()")
    client.join(60)
    (outcome,) = told
    assert isinstance(outcome, Registered)
    actors.check_log(opened.store, opened.trust)
    opened.close()
