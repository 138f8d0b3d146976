"""The role that serves cannot change what is written, and neither can the owner by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.errors import UsageError
from ledger.registrar import Registered
from ledger.storage.postgres.creating import preparation, prepare_postgres
from ledger.storage.postgres.schema import FOR_EVER
from ledger.wiring import rebuild_tables

ROLE = "ringmark-serves"
BY_NATURE = ("leaves", "blocks", "tiles", "refused", "steps", "blobs", "ringmark")


def as_role(address: str, role: str = ROLE) -> str:
    return address.replace("owner@", f"{role}@")


@pytest.fixture(scope="module")
def prepared(postgres: Any) -> str:
    """The address, as its owner, of a database made ready for a role that serves."""
    address: str = postgres.new_database()
    prepare_postgres(address, role=ROLE)
    return address


@pytest.fixture(scope="module")
def served(
    actors: Any, prepared: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, Any]]:
    """A world whose ledger was founded and is written by that role."""
    folder = tmp_path_factory.mktemp("served") / "ledger"
    actors.found_directory(folder, database=as_role(prepared))
    world, opened = actors.open_world(folder, settle=True)
    world.submit(*(world.birth() for _ in range(260)))
    yield world, opened
    opened.close()


def refusal(address: str, statement: str) -> type[psycopg.Error]:
    with psycopg.connect(address, autocommit=True) as line, pytest.raises(psycopg.Error) as caught:
        line.execute(statement.encode())
    return caught.type


def changes(table: str, column: str) -> list[str]:
    return [
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ]


COLUMNS = {
    "leaves": "raw", "blocks": "at", "tiles": "hashes", "refused": "raw", "steps": "leaf",
    "blobs": "content", "ringmark": "schema",
}  # fmt: skip
ALL = [statement for table in BY_NATURE for statement in changes(table, COLUMNS[table])]


def test_role_that_serves_founds_writes_and_reads(actors: Any, served: Any) -> None:
    world, opened = served
    offered = world.submit(world.birth())[0]
    assert isinstance(offered, Registered)
    actors.check_log(opened.store, opened.trust, published=opened.newest_note())


@pytest.mark.parametrize("statement", ALL)
def test_role_that_serves_may_change_nothing_written(
    served: Any, prepared: str, statement: str
) -> None:
    denied = psycopg.errors.InsufficientPrivilege
    assert refusal(as_role(prepared), statement) is denied


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM head", "TRUNCATE head", "DELETE FROM high_water", "TRUNCATE high_water",
        "DELETE FROM records", "DELETE FROM keys", "TRUNCATE disclosures",
        "ALTER TABLE leaves DISABLE TRIGGER ALL", "DROP TABLE leaves",
        "CREATE TABLE mine (n INT)", "DROP FUNCTION ringmark_refuse() CASCADE",
        "SET session_replication_role = replica",
    ],
)  # fmt: skip
def test_role_that_serves_may_undo_no_fence(served: Any, prepared: str, statement: str) -> None:
    denied = psycopg.errors.InsufficientPrivilege
    assert refusal(as_role(prepared), statement) is denied


@pytest.mark.parametrize(
    "statement",
    [one for table in FOR_EVER for one in changes(table, COLUMNS[table])]
    + [
        "DELETE FROM high_water", "TRUNCATE high_water",
        "UPDATE high_water SET size = size - 1", "UPDATE high_water SET note = note",
        "INSERT INTO leaves SELECT * FROM leaves",
    ],
)  # fmt: skip
def test_triggers_stop_the_owner_too(served: Any, prepared: str, statement: str) -> None:
    assert issubclass(refusal(prepared, statement), psycopg.errors.IntegrityError)


def test_rebuild_is_for_the_owner(served: Any, prepared: str) -> None:
    _, opened = served
    before = opened.store.dump()
    with pytest.raises(UsageError) as caught:
        rebuild_tables(opened.directory)
    assert caught.value.code == "store.denied"
    rebuild_tables(opened.directory, database=prepared)
    assert opened.store.dump() == before


def test_preparing_again_changes_nothing(served: Any, prepared: str, actors: Any) -> None:
    _, opened = served
    prepare_postgres(prepared, role=ROLE)
    actors.check_log(opened.store, opened.trust)


def test_statements_for_somebody_who_reads_them_first(postgres: Any) -> None:
    address = postgres.new_database()
    role = 'odd "name"; --'
    with psycopg.connect(address, autocommit=True) as line:
        for statement in preparation(role):
            line.execute(statement.encode())
        rights = line.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = %s AND table_name = 'leaves' ORDER BY 1",
            (role,),
        ).fetchall()
        line.execute('DROP OWNED BY "odd ""name""; --"')
        line.execute('DROP ROLE "odd ""name""; --"')
    assert rights == [("INSERT",), ("SELECT",)]


def test_place_for_marks_alone(actors: Any, postgres: Any, tmp_path: Path) -> None:
    mark, database = postgres.new_database(), postgres.new_schema()
    prepare_postgres(mark, role=ROLE, mark_only=True)
    actors.found_directory(tmp_path / "ledger", database=database, high_water=as_role(mark))
    world, opened = actors.open_world(tmp_path / "ledger", settle=True)
    world.submit(world.birth())
    opened.close()
    with psycopg.connect(mark) as line:
        (row,) = line.execute("SELECT ledger, size FROM high_water").fetchall()
    assert row == (opened.ledger, opened.registrar.head().size)
    assert refusal(as_role(mark), "DELETE FROM high_water") is (
        psycopg.errors.InsufficientPrivilege
    )
