"""`ringmark lot`: the life of goods. Registration stands in `registering.py`."""

from __future__ import annotations

from typing import Any

import click

from cli.commands.browsing import find, history, list_, show
from cli.commands.registering import register
from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import act_options, documents_option, lot_names, pass_session, read_row, to_seconds
from cli.writing import Manner, Words, write, writing_options


@click.group(cls=NearGroup)
def lot() -> None:
    """Lots: one item, or a quantity of one make-up.

    A lot is named by its code, with or without hyphens, by one of its marks, or in a file: @FILE.
    A part of it is CODE:12, CODE=A..B or CODE/2:12 (second row).

    \b
    Examples:
      ringmark lot register --from skins.csv --basis bred --facility pens
      ringmark lot split 7K3M-9QXF-2W50:120
      ringmark lot show ZW-2026-000017-NIL
    """


@lot.command("split")
@click.argument("part", metavar="LOT:PART")
@act_options
@writing_options
@pass_session
def split(
    session: Session, /, *, part: str, when: str | None, day: str | None, manner: Manner
) -> None:
    """Take a part out of a lot as a new lot; the rest keeps its code and label.

    \b
    Examples:
      ringmark lot split 7K3M-9QXF-2W50:120
      ringmark lot split 7K3M-9QXF-2W50=ZW-2026-000001-NIL..ZW-2026-000120-NIL
    """
    from ledger.custody.lots import LotSplit
    from ledger.desk.draft import Act
    from ledger.desk.resolving import one_part

    code, found = one_part(session.desk(), part)
    words = Words(next=("ringmark label create {code}",))
    write(session, Act(LotSplit(code, found), to_seconds(when), day), manner, words)


