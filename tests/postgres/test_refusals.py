"""What PostgreSQL and its addresses can be wrong about, each told by name."""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from cli.context import Session
from cli.main import main
from ledger.errors import RingmarkError, UnavailableError
from ledger.storage.highwater import HighWater
from ledger.storage.places import Places, open_mark, open_store, read_places
from ledger.storage.postgres import connecting
from ledger.storage.postgres.mark import HighWaterRow, create_high_water_row
from ledger.storage.postgres.store import PostgresStore

ZERO = bytes(32)


def code_of(act: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(RingmarkError) as caught:
        act(*args, **more)
    return caught.value.code


def test_addresses_that_lead_nowhere(database: str, postgres: Any) -> None:
    assert code_of(PostgresStore, "postgresql://h/?no_such_option=1") == "store.address"
    assert code_of(PostgresStore, "postgresql:///x?host=/no/such/place") == "store.unreachable"
    assert code_of(PostgresStore, postgres.address("nowhere")) == "store.denied"
    assert code_of(PostgresStore, postgres.address("postgres", user="nobody")) == "store.denied"
    assert code_of(PostgresStore, database) == "store.missing"


def test_a_server_that_says_nothing_is_not_asked_again_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        way = connecting.Way(f"postgresql://owner@127.0.0.1:{port}/x")
        first = said_by(way)
    # By now it would be refused there: whoever asks is told what the first one was told.
    assert said_by(way) == first
    way._silent_until_s = 0
    assert said_by(way) != first


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("sorry, too many clients already", "max_connections"),
        ("remaining connection slots are reserved for roles with SUPERUSER", "max_connections"),
        ('too many connections for role "ringmark"', "max_connections"),
        ("the database system is starting up", "Wait"),
        ("the database system is not yet accepting connections", "Wait"),
        ("the database system is shutting down", "Wait"),
        ("the database system is in recovery mode", "Wait"),
    ],
)
def test_a_server_that_takes_nobody_in_is_not_said_to_be_away(said: str, told: str) -> None:
    """A server of our own that says what PostgreSQL says to a line that it does not take."""
    fields = b"SFATAL\0C53300\0M" + said.encode() + b"\0\0"
    with socket.create_server(("127.0.0.1", 0)) as full, ThreadPoolExecutor(1) as pool:
        port = full.getsockname()[1]
        told_off = pool.submit(
            turn_away, full, b"E" + (len(fields) + 4).to_bytes(4, "big") + fields
        )
        url = f"postgresql://owner@127.0.0.1:{port}/x?sslmode=disable&gssencmode=disable"
        with pytest.raises(UnavailableError) as caught:
            connecting.connect(url, read_only=False)
        told_off.result()
    assert (caught.value.code, caught.value.message.count(said)) == ("store.unreachable", 1)
    assert told in str(caught.value.hint)
    assert "Start the server" not in str(caught.value.hint)


def turn_away(listening: socket.socket, answer: bytes) -> None:
    line, _ = listening.accept()
    with line:
        line.recv(4_096)
        line.sendall(answer)


def test_a_role_that_has_its_lines_already_is_told_so(postgres: Any) -> None:
    postgres.ask("postgres", "CREATE ROLE few LOGIN CONNECTION LIMIT 1")
    url = postgres.new_database().replace("owner@", "few@")
    line = connecting.connect(url, read_only=True)
    with pytest.raises(UnavailableError) as caught:
        connecting.connect(url, read_only=True)
    line.close()
    assert "max_connections" in str(caught.value.hint)


def said_by(way: connecting.Way) -> str:
    with pytest.raises(UnavailableError) as caught:
        way.connect(read_only=True)
    assert caught.value.code == "store.unreachable"
    return caught.value.message


def test_a_password_is_never_shown() -> None:
    address = "postgresql://owner:secret@/x?host=/no/such/place"
    with pytest.raises(RingmarkError) as caught:
        PostgresStore(address)
    assert "secret" not in caught.value.message
    assert "owner:***@" in caught.value.message


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://owner:se%cret@h/x",
        "postgresql://owner:secret@h/x?no_such_option=1",
        "postgresql:///x?host=/no/such/place&user=owner&password=secret",
        "postgresql://owner:sec/secret@h/x",
        "postgresql://[secret/x",
        "postgresql://owner:a@secret@/x?host=/no/such/place",
    ],
)
def test_whatever_form_an_address_has_its_password_is_hidden(address: str) -> None:
    with pytest.raises(RingmarkError) as caught:
        PostgresStore(address)
    said = f"{caught.value.message} {caught.value.params} {caught.value.hint}"
    assert "cret" not in said.replace("[secret/x", "")


def test_an_address_without_a_password_is_shown_as_it_is() -> None:
    for address in ("postgresql:///x?host=/run/pg", "postgresql://me@h:5432/x", "postgres://h/x"):
        assert connecting.shown(address) == address
    both = "postgresql://me:hush@h1:1,h2:2/x?sslmode=require&password=hush"
    assert connecting.shown(both) == "postgresql://me:***@h1:1,h2:2/x?sslmode=require&password=***"
    assert connecting.shown("host=h password=hush") == "***"


