"""A group whose commands are imported when they are called, so that `ringmark verify` starts fast.

Owns the look-up, the order in which help lists commands, and the words for what does not exist.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from cli import completing


class LazyGroup(click.Group):
    """A group of commands by name: where each one lives, and its one line of help."""

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order in which they are told."""
        return [*self.lazy, *(name for name in super().list_commands(ctx) if name not in self.lazy)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now, or None."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.lazy[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"cli.commands.{module}"), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{name} is no command")
        if completing.is_asked():
            completing.complete_files(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` name; an unknown one gets the nearest names as a hint."""
        return _resolve(self, ctx, args, super().resolve_command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands from the one-line helps: nothing is imported for it."""
        rows = [(name, self.lazy[name][1]) for name in self.lazy]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class NearGroup(click.Group):
    """A group that says which command was meant, where one is near."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` name; an unknown one gets the nearest names as a hint."""
        return _resolve(self, ctx, args, super().resolve_command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands with their first sentence whole."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(limit=200)) for name, one in found if one]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _resolve(
    group: click.Group, ctx: click.Context, args: list[str], resolve: Any
) -> tuple[str | None, click.Command | None, list[str]]:
    known = group.list_commands(ctx)
    if args and not args[0].startswith("-") and args[0] not in known:
        from difflib import get_close_matches

        near = get_close_matches(args[0], known, n=3)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        ctx.fail(f"There is no command {args[0]!r}.{meant}")
    found: tuple[str | None, click.Command | None, list[str]] = resolve(ctx, args)
    return found
