"""`ringmark document unendorse`: an officer's slip at the border, taken back."""

from __future__ import annotations

import click

from cli.context import Session, read_id
from cli.typed import act_options, document_name, pass_session, to_seconds
from cli.writing import Manner, Words, write, writing_options


@click.command("unendorse")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@click.argument("statement", required=False, metavar="[STATEMENT]")
@click.option("--reason", required=True, help="What the slip was.")
@act_options
@writing_options
@pass_session
def unendorse(
    session: Session,
    /,
    *,
    name: str,
    statement: str | None,
    reason: str,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """Take back an endorsement that was a slip: your last one, or STATEMENT.

    What it drew on the document and on quotas is given back, and what was found because of it ends;
    both statements stay in the ledger. It takes a second officer once three days have passed, once
    somebody has signed for the lots since, or where another officer wrote it.

    \b
    Examples:
      ringmark --as moyo document unendorse ZW/EXPORT/2026-0412 --reason "480 skins, not 840"
      ringmark --as moyo document unendorse ZW/EXPORT/2026-0412 9b1f… --reason "wrong lot"
    """
    from ledger.desk.draft import Act
    from ledger.desk.endorsing import told_endorsement, withdrawal

    document = name
    of = read_id(statement) if statement is not None else None
    event, known = withdrawal(session.desk(), document, statement=of, reason=reason)
    following = (
        "ringmark approve {statement}   (another officer, where it waits)",
        f"ringmark document show {document}",
    )
    words = Words(
        question=f"Take back: {told_endorsement(known)}.",
        next=following,
        plain={"document": document, "endorsement": event.endorsement.hex()},
    )
    write(session, Act(event, to_seconds(when), day), manner, words)
