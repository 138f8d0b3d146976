"""`ringmark mark`: allot, return and replace tags and other marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.context import Session, read_bytes
from cli.lazy import NearGroup
from cli.typed import party_id, pass_session
from cli.writing import Manner, Words, say, writing_options

if TYPE_CHECKING:
    from ledger.custody.goods import MarkRange

RETURN_DAYS = 15
"""Days after the end of its year in which unused marks of an allotment come back."""


@click.group(cls=NearGroup)
def mark() -> None:
    """Tags, seals and other marks: who may use them, and which were replaced.

    \b
    Examples:
      ringmark --as parks mark allot kariba-farm ZW-2026-000001-NIL..ZW-2026-010800-NIL
      ringmark --as kariba-farm mark return kariba-farm/CROC/2026 \\
          ZW-2026-010701-NIL..ZW-2026-010800-NIL
      ringmark reference list allotments kariba-farm
    """


@mark.command("allot")
@click.argument("party", type=party_id, metavar="PARTY")
@click.argument("marks", metavar="FIRST..LAST,…")
@click.option("--scheme", help="The scheme, where the marks do not show it: SEAL, TREE, TAG, …")
@click.option("--year", type=int, help="The year that they are for; tags show it themselves.")
@click.option("--from-day", metavar="YYYY-MM-DD", help="First day of use (1 January).")
@click.option(
    "--due",
    metavar="YYYY-MM-DD",
    help="When unused ones must be back (15 January, else in 15 days).",
)
@writing_options
@pass_session
def allot(
    session: Session,
    /,
    *,
    party: str,
    marks: str,
    scheme: str | None,
    year: int | None,
    from_day: str | None,
    due: str | None,
    manner: Manner,
) -> None:
    """Let a party use marks in a year, as an officer.

    \b
    Examples:
      ringmark --as parks mark allot kariba-farm ZW-2026-000001-NIL..ZW-2026-010800-NIL
      ringmark --as parks mark allot pahang-mill MY0001..MY0500 --scheme HAMMER --year 2026
    """
    from ledger.custody.marks import MarksAllotted
    from ledger.desk.mark_ranges import due_at, read_ranges, year_shown

    ranges = read_ranges(marks, scheme=scheme)
    shown = year if year is not None else year_shown(ranges)
    event = MarksAllotted(
        party=party,
        scheme=ranges[0].scheme,
        year=shown,
        from_day=from_day or f"{shown}-01-01",
        ranges=ranges,
        due=due_at(due, year=shown, days=RETURN_DAYS, now_s=session.clock.now_s()),
    )
    account = f"{party}/{event.scheme}/{shown}"
    following = (f"ringmark reference show allotments {account}",)
    say(session, event, manner, Words(next=following, plain={"account": account}))


@mark.command("return")
@click.argument("account", metavar="PARTY/SCHEME/YEAR")
@click.argument("marks", metavar="FIRST..LAST,…")
@writing_options
@pass_session
def return_(session: Session, /, *, account: str, marks: str, manner: Manner) -> None:
    """Say that unused marks came back.

    \b
    Example:
      ringmark --as kariba-farm mark return kariba-farm/CROC/2026 \\
          ZW-2026-010701-NIL..ZW-2026-010800-NIL
    """
    from ledger.custody.marks import MarksReturned
    from ledger.desk.mark_ranges import read_ranges

    scheme = account.split("/")[1] if account.count("/") == 2 else None
    say(session, MarksReturned(account, read_ranges(marks, scheme=scheme)), manner)


@mark.command("replace")
@click.argument("lot", metavar="LOT")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--why", required=True, type=click.Choice(["damaged", "lost", "unreadable"]))
@click.option("--reason", required=True)
@click.option("--photo", metavar="FILE", help="A picture of old and new marks; its hash is said.")
@writing_options
@pass_session
def replace(
    session: Session,
    /,
    *,
    lot: str,
    old: str,
    new: str,
    why: str,
    reason: str,
    photo: str | None,
    manner: Manner,
) -> None:
    """Put new marks in place of old ones; it counts once an officer approves.

    \b
    Example:
      ringmark --as limpopo-tannery mark replace 7K3M-9QXF-2W50 ZW-2026-000017-NIL \\
          ZW-2026-000901-NIL --why damaged --reason "torn in the drum" --photo both.jpg
    """
    import hashlib

    from ledger.custody.marks import MarkReplaced
    from ledger.desk.portions import read_marks, read_typed
    from ledger.desk.resolving import find

    facts = find(session.desk(), read_typed(lot))
    gone: tuple[MarkRange, ...] = read_marks(old, facts)
    picture = hashlib.sha256(read_bytes(photo)).digest() if photo else None
    event = MarkReplaced(facts.code, gone, read_marks(new), why, reason, picture)
    following = ("ringmark --as OFFICER approve {statement}",)
    say(session, event, manner, Words(next=following))
