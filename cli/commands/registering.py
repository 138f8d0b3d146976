"""`ringmark lot register`: goods enter the ledger, one by one or from a sheet."""

from __future__ import annotations

from typing import Any

import click

from cli.context import Session, write_bytes
from cli.output import many
from cli.typed import (
    act_options,
    documents_option,
    goods_options,
    pass_session,
    read_drafts,
    to_file,
    to_seconds,
)
from cli.writing import Manner, Words, write_all, writing_options
from ledger.errors import UsageError

BASES = (
    "harvest",
    "bred",
    "opening-stock",
    "import",
    "other-ledger",
    "re-entry",
    "state-sale",
    "antique",
)


@click.command("register")
@goods_options
@click.option("--basis", required=True, type=click.Choice(BASES), help="Why they may enter.")
@click.option("--each", is_flag=True, help="Every row of the sheet is a lot of its own.")
@click.option("--again", is_flag=True, help="Register what this sheet says once more.")
@click.option("--facility", metavar="NAME", help="Farm, plot, mill: yours, or PARTY/NAME.")
@documents_option()
@click.option("--made-before", metavar="YYYY-MM-DD", help="For antiques.")
@click.option("--reference", help="For re-entry and other-ledger: where the goods were.")
@click.option(
    "--out",
    metavar="FILE",
    callback=to_file,
    help="Write the codes of the new lots there, one a line.",
)
@act_options
@writing_options
@pass_session
def register(
    session: Session,
    /,
    *,
    basis: str,
    each: bool,
    again: bool,
    facility: str | None,
    documents: tuple[str, ...],
    out: str | None,
    manner: Manner,
    **options: Any,
) -> None:
    """Register goods: rows of one make-up are one lot, a bale of 500 tagged skins too.

    A sheet whose registration was interrupted is taken up where it stopped: run the same command.

    \b
    Examples:
      ringmark lot register --from skins.csv --basis bred --facility pens
      ringmark lot register --from tusks.xlsx --basis antique --made-before 1947-01-01 --each
      ringmark lot register --basis harvest --taxon "Swietenia macrophylla" --term LOG \\
          --quantity 12.4 --unit m3 --source W --origin PE --year 2026 --facility plot-7
    """
    from ledger.custody.lots import Basis, LotRegistered
    from ledger.desk.births import Naming, new_lots, statements_of
    from ledger.desk.draft import Act

    drafts = read_drafts(session, options)
    lots = new_lots(drafts, Naming(session.party, facility, documents), each=each)
    acts = [
        Act(
            LotRegistered(
                basis=Basis(basis),
                lots=group,
                made_before=options["made_before"],
                reference=_reference(options["reference"]),
            ),
            when=to_seconds(options["when"]),
            day=options["day"],
        )
        for group in statements_of(lots)
    ]
    _check_once(basis, len(acts))
    session.output.say(f"{many(len(drafts), 'row')} of goods: {many(len(lots), 'lot')}.")
    which = f"@{out}" if out else "{code}"
    words = Words(
        next=(f"ringmark label create {which}", f"ringmark transfer offer {which} --to …")
    )
    done = write_all(session, acts, manner, words, again=again or not options["file"])
    if out is not None:
        codes = [code for entry in done for code in entry.born]
        write_bytes(out, "".join(f"{code}\n" for code in codes).encode())


def _check_once(basis: str, statements: int) -> None:
    if basis == "opening-stock" and statements > 1:
        raise UsageError(
            "cli.opening-stock",
            f"Opening stock is declared once, in one statement; this would need {statements}.",
            hint="Leave --each out: rows of one make-up become one lot.",
        )


def _reference(typed: str | None) -> str | None:
    from ledger.desk.portions import read_code

    return (read_code(typed) or typed) if typed else None
