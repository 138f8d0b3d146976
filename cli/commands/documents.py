"""`ringmark document`: permits, certificates and licences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import (
    act_options,
    goods_options,
    lot_names,
    pass_session,
    read_drafts,
    to_seconds,
)
from cli.writing import Manner, Words, say, write, writing_options
from ledger.errors import UsageError

if TYPE_CHECKING:
    from ledger.custody.documents import Paper


@click.group(cls=NearGroup)
def document() -> None:
    """Permits, certificates and licences, named CC/KIND/NUMBER.

    \b
    Examples:
      ringmark --as parks document issue ZW/EXPORT/2026-0412 --taxon "Crocodylus niloticus" \\
          --term SKI --quantity 500 --source R --origin ZW --until 2027-05-31
      ringmark document show ZW/EXPORT/2026-0412
    """


def _paper_options(command: Any) -> Any:
    for option in (
        click.option(
            "--outsourcing", is_flag=True, help="Contractors may process under the certificate."
        ),
        click.option(
            "--system",
            "systems",
            multiple=True,
            type=click.Choice(["percentage", "credit"]),
            help="A system of control of the certificate beside transfer.",
        ),
        click.option(
            "--group",
            "groups",
            multiple=True,
            metavar="'TERM [TAXON]'",
            help="A product that the certificate covers.",
        ),
        click.option("--retrospective", metavar="REASON", help="Issued after the act, and why."),
        click.option("--to-country", metavar="CC"),
        click.option("--from-country", metavar="CC"),
        click.option("--purpose", metavar="CODE", help="T, P, S, …"),
        click.option("--until", "until_day", metavar="YYYY-MM-DD", help="Last day that counts."),
        click.option("--from-day", metavar="YYYY-MM-DD", help="First day that counts."),
        click.option("--holder", metavar="PARTY", help="Whose it is, if a party of the ledger."),
    ):
        command = option(command)
    return goods_options(command)


@document.command("issue")
@click.argument("name", metavar="CC/KIND/NUMBER")
@_paper_options
@writing_options
@pass_session
def issue(session: Session, /, *, name: str, manner: Manner, **paper: Any) -> None:
    """Issue a document of your own authority.

    \b
    Examples:
      ringmark --as parks document issue ZW/EXPORT/2026-0412 --holder kariba-farm --purpose T \\
          --taxon "Crocodylus niloticus" --term SKI --quantity 500 --source R --origin ZW \\
          --from-day 2026-12-01 --until 2027-05-31 --to-country IT
      ringmark --as parks document issue ZW/EXPORT/2026-0413 --from rows.csv --until 2027-05-31
    """
    from ledger.custody.documents import DocumentIssued

    event = DocumentIssued(name.upper(), _paper(session, paper))
    say(session, event, manner, _after(name))


@document.command("record")
@click.argument("name", metavar="CC/KIND/NUMBER")
@_paper_options
@writing_options
@pass_session
def record(session: Session, /, *, name: str, manner: Manner, **paper: Any) -> None:
    """Say that a document exists: "copy, not confirmed" until its issuer or an officer says so.

    \b
    Example:
      ringmark --as kariba-farm document record FR/IMPORT/26-118 --taxon "Crocodylus niloticus" \\
          --term SKI --quantity 500 --source R --origin ZW --until 2027-05-31
    """
    from ledger.custody.documents import DocumentRecorded

    event = DocumentRecorded(name.upper(), _paper(session, paper))
    say(session, event, manner, _after(name))


@document.command("endorse")
@click.argument("name", metavar="CC/KIND/NUMBER")
@click.argument("lots", nargs=-1, metavar="LOT[:QUANTITY]...")
@click.option("--line", "lines", multiple=True, metavar="N=QUANTITY UNIT", help="Without a lot.")
@click.option("--export", "left", metavar="CC", help="The goods leave this country.")
@click.option("--import", "entered", metavar="CC", help="The goods enter this country.")
@click.option("--port", help="Where it was endorsed.")
@click.option("--transport", help="Bill of lading or air waybill.")
@act_options
@writing_options
@pass_session
def endorse(
    session: Session,
    /,
    *,
    name: str,
    lots: tuple[str, ...],
    lines: tuple[str, ...],
    left: str | None,
    entered: str | None,
    port: str | None,
    transport: str | None,
    when: str | None,
    day: str | None,
    manner: Manner,
) -> None:
    """State what really passed under a document, as the officer at the border.

    A lot counts whole, or as much of it as you saw. Goods that have no lot are named by the line.

    \b
    Examples:
      ringmark --as moyo document endorse ZW/EXPORT/2026-0412 7K3M-9QXF-2W50 --export ZW
      ringmark --as moyo document endorse ZW/EXPORT/2026-0412 7K3M-9QXF-2W50:480 --export ZW
      ringmark --as dupont document endorse ZW/EXPORT/2026-0412 --line "1=480" --import FR
    """
    from ledger.custody.documents import DocumentEndorsed, Way
    from ledger.desk.draft import Act
    from ledger.desk.endorsing import passed_by

    named = lot_names(lots) if lots else ()
    country = left or entered
    if country is None or (left and entered):
        raise UsageError(
            "cli.endorse-side",
            "On which side of the border?",
            hint="Say --export CC or --import CC.",
        )
    event = DocumentEndorsed(
        document=name.upper(),
        way=Way.EXPORT if left else Way.IMPORT,
        country=country.upper(),
        passed=passed_by(session.desk(), name.upper(), lots=named, lines=lines),
        port=port,
        transport=transport,
    )
    write(session, Act(event, to_seconds(when), day), manner, _after(name))


@document.command("cancel")
@click.argument("name", metavar="CC/KIND/NUMBER")
@click.option("--reason", required=True)
@writing_options
@pass_session
def cancel(session: Session, /, *, name: str, reason: str, manner: Manner) -> None:
    """Cancel a document: what rests on it is stopped.

    \b
    Example:
      ringmark --as parks document cancel ZW/EXPORT/2026-0412 --reason "number was stolen"
    """
    from ledger.custody.documents import DocumentCancelled

    question = f"Cancel {name.upper()}: every lot under it shows a stop."
    say(session, DocumentCancelled(name.upper(), reason), manner, Words(question=question))


@document.command("show")
@click.argument("name", metavar="CC/KIND/NUMBER")
@pass_session
def show(session: Session, name: str) -> None:
    """Show a document and the lots under it.

    \b
    Example:
      ringmark document show ZW/EXPORT/2026-0412
    """
    from ledger.desk.portions import show_code
    from ledger.desk.telling import show_quantity

    plain = session.source.document(name.upper())
    lines = [f"{plain['name']}  {plain['status']}  until {plain.get('until_day') or 'no day'}"]
    for row in plain.get("rows", ()):
        amount = show_quantity(row["quantity"], row["unit"])
        lines.append(f"  {amount} {row['term']} of {row['taxon']}, source {row['source']}")
    lines += [f"  lot {show_code(code)}" for code in plain.get("lots", ())]
    session.output.result({"document": plain}, lines)


def _paper(session: Session, options: dict[str, Any]) -> Paper:
    from ledger.custody.documents import Paper
    from ledger.desk.births import document_rows
    from ledger.desk.certificates import read_scope

    says_goods = options.get("file") or options.get("taxon")
    rows = document_rows(read_drafts(session, options)) if says_goods else ()
    purpose = options["purpose"]
    return Paper(
        holder=options["holder"],
        from_day=options["from_day"],
        until_day=options["until_day"],
        rows=rows,
        purpose=purpose.upper() if purpose else None,
        from_country=options["from_country"],
        to_country=options["to_country"],
        retrospective=options["retrospective"],
        scope=read_scope(
            options["groups"], systems=options["systems"], outsourcing=options["outsourcing"]
        ),
    )


def _after(name: str) -> Words:
    following = (f"ringmark document show {name.upper()}",)
    return Words(next=following, plain={"document": name.upper()})
