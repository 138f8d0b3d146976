"""Whatever command a page of docs/ or the README names, exists, with every option written there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import ringmark

_LINE = re.compile(r"(?<![\w./-])ringmark[ ]+([^`\n|]*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*|(?<![\w-])-[a-zA-Z](?![\w-])")
_FILE = re.compile(r"(?<![\w./-])(?:tests|docs|web|cli|ledger)/[\w/-]+\.(?:py|csv|json|md|js)\b")
_MAKE = re.compile(r"(?<![\w-])make ([a-z-]+)")
_WORD = re.compile(r"[a-z][a-z-]*")
_VALUED = ("--home", "--ledger", "--as", "--key", "--lang", "--now", "--passphrase-fd")


def code_of(text: str) -> Iterator[str]:
    """Yield what stands in code: fenced, indented, or between backticks."""
    yield from re.findall(r"```.*?```", text, re.DOTALL)
    yield from re.findall(r"^    .*$", text, re.MULTILINE)
    yield from re.findall(r"`[^`\n]+`", text)


def words_of(line: str) -> list[str]:
    """Return up to two words of a command line, without global options."""
    words: list[str] = []
    waiting = iter(line.split())
    for word in waiting:
        if word in _VALUED:
            next(waiting, None)
        elif not word.startswith("-"):
            words.append(word)
    return words[:2]


def unknown(text: str) -> set[str]:
    ctx = click.Context(ringmark)
    known = ringmark.list_commands(ctx)
    found = set()
    for code in code_of(text):
        for line in _LINE.findall(code):
            first, *rest = words_of(line) or [""]
            if not _WORD.fullmatch(first):
                continue
            command = ringmark.get_command(ctx, first) if first in known else None
            if command is None:
                found.add(first)
            elif isinstance(command, click.Group) and rest and _WORD.fullmatch(rest[0]):
                has = rest[0] in command.list_commands(click.Context(command))
                found |= set() if has else {f"{first} {rest[0]}"}
    return found


def foreign_options(text: str) -> set[str]:
    """Return the options that a page gives to a command which does not take them."""
    found = set()
    for code in code_of(text.replace("\\\n", " ")):
        for line in _LINE.findall(code):
            path, takes = taken_by(line)
            # Where no command stands, as in `ringmark … --json`, any command may take it.
            if takes:
                found |= {f"{path} {name}" for name in options_of(line) if name not in takes}
    return found


def options_of(line: str) -> list[str]:
    """Return the options of a command line as written; what stands in quotes is a value."""
    plain = re.sub(r"\"[^\"]*\"|'[^']*'", " ", line.partition("#")[0])
    return _OPTION.findall(re.split(r" (?:&&|>|;) ", plain)[0])


def taken_by(line: str) -> tuple[str, set[str]]:
    """Return the command of a line by its words, and all options that may stand in it."""
    ctx, here = click.Context(ringmark), ringmark
    takes = {"--help", "-h"} | {name for p in ringmark.params for name in p.opts}
    path = "ringmark"
    for word in words_of(line):
        if not isinstance(here, click.Group) or word not in here.list_commands(ctx):
            break
        found = here.get_command(ctx, word)
        assert found is not None
        here, path = found, f"{path} {word}"
        takes |= {name for p in here.params for name in (*p.opts, *p.secondary_opts)}
    return path, takes if path != "ringmark" else set()


PAGES = sorted(
    path.relative_to(Path(__file__).resolve().parents[2]).as_posix()
    for path in (
        Path(__file__).resolve().parents[2] / "README.md",
        *(Path(__file__).resolve().parents[2] / "docs").rglob("*.md"),
    )
)


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_pages_exist(page: str, project_root: Path) -> None:
    assert unknown((project_root / page).read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("page", PAGES)
def test_options_in_pages_exist(page: str, project_root: Path) -> None:
    assert foreign_options((project_root / page).read_text(encoding="utf-8")) == set()


def test_an_option_that_no_command_takes_is_seen() -> None:
    said = "`ringmark lot split CODE --halves 2` and `ringmark --nowhere lot list -z`"
    assert foreign_options(said) == {"ringmark lot split --halves", "ringmark lot list --nowhere",
                                     "ringmark lot list -z"}  # fmt: skip


def missing(text: str, root: Path) -> set[str]:
    """Return the files and targets of `make` that a page's code names and that are not there."""
    code = "\n".join(code_of(text))
    targets = set((root / "Makefile").read_text(encoding="utf-8").partition(".PHONY:")[2].split())
    files = {path for path in _FILE.findall(code) if not (root / path).exists()}
    return files | {f"make {name}" for name in _MAKE.findall(code) if name not in targets}


@pytest.mark.parametrize("page", PAGES)
def test_programs_in_pages_exist(page: str, project_root: Path) -> None:
    assert missing((project_root / page).read_text(encoding="utf-8"), project_root) == set()


def test_a_program_that_is_not_there_is_seen(project_root: Path) -> None:
    said = "`python tests/faults/gone.py kill` and `make coffee`, not `make demo`"
    assert missing(said, project_root) == {"tests/faults/gone.py", "make coffee"}
