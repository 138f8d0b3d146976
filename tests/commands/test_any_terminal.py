"""What a terminal, a file or a pipe can show: character sets, colours, and nothing that fails."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ledger.wire.text import format_time, json_loads

RUN = [sys.executable, "-P", "-c", "import sys; from cli.start import main; sys.exit(main())"]
SETS = ["ascii", "cp1252", "cp850", "utf-8"]


def asked(town, *words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    now = format_time(town.clock.now_s())
    given = ["--ledger", str(town.ledger), "--now", now, *words]
    done = subprocess.run(
        [*RUN, *given], env={**os.environ, **env}, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("name", SETS)
def test_a_note_is_utf_8_whatever_the_terminal_has(town, name: str) -> None:
    done = asked(town, "checkpoint", env={"PYTHONIOENCODING": name})
    assert "\n\u2014 ledger.example/town" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("name", SETS)
def test_json_is_read_the_same_from_any_character_set(town, name: str) -> None:
    done = asked(town, "--json", "checkpoint", env={"PYTHONIOENCODING": name})
    assert "\n\u2014 ledger.example/town" in json_loads(done.stdout.decode("utf-8"))["note"]


@pytest.mark.parametrize("name", SETS)
def test_letters_that_the_terminal_has_not_are_no_fault(town, name: str) -> None:
    code = town.register_skins()
    town.ok("parks", "hold", code, "--reason", "look")
    done = asked(town, "--lang", "fr", "finding", "list", env={"PYTHONIOENCODING": name})
    assert "d\u00e9clar\u00e9 de cheptel".encode(name, "replace") in done.stdout


def test_a_file_has_no_colours_though_a_terminal_looks_on(
    town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ringmark party list > parties.txt`: talk goes to the terminal, the result to the file."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    words = [*RUN, "--ledger", str(town.ledger), "party", "list"]
    with (tmp_path / "parties.txt").open("wb") as file:
        subprocess.run(words, stdout=file, stderr=theirs, stdin=theirs, timeout=120, check=True)
    os.close(ours)
    os.close(theirs)
    said = (tmp_path / "parties.txt").read_bytes()
    assert b"parks" in said
    assert b"\x1b" not in said
