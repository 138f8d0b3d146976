"""`ringmark waiting`: what waits for an authority, each with the command that settles it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import click

from cli.context import Session
from cli.typed import country_code, pass_session
from ledger.errors import NotFoundError, UsageError

SHOWN_MAX = 20
"""Rows of one section that people are shown; --json and --all have every one."""
BAR = 24
"""How many signs wide a bar of use is."""


def _section(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Return a section by its name; an unknown one would read as if nothing waited."""
    from ledger.reader.waiting import SECTIONS

    if value is None or value in SECTIONS:
        return value
    raise click.BadParameter(f"{value[:32]!r} is not one of: {', '.join(SECTIONS)}.")


@click.command()
@click.option("--for", "party", metavar="PARTY", help="The authority, or an officer (you).")
@click.option("--country", metavar="CC", callback=country_code, help="Only this country.")
@click.option("--section", callback=_section, help="Only one: approvals, findings, quotas, …")
@click.option("--link", "is_link", is_flag=True, help="A link to the page, for ten minutes.")
@click.option("--all", "is_whole", is_flag=True, help="Every row, not only the first 20.")
@pass_session
def waiting(
    session: Session,
    /,
    *,
    party: str | None,
    country: str | None,
    section: str | None,
    is_whole: bool,
    is_link: bool,
) -> None:
    """List what waits: approvals, goods to decide on, findings, deadlines, returns, quotas.

    \b
    Examples:
      ringmark --as moyo waiting
      ringmark waiting --country ZW --section findings --all
      ringmark --as moyo --ledger https://ledger.example waiting --link
    """
    asked = party or _self(session)
    if is_link:
        link = _link(session, asked, country, section)
        session.output.result({"link": link}, [link])
        return
    plain = session.source.waiting(asked, country, section)
    lines: list[str] = []
    for name, rows in plain["sections"].items():
        lines.append(session.output.heading(f"{name} ({_count(plain, name)})"))
        shown = rows if is_whole else rows[:SHOWN_MAX]
        for row in shown:
            lines += _row(session, row, now=plain["at"])
        if len(shown) < len(rows):
            lines.append(f"  … {len(rows) - len(shown)} more: --all")
        elif name == "findings" and plain["next"]:
            where = f" --country {plain['countries'][0]}" if len(plain["countries"]) == 1 else ""
            place = shlex.quote(plain["next"])
            lines.append(f"  the next: ringmark finding list{where} --after {place}")
    session.output.result(plain, lines or ["nothing waits"])


def _count(plain: Mapping[str, Any], name: str) -> str:
    """Return how many rows a section has: of findings by weight, of others at least how many."""
    counts = plain["counts"] if name == "findings" else None
    if counts:
        return ", ".join(f"{count:,} {weight}" for weight, count in counts.items() if count)
    return f"{len(plain['sections'][name])}{'+' if name in plain['cut'] else ''}"


def _self(session: Session) -> str | None:
    """Return the party in use, or None for whoever only looks."""
    try:
        return session.party
    except (UsageError, NotFoundError):
        return session.options.party


def _link(session: Session, party: str | None, country: str | None, section: str | None) -> str:
    """Return a link to the page, with a token of the party in use where the ledger knows its key.

    Whoever gets the link within ten minutes reads what the party reads.
    """
    from urllib.parse import urlencode, urlsplit

    from cli.proving import reading_token

    place = str(session.place)
    host = urlsplit(place).hostname
    if host is None:
        raise UsageError(
            "waiting.no-server",
            "A page needs a server.",
            hint="ringmark serve, then: ringmark --ledger http://127.0.0.1:8000 waiting --link",
        )
    asked = {"for": party, "country": country, "section": section, "lang": session.lang}
    token = reading_token(session, host)
    if token is not None:
        asked["token"] = token.partition(" ")[2]
    return f"{place.rstrip('/')}/waiting?{urlencode({k: v for k, v in asked.items() if v})}"


def _row(session: Session, row: Mapping[str, Any], *, now: int) -> list[str]:
    from ledger.desk.remarks import phrase
    from ledger.reference.wording import word, wordings

    about = row["about"]
    is_rule = about in wordings()
    says = word(about, {"on": row["kind"]}, session.lang)[0] if is_rule else phrase(about)
    ahead = " unless it is settled by then" if (row["due"] or 0) > now else ""
    weight = f"{row['severity']}{ahead}: " if row["severity"] else ""
    facts = [f"{row['kind']}/{row['name']}", *_facts(row)]
    lines = [f"  {weight}{says}", f"    {' · '.join(facts)}"]
    if row["amount"] is not None:
        lines.append(f"    {_bar(row)}")
    return [*lines, *(f"    {command}" for command in row["commands"])]


def _facts(row: Mapping[str, Any]) -> list[str]:
    from ledger.desk.remarks import minute

    facts = [row["party"]] if row["party"] else []
    if row["document"]:
        facts.append(row["document"])
    if row["taxon"]:
        facts.append(f"{row['taxon']} {' '.join(row['terms'])}".strip())
    if row["at"] is not None:
        facts.append(f"since {minute(row['at'])}")
    if row["due"] not in (None, row["at"]):
        facts.append(f"due {minute(row['due'])}")
    if row["period"]:
        facts.append(f"{row['period'][0]} to {row['period'][1]}")
    return [*facts, *row["conditions"]]


def _bar(row: Mapping[str, Any]) -> str:
    from ledger.reference.quantities import display

    used, whole = row["used"] or 0, row["amount"]
    filled = min(BAR, used * BAR // whole) if whole else BAR * bool(used)
    shown, unit = display(used, row["unit"])
    reserved = f", {display(row['reserved'], row['unit'])[0]} reserved" if row["reserved"] else ""
    share = f" ({used * 100 // whole} %)" if whole else ""
    if used > whole:
        share += f", {display(used - whole, row['unit'])[0]} too many"
    bar = "#" * filled + "." * (BAR - filled)
    return f"[{bar}] {shown} of {display(whole, row['unit'])[0]} {unit} used{share}{reserved}"
