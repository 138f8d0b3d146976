"""The shell completes commands, options and names of files: really asked in bash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
source script
asked() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    compopt() { echo "names: $2"; }
    _ringmark_completion ringmark
    printf '%s\\n' "${COMPREPLY[@]}"
}
asked "$@"
"""
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

    (tmp_path / "script").write_text(run(str(ringmark), "completion", "bash").stdout)

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
