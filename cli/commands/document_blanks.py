"""`ringmark document stolen`: security stamps and blank forms that are gone."""

from __future__ import annotations

import click

from cli.context import Session
from cli.typed import pass_session
from cli.writing import Manner, Words, say, writing_options


@click.command("stolen")
@click.argument("country", metavar="CC")
@click.argument("numbers", metavar="FIRST..LAST,…")
@click.option(
    "--of", "kind", default="STAMP", show_default=True, help="STAMP, or the kind of form: EXPORT, …"
)
@click.option("--found", is_flag=True, help="They are back, or were never gone.")
@click.option("--reason", required=True)
@writing_options
@pass_session
def stolen(
    session: Session,
    /,
    *,
    country: str,
    numbers: str,
    kind: str,
    found: bool,
    reason: str,
    manner: Manner,
) -> None:
    """Report security stamps or blank forms of your country as stolen: what bears one stops.

    At most 1,000 numbers in one report.

    \b
    Examples:
      ringmark --as parks document stolen ZW 120001..120500 --reason "break-in at the office"
      ringmark --as parks document stolen ZW 2026-0901..2026-0950 --of EXPORT --reason "lost book"
      ringmark --as parks document stolen ZW 120001..120500 --found --reason "found in a drawer"
    """
    from ledger.custody.blanks import BlanksReported, BlankStatus
    from ledger.desk.mark_ranges import read_ranges

    status = BlankStatus.FOUND if found else BlankStatus.STOLEN
    ranges = read_ranges(numbers, scheme=kind)
    event = BlanksReported(country.upper(), status, ranges, reason)
    following = ("ringmark finding list --rule blank.stolen",)
    say(session, event, manner, Words(next=following, plain={"country": event.country}))
