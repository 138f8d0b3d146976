"""The command line on a ledger in PostgreSQL: every local command finds it through its folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.context import Session
from cli.main import main
from ledger.errors import UsageError
from ledger.reference.tables import load_tables
from ledger.registrar.refilling import refill
from ledger.statement import ledger_id, parse_statement
from ledger.storage.places import read_places
from ledger.storage.postgres.creating import create_postgres
from ledger.storage.postgres.store import PostgresStore
from ledger.storage.sqlite import SqliteStore
from ledger.wire import text


def _towns() -> Any:
    path = Path(__file__).resolve().parent.parent / "commands" / "conftest.py"
    spec = importlib.util.spec_from_file_location("postgres_town", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["postgres_town"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def town(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:  # fmt: skip
    for name in ("RINGMARK_HOME", "RINGMARK_LEDGER", "RINGMARK_AS", "RINGMARK_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RINGMARK_PASSPHRASE", "the passphrase of a test")
    made = _towns().Town(tmp_path, capsys.readouterr)
    words = ("--origin", "ledger.example/town", "--host", "ledger.example")
    made.ok("root", "init", str(made.ledger), *words, "--database", database)
    return made


def test_trade_audit_and_copy_of_a_ledger_in_postgresql(town: Any, database: str) -> None:
    assert read_places(town.ledger).database == database
    assert not (town.ledger / "ledger.db").exists()
    town.enrol("parks", by="root", role="authority")
    town.enrol("farm", by="parks", role="ranch")
    town.ok("farm", "facility", "register", "pens", "--kind", "ranch", "--country", "ZW")
    code = town.register_skins()
    assert [lot["code"] for lot in town.ok("farm", "lot", "list")["lots"]] == [code]
    found = town.ok("farm", "audit", "--deep")
    assert found["outcome"] == "verified"
    assert town.ok("farm", "doctor", "--deep", "--rebuild")["checks"]
    copy = town.place / "copy"
    size = town.ok("root", "backup", str(copy))["size"]
    again = town.ok("farm", "audit", ledger=str(copy))
    assert (again["outcome"], again["size"]) == ("verified", size)
    restored = town.place / "restored"
    keys = ("--keys", str(town.ledger / "keys"), "--yes")
    town.ok("root", "restore", str(copy), str(restored), *keys)
    assert town.ok("farm", "checkpoint", ledger=str(restored))["size"] == size


def test_a_ledger_moves_into_postgresql_and_out_of_it(
    town: Any, database: str, postgres: Any
) -> None:
    town.enrol("parks", by="root", role="authority")
    size = town.ok("root", "backup", str(town.place / "copy"))["size"]
    keys = ("--keys", str(town.ledger / "keys"), "--trust", str(town.trust), "--yes")
    mark = ("--high-water", str(town.place / "copy" / "high-water"))
    out, back = town.place / "out", town.place / "back"
    # From the address alone: its own mark is a row of the same database, which was lost here.
    assert town.ok("root", "restore", database, str(out), *keys, *mark)["size"] == size
    assert town.ok("root", "audit", "--deep", ledger=str(out))["size"] == size
    other = postgres.new_schema()
    words = ("restore", str(out), str(back), *keys, *mark, "--database", other)
    assert town.ok("root", *words)["size"] == size
    assert read_places(back).database == other
    assert town.ok("root", "audit", "--deep", ledger=str(back))["outcome"] == "verified"
    again = ("restore", str(out), str(town.place / "again"), *keys, *mark, "--json")
    ran = town.run("root", *again, "--database", other)
    assert (ran.code, ran.json["error"]["code"]) == (2, "store.exists")
    assert not (town.place / "again").exists()


def test_a_restoration_that_failed_goes_on_by_the_same_command(
    town: Any, database: str, postgres: Any
) -> None:
    town.enrol("parks", by="root", role="authority")
    copy, back, into = town.place / "copy", town.place / "back", postgres.new_schema()
    size = town.ok("root", "backup", str(copy))["size"]
    other, foreign = town.place / "other", town.place / "foreign"
    town.ok("otherroot", "init", str(other), "--origin", "other.example", "--host", "other.example")
    town.ok("root", "backup", str(foreign), ledger=str(other))

    def restore(source: Path, trust: Path, keys: Path) -> Any:
        words = ("restore", str(source), str(back), "--yes", "--json", "--database", into)
        mark = ("--high-water", str(source / "high-water"))
        return town.run("root", *words, *mark, "--trust", str(trust), "--keys", str(keys))

    # Given a try that was cut off after the founding, and one with the keys of another ledger
    begin(into, copy).close()
    assert rows_in(into) == 2
    ran = restore(copy, town.trust, other / "keys")
    assert ran.json["error"]["code"] == "registrar.no-key"
    assert (back.exists(), rows_in(into)) == (False, size)
    # When another ledger is brought there, nothing is mixed
    ran = restore(foreign, other / "trust.json", other / "keys")
    assert (ran.code, ran.json["error"]["code"]) == (2, "store.exists")
    # Then the same command with the right keys ends what was begun, and nothing goes on after that
    assert restore(copy, town.trust, town.ledger / "keys").json["size"] == size
    assert rows_in(into) == size
    assert town.ok("root", "audit", "--deep", ledger=str(back))["outcome"] == "verified"
    back.rename(town.place / "whole")
    ran = restore(copy, town.trust, town.ledger / "keys")
    assert (ran.code, ran.json["error"]["code"]) == (2, "store.exists")


def test_other_leaves_are_not_gone_on_from(town: Any, postgres: Any) -> None:
    town.enrol("parks", by="root", role="authority")
    copy, into = town.place / "copy", postgres.new_schema()
    town.ok("root", "backup", str(copy))
    store = begin(into, copy)
    with psycopg.connect(into) as line:
        line.execute("ALTER TABLE leaves DISABLE TRIGGER ALL")
        line.execute("UPDATE leaves SET hash = decode(repeat('00', 32), 'hex') WHERE leaf = 1")
    kept = SqliteStore(copy / "ledger.db")
    with pytest.raises(UsageError) as caught:
        refill(store, kept.raws(0, kept.size()), tables=load_tables())
    assert caught.value.code == "store.exists"
    store.close()
    kept.close()


def begin(address: str, copy: Path) -> PostgresStore:
    """Begin to restore a copy, and stop after its first block."""
    kept = SqliteStore(copy / "ledger.db")
    (block, *_) = kept.blocks()
    raws = kept.raws(0, block.closing + 1)
    create_postgres(address, restoring=ledger_id(parse_statement(raws[0])))
    store = PostgresStore(address)
    refill(store, raws, tables=load_tables())
    kept.close()
    return store


def rows_in(address: str) -> int:
    with psycopg.connect(address) as line:
        return int(line.execute("SELECT count(*) FROM leaves").fetchone()[0])


def test_an_auditor_needs_the_address_alone(town: Any, database: str) -> None:
    words = ["--home", str(town.place / "nobody"), "audit", "--database", database]
    assert main([*words, "--json", "--trust", str(town.trust)], Session()) == 0
    assert text.json_loads(town.capture()[0])["outcome"] == "verified"


def test_an_auditor_of_a_ledger_whose_mark_is_elsewhere_brings_a_checkpoint(
    town: Any, postgres: Any
) -> None:
    address, place = postgres.new_schema(), town.place / "other"
    words = ("--origin", "ledger.example/other", "--host", "ledger.example", "--database", address)
    town.ok("founder", "init", str(place), *words, "--high-water", str(town.place / "mark"))
    audit = ["--home", str(town.place / "nobody"), "audit", "--database", address, "--json"]
    audit += ["--trust", str(place / "trust.json")]
    assert main(audit, Session()) == 4
    error = text.json_loads(town.capture()[0])["error"]
    assert error["code"] == "high-water.missing"
    assert "--checkpoint" in error["hint"]
    assert main([*audit, "--checkpoint", str(place / "checkpoint")], Session()) == 0
    assert text.json_loads(town.capture()[0])["outcome"] == "verified"


def test_a_rebuilding_that_the_role_may_not_do_is_no_success(town: Any, postgres: Any) -> None:
    address, place = postgres.new_database(), town.place / "other"
    town.ok("root", "database", "prepare", "--database", address, "--role", "rebuilder")
    serving = address.replace("owner@", "rebuilder@")
    words = ("--origin", "ledger.example/other", "--host", "ledger.example", "--database", serving)
    town.ok("founder", "init", str(place), *words)
    ran = town.run("founder", "doctor", "--rebuild", "--json", ledger=str(place))
    assert (ran.code, ran.json["error"]["code"]) == (2, "store.denied")
    assert "prepare" in ran.json["error"]["hint"]
    town.ok("founder", "doctor", "--rebuild", "--database", address, ledger=str(place))


def test_a_mark_beside_the_database_is_called_weak(town: Any, database: str, postgres: Any) -> None:
    words = ("--origin", "ledger.example/two", "--host", "ledger.example")
    ran = town.run("founder2", "init", str(town.place / "two"), *words)
    assert "weak" in ran.err
    mark = town.place / "elsewhere"
    other = postgres.new_schema()
    more = ("--database", other, "--high-water", str(mark))
    ran = town.run("founder3", "init", str(town.place / "three"), *words, *more)
    assert ran.code == 0
    assert "weak" not in ran.err
    assert mark.is_file()
    more = ("--database", postgres.new_schema(), "--high-water", other)
    ran = town.run("founder4", "init", str(town.place / "four"), *words, *more)
    assert ran.code == 0
    assert "weak" in ran.err
    # The doctor says what the founding said.
    for name, expected in (("three", "passed"), ("four", "advice")):
        checks = town.ok("root", "doctor", ledger=str(town.place / name))["checks"]
        (found,) = (row for row in checks if row["name"] == "mark")
        assert found["outcome"] == expected, found


def test_workers_are_for_ledgers_that_are_shared(town: Any) -> None:
    words = ("--origin", "ledger.example/two", "--host", "ledger.example")
    town.ok("founder2", "init", str(town.place / "two"), *words)
    ran = town.run("root", "serve", "--workers", "2", ledger=str(town.place / "two"))
    assert ran.code == 2
    assert "one process" in ran.err


def test_a_database_that_holds_a_ledger_is_not_founded_again(town: Any, database: str) -> None:
    words = ("--origin", "ledger.example/two", "--host", "ledger.example", "--database", database)
    ran = town.run("founder2", "init", str(town.place / "two"), *words, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "store.exists")
    assert not (town.place / "two").exists()


@pytest.mark.parametrize("place", ["no-database", "no-folder", "taken", "no-rights"])
def test_a_mark_that_cannot_be_kept_leaves_the_database_free(
    town: Any, postgres: Any, place: str
) -> None:
    address = postgres.new_schema()
    (town.place / "taken").write_bytes(b"another ledger's")
    town.ok("root", "database", "prepare", "--database", address, "--role", "servant")
    mark, code = {
        "no-database": (postgres.address("nowhere"), "store.denied"),
        "no-folder": (str(town.place / "away" / "mark"), "cli.system"),
        "taken": (str(town.place / "taken"), "high-water.exists"),
        "no-rights": (postgres.new_database().replace("owner@", "servant@"), "store.denied"),
    }[place]
    words = ("--origin", "ledger.example/two", "--host", "ledger.example", "--database", address)
    ran = town.run("two", "init", str(town.place / "two"), *words, "--high-water", mark, "--json")
    assert (ran.code != 0, ran.json["error"]["code"]) == (True, code)
    # With the place set right the same command founds it: nothing stands in the database.
    town.ok("two", "init", str(town.place / "two"), *words, "--high-water", f"{town.place}/mark")
    assert town.ok("root", "doctor", ledger=str(town.place / "two"))


def test_no_command_loads_the_driver_unless_a_ledger_is_there(town: Any) -> None:
    import subprocess

    told = "import sys, cli.main; cli.main.main(['--version']); print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
