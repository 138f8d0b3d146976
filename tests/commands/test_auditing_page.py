"""docs/auditing.md: its commands, run as they stand on a log that any web server hands out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder; what is asked for is not printed."""

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def audited(town: Any, tmp_path: Path) -> Iterator[tuple[Path, str, int]]:
    """A folder for the auditor, the address of the exported log, and the leaf of a registration."""
    town.register_skins()
    town.ok("farm", "export", "log", str(tmp_path / "www" / "log"))
    history = town.ok("farm", "lot", "history", town.register_skins())["history"]
    town.ok("farm", "export", "log", str(tmp_path / "www" / "log"))
    handler = partial(Quiet, directory=str(tmp_path / "www"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        (tmp_path / "desk").mkdir()
        yield tmp_path / "desk", f"http://127.0.0.1:{server.server_port}/log", history[0]["index"]
        server.shutdown()
        thread.join()


def blocks(project_root: Path) -> list[tuple[str, str]]:
    """Return the code blocks of the page, the one that sets the variables first."""
    page = (project_root / "docs" / "auditing.md").read_text(encoding="utf-8")
    return BLOCK.findall(page)


def run(script: str, desk: Path, **variables: object) -> subprocess.CompletedProcess[str]:
    """Run a shell script in the auditor's folder; the programs are those of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    names = {name: str(value) for name, value in variables.items()}
    home = {"PATH": path, "HOME": str(desk), "RINGMARK_HOME": str(desk / "home")}
    return subprocess.run(
        ["bash", "-ec", script],
        check=False,
        cwd=desk,
        env=names | home,
        capture_output=True,
        text=True,
    )


def written(project_root: Path, desk: Path) -> str:
    """Put the page's programs into the folder; return all its commands but the variables."""
    first, *rest = blocks(project_root)
    assert re.findall(r"^(\w+)=", first[1], re.MULTILINE) == ["LOG", "TRUST", "LEDGER", "N"]
    commands = []
    for kind, code in rest:
        if kind == "sh":
            commands.append(code)
        else:
            (name,) = re.findall(r"\A# (\w+\.py)", code)
            (desk / name).write_text(code, encoding="utf-8")
    return "\n".join(commands)


def test_the_commands_of_the_page_work(
    town: Any, audited: tuple[Path, str, int], project_root: Path
) -> None:
    desk, log, index = audited
    script = written(project_root, desk)
    ran = run(script, desk, LOG=log, TRUST=town.trust, LEDGER=town.ledger, N=index)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "resumed at size" in ran.stdout
    assert "leaves, root " in ran.stdout
    assert "founded as " in ran.stdout
    assert ran.stdout.count("verified") >= 4


@pytest.mark.parametrize("place", ["checkpoint", "tile/entries/000.p", "tile/0/000.p"])
def test_each_program_sees_a_changed_file(
    town: Any, audited: tuple[Path, str, int], project_root: Path, tmp_path: Path, place: str
) -> None:
    desk, log, _ = audited
    written(project_root, desk)
    file = tmp_path / "www" / "log" / place
    file = file if file.is_file() else max(file.iterdir(), key=lambda one: int(one.name))
    data = bytearray(file.read_bytes())
    data[40] ^= 1
    file.write_bytes(data)
    commands = ["python3 check_log.py $LOG $TRUST"]
    # The audit makes the tree from the entries: hash tiles it does not read.
    commands += ["ringmark audit $LOG --trust $TRUST"] if "tile/0" not in place else []
    for command in commands:
        assert run(command, desk, LOG=log, TRUST=town.trust).returncode != 0, command


def test_another_founding_is_seen(
    town: Any, audited: tuple[Path, str, int], project_root: Path
) -> None:
    desk, log, index = audited
    written(project_root, desk)
    script = "tlog-tiles get-leaf $LOG $N > founding.cose; python3 check_founding.py $TRUST"
    ran = run(script, desk, LOG=log, TRUST=town.trust, N=index)
    assert (ran.returncode, ran.stderr.strip()) == (1, "leaf 0 founds another ledger")
