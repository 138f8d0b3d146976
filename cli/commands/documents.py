"""`ringmark document`: permits, certificates and licences."""

from __future__ import annotations

import hashlib
from typing import Any

import click

from cli.commands.document_blanks import stolen
from cli.commands.document_options import paper_of, paper_options
from cli.commands.document_standing import reinstate, restore, suspend, withdraw
from cli.commands.document_unendorsing import unendorse
from cli.context import Session, read_bytes, write_bytes
from cli.lazy import NearGroup
from cli.typed import (
    act_options,
    document_name,
    lot_names,
    pass_session,
    to_file,
    to_seconds,
)
from cli.writing import Manner, Words, say, write, writing_options
from ledger.errors import UsageError


@click.group(cls=NearGroup)
def document() -> None:
    """Permits, certificates and licences, named CC/KIND/NUMBER.

    \b
    Examples:
      ringmark --as parks document issue ZW/EXPORT/2026-0412 --taxon "Crocodylus niloticus" \\
          --term SKI --quantity 500 --source R --origin ZW --until 2027-05-24
      ringmark document show ZW/EXPORT/2026-0412
    """


@document.command("issue")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@paper_options
@writing_options
@pass_session
def issue(session: Session, /, *, name: str, manner: Manner, **paper: Any) -> None:
    """Issue a document of your own authority.

    \b
    Examples:
      ringmark --as parks document issue ZW/EXPORT/2026-0412 --holder kariba-farm --purpose T \\
          --taxon "Crocodylus niloticus" --term SKI --quantity 500 --source R --origin ZW \\
          --from-day 2026-12-01 --until 2027-05-24 --to-country IT
      ringmark --as parks document issue ZW/EXPORT/2026-0413 --from rows.csv --until 2027-05-24
      ringmark --as parks document issue ZW/EXPORT/2026-0414 --from paper.json
    """
    from ledger.custody.documents import DocumentIssued

    event = DocumentIssued(name, paper_of(session, name, paper))
    say(session, event, manner, _after(name))


@document.command("record")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@paper_options
@writing_options
@pass_session
def record(session: Session, /, *, name: str, manner: Manner, **paper: Any) -> None:
    """Say that a document exists: "copy, not confirmed" until its issuer or an officer says so.

    \b
    Example:
      ringmark --as kariba-farm document record FR/IMPORT/26-118 --taxon "Crocodylus niloticus" \\
          --term SKI --quantity 500 --source R --origin ZW --until 2027-05-24
    """
    from ledger.custody.documents import DocumentRecorded

    event = DocumentRecorded(name, paper_of(session, name, paper))
    say(session, event, manner, _after(name))


@document.command("attest")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@click.option("--seen", required=True, type=click.Choice(["original", "electronic", "issuer"]))
@click.option("--file", metavar="FILE", help="A scan or answer: its SHA-256 is stated.")
@writing_options
@pass_session
def attest(session: Session, /, *, name: str, seen: str, file: str | None, manner: Manner) -> None:
    """Confirm a recorded copy: you saw the original, or its issuer answered.

    \b
    Example:
      ringmark --as dogane document attest FR/IMPORT/26-118 --seen original --file scan.pdf
    """
    from ledger.custody.documents import DocumentAttested

    digest = hashlib.sha256(read_bytes(file)).digest() if file else None
    say(session, DocumentAttested(name, seen, digest), manner, _after(name))


@document.command("replace")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@click.option(
    "--replaces",
    type=document_name,
    required=True,
    metavar="CC/KIND/NUMBER",
    help="What it replaces.",
)
@click.option("--reason", required=True, help="Lost, stolen, destroyed, wrong …")
@paper_options
@writing_options
@pass_session
def replace(
    session: Session,
    /,
    *,
    name: str,
    replaces: str,
    reason: str,
    manner: Manner,
    **paper: Any,
) -> None:
    """Issue a document in place of another one, which covers nothing any more.

    \b
    Example:
      ringmark --as parks document replace ZW/EXPORT/2026-0500 --replaces ZW/EXPORT/2026-0412 \\
          --reason "lost in the post" --from rows.csv --until 2027-05-24
    """
    from ledger.custody.documents import DocumentReplaced

    event = DocumentReplaced(name, replaces, reason, paper_of(session, name, paper))
    say(session, event, manner, _after(name))


