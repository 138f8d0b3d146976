"""`ringmark export`: files that carry proof, for whoever has to judge without us."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cli.commands.browsing import look_up
from cli.context import Session, read_id, write_bytes
from cli.lazy import NearGroup
from cli.output import many
from cli.typed import document_name, pass_session, to_file

_UNSAFE = re.compile(r"[^0-9A-Z._-]+")
"""What a file's name on any system does without."""


@click.group(cls=NearGroup)
def export() -> None:
    """Cards, bundles, proofs, receipts, and the whole log.

    \b
    Examples:
      ringmark export bundle 7K3M-9QXF-2W50 --out lot.bundle
      ringmark export log ./log-export
    """


@export.command("bundle")
@click.argument("lot", metavar="LOT")
@click.option("--out", metavar="FILE", callback=to_file, help="Where it goes (CODE.bundle).")
@pass_session
def bundle(session: Session, lot: str, out: str | None) -> None:
    """Write everything needed to judge one lot offline.

    \b
    Example:
      ringmark export bundle 7K3M-9QXF-2W50 --out lot.bundle
    """
    code = look_up(session, lot)["code"]
    _write(session, session.source.bundle(code), out or f"{code}.bundle", code=code)


@export.command("card")
@click.argument("name", metavar="LOT|DOCUMENT")
@click.option("--out", metavar="FILE", callback=to_file, help="Where it goes (CODE.card).")
@pass_session
def card(session: Session, name: str, out: str | None) -> None:
    """Write what anyone may see and check of one lot, or of one document.

    \b
    Examples:
      ringmark export card 7K3M-9QXF-2W50
      ringmark export card ZW/EXPORT/2026-0412 --out permit.card
    """
    from ledger.custody.documents import DOCUMENT_NAME
    from ledger.desk.portions import read_code

    document = document_name(name)
    if DOCUMENT_NAME.fullmatch(document):
        place = out or f"{_UNSAFE.sub('-', document)}.card"
        _write(session, session.source.document_card(document), place, document=document)
        return
    code = read_code(name) or look_up(session, name)["code"]
    _write(session, session.source.card(code), out or f"{code}.card", code=code)


@export.command("tlog-proof")
@click.argument("statement", metavar="STATEMENT")
@click.option(
    "--out", metavar="FILE", callback=to_file, help="Where it goes (STATEMENT.tlog-proof)."
)
@pass_session
def tlog_proof(session: Session, statement: str, out: str | None) -> None:
    """Write the proof that a statement is in the log, and the statement beside it (.cose).

    \b
    Example:
      ringmark export tlog-proof 9b1f…
    """
    wanted = read_id(statement)
    place = out or f"{statement[:16]}.tlog-proof"
    raw = str(Path(f"{statement[:16]}.tlog-proof" if place == "-" else place).with_suffix(".cose"))
    write_bytes(raw, session.source.statement(wanted))
    write_bytes(place, session.source.proof(wanted))
    session.output.result({"file": place, "statement_file": raw}, [f"{place} and {raw}"])
    session.output.next(f"ringmark verify {place} --statement {raw}")


@export.command("receipt")
@click.argument("statement", metavar="STATEMENT")
@click.option("--out", metavar="FILE", callback=to_file, help="Where it goes (STATEMENT.receipt).")
@pass_session
def receipt(session: Session, statement: str, out: str | None) -> None:
    """Write the RFC 9942 receipt of a statement, for SCITT tools.

    \b
    Example:
      ringmark export receipt 9b1f…
    """
    place = out or f"{statement[:16]}.receipt"
    write_bytes(place, session.source_with_receipts().receipt(read_id(statement)))
    session.output.result({"file": place}, [f"receipt in {place}"])


@export.command("log")
@click.argument("folder", metavar="DIR")
@pass_session
def log(session: Session, folder: str) -> None:
    """Write the whole log of this machine's ledger as static tiles: anyone can audit or mirror it.

    Any web server can hand the folder out. Run it again to add what is new; an export that was cut
    short goes on where it ended.

    \b
    Examples:
      ringmark --ledger ./ledger export log ./log-export
      ringmark audit ./log-export --trust trust.json
    """
    from ledger.desk.exporting import export_log

    place = Path(folder)
    with session.output.progress("Writing tiles") as progress:
        done = export_log(session.reader, place, progress)
    session.output.result(
        {"directory": str(place), "size": done.size, "files": done.written, "kept": done.kept},
        [f"{done.size:,} leaves in {place}: {many(done.written, 'file')} written"],
    )
    session.output.next(f"ringmark audit {place} --trust trust.json")


def _write(session: Session, body: bytes, place: str, **subject: str) -> None:
    write_bytes(place, body)
    plain = {"file": place, **subject, "size": len(body)}
    session.output.result(plain, [f"{len(body):,} bytes in {place}"])
    session.output.next(f"ringmark verify {place} --trust trust.json")
