"""`ringmark facility`: farms, ranches, plots, mills, tanneries."""

from __future__ import annotations

from typing import Any

import click

from cli.commands.facility_check import check
from cli.commands.facility_credit import credit
from cli.commands.facility_stock import count, declare
from cli.context import Session
from cli.files import text_in
from cli.lazy import NearGroup
from cli.typed import pass_session
from cli.writing import Manner, Words, say, writing_options


@click.group(cls=NearGroup)
def facility() -> None:
    """Places where goods are grown, bred or made.

    \b
    Examples:
      ringmark facility register pens --kind farm --country ZW --capacity "SKI 4000"
      ringmark facility show kariba-farm/pens
    """


def terms_options(command: Any) -> Any:
    """Give a command the options that say on which terms a place works."""
    for option in (
        click.option("--since", type=int, metavar="YEAR", help="The year in which it began."),
        click.option(
            "--size",
            "sizes",
            multiple=True,
            metavar="'TAXON MM'",
            help="Widest belly of a skin at slaughter, in mm.",
        ),
        click.option(
            "--closed", multiple=True, metavar="MM-DD..MM-DD", help="Closed season of each year."
        ),
        click.option("--until", "until_day", metavar="YYYY-MM-DD", help="Last day of its licence."),
        click.option("--from-day", metavar="YYYY-MM-DD", help="First day of its licence."),
        click.option("--licence", metavar="CC/KIND/NUMBER", help="Its licence."),
        click.option(
            "--capacity",
            multiple=True,
            metavar="'TERM QUANTITY UNIT'",
            help="The most of one product that it may make in a year: 'SAW 9000 m3'.",
        ),
    ):
        command = option(command)
    return command


@facility.command("register")
@click.argument("name", metavar="NAME")
@click.option("--kind", required=True, help="farm, ranch, plot, mill, tannery, workshop, store.")
@click.option("--country", required=True, metavar="CC")
@click.option("--area-ha", metavar="HA", help="Area in hectares, four decimals at most.")
@click.option("--cell", "cells", multiple=True, help="Coarse map cell of a plot.")
@terms_options
@click.option("--outline", metavar="FILE", help="Exact outline: hidden, handed over beside it.")
@writing_options
@pass_session
def register(
    session: Session,
    /,
    *,
    name: str,
    kind: str,
    country: str,
    area_ha: str | None,
    cells: tuple[str, ...],
    outline: str | None,
    manner: Manner,
    **terms: Any,
) -> None:
    """Register a place of your own; NAME becomes PARTY/NAME.

    \b
    Examples:
      ringmark --as kariba-farm facility register pens --kind farm --country ZW
      ringmark --as mbeya-wood facility register plot-7 --kind plot --country TZ --area-ha 12.5
    """
    from cli.writing import write
    from ledger.custody.facilities import FacilityRegistered
    from ledger.desk.births import facility_name
    from ledger.desk.disclosures import make_disclosure
    from ledger.desk.draft import Act
    from ledger.desk.places import TypedTerms, read_area_m2, read_terms

    whole = facility_name(name, party=session.party)
    event = FacilityRegistered(
        facility=whole,
        kind=kind,
        country=country.upper(),
        area_m2=read_area_m2(area_ha),
        cells=tuple(sorted(cells)),
        terms=read_terms(TypedTerms(**terms)),
    )
    words = Words(next=(f"ringmark lot register --facility {whole} …",), plain={"facility": whole})
    if outline is None:
        say(session, event, manner, words)
        return
    hidden = make_disclosure(field="outline", value=text_in(outline), entropy=session.entropy)
    write(session, Act(event, disclosures=(hidden,)), manner, words)


@facility.command("attest")
@click.argument("name", metavar="PARTY/NAME")
@click.option("--result", type=click.Choice(["matches", "differs"]), required=True)
@click.option("--reason", help="What differs.")
@click.option("--area-ha", metavar="HA", help="Area as measured, in hectares.")
@terms_options
@writing_options
@pass_session
def attest(
    session: Session,
    /,
    *,
    name: str,
    result: str,
    reason: str | None,
    area_ha: str | None,
    manner: Manner,
    **terms: Any,
) -> None:
    """Say as an officer what a visit to a place showed, and on which terms it works.

    What you say of licence, seasons, capacity and sizes replaces what its party declared.

    \b
    Examples:
      ringmark --as ranger facility attest kariba-farm/pens --result matches
      ringmark --as ranger facility attest iquitos-mill/saw-1 --result matches \\
          --capacity "SAW 9000 m3" --until 2027-12-31
    """
    from ledger.custody.facilities import FacilityAttested
    from ledger.desk.places import TypedTerms, read_area_m2, read_terms

    event = FacilityAttested(
        facility=name.lower(),
        how="visit",
        result=result,
        reason=reason,
        area_m2=read_area_m2(area_ha),
        terms=read_terms(TypedTerms(**terms)),
    )
    say(session, event, manner, Words(next=(f"ringmark facility show {name.lower()}",)))


@facility.command("show")
@click.argument("name", metavar="PARTY/NAME")
@pass_session
def show(session: Session, name: str) -> None:
    """Show a place: its terms, what it made, and its running accounts, year by year.

    \b
    Example:
      ringmark facility show kariba-farm/pens
    """
    from cli.commands.facility_account import LINES, throughput_lines

    plain = session.source.facility(name)
    lines = [f"{plain['name']}  {plain['kind']} in {plain['country']}, {plain['status']}"]
    lines += throughput_lines(plain)
    for account, state in plain.get("accounts", {}).items():
        lines += LINES[state["account"]](account, state)
    lines += [f"  {finding['severity']}: {finding['rule']}" for finding in plain["findings"]]
    session.output.result({"facility": plain}, lines)


@facility.command("list")
@click.option("--of", "party", metavar="PARTY", help="Whose; without it your own.")
@pass_session
def list_(session: Session, party: str | None) -> None:
    """List the places of a party.

    \b
    Examples:
      ringmark --as kariba-farm facility list
      ringmark facility list --of kariba-farm
    """
    rows = session.source.facilities_of(party or session.party)
    cells = [
        (r["name"], r["kind"], r["country"], r["status"], str(len(r["findings"]))) for r in rows
    ]
    lines = session.output.table(("facility", "kind", "country", "status", "findings"), cells)
    session.output.result({"facilities": rows}, lines if rows else ["no facilities"])


facility.add_command(check)
facility.add_command(declare)
facility.add_command(count)
facility.add_command(credit)