@lot.command("measure")
@click.argument("name", metavar="LOT")
@click.argument("quantities", nargs=-1, required=True, metavar="QUANTITY...")
@click.option(
    "--cause",
    required=True,
    type=click.Choice(["drying", "trimming", "stretch", "recount"]),
)
@click.option("--missing", metavar="A..B,C", help="Marks that a recount did not find.")
@act_options
@writing_options
@pass_session
def measure(
    session: Session,
    /,
    *,
    name: str,
    quantities: tuple[str, ...],
    cause: str,
    missing: str | None,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """Measure a lot again: the new QUANTITY of each row, in the unit that `lot show` shows.

    \b
    Examples:
      ringmark lot measure 7K3M-9QXF-2W50 11.82 --cause drying
      ringmark lot measure 7K3M-9QXF-2W50 498 --cause recount --missing ZW-17-NIL,ZW-203-NIL
    """
    from ledger.custody.lots import LotMeasured
    from ledger.desk.draft import Act
    from ledger.desk.portions import read_marks, read_quantities, read_typed
    from ledger.desk.resolving import find as find_lot

    facts = find_lot(session.desk(), read_typed(name))
    event = LotMeasured(
        lot=facts.code,
        cause=cause,
        quantities=read_quantities(quantities, facts),
        missing=read_marks(missing, facts) if missing else (),
    )
    write(session, Act(event, to_seconds(when), day), manner)


@lot.command("transform")
@click.argument("inputs", nargs=-1, required=True, metavar="LOT...")
@click.option("--process", required=True, help="tanning, sawing, cutting, …")
@click.option("--output", "outputs", multiple=True, metavar="GOODS", help="'SAW 3.25 m3'")
@click.option("--waste", "waste", multiple=True, metavar="GOODS", help="'SAW 0.4 m3'")
@click.option("--facility", metavar="NAME", help="Where.")
@click.option("--claim", help="Certification claim of what comes out.")
@documents_option()
@act_options
@writing_options
@pass_session
def transform(
    session: Session,
    /,
    *,
    inputs: tuple[str, ...],
    process: str,
    outputs: tuple[str, ...],
    waste: tuple[str, ...],
    facility: str | None,
    claim: str | None,
    documents: tuple[str, ...],
    manner: Manner,
    **times: Any,
) -> None:
    """Turn lots, or parts of them, into new ones; what becomes of the rest is stated as waste.

    Taxon, source and origin of the goods are those of the first lot.

    \b
    Examples:
      ringmark lot transform 7K3M-9QXF-2W50 --process sawing --output "SAW 6.5 m3" \\
          --waste "SAW 3.5 m3" --facility mill
      ringmark lot transform 7K3M-9QXF-2W50:2 --process halving --output "SID 4=S-1..S-4"
    """
    from msgspec.structs import replace

    from ledger.custody.lots import LotTransformed
    from ledger.desk.births import facility_name
    from ledger.desk.draft import Act
    from ledger.desk.resolving import named

    desk = session.desk()
    found = named(desk, lot_names(inputs))
    facts = [desk.lot(code) for code in found.lots]
    place = facility_name(facility, party=session.party) if facility else None
    event = LotTransformed(
        process=process,
        inputs=found.lots,
        outputs=tuple(
            replace(
                _output(spec, facts[0], place),
                claim=claim,
                documents=tuple(sorted(documents)),
            )
            for spec in outputs
        ),
        waste=tuple(read_row(spec, like(facts[0]))[0] for spec in waste),
        facility=place,
    )
    words = Words(next=("ringmark label create {code}",))
    write(session, Act(event, to_seconds(times["when"]), times["day"]), manner, words)


@lot.command("depart")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option(
    "--how",
    required=True,
    type=click.Choice(["retail", "non-member", "abroad", "other-ledger"]),
)
@click.option("--country", metavar="CC", help="Where the goods went.")
@documents_option("Covers it.")
@act_options
@writing_options
@pass_session
def depart(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    how: str,
    country: str | None,
    documents: tuple[str, ...],
    manner: Manner,
    **times: Any,
) -> None:
    """End custody: the goods live on, outside of this ledger.

    \b
    Examples:
      ringmark lot depart 7K3M-9QXF-2W50 --how retail
      ringmark lot depart 7K3M-9QXF-2W50:12 --how abroad --country IT
      ringmark lot depart 7K3M-9QXF-2W50 --how retail --document GB/IVORY-REG/9M1-0027
    """
    from ledger.custody.lots import LotDeparted
    from ledger.desk.draft import Act
    from ledger.desk.resolving import named

    found = named(session.desk(), lot_names(lots)).lots
    papers = tuple(sorted(documents))
    event = LotDeparted(found, how, country.upper() if country else None, papers)
    write(session, Act(event, to_seconds(times["when"]), times["day"]), manner)


@lot.command("retire")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option(
    "--why",
    required=True,
    type=click.Choice(["consumed", "destroyed", "died", "lost", "stolen"]),
)
@act_options
@writing_options
@pass_session
def retire(
    session: Session, /, *, lots: tuple[str, ...], why: str, manner: Manner, **times: Any
) -> None:
    """End lots, or parts of them: the goods are no more, or are lost.

    \b
    Examples:
      ringmark lot retire 7K3M-9QXF-2W50=ZW-2026-000017-NIL --why lost
      ringmark lot retire 51PB-1X9S-FP3J:0.4 --why consumed --yes
    """
    from ledger.custody.lots import LotRetired
    from ledger.desk.draft import Act
    from ledger.desk.resolving import named

    found = named(session.desk(), lot_names(lots)).lots
    act = Act(LotRetired(found, why), to_seconds(times["when"]), times["day"])
    write(session, act, manner)


@lot.command("found")
@click.argument("name", metavar="LOT")
@writing_options
@pass_session
def found_again(session: Session, /, *, name: str, manner: Manner) -> None:
    """Report that a lost or stolen lot, or what came short, is found again.

    \b
    Example:
      ringmark lot found 7K3M-9QXF-2W50
    """
    from ledger.custody.lots import LotFound
    from ledger.desk.draft import Act
    from ledger.desk.resolving import one_part

    code, _ = one_part(session.desk(), name)
    write(session, Act(LotFound(code)), manner)


def like(facts: Any) -> Any:
    """Return the first row of a lot's goods; raise UsageError where they are not known here."""
    from ledger.errors import UsageError

    if not facts.goods.contents:
        raise UsageError(
            "desk.goods-unknown",
            f"What lot {facts.code} holds is not known here.",
            hint="Connect once.",
        )
    return facts.goods.contents[0]


def _output(spec: str, facts: Any, place: str | None) -> Any:
    from ledger.custody.goods import NewLot
    from ledger.desk.portions import read_marks

    row, marks = read_row(spec, like(facts))
    return NewLot(contents=(row,), marks=read_marks(marks) if marks else (), facility=place)


for command in (register, show, list_, history, find):
    lot.add_command(command)
