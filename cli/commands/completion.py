"""`ringmark completion`: the shell completes commands and options."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from cli.completing import VARIABLE
from cli.context import Session
from cli.typed import pass_session

WHERE = {
    "bash": "~/.bashrc",
    "zsh": "~/.zshrc",
    "fish": "~/.config/fish/completions/ringmark.fish",
}
LOADED = "    compdef "
LOADS = "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }\n"
"""A zsh without settings of its own has no completion yet: every new shell said so."""
CHANGES = {
    "bash": (),
    "zsh": (
        (LOADED, LOADS + LOADED),
        ("    for type key", "    [[ $PREFIX == --*=* ]] && compset -P 1 '*='\n    for type key"),
    ),
    "fish": (
        (
            "    for completion",
            "    set -l option (string match -r -- '^--[^=]+=' (commandline -ct));\n"
            "    for completion",
        ),
        (
            "__fish_complete_directories $metadata[2];",
            "printf '%s\\n' \"$option\"(__fish_complete_directories $metadata[2]);",
        ),
        (
            "__fish_complete_path $metadata[2];",
            "printf '%s\\n' \"$option\"(__fish_complete_path $metadata[2]);",
        ),
        ("echo $metadata[2];", 'echo "$option"$metadata[2];'),
    ),
}
"""What click's scripts lack: of `--from=sk` a shell completes what follows the sign."""
KINDS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
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
    made = KINDS[shell](ctx.find_root().command, {}, "ringmark", VARIABLE)
    script = made.source()
    for found, better in CHANGES[shell]:
        script = script.replace(found, better)
    session.output.document(script + "\n", {"shell": shell, "script": script})
    session.output.say(f"Put it into {WHERE[shell]}, then open a new shell.")
