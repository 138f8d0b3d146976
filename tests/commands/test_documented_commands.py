"""Whatever command a page of docs/ or the README names, exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.main import ringmark

_LINE = re.compile(r"(?<![\w./-])ringmark[ ]+([^`\n|]*)")
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
