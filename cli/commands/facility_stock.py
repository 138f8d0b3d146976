"""`ringmark facility declare|count`: the animals of a farm, by its own word and an officer's."""

from __future__ import annotations

from typing import Any

import click

from cli.context import Session
from cli.files import parsed
from cli.typed import pass_session
from cli.writing import Manner, Words, say, write_all, writing_options
from ledger.errors import UsageError


@click.command("declare")
@click.argument("name", metavar="NAME")
@click.option("--from", "file", metavar="FILE", help="A CSV or XLSX sheet, - for stdin.")
@click.option("--taxon", help="Scientific name, or a common one.")
@click.option("--females", type=int, help="Breeding females there are now.")
@click.option("--eggs", type=int, help="Eggs taken from the wild under a licence.")
@click.option("--hatched", type=int)
@click.option("--bought", type=int)
@click.option("--sold", type=int, help="Animals that left alive.")
@click.option("--died", type=int)
@click.option("--count", "counts", multiple=True, metavar="'CLASS=N'", help="Animals counted.")
@writing_options
@pass_session
def declare(
    session: Session,
    /,
    *,
    name: str,
    file: str | None,
    taxon: str | None,
    counts: tuple[str, ...],
    manner: Manner,
    **moves: int | None,
) -> None:
    """Say what became of the animals of your farm since you last said so.

    A sheet has a column `taxon`, columns females, eggs, hatched, bought, sold, died as far as they
    apply, and one column for each class of size with the animals counted.

    \b
    Examples:
      ringmark --as kariba-farm facility declare pens --taxon "Crocodylus niloticus" \\
          --females 60 --hatched 1400 --died 210
      ringmark --as kariba-farm facility declare pens --from stock-2026.csv
    """
    from ledger.desk.births import facility_name
    from ledger.desk.draft import Act
    from ledger.desk.stock_sheet import (
        StockRow,
        accepted_taxon,
        declarations,
        read_counts,
        read_stock_sheet,
    )

    place = facility_name(name, party=session.party)
    if file is not None:
        hint = "Save it as XLSX, or as CSV in UTF-8, with headings in its first row."
        rows = parsed(file, read_stock_sheet, what="sheet of stock", hint=hint)
    elif taxon is not None:
        said = {key: value for key, value in moves.items() if value is not None}
        rows = (StockRow(accepted_taxon(taxon), said, read_counts(counts)),)
    else:
        raise UsageError(
            "cli.goods-missing", "Which animals?", hint="Give --taxon, or a sheet with --from."
        )
    words = Words(next=(f"ringmark facility show {place}",), plain={"facility": place})
    write_all(session, [Act(event) for event in declarations(rows, facility=place)], manner, words)


@click.command("count")
@click.argument("name", metavar="PARTY/NAME")
@click.option("--taxon", required=True, help="Scientific name, or a common one.")
@click.option("--result", type=click.Choice(["matches", "differs"]), required=True)
@click.option("--count", "counts", multiple=True, required=True, metavar="'CLASS=N'")
@click.option("--females", type=int, help="Breeding females among them.")
@click.option("--reason", help="What differs.")
@writing_options
@pass_session
def count(
    session: Session, /, *, name: str, taxon: str, counts: tuple[str, ...], **said: Any
) -> None:
    """Say as an officer how many animals of a farm you counted: they are its stock from now on.

    \b
    Example:
      ringmark --as ranger facility count kariba-farm/pens --taxon "Crocodylus niloticus" \\
          --result matches --count "under 60 cm=900" --count "over 60 cm=410"
    """
    from ledger.custody.stocks import StockAttested
    from ledger.desk.stock_sheet import accepted_taxon, read_counts

    manner: Manner = said.pop("manner")
    event = StockAttested(
        facility=name.lower(), taxon=accepted_taxon(taxon), counts=read_counts(counts), **said
    )
    say(session, event, manner, Words(next=(f"ringmark facility show {name.lower()}",)))