def test_a_server_that_forgets_is_refused(database: str, postgres: Any) -> None:
    postgres.stop("fast")
    postgres.start("fsync=off")
    try:
        assert code_of(PostgresStore, database) == "store.not-durable"
    finally:
        postgres.restart("fast")


def test_a_server_that_is_too_old_is_refused() -> None:
    old = SimpleNamespace(info=SimpleNamespace(server_version=140_011))
    assert code_of(connecting._check_server, old) == "store.server-old"


def test_a_weaker_commit_is_made_strong_and_a_stronger_one_is_left(database: str) -> None:
    def setting(wanted: str) -> str:
        line = connecting.connect(f"{database}%20-csynchronous_commit%3D{wanted}", read_only=False)
        with line:
            ((found,),) = line.execute("SHOW synchronous_commit").fetchall()
        return str(found)

    found = {wanted: setting(wanted) for wanted in ("off", "local", "on", "remote_apply")}
    assert found == {"off": "on", "local": "on", "on": "on", "remote_apply": "remote_apply"}


def test_another_version_of_the_tables_is_refused(directory: Path, database: str) -> None:
    with psycopg.connect(database) as line:
        line.execute("UPDATE ringmark SET schema = 99")
    assert code_of(PostgresStore, database) == "store.schema"


def test_an_installation_without_the_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith("ledger.storage.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    places = Places("postgresql://h/x")
    with pytest.raises(RingmarkError) as caught:
        open_store(Path(), places)
    assert caught.value.code == "store.driver-missing"
    assert "ringmark[postgres]" in caught.value.hint


def test_places_that_cannot_be_meant(tmp_path: Path, database: str) -> None:
    for body in ("[]", '{"database": 1}', '{"elsewhere": "x"}'):
        (tmp_path / "places.json").write_text(body, encoding="utf-8")
        assert code_of(read_places, tmp_path) == "places.form"
    (tmp_path / "places.json").unlink()
    places = read_places(tmp_path, database=database)
    assert code_of(open_store, tmp_path, places, copy=tmp_path / "copy") == "copy.unsupported"
    more = {"ledger": ZERO, "copy": tmp_path / "copy"}
    assert code_of(open_mark, tmp_path, places, **more) == "copy.unsupported"


def first(size: int = 1) -> HighWater:
    return HighWater(size, bytes([size]) * 32, b"note %d" % size)


@pytest.fixture
def mark(database: str) -> Any:
    create_high_water_row(database, first(), ledger=ZERO)
    made = HighWaterRow(database, ledger=ZERO)
    yield made
    made.close()


def test_mark_rises_by_compare_and_swap(mark: HighWaterRow, database: str) -> None:
    other = HighWaterRow(database, ledger=ZERO)
    mark.move(expected=first(), new=first(5))
    assert other.read() == mark.read() == first(5)
    assert code_of(other.move, expected=first(), new=first(7)) == "high-water.conflict"
    assert code_of(mark.move, expected=first(5), new=first(5)) == "high-water.backwards"
    # Whoever signed the very same head need not move it again.
    other.move(expected=first(), new=first(5))
    assert code_of(create_high_water_row, database, first(), ledger=ZERO) == "high-water.exists"
    other.close()
    other = HighWaterRow(database, ledger=b"\x01" * 32)
    assert code_of(other.read) == "high-water.missing"
    other.close()


def test_mark_asks_again_over_a_new_line(mark: HighWaterRow, postgres: Any) -> None:
    mark.read()
    postgres.restart("immediate")
    mark.move(expected=first(), new=first(2))
    assert mark.read() == first(2)


def test_mark_that_cannot_be_asked_is_not_known(mark: HighWaterRow, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as line:
        line.execute("ALTER TABLE high_water RENAME COLUMN note TO other")
    assert code_of(mark.read) == "high-water.unknown"


def run(*words: str) -> str:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*words, "--json"], Session())
    assert code == 2
    from ledger.wire.text import json_loads

    return str(json_loads(out.getvalue())["error"]["code"])


def test_commands_that_name_a_database_wrongly(directory: Path, tmp_path: Path) -> None:
    home = ("--home", str(tmp_path / "home"), "--ledger", str(directory))
    assert run(*home, "database", "prepare", "--role", "x") == "cli.database-missing"
    words = (*home, "--database", "sqlite:/elsewhere", "checkpoint")
    assert run(*words) == "cli.database-elsewhere"
    assert run(*home, "init", str(tmp_path / "new"), "--origin", "ledger.example/x", "--host", "x",
               "--database", "mysql://h/x") == "store.unsupported"  # fmt: skip


def test_a_look_at_one_moment_after_a_restart_needs_no_second_try(
    directory: Path, postgres: Any
) -> None:
    """Lines that broke while nobody used them are made anew, for a snapshot as for one query."""
    store = open_store(directory, read_places(directory))
    with store.snapshot(), ThreadPoolExecutor(3) as pool:
        head = store.head()
        assert list(pool.map(lambda _: store.head(), range(12))) == [head] * 12
    postgres.restart("fast")
    with store.snapshot():
        assert store.head() == head
    store.close()
