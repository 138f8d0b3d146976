"""`ringmark document suspend|reinstate`: documents that cover nothing for a while."""

from __future__ import annotations

import click

from cli.context import Session
from cli.typed import act_options, document_name, pass_session, to_seconds
from cli.writing import Manner, Words, write, writing_options


@click.command("suspend")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@click.option("--until", "until_day", metavar="YYYY-MM-DD", help="Last day; else further notice.")
@click.option("--reason", required=True)
@act_options
@writing_options
@pass_session
def suspend(
    session: Session,
    /,
    *,
    name: str,
    until_day: str | None,
    reason: str,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """Suspend a document, from today on: nothing new may rest on it.

    What was sold or passed before stays as it was. Of one that is suspended already, this sets the
    last day anew.

    \b
    Example:
      ringmark --as parks document suspend PE/FSC-COC/C-0101 --until 2027-02-28 \\
          --reason "major non-conformity of the audit"
    """
    from ledger.custody.documents import DocumentSuspended
    from ledger.desk.draft import Act

    event = DocumentSuspended(name, reason, until_day)
    write(session, Act(event, to_seconds(when), day), manner, _after(name))


@click.command("reinstate")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@click.option("--reason", required=True)
@act_options
@writing_options
@pass_session
def reinstate(
    session: Session,
    /,
    *,
    name: str,
    reason: str,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """Reinstate a document that is suspended: it is in force again from today on.

    \b
    Example:
      ringmark --as parks document reinstate PE/FSC-COC/C-0101 --reason "non-conformity closed"
    """
    from ledger.custody.documents import DocumentReinstated
    from ledger.desk.draft import Act

    event = DocumentReinstated(name, reason)
    write(session, Act(event, to_seconds(when), day), manner, _after(name))


def _after(name: str) -> Words:
    following = (f"ringmark document show {name}",)
    return Words(next=following, plain={"document": name})
