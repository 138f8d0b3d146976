"""Tables, indexes and triggers that are not as they were made: named, and mended by an export."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cli.context import Session
from cli.main import main
from ledger.ambient import SettableClock


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        ("DROP INDEX records_listed", "index records_listed"),
        ("DROP TRIGGER leaves_refuse_update", "trigger leaves_refuse_update"),
        ("CREATE TRIGGER mine AFTER INSERT ON leaves BEGIN DELETE FROM held; END", "trigger mine"),
    ],
)
def test_what_no_rebuilding_mends_is_named_and_an_export_mends_it(
    actors: Any, directory: Path, tmp_path: Path, capsys: Any, harm: str, named: str
) -> None:
    world, opened = actors.open_world(directory)
    opened.close()
    line = sqlite3.connect(directory / "ledger.db")
    line.execute(harm)
    line.close()

    def run(*words: str, ledger: Path = directory) -> Any:
        session = Session(clock=SettableClock(world.clock.now_s()))
        place = ("--home", str(tmp_path / "home"), "--ledger", str(ledger), "--json")
        main([*place, *words], session)
        return json.loads(capsys.readouterr().out)

    def stored(ledger: Path, *words: str) -> Any:
        checks = run("doctor", "--deep", *words, ledger=ledger)["checks"]
        return next(row for row in checks if row["name"] == "stored")

    found = stored(directory, "--rebuild")
    assert (found["outcome"], found["code"]) == ("failed", "store.inspected")
    assert f"made: {named}. No rebuilding" in found["detail"]
    log, new = tmp_path / "log", tmp_path / "new"
    assert run("export", "log", str(log))["ok"]
    held = ("--trust", f"{directory}/trust.json", "--high-water", f"{directory}/high-water")
    kept = ("--keys", f"{directory}/keys", "--older", str(directory), "--yes")
    assert run("restore", str(log), str(new), *held, *kept)["ok"]
    assert stored(new)["outcome"] == "passed"