@document.command("endorse")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
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
    They passed now; under a document that has ended, on the day that the trader stated, or --when.

    \b
    Examples:
      ringmark --as moyo document endorse ZW/EXPORT/2026-0412 7K3M-9QXF-2W50 --export ZW
      ringmark --as moyo document endorse ZW/EXPORT/2026-0412 7K3M-9QXF-2W50:480 --export ZW
      ringmark --as dupont document endorse ZW/EXPORT/2026-0412 --line "1=480" --import FR
    """
    from ledger.custody.documents import DocumentEndorsed, Way
    from ledger.desk.draft import Act
    from ledger.desk.endorsing import passed_by, time_of_passage

    named = lot_names(lots) if lots else ()
    country = left or entered
    if country is None or (left and entered):
        raise UsageError(
            "cli.endorse-side",
            "On which side of the border?",
            hint="Say --export CC or --import CC.",
        )
    way = Way.EXPORT if left else Way.IMPORT
    passed = passed_by(session.desk(), name, lots=named, lines=lines)
    happened, on_day = to_seconds(when), day
    if when is None and day is None:
        now_s = session.clock.now_s()
        happened, on_day = time_of_passage(
            session.desk(), name, way=way, passed=passed, now_s=now_s
        )
        if on_day is not None:
            session.output.say(
                f"They passed on {on_day}, as the trader says; if on another day: --when"
            )
    event = DocumentEndorsed(
        document=name,
        way=way,
        country=country.upper(),
        passed=passed,
        port=port,
        transport=transport,
    )
    write(session, Act(event, happened, on_day), manner, _after(name))


@document.command("cancel")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
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

    say(session, DocumentCancelled(name, reason), manner)


document.add_command(suspend)
document.add_command(reinstate)
document.add_command(unendorse)
document.add_command(withdraw)
document.add_command(restore)
document.add_command(stolen)


@document.command("show")
@click.argument("name", type=document_name, metavar="CC/KIND/NUMBER")
@click.option(
    "--out", metavar="FILE", callback=to_file, help="Print it too, as PDF with its own label."
)
@pass_session
def show(session: Session, name: str, out: str | None) -> None:
    """Show a document and the lots under it; print it.

    The print bears the label that came back with the receipt, or, for its holder and officers, the
    one that the ledger signs anew; where it signs none, the bare link, and why is said.

    \b
    Examples:
      ringmark document show ZW/EXPORT/2026-0412
      ringmark --as parks document show ZW/EXPORT/2026-0412 --out permit.pdf
    """
    from ledger.desk.amounts import show_quantity
    from ledger.desk.endorsing import drawn_lines, endorsement_lines
    from ledger.desk.portions import show_code

    plain = session.source.document(name)
    lines = [f"{plain['name']}  {plain['status']}  until {plain.get('last_day') or 'no day'}"]
    for days in plain.get("suspended", ()):
        lines.append(
            f"  suspended {days['from_day']} to {days.get('until_day') or 'further notice'}"
        )
    if ended := plain.get("withdrawn"):
        lines.append(f"  {ended['status']} since {ended['day']}")
    for row in plain.get("rows", ()):
        amount = show_quantity(row["quantity"], row["unit"])
        lines.append(f"  {amount} {row['term']} of {row['taxon']}, source {row['source']}")
    lines += [f"  {line}" for line in (*drawn_lines(plain), *endorsement_lines(plain))]
    for quota in plain.get("quotas", ()):
        used, whole = (show_quantity(quota[n], quota["unit"]) for n in ("used", "amount"))
        lines.append(f"  quota {quota['quota']}: {used} of {whole} used")
        lines += [f"    condition: {note}" for note in quota["conditions"]]
    lines += [f"  lot {show_code(code)}" for code in plain.get("lots", ())]
    found: dict[str, Any] = {"document": plain}
    if out is not None:
        found |= _print(session, plain, out)
        lines.append(f"printed in {out}, its symbol read back and equal")
    session.output.result(found, lines)


def _print(session: Session, plain: dict[str, Any], out: str) -> dict[str, Any]:
    from ledger.desk.desk import outbox_of
    from ledger.desk.labels import document_link
    from ledger.desk.papers_printed import printed
    from ledger.printing import draw_document_pdf

    trusted = session.trusted
    link, why = document_link(
        session.source,
        str(plain["name"]),
        came=[entry.labels for entry in outbox_of(session.home, trusted).entries()],
        trust=session.trust(),
        now_s=session.clock.now_s(),
    )
    if why:
        session.output.say(f"It bears the bare link, without a signature: {why}")
    document = printed(plain, host=trusted.hosts[0], link=link)
    write_bytes(out, draw_document_pdf(document))
    return {"file": out, "label": document.url, "signed": bool(link), "why": why}


def _after(name: str) -> Words:
    following = (f"ringmark document show {name}",)
    return Words(next=following, plain={"document": name})
