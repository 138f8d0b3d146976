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
BY_NATURE = ("leaves", "blocks", "tiles", "refused", "steps", "ringmark")


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
    "ringmark": "schema",
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
        "DELETE FROM records", "DELETE FROM keys", "TRUNCATE offers",
        "ALTER TABLE leaves DISABLE TRIGGER ALL", "DROP TABLE leaves",
        "CREATE TABLE mine (n INT)", "DROP FUNCTION ringmark_refuse() CASCADE",
        "SET session_replication_role = replica",
    ],
)  # fmt: skip
def test_role_that_serves_may_undo_no_fence(served: Any, prepared: str, statement: str) -> None:
    denied = psycopg.errors.InsufficientPrivilege
    assert refusal(as_role(prepared), statement) is denied


WAYS = {
    # what somebody tries who has the password of the role that serves: statements, the last refused
    "upsert": ["INSERT INTO leaves SELECT * FROM leaves ON CONFLICT (leaf) DO UPDATE SET raw = ''"],
    "merge that updates": [
        "MERGE INTO leaves USING (SELECT 1) AS one ON true WHEN MATCHED THEN UPDATE SET raw = ''"],
    "merge that deletes": [
        "MERGE INTO leaves USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE"],
    "cursor": ["BEGIN", "DECLARE c CURSOR FOR SELECT * FROM leaves", "FETCH c",
               "UPDATE leaves SET raw = '' WHERE CURRENT OF c"],
    "anonymous block": ["DO $$ BEGIN DELETE FROM leaves; END $$"],
    "dynamic statement": ["DO $$ BEGIN EXECUTE 'TRUNCATE leaves'; END $$"],
    "function of its own": ["CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE sql "
                            "SECURITY DEFINER AS 'DELETE FROM leaves'", "SELECT pg_temp.f()"],
    "view of its own": ["CREATE TEMP VIEW v AS SELECT * FROM leaves", "UPDATE v SET raw = ''"],
    "rule": ["CREATE RULE r AS ON INSERT TO leaves DO INSTEAD NOTHING"],
    "rule of a view": ["CREATE TEMP VIEW v AS SELECT * FROM leaves",
                       "CREATE RULE r AS ON UPDATE TO v DO INSTEAD DELETE FROM leaves",
                       "UPDATE v SET raw = ''"],
    "trigger of its own": ["CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql "
                           "AS 'BEGIN NEW.raw = NULL; RETURN NEW; END'",
                           "CREATE TRIGGER t BEFORE INSERT ON leaves "
                           "FOR EACH ROW EXECUTE FUNCTION pg_temp.f()"],
    "another trigger function": ["CREATE OR REPLACE FUNCTION ringmark_refuse() RETURNS trigger "
                                 "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"],
    "triggers off": ["ALTER TABLE leaves DISABLE TRIGGER ALL"],
    "user triggers off": ["ALTER TABLE leaves DISABLE TRIGGER USER"],
    "trigger gone": ["DROP TRIGGER leaves_refuse ON leaves"],
    "trigger renamed": ["ALTER TRIGGER leaves_refuse ON leaves RENAME TO t"],
    "as a replica": ["SET session_replication_role = replica"],
    "as a replica, for ever": ["ALTER ROLE CURRENT_USER SET session_replication_role = replica"],
    "superuser": ["ALTER ROLE CURRENT_USER SUPERUSER"],
    "the owner's role": ["SET ROLE owner"],
    "the owner's session": ["SET SESSION AUTHORIZATION owner"],
    "member of the owner": ["GRANT owner TO CURRENT_USER"],
    "member of who writes files": ["GRANT pg_write_server_files TO CURRENT_USER"],
    "right given to itself": ["GRANT UPDATE ON leaves TO CURRENT_USER",
                              "UPDATE leaves SET raw = ''"],
    "owner of the table": ["ALTER TABLE leaves OWNER TO CURRENT_USER"],
    "all that the owner has": ["REASSIGN OWNED BY owner TO CURRENT_USER"],
    "default rights": ["ALTER DEFAULT PRIVILEGES FOR ROLE owner "
                       "GRANT ALL ON TABLES TO CURRENT_USER"],
    "table gone": ["DROP TABLE leaves CASCADE"],
    "table renamed": ["ALTER TABLE leaves RENAME TO gone"],
    "table moved": ["ALTER TABLE leaves SET SCHEMA pg_temp"],
    "column gone": ["ALTER TABLE leaves DROP COLUMN raw"],
    "column of another type": ["ALTER TABLE leaves ALTER COLUMN raw TYPE bytea USING ''::bytea"],
    "unique key gone": ["DROP INDEX leaves_id_key"],
    "rows hidden": ["ALTER TABLE leaves ENABLE ROW LEVEL SECURITY"],
    "policy": ["CREATE POLICY p ON leaves USING (false)"],
    "not logged": ["ALTER TABLE leaves SET UNLOGGED"],
    "partition": ["CREATE TABLE p PARTITION OF leaves DEFAULT"],
    "partition attached": ["CREATE TEMP TABLE p (LIKE leaves)",
                           "ALTER TABLE leaves ATTACH PARTITION p DEFAULT"],
    "child table": ["CREATE TEMP TABLE c () INHERITS (leaves)"],
    "child table made so": ["CREATE TEMP TABLE c (LIKE leaves)", "ALTER TABLE c INHERIT leaves"],
    "schema": ["CREATE SCHEMA mine"],
    "extension": ["CREATE EXTENSION pgcrypto"],
    "foreign data": ["CREATE FOREIGN DATA WRAPPER f"],
    "language that may everything": ["CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE internal "
                                     "AS 'pg_backend_pid'"],
    "event trigger": ["CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION ringmark_refuse()"],
    "copied over": ["COPY leaves FROM '/dev/null'"],
    "copied from a program": ["COPY leaves FROM PROGRAM 'true'"],
    "copied into a program": ["COPY leaves TO PROGRAM 'true'"],
    "catalogue": ["UPDATE pg_trigger SET tgenabled = 'D'"],
    "catalogue of tables": ["DELETE FROM pg_class WHERE relname = 'leaves'"],
    "locked": ["BEGIN", "LOCK TABLE leaves IN ACCESS EXCLUSIVE MODE"],
    "rows locked": ["SELECT * FROM leaves FOR UPDATE"],
    "rewritten": ["CLUSTER leaves"],
    "indexes anew": ["REINDEX TABLE leaves"],
    "numbers back": ["SELECT setval('refused_row_seq', 1)"],
    "settings of the server": ["ALTER SYSTEM SET fsync = off"],
    "settings of the database": [
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', "
        "current_database()); END $$"],
    "database gone": ["DROP DATABASE postgres"],
    "file written": ["SELECT lo_export(lo_from_bytea(0, ''), '/tmp/out')"],
    "large objects behind": ["SELECT pg_read_file('postgresql.conf')"],
    "log switched": ["SELECT pg_switch_wal()"],
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_no_way_around_is_open_to_the_role_that_serves(
    served: Any, prepared: str, way: str
) -> None:
    *before, last = WAYS[way]
    with psycopg.connect(as_role(prepared), autocommit=True) as line:
        for statement in before:
            line.execute(statement.encode())
        with pytest.raises(psycopg.Error) as caught:
            line.execute(last.encode())
    assert caught.type is psycopg.errors.InsufficientPrivilege, caught.value


def test_what_the_role_makes_for_its_session_alone_nobody_else_sees(
    actors: Any, served: Any, prepared: str
) -> None:
    world, opened = served
    with psycopg.connect(as_role(prepared), autocommit=True) as line:
        line.execute("CREATE TEMP TABLE leaves (LIKE public.leaves)")
        assert line.execute("SELECT count(*) FROM leaves").fetchone() == (0,)
        world.submit(world.birth())
        actors.check_log(opened.store, opened.trust, published=opened.newest_note())


def test_schema_of_an_older_server_is_closed_to_the_role(actors: Any, postgres: Any) -> None:
    # Until 14 everybody might create in public, and an upgrade keeps it so.
    address = postgres.new_database()
    with psycopg.connect(address, autocommit=True) as line:
        line.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    prepare_postgres(address, role=ROLE)
    denied = psycopg.errors.InsufficientPrivilege
    assert refusal(as_role(address), "CREATE TABLE mine (n INT)") is denied


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
