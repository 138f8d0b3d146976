"""`ringmark export`: files that carry proof, for whoever has to judge without us."""

from __future__ import annotations

from pathlib import Path

import click

from cli.commands.browsing import look_up
from cli.context import Session, read_id, write_bytes
from cli.lazy import NearGroup
from cli.output import many
from cli.typed import pass_session, to_file


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
@click.argument("lot", metavar="LOT")
@click.option("--out", metavar="FILE", callback=to_file, help="Where it goes (CODE.card).")
@pass_session
def card(session: Session, lot: str, out: str | None) -> None:
    """Write what anyone may see and check of one lot.

    \b
    Example:
      ringmark export card 7K3M-9QXF-2W50
    """
    from ledger.desk.portions import read_code

    code = read_code(lot) or look_up(session, lot)["code"]
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


def _write(session: Session, body: bytes, place: str, *, code: str) -> None:
    write_bytes(place, body)
    session.output.result(
        {"file": place, "code": code, "size": len(body)}, [f"{len(body):,} bytes in {place}"]
    )
    session.output.next(f"ringmark verify {place} --trust trust.json")
