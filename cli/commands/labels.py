"""`ringmark label`: printing labels that came back with a receipt, and reading them again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.verify import shown
from cli.context import Session, read_bytes, write_bytes
from cli.exits import outcome_code
from cli.lazy import NearGroup
from cli.output import many
from cli.scanning import add_label, document_of, judge_label, link_of
from cli.typed import lot_names, pass_session, to_file
from ledger.errors import UsageError
from ledger.wire import text

if TYPE_CHECKING:
    from ledger.desk.outbox import Outbox


KINDS = (".svg", ".png", ".pdf")
"""What a label is written as, by the ending of its file's name."""


@click.group(cls=NearGroup)
def label() -> None:
    """Labels: a QR code that any phone reads.

    \b
    Examples:
      ringmark label create 7K3M-9QXF-2W50 --out label.pdf
      ringmark label read photo.jpg
    """


@label.command("create")
@click.argument("lots", nargs=-1, required=True, metavar="LOT...")
@click.option("--out", metavar="FILE", callback=to_file, help=".svg, .png or .pdf (CODE.svg).")
@click.option("--layout", default="L7163", show_default=True, help="Sheet of labels, for PDF.")
@click.option("--line", "lines", multiple=True, help="A line of text below the code.")
@pass_session
def create(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    out: str | None,
    layout: str,
    lines: tuple[str, ...],
) -> None:
    """Print the labels of lots that you registered, hold or own, or oversee as an officer.

    Those that you registered came with their receipts: they print without a network.

    \b
    Examples:
      ringmark label create 7K3M-9QXF-2W50
      ringmark label create @lots.txt --out sheet.pdf --layout L7163
    """
    from ledger.desk.desk import outbox_of
    from ledger.desk.portions import read_typed, show_code
    from ledger.printing import Label, draw_png, draw_sheet_pdf, draw_svg

    box = outbox_of(session.home, session.trusted)
    names = lot_names(lots)
    codes = [read_typed(n).code or text.code_symbols(text.parse_code(n)) for n in names]
    links = _links(session, box, codes)
    place = out or f"{show_code(codes[0])}.svg"
    kind = ".svg" if place == "-" else Path(place).suffix.lower()
    if kind != ".pdf" and len(codes) > 1:
        raise UsageError("label.many", "One picture holds one label.", hint="--out labels.pdf")
    if kind not in KINDS:
        raise UsageError(
            "label.kind",
            f"A label cannot be written as {kind or 'a file without an ending'}.",
            hint=f"End the name of the file with one of: {', '.join(KINDS)}",
        )
    first = codes[0]
    if kind == ".pdf":
        sheet = [Label(url=url, code=show_code(c), lines=lines) for c, url in links.items()]
        body = draw_sheet_pdf(sheet, layout=layout)
    elif kind == ".png":
        body = draw_png(url=links[first], code=show_code(first), lines=lines)
    else:
        body = draw_svg(url=links[first], code=show_code(first), lines=lines)
    write_bytes(place, body)
    session.output.result(
        {"file": place, "labels": links},
        [f"{many(len(codes), 'label')} in {place}, read back and equal"],
    )


@label.command("read")
@click.argument("what", metavar="PHOTO|LINK")
@click.option("--card", metavar="FILE", help="Its card, for reading without a network.")
@click.option("--trust", "trust_file", metavar="FILE")
@pass_session
@click.pass_context
def read(
    ctx: click.Context,
    session: Session,
    /,
    *,
    what: str,
    card: str | None,
    trust_file: str | None,
) -> None:
    """Read a label of a lot or a document, as a photo or its link, and judge it.

    What the label of a document says is shown line by line, to be compared with the paper. Its card
    is its own (`ringmark export card`), or one of a lot under it.

    \b
    Examples:
      ringmark label read photo.jpg
      ringmark label read "https://ledger.example.org/i/7K3M-9QXF-2W50#1…" --card lot.card
      ringmark label read permit.png --card permit.card
    """
    link = link_of(what)
    body = read_bytes(card) if card else _card(session, link)
    verdict, payload = judge_label(session, link, card=body, trust=session.trust(trust_file))
    plain, lines = shown(session, verdict)
    add_label(plain, lines, payload)
    session.output.result({"link": link, **plain}, lines, ok=verdict.outcome.value == "verified")
    ctx.exit(outcome_code(verdict.outcome.value))


def _card(session: Session, link: str) -> bytes | None:
    """Return the card of what the label is of; None where it is none of ours."""
    from ledger.desk.portions import read_code
    from ledger.wire.label import parse_label_url

    if document := document_of(link):
        return session.source.document_card(document)
    code = read_code(parse_label_url(link).name)
    return session.source.card(code) if code else None


def _links(session: Session, box: Outbox, codes: list[str]) -> dict[str, str]:
    """Return labels that came back with a receipt, else what the registrar signs now."""
    from ledger.desk.labels import fetch_label

    came: dict[str, str] = {}
    for entry in box.entries():
        came.update(entry.labels)
    return {
        code: came.get(code)
        or fetch_label(session.source, code, trust=session.trust(), now_s=session.clock.now_s())
        for code in codes
    }
