"""A label that was scanned: its link out of a photo, judged together with a card.

Owns the choice between the label of a lot and that of a document, and the lines that a document's
label adds. What a label is worth is decided by `ledger.verify`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.context import Session
from cli.files import parsed
from ledger.errors import MalformedError

if TYPE_CHECKING:
    from ledger.trust import Trust
    from ledger.verify.head import Asked
    from ledger.verify.verdict import Verdict
    from ledger.wire.label import DocumentPayload


def link_of(what: str) -> str:
    """Return the link that was typed, or the one in the picture of that name."""
    if what.startswith(("http://", "https://")):
        return what
    from ledger.printing import read_image

    hint = "Send a JPEG or PNG, or type the code below the symbol."
    found = parsed(what, read_image, what="picture", hint=hint)
    if len(found) != 1:
        raise MalformedError(
            "label.photo",
            f"{len(found)} codes were found in {what}.",
            hint="Take a picture of one label, near and straight.",
            params={"count": len(found)},
        )
    return found[0]


def document_of(link: str) -> str:
    """Return the name of the document whose label the link is; nothing for any other link."""
    from ledger.wire.label import parse_label_url

    try:
        url = parse_label_url(link)
    except MalformedError:
        return ""
    return url.name if url.kind == "d" else ""


def judge_label(
    session: Session, link: str, *, card: bytes | None, trust: Trust, asked: Asked | None = None
) -> tuple[Verdict, DocumentPayload | None]:
    """Return the verdict on a label of either kind, and what a document's genuine one says."""
    from ledger.reference.tables import load_tables
    from ledger.verify.document_label import check_document_label
    from ledger.verify.label import check_label

    now_s, tables = session.clock.now_s(), load_tables()
    if document_of(link):
        read = check_document_label(
            link, card=card, trust=trust, now_s=now_s, tables=tables, asked=asked
        )
        return read.verdict, read.payload
    verdict = check_label(link, card=card, trust=trust, now_s=now_s, tables=tables, asked=asked)
    return verdict, None


def add_label(plain: dict[str, Any], lines: list[str], payload: DocumentPayload | None) -> None:
    """Add what a document's label says to a verdict's values and lines: below its two sentences."""
    if payload is None:
        return
    from ledger.desk.papers_printed import label_lines, label_values

    plain["label"] = label_values(payload)
    lines[2:2] = label_lines(payload)
