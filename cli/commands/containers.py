"""`ringmark container`: packing and opening."""

from __future__ import annotations

import click

from cli.context import Session
from cli.lazy import NearGroup
from cli.typed import lot_names, pass_session
from cli.writing import Manner, Words, say, writing_options
from ledger.errors import UsageError


@click.group(cls=NearGroup)
def container() -> None:
    """Boxes, bundles, freight containers: they move whole.

    \b
    Examples:
      ringmark container pack 7K3M-9QXF-2W50 51PB-1X9S-FP3J --seals S-0041
      ringmark container open 3G92-30VQ-VSBR
    """


@container.command("pack")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--seals", metavar="A..B,C", help="Seals of the container.")
@writing_options
@pass_session
def pack(session: Session, /, *, lots: tuple[str, ...], seals: str | None, manner: Manner) -> None:
    """Pack lots and containers into a new container; its code is told.

    \b
    Example:
      ringmark container pack 7K3M-9QXF-2W50 51PB-1X9S-FP3J --seals S-0041..S-0042
    """
    from ledger.custody.transfers import ContainerPacked
    from ledger.desk.portions import read_marks
    from ledger.desk.resolving import named

    found = named(session.desk(), lot_names(lots))
    parts = [code for code, part in found.lots.items() if not part.is_whole]
    if parts:
        raise UsageError(
            "desk.part",
            f"Only whole lots are packed, not a part of {parts[0]}.",
            hint="Split it first: ringmark lot split",
            params={"lot": parts[0]},
        )
    event = ContainerPacked(
        lots=tuple(sorted(found.lots)),
        containers=found.containers,
        seals=read_marks(seals) if seals else (),
    )
    say(session, event, manner, Words(next=("ringmark transfer offer {code} --to …",)))


@container.command("open")
@click.argument("name", metavar="CONTAINER")
@writing_options
@pass_session
def open_(session: Session, /, *, name: str, manner: Manner) -> None:
    """Unpack a container; its lots stand alone again.

    \b
    Example:
      ringmark container open 3G92-30VQ-VSBR
    """
    from ledger.custody.transfers import ContainerOpened
    from ledger.desk.resolving import one_part

    code, _ = one_part(session.desk(), name)
    say(session, ContainerOpened(code), manner)
