"""`ringmark backup`: a second copy of a ledger of this machine."""

from __future__ import annotations

from pathlib import Path

import click

from cli.context import Session
from cli.typed import pass_session
from ledger.errors import UsageError


@click.command()
@click.argument("directory", metavar="DIR2")
@click.option("--with-keys", is_flag=True, help="The server's private keys too.")
@pass_session
def backup(session: Session, directory: str, with_keys: bool) -> None:
    """Copy the ledger to DIR2, also while it is served: database, mark, checkpoint, trust file.

    \b
    Examples:
      ringmark --ledger ./ledger backup /mnt/second/ledger-2026-11-24
      ringmark --ledger ./ledger backup /mnt/safe/ledger --with-keys
    """
    from ledger.copying import copy_folder
    from ledger.wiring import open_for_reading

    source, target = session.directory, Path(directory)
    if target.exists() and any(target.iterdir()):
        raise UsageError("backup.exists", f"{target} is not empty.", hint="Name a new folder.")
    opened = open_for_reading(source, database=session.database)
    session.on_close(opened)
    with session.output.progress("Copying"):
        size = copy_folder(opened, source, target, with_keys=with_keys)
    session.output.result(
        {"directory": str(target), "size": size, "keys": with_keys},
        [f"copied: {size} leaves to {target}"],
    )
    session.output.next(f"ringmark --ledger {target} audit")
