"""A gallery of errors: databases, marks and servers that a ledger cannot be kept in.

Owns the codes of places and of PostgreSQL servers that refuse or are refused. A server of this
session stands for a right one, one without syncs and one that says it is old for wrong ones.
"""

from __future__ import annotations

import importlib
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.block import MemoryBase
from ledger.errors import RingmarkError
from ledger.reference.tables import load_tables
from ledger.registrar.inspecting import inspect_deep
from ledger.simulator.world import World
from ledger.storage.highwater import HighWater
from ledger.storage.places import Places, open_store, read_places
from ledger.storage.postgres.connecting import connect
from ledger.storage.postgres.mark import HighWaterRow, create_high_water_row

ZERO, ONE = bytes(32), b"\x01" * 32


def raised(act: Callable[[], object]) -> str:
    with pytest.raises(RingmarkError) as caught:
        act()
    assert caught.value.message.strip()
    return caught.value.code


@contextmanager
def old_server() -> Iterator[str]:
    """Answer as PostgreSQL 14 does when somebody connects, and nothing more."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    def answer(line: socket.socket) -> None:
        with line:
            (size,) = struct.unpack("!i", line.recv(4))
            line.recv(size - 4)
            said = message(b"R", bytes(4)) + message(b"S", b"server_version\x0014.9\x00")
            said += message(b"S", b"client_encoding\x00UTF8\x00")
            line.sendall(said + message(b"K", bytes(8)) + message(b"Z", b"I"))
            line.recv(64)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: answer(server.accept()[0]), daemon=True)
        thread.start()
        port = server.getsockname()[1]
        yield f"postgresql://owner@127.0.0.1:{port}/ledger?sslmode=disable&gssencmode=disable"


def test_a_server_that_is_too_old() -> None:
    with old_server() as address:
        assert raised(lambda: connect(address, read_only=True)) == "store.server-old"


def test_a_server_that_is_not_there() -> None:
    assert raised(lambda: connect("postgresql://127.0.0.1:1/x", read_only=True)) == (
        "store.unreachable"
    )


def test_an_address_that_is_none() -> None:
    assert raised(lambda: connect("postgresql://h/x?nonsense=1", read_only=True)) == "store.address"


def test_an_installation_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ledger.storage.postgres.connecting"
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, name)
    assert raised(lambda: importlib.import_module(name)) == "store.driver-missing"


def test_a_server_that_forgets(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = sys.modules["postgres_server"]
    settings = tuple(row.replace("fsync=on", "fsync=off") for row in helper.SETTINGS)
    monkeypatch.setattr(helper, "SETTINGS", settings)
    with helper.Server() as forgetful:
        address = forgetful.new_database()
        assert raised(lambda: connect(address, read_only=True)) == "store.not-durable"


def test_a_mark_that_a_server_does_not_move(database: str) -> None:
    """Somebody put a trigger on the table that lets updates fall by the way."""
    first = HighWater(2, ZERO, b"")
    create_high_water_row(database, first, ledger=ONE)
    with connect(database, read_only=False) as line:
        line.execute(
            "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        line.execute(
            "CREATE TRIGGER a_drop BEFORE UPDATE ON high_water FOR EACH ROW"
            " EXECUTE FUNCTION drop_it()"
        )
    mark = HighWaterRow(database, ledger=ONE)
    assert raised(lambda: mark.move(expected=first, new=HighWater(4, ONE, b""))) == (
        "high-water.unknown"
    )
    mark.close()


def test_places_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "places.json").write_text('{"databases": []}')
    assert raised(lambda: read_places(tmp_path)) == "places.form"
    elsewhere = Places(database="postgresql://127.0.0.1:1/x")
    assert raised(lambda: open_store(tmp_path, elsewhere, copy=tmp_path)) == "copy.unsupported"


def test_a_ledger_that_moves_on_while_it_is_looked_over() -> None:
    world = World(seed=7)
    store = world.ledger.store
    base = MemoryBase(ledger=world.ledger.ledger, tables=load_tables())
    size = store.head().size
    world.enrol("parks", "authority")
    assert raised(lambda: list(inspect_deep(store, size, base))) == "records.moving"
    world.ledger.registrar.close()


CASES: dict[str, tuple[str, ...]] = {
    "cli.database-elsewhere": ("serve", "--database", "sqlite:elsewhere"),
    "cli.database-missing": ("database", "prepare", "--role", "ringmark"),
    "cli.endorse-side": ("document", "endorse", "ZW/EXPORT/1", "--line", "1=1"),
    "serve.workers": ("serve", "--workers", "2"),
}


@pytest.mark.parametrize("code", CASES)
def test_commands_that_name_a_wrong_place(code: str, town: Any) -> None:
    ran = town.run("parks", *CASES[code], "--json")
    shown = ran.json.get("error", {}).get("code") or ran.out
    assert shown == code, ran.out


def test_goods_that_no_line_of_a_document_covers(town: Any) -> None:
    code = town.register_skins()
    rows = ("--taxon", "Swietenia macrophylla", "--term", "LOG", "--quantity", "3", "--unit", "MTQ")
    words = ("ZW/EXPORT-PERMIT/1", *rows, "--source", "W", "--origin", "ZW")
    town.ok("parks", "document", "issue", *words, "--until", "2027-05-31")
    words = ("document", "endorse", "ZW/EXPORT-PERMIT/1", code, "--export", "ZW", "--json")
    assert town.run("parks", *words).json["error"]["code"] == "endorse.no-line"
