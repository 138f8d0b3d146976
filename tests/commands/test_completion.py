"""The shell completes commands, options and names of files: really asked, in each shell at hand.

Bash is on every machine, zsh and fish where they are; CI has all three.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ASK = """
source script.bash
asked() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    compopt() { echo "names: $2"; }
    _ringmark_completion ringmark
    printf '%s\\n' "${COMPREPLY[@]}"
}
asked "$@"
"""
PLAIN = {"bash": ["--norc", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config", "-i"]}
"""How each shell begins without settings of its own."""
ANSWER_S_MAX = 60
PROGRAM = 'import sys; from cli.start import main; sys.argv[0] = "ringmark"; sys.exit(main())'


@pytest.fixture
def asked(tmp_path: Path):
    """Ask bash what could stand in place of the last of some words."""
    ringmark = tmp_path / "ringmark"
    ringmark.write_text(f"#!/bin/sh\nexec {sys.executable} -P -c '{PROGRAM}' \"$@\"\n")
    ringmark.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=True
        )

    for shell in PLAIN:
        (tmp_path / f"script.{shell}").write_text(run(str(ringmark), "completion", shell).stdout)

    def ask(*words: str) -> list[str]:
        done = run("bash", "--norc", "-c", ASK, "bash", *words)
        # Whatever is said there would stand in the middle of what somebody types.
        assert done.stderr == ""
        return done.stdout.split("\n")[:-1]

    return ask


def test_bash_completes_commands_options_and_choices_without_a_word_more(asked) -> None:
    assert asked("ringmark", "lot", "re") == ["register", "retire"]
    assert asked("ringmark", "lot", "register", "--basi") == ["--basis"]
    assert asked("ringmark", "--lang", "f") == ["fr"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("verify", "lot.b"), "default"),
        (("lot", "register", "--from", "sk"), "default"),
        (("--ledger", "led"), "dirnames"),
        (("serve", "--copy", "sec"), "dirnames"),
    ],
)
def test_bash_completes_names_of_files_and_folders(asked, words: tuple[str, ...], kind: str):
    assert asked("ringmark", *words)[0] == f"names: {kind}"


class Terminal:
    """A shell as somebody sits before it: keys go in, what it shows comes out."""

    def __init__(self, shell: str, folder: Path) -> None:
        env = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder)}
        self._child, self._line = pty.fork()
        if self._child == 0:
            os.chdir(folder)
            os.execvpe(shell, [shell, *PLAIN[shell]], {**env, "TERM": "vt100", "PS1": "> "})
        self._seen = b""

    def type(self, keys: str) -> None:
        os.write(self._line, keys.encode())

    def shows(self, wanted: str) -> bool:
        """Return whether it shows a text, from what it had shown when last asked."""
        until = time.monotonic() + ANSWER_S_MAX
        while wanted.encode() not in self._seen:
            ready, _, _ = select.select([self._line], [], [], max(0, until - time.monotonic()))
            if not ready:
                return False
            self._seen += os.read(self._line, 65_536)
        self._seen = self._seen.partition(wanted.encode())[2]
        return True

    def close(self) -> None:
        os.close(self._line)
        os.waitpid(self._child, 0)


@pytest.mark.parametrize("shell", PLAIN)
def test_a_tab_completes_in_a_shell_without_settings(asked, tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} on this machine")
    (tmp_path / "lot.bundle").touch()
    (tmp_path / "skins.csv").touch()
    terminal = Terminal(shell, tmp_path)
    try:
        terminal.type(f"source script.{shell} && echo re''ady\n")
        assert terminal.shows("ready")
        terminal.type("\x15ringmark lot regi\t")
        assert terminal.shows("register")
        terminal.type("\x15ringmark verify lo\t")
        assert terminal.shows("lot.bundle")
        terminal.type("\x15ringmark lot register --from=sk\t")
        assert terminal.shows("ins.csv")
        terminal.type("\x15ringmark lot register --basis=harv\t")
        assert terminal.shows("est")
    finally:
        terminal.close()
