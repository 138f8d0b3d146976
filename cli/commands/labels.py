"""`ringmark label`: printing labels that came back with a receipt, and reading them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.commands.verify import shown
from cli.context import Session, read_bytes, write_bytes
from cli.exits import outcome_code
from cli.lazy import NearGroup
from cli.output import many
from cli.scanning import add_label, document_of, judge_label, link_of
from cli.typed import documents_option, lot_names, pass_session, to_file
from ledger.errors import UsageError
from ledger.wire import text

if TYPE_CHECKING:
    from cli.output import Progress
    from ledger.printing import Label

LOTS, PAPERS = "L7163", "L7165"
"""The usual sheets: a document's symbol is too large for the labels of lots."""
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
@click.argument("lots", nargs=-1, metavar="LOT...")
@documents_option("A document's label instead; again for more.")
@click.option("--out", metavar="FILE", callback=to_file, help=".svg, .png or .pdf (CODE.svg).")
@click.option("--layout", help="Sheet of labels, for PDF (L7163; of documents L7165).")
@click.option("--line", "lines", multiple=True, help="A line of text below the code.")
@pass_session
def create(
    session: Session,
    /,
    *,
    lots: tuple[str, ...],
    documents: tuple[str, ...],
    out: str | None,
    layout: str | None,
    lines: tuple[str, ...],
) -> None:
    """Print the labels of lots that you registered, hold or own, or oversee as an officer.

    Those that you registered came with their receipts: they print without a network. What waits in
    your outbox has its bare code for now: it opens the page, and proves nothing. The label of a
    document is for its issuer, its holder and officers.

    \b
    Examples:
      ringmark label create 7K3M-9QXF-2W50
      ringmark label create @lots.txt --out sheet.pdf --layout L7163
      ringmark label create --document ZW/EXPORT/2026-0412 --out permit-label.png
    """
    from ledger.printing import Label, loses_letters

    if bool(lots) == bool(documents):
        raise UsageError(
            "label.which", "The labels of what?", hint="Name lots, or a document with --document."
        )
    bare = {} if documents else _bare(session)
    links = _document_links(session, documents) if documents else _links(session, lots, bare)
    unproved = [code for code, link in links.items() if bare.get(code) == link]
    labels = [Label(url=url, code=_shown(name), lines=lines) for name, url in links.items()]
    place = out or f"{labels[0].code.replace('/', '-')}.svg"
    write_bytes(place, _drawn(session, labels, place, layout or (PAPERS if documents else LOTS)))
    session.output.result(
        {"file": place, "labels": links, "bare": unproved},
        [f"{many(len(labels), 'label')} in {place}, read back and equal"],
    )
    for line in lines:
        if loses_letters(line, place=place):
            session.output.say(f"Some letters of {line!r} are printed as ?. An .svg has them all.")
    if unproved:
        session.output.say(
            f"{many(len(unproved), 'label')} with a bare code, for what is not registered yet:"
            " whoever scans one is told to ask the ledger. Print again after the push."
        )
        session.output.next("ringmark outbox push")


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


def _drawn(session: Session, labels: list[Label], place: str, layout: str) -> bytes:
    """Return labels as the kind of file that the name of their place ends with."""
    from ledger.printing import draw_png, draw_sheet_pdf, draw_svg

    kind = ".svg" if place == "-" else Path(place).suffix.lower()
    if kind != ".pdf" and len(labels) > 1:
        raise UsageError("label.many", "One picture holds one label.", hint="--out labels.pdf")
    if kind not in KINDS:
        raise UsageError(
            "label.kind",
            f"A label cannot be written as {kind or 'a file without an ending'}.",
            hint=f"End the name of the file with one of: {', '.join(KINDS)}",
        )
    if kind == ".pdf":
        with session.output.progress("Drawing") as progress:
            return draw_sheet_pdf(labels, layout=layout, progress=progress)
    draw, (one,) = draw_png if kind == ".png" else draw_svg, labels
    return draw(url=one.url, code=one.code, lines=one.lines)


def _shown(name: str) -> str:
    """Return a code in groups; a document's name as it is."""
    from ledger.desk.portions import show_code

    return name if "/" in name else show_code(name)


def _links(session: Session, lots: Sequence[str], bare: Mapping[str, str]) -> dict[str, str]:
    """Return labels of lots by their codes: those that came or wait here, else what is signed now.

    `bare` are the links of what waits.
    """
    from ledger.desk.labels import fetch_label
    from ledger.desk.portions import read_typed

    codes = [
        read_typed(name).code or text.code_symbols(text.parse_code(name))
        for name in lot_names(lots)
    ]
    came = {**bare, **_came(session)}
    trust, now_s, source = session.trust(), session.clock.now_s(), session.source
    links: dict[str, str] = {}
    with ExitStack() as shown:
        progress: Progress | None = None
        for code in dict.fromkeys(codes):
            links[code] = came.get(code) or fetch_label(source, code, trust=trust, now_s=now_s)
            # A passphrase is asked for with the first one: a bar would write over it.
            progress = progress or shown.enter_context(session.output.progress("Collecting"))
            progress(len(links), len(codes))
    return links


def _document_links(session: Session, names: Sequence[str]) -> dict[str, str]:
    from ledger.desk.labels import fetch_document_label

    trust, now_s, came = session.trust(), session.clock.now_s(), _came(session)
    return {
        name: came.get(name) or fetch_document_label(session.source, name, trust=trust, now_s=now_s)
        for name in names
    }


def _bare(session: Session) -> Mapping[str, str]:
    """Return the bare links of what was signed here and is not registered yet, by code."""
    from ledger.desk.desk import outbox_of
    from ledger.desk.labels import bare_links

    entries = outbox_of(session.home, session.trusted).open_entries()
    return bare_links(entries, host=session.trusted.hosts[0])


def _came(session: Session) -> dict[str, str]:
    """Return the labels that came back with receipts, by code and by name."""
    from ledger.desk.desk import outbox_of

    came: dict[str, str] = {}
    for entry in outbox_of(session.home, session.trusted).entries():
        came.update(entry.labels)
    return came
