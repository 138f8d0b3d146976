"""`ringmark document suspend|reinstate|withdraw|restore`: what covers nothing, and does again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cli.context import Session
from cli.typed import act_options, document_name, pass_session, to_seconds
from cli.writing import Manner, Words, write, writing_options

if TYPE_CHECKING:
    from ledger.custody.events import Event

Build = Callable[..., "Event"]
"""Returns the event that is said of a document, from its name, the reason and other options."""


def said_of(metavar: str) -> Callable[[Build], Callable[..., None]]:
    """Make a command of what builds an event about one document, with a reason and a day."""

    def made(build: Build) -> Callable[..., None]:
        def command(
            session: Session,
            /,
            *,
            name: str,
            when: str | None,
            day: str | None,
            manner: Manner,
            **more: Any,
        ) -> None:
            from ledger.desk.draft import Act

            act = Act(build(name, **more), to_seconds(when), day)
            following = (f"ringmark document show {name}",)
            write(session, act, manner, Words(next=following, plain={"document": name}))

        command.__name__, command.__doc__ = build.__name__, build.__doc__
        command.__click_params__ = getattr(build, "__click_params__", [])  # type: ignore[attr-defined]
        reason = click.option("--reason", required=True)
        argument = click.argument("name", type=document_name, metavar=metavar)
        return argument(reason(act_options(writing_options(pass_session(command)))))

    return made


@click.command("suspend")
@said_of("CC/KIND/NUMBER")
@click.option("--until", "until_day", metavar="YYYY-MM-DD", help="Last day; else further notice.")
def suspend(name: str, *, reason: str, until_day: str | None) -> Event:
    """Suspend a document, from today on: nothing new may rest on it.

    What was sold or passed before stays as it was. Of one that is suspended already, this sets the
    last day anew.

    \b
    Example:
      ringmark --as parks document suspend PE/FSC-COC/C-0101 --until 2027-02-28 \\
          --reason "major non-conformity of the audit"
    """
    from ledger.custody.documents import DocumentSuspended

    return DocumentSuspended(name, reason, until_day)


@click.command("reinstate")
@said_of("CC/KIND/NUMBER")
def reinstate(name: str, *, reason: str) -> Event:
    """Reinstate a document that is suspended: it is in force again from today on.

    \b
    Example:
      ringmark --as parks document reinstate PE/FSC-COC/C-0101 --reason "non-conformity closed"
    """
    from ledger.custody.documents import DocumentReinstated

    return DocumentReinstated(name, reason)


@click.command("withdraw")
@said_of("CC/DDS/NUMBER")
@click.option("--rejected", is_flag=True, help="The authority rejected it; else it was withdrawn.")
def withdraw(name: str, *, reason: str, rejected: bool) -> Event:
    """Say that a due-diligence reference is withdrawn or rejected: it covers nothing from today on.

    By its operator this is a check on the goods that rest on it, by an authority or its officer a
    stop. What uses it from that day on is stopped.

    \b
    Examples:
      ringmark --as mill document withdraw FR/DDS/24FRIOBORU2228 --reason "wrong plots"
      ringmark --as dupont document withdraw FR/DDS/24FRIOBORU2228 --rejected --reason overlap
    """
    from ledger.custody.documents import ReferenceEnd, ReferenceWithdrawn

    status = ReferenceEnd.REJECTED if rejected else ReferenceEnd.WITHDRAWN
    return ReferenceWithdrawn(name, status, reason)


@click.command("restore")
@said_of("CC/DDS/NUMBER")
def restore(name: str, *, reason: str) -> Event:
    """Say that a reference stands which was called withdrawn or rejected by a slip.

    An authority or its officer may always; the operator only where it said so itself.

    \b
    Example:
      ringmark --as dupont document restore FR/DDS/24FRIOBORU2228 --reason "a wrong number"
    """
    from ledger.custody.documents import ReferenceRestored

    return ReferenceRestored(name, reason)
