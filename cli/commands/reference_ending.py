"""`ringmark document withdraw|restore`: due-diligence references that cover nothing any more."""

from __future__ import annotations

import click

from cli.context import Session
from cli.typed import act_options, document_name, pass_session, to_seconds
from cli.writing import Manner, Words, write, writing_options


@click.command("withdraw")
@click.argument("name", type=document_name, metavar="CC/DDS/NUMBER")
@click.option("--rejected", is_flag=True, help="The authority rejected it; else it was withdrawn.")
@click.option("--reason", required=True)
@act_options
@writing_options
@pass_session
def withdraw(
    session: Session,
    /,
    *,
    name: str,
    rejected: bool,
    reason: str,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """Say that a due-diligence reference is withdrawn or rejected: it covers nothing from today on.

    By its operator this is a check on the goods that rest on it, by an authority or its officer a
    stop. What uses it from that day on is stopped.

    \b
    Examples:
      ringmark --as mill document withdraw FR/DDS/24FRIOBORU2228 --reason "wrong plots"
      ringmark --as dupont document withdraw FR/DDS/24FRIOBORU2228 --rejected --reason overlap
    """
    from ledger.custody.documents import ReferenceEnd, ReferenceWithdrawn
    from ledger.desk.draft import Act

    status = ReferenceEnd.REJECTED if rejected else ReferenceEnd.WITHDRAWN
    event = ReferenceWithdrawn(name, status, reason)
    write(session, Act(event, to_seconds(when), day), manner, _after(name))


@click.command("restore")
@click.argument("name", type=document_name, metavar="CC/DDS/NUMBER")
@click.option("--reason", required=True)
@act_options
@writing_options
@pass_session
def restore(
    session: Session,
    /,
    *,
    name: str,
    reason: str,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """Say that a reference stands which was called withdrawn or rejected by a slip.

    An authority or its officer may always; the operator only where it said so itself.

    \b
    Example:
      ringmark --as dupont document restore FR/DDS/24FRIOBORU2228 --reason "a wrong number"
    """
    from ledger.custody.documents import ReferenceRestored
    from ledger.desk.draft import Act

    event = ReferenceRestored(name, reason)
    write(session, Act(event, to_seconds(when), day), manner, _after(name))


def _after(name: str) -> Words:
    following = (f"ringmark document show {name}",)
    return Words(next=following, plain={"document": name})
