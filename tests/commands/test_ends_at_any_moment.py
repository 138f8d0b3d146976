"""A command ends with one object and a true exit code, whenever it ends and wherever it prints."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest

from ledger.wire import text

INTERRUPTED = """
import os, signal, sys
# A shell that starts this in the background lets it ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
class AtTheDoor:
    def find_spec(self, name, path=None, target=None):
        if name == "msgspec":
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, AtTheDoor())
from cli.start import main
sys.argv = ["ringmark", *sys.argv[1:]]
sys.exit(main())
"""
"""A real Ctrl-C in the moment in which the command line is still being read from the disk."""


@pytest.mark.parametrize("is_json", [True, False])
def test_ctrl_c_while_the_program_is_read_is_told(is_json: bool) -> None:
    words = ["--json", "audit"] if is_json else ["audit"]
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *words], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    if is_json:
        assert text.json_loads(ran.stdout)["error"]["code"] == "cli.cancelled"
    else:
        assert "cli.cancelled" in ran.stderr


@pytest.mark.parametrize("words", [("lot", "list", "--json"), ("lot", "list")])
def test_no_room_for_the_result_is_no_answer(
    town, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    town.register_skins()
    full = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115 - closing it fails as well
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", full)
        ran = town.run("farm", *words)
    assert (ran.code, "cli.pipe" in ran.err or "cli.system" in ran.err) == (5, True)
    with contextlib.suppress(OSError):
        full.close()


def test_without_any_output_the_exit_code_tells(town, monkeypatch: pytest.MonkeyPatch) -> None:
    code = town.register_skins()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", None)
        patch.setattr("sys.stderr", None)
        assert town.run("farm", "lot", "show", code, "--json").code == 0
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", None)
        assert town.run("farm", "lot", "show", "7K3M-9QXF-2W50", "--json").code == 4
