"""The commands of the README, run as they stand there, in a folder where nothing is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ACTIVATE = ". .venv/bin/activate"


def commands(project_root: Path, heading: str) -> str:
    """Return the indented lines under a heading of the README."""
    text = (project_root / "README.md").read_text(encoding="utf-8")
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return "\n".join(re.findall(r"^    (.+)$", section, re.MULTILINE))


def test_a_first_lot_by_hand_and_its_bundle(project_root: Path, tmp_path: Path) -> None:
    first = commands(project_root, "A first lot by hand")
    assert first.startswith(ACTIVATE)
    bundle = commands(project_root, "Trust nobody's server")
    listed = "CODE=$(ringmark --as farm lot list --json | grep -o '[0-9A-Z]\\{12\\}' | head -1)"
    script = "\n".join((first.replace(ACTIVATE, ""), listed, bundle.replace(" CODE ", " $CODE ")))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    place = {"HOME": str(tmp_path), "RINGMARK_HOME": str(tmp_path / "home")}
    ran = subprocess.run(
        ["bash", "-ec", script],
        check=False,
        cwd=tmp_path,
        env={"PATH": path, "RINGMARK_PASSPHRASE": "a passphrase", **place},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "verified: 10 leaves of ledger.example/demo" in ran.stdout
    assert "proofs: verified" in ran.stdout
    names = folder_of_the_page(project_root)
    assert {one.name for one in (tmp_path / "my-ledger").iterdir()} <= set(names)
    keys = {one.name.partition(".")[0] for one in (tmp_path / "my-ledger" / "keys").iterdir()}
    assert keys == set(re.findall(r"[a-z]+", names["keys"].partition("keys: ")[2]))


def folder_of_the_page(project_root: Path) -> dict[str, str]:
    """Return what docs/operations.md says is in a ledger's folder, by name."""
    page = (project_root / "docs" / "operations.md").read_text(encoding="utf-8")
    block = page.partition("## Directory\n\n```\n")[2].partition("```")[0]
    rows = dict(re.findall(r"^([\w.-]+)/? +(.+)$", block, re.MULTILINE))
    return rows | dict.fromkeys(re.findall(r"ledger\.db-\w+", rows["ledger.db"]), "")


def test_folders_that_the_readme_makes_are_not_in_a_clone(project_root: Path) -> None:
    found = re.findall(r"ringmark init (\S+)", commands(project_root, "A first lot by hand"))
    assert found == ["./my-ledger"]
    assert "my-ledger/" in ignored(project_root)


def ignored(project_root: Path) -> str:
    return (project_root / ".gitignore").read_text(encoding="utf-8")
