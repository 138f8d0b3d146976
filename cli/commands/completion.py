"""`ringmark completion`: the shell completes commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cli.context import Session
from cli.typed import pass_session
from ledger.errors import UsageError

WHERE = {
    "bash": "~/.bashrc",
    "zsh": "~/.zshrc",
    "fish": "~/.config/fish/completions/ringmark.fish",
}


@click.command()
@click.argument("shell", type=click.Choice([*WHERE]))
@pass_session
@click.pass_context
def completion(ctx: click.Context, session: Session, shell: str) -> None:
    """Print what lets SHELL complete commands.

    \b
    Examples:
      ringmark completion bash >> ~/.bashrc
      ringmark completion zsh >> ~/.zshrc
      ringmark completion fish > ~/.config/fish/completions/ringmark.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError("cli.shell", f"There is no completion for {shell}.", hint="See --help.")
    made = kind(ctx.find_root().command, {}, "ringmark", "_RINGMARK_COMPLETE")
    script = made.source()
    session.output.document(script + "\n", {"shell": shell, "script": script})
    session.output.say(f"Put it into {WHERE[shell]}, then open a new shell.")
