"""What officers do to goods: inspect, hold, release, seize, confiscate; and evidence."""

from __future__ import annotations

import hashlib
import mimetypes
from typing import Any

import click

from cli.context import Session, read_bytes
from cli.lazy import NearGroup
from cli.typed import document_name, goods_options, lot_names, pass_session, read_drafts
from cli.writing import Manner, Words, say, writing_options
from ledger.errors import UsageError


@click.command()
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--result", required=True, type=click.Choice(["matches", "differs", "cannot-tell"]))
@click.option("--reason", help="What was seen.")
@writing_options
@pass_session
def inspect(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    result: str,
    reason: str | None,
    manner: Manner,
) -> None:
    """Say that you looked at goods, and whether they match their lots.

    \b
    Example:
      ringmark --as moyo inspect 7K3M-9QXF-2W50 --result matches
    """
    from ledger.custody.control import LotInspected
    from ledger.desk.resolving import whole_lots

    codes = whole_lots(session.desk(), lot_names(lots))
    say(session, LotInspected(codes, result, reason), manner)


@click.command()
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--reason", required=True)
@writing_options
@pass_session
def hold(session: Session, /, *, lots: tuple[str, ...], reason: str, manner: Manner) -> None:
    """Hold lots or parts of them: a stop until released.

    \b
    Examples:
      ringmark --as moyo hold 7K3M-9QXF-2W50 --reason "papers are missing"
      ringmark --as moyo hold ZW-2026-000017-NIL --reason "tag was opened"
    """
    from ledger.custody.control import LotHeld
    from ledger.desk.resolving import named

    found = named(session.desk(), lot_names(lots)).lots
    following = ("ringmark release LOT --reason …",)
    say(session, LotHeld(found, reason), manner, Words(next=following))


@click.command()
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--reason", required=True)
@writing_options
@pass_session
def release(session: Session, /, *, lots: tuple[str, ...], reason: str, manner: Manner) -> None:
    """Lift the holds on lots.

    \b
    Example:
      ringmark --as moyo release 7K3M-9QXF-2W50 --reason "papers were shown"
    """
    from ledger.custody.control import LotReleased
    from ledger.desk.resolving import whole_lots

    codes = whole_lots(session.desk(), lot_names(lots))
    say(session, LotReleased(codes, reason), manner)


@click.command()
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--reason", required=True)
@click.option("--basis", help="The legal basis, as you state it.")
@writing_options
@pass_session
def seize(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    reason: str,
    basis: str | None,
    manner: Manner,
) -> None:
    """Take custody of lots or parts of them for the authority.

    \b
    Example:
      ringmark --as moyo seize 7K3M-9QXF-2W50:40 --reason "no permit" --basis "Act 20:14, s. 73"
    """
    from ledger.custody.control import LotSeized
    from ledger.desk.resolving import named

    found = named(session.desk(), lot_names(lots)).lots
    words = Words(next=("ringmark confiscate LOT …",))
    say(session, LotSeized(found, reason, basis), manner, words)


@click.command()
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--reason", required=True, help="The final decision.")
@writing_options
@pass_session
def confiscate(session: Session, /, *, lots: tuple[str, ...], reason: str, manner: Manner) -> None:
    """Pass title of seized lots to the authority, by a final decision.

    \b
    Example:
      ringmark --as moyo confiscate 7K3M-9QXF-2W50 --reason "court order 118/26"
    """
    from ledger.custody.control import LotConfiscated
    from ledger.desk.resolving import whole_lots

    codes = whole_lots(session.desk(), lot_names(lots))
    following = ("ringmark approve {statement}   (where two officers are needed)",)
    say(session, LotConfiscated(codes, reason), manner, Words(next=following))


@click.group(cls=NearGroup)
def seizure() -> None:
    """Seizures of goods that have no lot.

    \b
    Example:
      ringmark --as moyo seizure record ZW/SEIZURE/2026-17 --reason "no permit" --from rows.csv
    """


@seizure.command("record")
@click.argument("name", metavar="CC/SEIZURE/NUMBER")
@click.option("--reason", required=True)
@click.option("--basis", help="The legal basis, as you state it.")
@click.option("--under", metavar="CC/KIND/NUMBER", help="The document that was shown.")
@goods_options
@writing_options
@pass_session
def record(
    session: Session,
    /,
    *,
    name: str,
    reason: str,
    basis: str | None,
    under: str | None,
    manner: Manner,
    **goods: Any,
) -> None:
    """Record goods without a lot that were seized, with their marks.

    \b
    Examples:
      ringmark --as moyo seizure record ZW/SEIZURE/2026-17 --reason "no permit" \\
          --taxon "Crocodylus niloticus" --term SKI --quantity 12 --source U --origin ZW
      ringmark --as moyo seizure record ZW/SEIZURE/2026-18 --reason "no permit" --from rows.csv
    """
    from ledger.custody.control import SeizureRecorded
    from ledger.desk.births import document_rows

    rows = document_rows(read_drafts(session, goods))
    shown = under.upper() if under else None
    event = SeizureRecorded(name.upper(), reason, rows, basis, shown)
    following = (f"ringmark document show {name.upper()}",)
    say(session, event, manner, Words(next=following, plain={"document": name.upper()}))


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("lots", nargs=-1, metavar="LOT...")
@click.option("--document", type=document_name, metavar="CC/KIND/NUMBER")
@click.option("--media-type", help="image/jpeg, application/pdf, … (from the file's name).")
@writing_options
@pass_session
def attach(
    session: Session,
    /,
    *,
    file: str,
    lots: tuple[str, ...],
    document: str | None,
    media_type: str | None,
    manner: Manner,
) -> None:
    """Tie FILE, a picture, scan or report, to lots or to a document by its SHA-256.

    The file itself stays with you; keep it as it is.

    \b
    Example:
      ringmark --as moyo attach tag-17.jpg 7K3M-9QXF-2W50
    """
    from ledger.custody.control import EvidenceAttached
    from ledger.desk.resolving import whole_lots

    if not lots and document is None:
        raise UsageError("cli.lot-missing", "Attach it to what?", hint="Name lots or --document.")
    body = read_bytes(file)
    guessed = media_type or mimetypes.guess_type(file)[0] or "application/octet-stream"
    event = EvidenceAttached(
        sha256=hashlib.sha256(body).digest(),
        size=len(body),
        media_type=guessed,
        lots=whole_lots(session.desk(), lot_names(lots)) if lots else (),
        document=document,
    )
    say(session, event, manner, Words(plain={"sha256": event.sha256.hex()}))
