"""Every example of every --help is a command line that its command takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from cli.main import hoist, ringmark

EXAMPLE = re.compile(r"^ *ringmark ((?:.*\\\n)*.*)", re.MULTILINE)


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(group, click.Group):
        ctx = click.Context(group)
        for name in group.list_commands(ctx):
            found = group.get_command(ctx, name)
            assert found is not None
            yield from commands(found, (*path, name))


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = ringmark
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


def examples(path: tuple[str, ...]) -> list[str]:
    text = command_at(path).help or ""
    return [line.replace("\\\n", " ") for line in EXAMPLE.findall(text)]


def parse(line: str) -> None:
    """Parse a command line as the program does, and run nothing."""
    words = re.split(r" (?:>>|[>|#]) | +\(", line)[0]
    context = ringmark.make_context("ringmark", hoist(shlex.split(words)))
    command: click.Command = ringmark
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        context = found.make_context(name, rest, parent=context)
        command = found


@pytest.mark.parametrize("path", list(commands(ringmark)), ids=" ".join)
def test_examples_are_command_lines(path: tuple[str, ...]) -> None:
    found = examples(path)
    assert found, "a command shows how it is used"
    for line in found:
        parse(line)
