"""What a shell completes where a file or folder is named: by the word that help shows for it.

Owns the words. The shells' own scripts come from click (`ringmark completion`).
"""

from __future__ import annotations

import os
import re

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

VARIABLE = "_RINGMARK_COMPLETE"
"""Set by a shell that asks what could stand next; its script reads our stdout."""
_FOLDER = re.compile(r"\[?(DIR2?|COPY)\b")
_FILE = re.compile(r"\[?(FILE|PHOTO|PATH|REQUEST|LOG|SOURCE)\b")


def is_asked() -> bool:
    """Return whether a shell asks what could stand next, and no command is to be run."""
    return VARIABLE in os.environ


class _WordsOfBash(BashComplete):
    """What bash asks: it gives `--from=sk` as three words, and click looks for two."""

    def get_completion_args(self) -> tuple[list[str], str]:
        words, begun = super().get_completion_args()
        return [word for word in words if word != "="], begun


add_completion_class(_WordsOfBash, "bash")


def complete_files(command: click.Command) -> None:
    """Let the parameters of a command, and of those below it, complete names of files."""
    for param in command.params:
        word = param.metavar or ""
        if not isinstance(param.type, click.types.StringParamType):
            continue
        if _FOLDER.match(word):
            param._custom_shell_complete = _folders
        elif _FILE.match(word):
            param._custom_shell_complete = _files
    if isinstance(command, click.Group):
        for below in command.commands.values():
            complete_files(below)


def _files(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(begun, type="file")]


def _folders(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(begun, type="dir")]
