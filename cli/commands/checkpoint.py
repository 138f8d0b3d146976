"""`ringmark checkpoint`: the signed size and root of a ledger."""

from __future__ import annotations

import click

from cli.context import Session
from cli.typed import pass_session


@click.command()
@pass_session
def checkpoint(session: Session) -> None:
    """Print the newest checkpoint, checked against what you trust: a C2SP signed note.

    \b
    Examples:
      ringmark --ledger ./ledger checkpoint
      ringmark checkpoint --json
    """
    from ledger.wire import text
    from ledger.wire.note import format_vkey

    trusted = session.trusted
    note = session.source.checkpoint()
    found = trusted.open_checkpoint(note)
    plain = {
        "origin": found.origin,
        "size": found.size,
        "root": found.root.hex(),
        "vkey": format_vkey(trusted.log[0]),
        "vkeys": [format_vkey(key) for key in trusted.log],
        "ledger": trusted.ledger.hex(),
        "note": note.decode(),
        "root_base64": text.encode_base64(found.root),
    }
    session.output.document(note.decode(), plain)
