"""The command line on a ledger in PostgreSQL: every local command finds it through its folder."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.context import Session
from cli.main import main
from ledger.storage.places import read_places
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


def test_an_auditor_needs_the_address_alone(town: Any, database: str) -> None:
    words = ["--home", str(town.place / "nobody"), "audit", "--database", database]
    assert main([*words, "--json", "--trust", str(town.trust)], Session()) == 0
    assert text.json_loads(town.capture()[0])["outcome"] == "verified"


def test_a_mark_beside_the_database_is_called_weak(town: Any, database: str, postgres: Any) -> None:
    words = ("--origin", "ledger.example/two", "--host", "ledger.example")
    ran = town.run("root", "init", str(town.place / "two"), *words)
    assert "weak" in ran.err
    mark = town.place / "elsewhere"
    other = postgres.new_schema()
    more = ("--database", other, "--high-water", str(mark))
    ran = town.run("root", "init", str(town.place / "three"), *words, *more)
    assert ran.code == 0
    assert "weak" not in ran.err
    assert mark.is_file()
    more = ("--database", postgres.new_schema(), "--high-water", other)
    ran = town.run("root", "init", str(town.place / "four"), *words, *more)
    assert ran.code == 0
    assert "weak" in ran.err


def test_workers_are_for_ledgers_that_are_shared(town: Any) -> None:
    words = ("--origin", "ledger.example/two", "--host", "ledger.example")
    town.ok("root", "init", str(town.place / "two"), *words)
    ran = town.run("root", "serve", "--workers", "2", ledger=str(town.place / "two"))
    assert ran.code == 2
    assert "one process" in ran.err


def test_a_database_that_holds_a_ledger_is_not_founded_again(town: Any, database: str) -> None:
    words = ("--origin", "ledger.example/two", "--host", "ledger.example", "--database", database)
    ran = town.run("root", "init", str(town.place / "two"), *words, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "store.exists")
    assert not (town.place / "two").exists()


def test_no_command_loads_the_driver_unless_a_ledger_is_there(town: Any) -> None:
    import subprocess

    told = "import sys, cli.main; cli.main.main(['--version']); print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
