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
    """Show the accounts of claims of a party: credit that is left, and percentages of 12 months.

    Certified material that comes out without a claim earns credit of its product, for 24 months. A
    percentage is claimed up to the average of what was made under such claims in 12 months.

    \b
    Examples:
      ringmark --as douala-mill facility credit
      ringmark facility credit --of douala-mill
    """
    from ledger.desk.credit_accounts import credit_account, share_account

    whose, now_s = party or session.party, session.clock.now_s()
    entries = session.source.entries("account", f"credit/{whose}/")
    found = [credit_account(entry, now_s=now_s) for entry in entries]
    averaged = session.source.entries("account", f"share/{whose}/")
    shares = [share_account(entry, now_s=now_s) for entry in averaged]
    lines = [line for account in found for line in _lines(account)]
    lines += [_average(account) for account in shares if account["percent"] is not None]
    session.output.result({"credits": found, "percentages": shares}, lines or ["no credit"])


def _lines(account: dict[str, Any]) -> Iterator[str]:
    from ledger.desk.amounts import show_quantity

    left = show_quantity(account["left"], account["unit"])
    yield f"{account['claim']}  {account['term']}  {left} left"
    for row in account["months"]:
        amount = show_quantity(row["quantity"], account["unit"])
        end = "lapsed after" if row["lapsed"] else "to be used until the end of"
        yield f"  {row['earned']}  {amount} {end} {row['last']}"


def _average(account: dict[str, Any]) -> str:
    from ledger.desk.amounts import show_quantity

    made = show_quantity(account["made"], account["unit"])
    return f"{account['claim']}  {account['term']}  {account['percent']} % of {made} in 12 months"
