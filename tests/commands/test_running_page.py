"""What docs/running.md says of moving, ending and starting again, done as it says."""

from __future__ import annotations

import re
from pathlib import Path

from cli.exits import NOT_FOUND, OUR_FAULT, USAGE


def test_what_a_start_does_not_mend_is_not_started_again(project_root: Path) -> None:
    page = (project_root / "docs" / "running.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"^RestartPreventExitStatus=(.+)$", page, re.MULTILINE)
    assert {int(code) for code in named.split()} == {USAGE, NOT_FOUND, OUR_FAULT}


def test_a_ledger_that_moved_is_written_on_one_machine_alone(town, tmp_path: Path) -> None:
    code = town.register_skins()
    moved, new = tmp_path / "move", tmp_path / "new"
    town.ok("root", "backup", str(moved), "--with-keys")
    for file in (town.ledger / "keys").glob("cl*"):
        file.unlink()
    for file in (town.ledger / "keys").glob("check*"):
        file.unlink()
    town.ok("root", "restore", str(moved), str(new), "--keys", str(moved / "keys"), "--yes")
    assert town.ok("farm", "audit", "--trust", str(town.trust), ledger=str(new))
    marks = ("lot", "split", f"{code}=ZW-2026-000001-NIL")
    ran = town.run("farm", *marks, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (5, "registrar.no-key")
    assert town.ok("farm", "outbox", "push", ledger=str(new))["entries"][0]["state"] == "registered"
    # The old one still answers who only looks.
    assert [row["code"] for row in town.ok("farm", "lot", "list")["lots"]] == [code]


def test_a_ledger_that_ended_is_audited_and_continued_from_its_archive(
    town, tmp_path: Path
) -> None:
    town.register_skins()
    archive, after = tmp_path / "archive", tmp_path / "after"
    town.ok("root", "export", "log", str(archive))
    for file in (town.ledger / "keys").iterdir():
        file.unlink()
    words = ("audit", str(archive), "--trust", str(town.trust))
    assert town.ok("nobody", *words)["outcome"] == "verified"
    words = ("init", str(after), "--origin", "ledger.example/after", "--host", "ledger.example")
    assert town.run("root", *words, "--json").json["error"]["code"] == "init.root-taken"
    town.ok("root", *words, "--continues", str(archive))
    town.ok("root", "party", "list", ledger=str(after))
