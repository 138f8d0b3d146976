"""`ringmark verify` starts fast: it loads nothing that it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = {
    "flask",
    "sqlmodel",
    "sqlalchemy",
    "sqlite3",
    "rich",
    "PIL",
    "qrcode",
    "fpdf",
    "urllib.request",
    "http.client",
    "platformdirs",
    "granian",
}
LOADS = """
import contextlib, io, sys
from cli.main import main
with contextlib.redirect_stdout(io.StringIO()):
    code = main(sys.argv[1:])
print(code)
print("\\n".join(sys.modules))
"""


def test_verify_loads_neither_database_nor_pages(town, tmp_path: Path) -> None:
    code = town.register_skins()
    bundle = str(tmp_path / "lot.bundle")
    town.ok("farm", "export", "bundle", code, "--out", bundle)
    words = ["verify", bundle, "--trust", str(town.trust), "--json"]
    ran = subprocess.run(
        [sys.executable, "-c", LOADS, *words], capture_output=True, text=True, check=True
    )
    exit_code, *modules = ran.stdout.split()
    assert exit_code == "0"
    assert set(modules) & HEAVY == set()


def test_help_loads_no_command(project_root: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADS, "--help"], capture_output=True, text=True, check=True
    )
    modules = ran.stdout.split()
    assert [name for name in modules if name.startswith("cli.commands.")] == []
    assert "cryptography" not in modules
