"""`ringmark key numbers`: which number a key used last, here and by the ledger's word."""

from __future__ import annotations

import click

from cli.context import Session
from cli.typed import pass_session


@click.command("numbers")
@click.option("--take", is_flag=True, help="Believe the ledger: go on behind its number.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@pass_session
def numbers(session: Session, *, take: bool, yes: bool) -> None:
    """Show the last number of your key: as this desk knows it, and as the ledger says.

    A desk goes on behind a number that it did not use itself only where the ledger shows what your
    key signed with it. Where another key of yours gave numbers up, nothing shows that: with --take
    the ledger's word counts. Numbers that were skipped stand on your party until you give them up.

    \b
    Examples:
      ringmark --as kariba-farm key numbers
      ringmark --as kariba-farm key numbers --take
    """
    desk = session.desk()
    here = desk.last_number()
    following = desk.number_said(is_known=True)
    said = following - 1 if following is not None else None
    is_ahead = said is not None and said > here
    if take and said is not None and is_ahead:
        session.confirm(
            f"On the word of the ledger alone, number {said:,} counts as used, not {here:,}.",
            yes=yes,
        )
        with desk.lock():
            desk.memory.use_number(desk.kid, said)
            desk.memory.save()
        here = said
    plain = {"key": session.key_name, "here": here, "ledger": said}
    shown = "does not say" if said is None else f"says {said:,}"
    session.output.result(
        plain, [f"key {session.key_name} used number {here:,} last; the ledger {shown}"]
    )
    if is_ahead and not take:
        session.output.next("ringmark key numbers --take   (only where you know why)")
