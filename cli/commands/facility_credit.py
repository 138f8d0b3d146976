"""`ringmark facility credit`: what a party may still sell as certified, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from cli.context import Session
from cli.typed import pass_session


@click.command("credit")
@click.option("--of", "party", metavar="PARTY", help="Whose; without it your own.")
@pass_session
def credit(session: Session, party: str | None) -> None:
    """Show the accounts of credit of a party: what is left, and in which month it lapses.

    Certified material that comes out without a claim earns credit of its product, for 24 months.

    \b
    Examples:
      ringmark --as douala-mill facility credit
      ringmark facility credit --of douala-mill
    """
    from ledger.desk.credit_accounts import credit_account

    entries = session.source.entries("account", f"credit/{party or session.party}/")
    found = [credit_account(entry, now_s=session.clock.now_s()) for entry in entries]
    lines = [line for account in found for line in _lines(account)]
    session.output.result({"credits": found}, lines or ["no credit"])


def _lines(account: dict[str, Any]) -> Iterator[str]:
    from ledger.desk.telling import show_quantity

    left = show_quantity(account["left"], account["unit"])
    yield f"{account['claim']}  {account['term']}  {left} left"
    for row in account["months"]:
        amount = show_quantity(row["quantity"], account["unit"])
        end = "lapsed after" if row["lapsed"] else "to be used until the end of"
        yield f"  {row['earned']}  {amount} {end} {row['last']}"
