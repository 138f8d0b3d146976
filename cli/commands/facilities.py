"""`ringmark facility`: farms, ranches, plots, mills, tanneries."""

from __future__ import annotations

import click

from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import pass_session
from cli.writing import Manner, Words, say, writing_options
from ledger.wire import text


@click.group(cls=NearGroup)
def facility() -> None:
    """Places where goods are grown, bred or made.

    \b
    Examples:
      ringmark facility register pens --kind farm --country ZW --capacity 4000
      ringmark facility show kariba-farm/pens
    """


@facility.command("register")
@click.argument("name", metavar="NAME")
@click.option("--kind", required=True, help="farm, ranch, plot, mill, tannery, workshop, store.")
@click.option("--country", required=True, metavar="CC")
@click.option("--area-ha", metavar="HA", help="Area in hectares, four decimals at most.")
@click.option("--cell", "cells", multiple=True, help="Coarse map cell of a plot.")
@click.option("--capacity", type=int, help="Animals or pieces a year.")
@click.option("--licence", help="Name of its licence, CC/KIND/NUMBER.")
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
    capacity: int | None,
    licence: str | None,
    outline: str | None,
    manner: Manner,
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

    whole = facility_name(name, party=session.party)
    event = FacilityRegistered(
        facility=whole,
        kind=kind,
        country=country.upper(),
        area_m2=_area_m2(area_ha),
        cells=tuple(sorted(cells)),
        capacity=capacity,
        licence=licence,
    )
    words = Words(next=(f"ringmark lot register --facility {whole} …",), plain={"facility": whole})
    if outline is None:
        say(session, event, manner, words)
        return
    from cli.context import read_bytes

    hidden = make_disclosure(
        field="outline", value=read_bytes(outline).decode(), entropy=session.entropy
    )
    write(session, Act(event, disclosures=(hidden,)), manner, words)


@facility.command("show")
@click.argument("name", metavar="PARTY/NAME")
@pass_session
def show(session: Session, name: str) -> None:
    """Show a facility.

    \b
    Example:
      ringmark facility show kariba-farm/pens
    """
    plain = session.source.facility(name)
    lines = [f"{plain['name']}  {plain['kind']} in {plain['country']}, {plain['status']}"]
    session.output.result({"facility": plain}, lines)


def _area_m2(area_ha: str | None) -> int | None:
    if area_ha is None:
        return None
    whole, _, part = area_ha.partition(".")
    return text.parse_decimal(whole) * 10_000 + (
        text.parse_decimal(part.ljust(4, "0")[:4].lstrip("0") or "0") if part else 0
    )
