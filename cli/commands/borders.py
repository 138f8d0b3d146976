"""`ringmark border`: the trader's word that goods crossed a border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import act_options, document_name, lot_names, pass_session, to_seconds
from cli.writing import Manner, write, writing_options

if TYPE_CHECKING:
    from ledger.custody.events import Event
    from ledger.desk.draft import Act


@click.group(cls=NearGroup)
def border() -> None:
    """Exports and imports under a document.

    \b
    Example:
      ringmark border export 7K3M-9QXF-2W50 --document ZW/EXPORT/2026-0412 --from ZW --to IT
    """


@border.command("export")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--document", type=document_name, required=True, metavar="CC/KIND/NUMBER")
@click.option("--from", "from_country", required=True, metavar="CC")
@click.option("--to", "to_country", required=True, metavar="CC")
@act_options
@writing_options
@pass_session
def export(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    document: str,
    from_country: str,
    to_country: str,
    manner: Manner,
    **times: str | None,
) -> None:
    """Say that lots left a country under a document.

    \b
    Example:
      ringmark border export 7K3M-9QXF-2W50 --document ZW/EXPORT/2026-0412 --from ZW --to IT
    """
    from ledger.custody.lots import LotExported

    codes, left, entered = _codes(session, lots), from_country.upper(), to_country.upper()
    write(session, _act(LotExported(codes, document, left, entered), times), manner)


@border.command("import")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--document", type=document_name, required=True, metavar="CC/KIND/NUMBER")
@click.option("--to", "to_country", required=True, metavar="CC")
@act_options
@writing_options
@pass_session
def import_(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    document: str,
    to_country: str,
    manner: Manner,
    **times: str | None,
) -> None:
    """Say that lots entered a country under a document.

    \b
    Example:
      ringmark border import 7K3M-9QXF-2W50 --document IT/IMPORT/26-118 --to IT
    """
    from ledger.custody.lots import LotImported

    event = LotImported(_codes(session, lots), document, to_country.upper())
    write(session, _act(event, times), manner)


def _codes(session: Session, lots: Sequence[str]) -> tuple[str, ...]:
    from ledger.desk.resolving import whole_lots

    return whole_lots(session.desk(), lot_names(lots))


def _act(event: Event, times: Mapping[str, str | None]) -> Act:
    from ledger.desk.draft import Act

    return Act(event, to_seconds(times["when"]), times["day"])
