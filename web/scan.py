"""The scan page: a camera that is not there yet, a typed code, a photo.

Owns three addresses and where each of them leads. Everything works without JavaScript.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from ledger.errors import NotFoundError
from ledger.printing import PHOTO_SIZE_MAX, read_image
from ledger.reference.reasons import verdict_table
from ledger.reference.tables import load_tables
from ledger.verify.document_label import check_document_label
from ledger.verify.label import check_label
from ledger.verify.verdict import Outcome, Verdict
from web import negotiate
from web.language import language
from web.problems import NEAR, choice_answer, reason_page, several_answer
from web.stand import stand
from web.typed import Asked, Near, NotUnderstood, Read, Several, read_texts, read_typed

blueprint = Blueprint("scan", __name__)
PHOTO_BODY_MAX = PHOTO_SIZE_MAX + 65_536


@blueprint.get("/")
def scan() -> str:
    """Show the ways to ask: code, mark, link, photo."""
    return render_template("scan.html", typed="", code_error="")


@blueprint.get("/find")
def look_up() -> WerkzeugResponse:
    """Lead from a typed code, mark or link to its page; say at the field what is wrong with it."""
    ground, typed = stand(), request.args.get("code", "")
    asked = read_typed(typed, trust=ground.trust, reader=ground.reader, may_search=ground.is_open)
    asked = _refuted(asked)
    if isinstance(asked, Asked):
        return redirect(_place(asked), 303)
    if isinstance(asked, Several):
        return several_answer(asked.names)
    if isinstance(asked, Near):
        return choice_answer(NEAR, "names", [(each.name, _place(each)) for each in asked.names])
    reason = verdict_table().reasons[asked.reason]
    if reason.level == "stop":
        return reason_page(asked.reason)
    page = render_template(
        "scan.html",
        typed=typed[:200],
        code_error=f"{reason.sentences[language()]} {reason.nexts[language()]}",
    )
    return Response(page, 400)


@blueprint.post("/photo")
def photo() -> WerkzeugResponse:
    """Read the symbol in a photo and lead to its page."""
    request.max_content_length = PHOTO_BODY_MAX
    sent = request.files.get("photo")
    picture = b""
    if sent is not None:
        with sent.stream as stream:
            picture = stream.read(PHOTO_SIZE_MAX + 1)
    texts = read_image(picture) if picture else []
    asked = _refuted(read_texts(texts, trust=stand().trust, reader=stand().reader))
    if negotiate.wanted() == negotiate.JSON:
        reason = asked.reason if isinstance(asked, NotUnderstood) else None
        place = None if isinstance(asked, NotUnderstood) else _place(asked)
        return negotiate.json_response({"location": place, "reason": reason})
    if isinstance(asked, NotUnderstood):
        return reason_page(asked.reason)
    return redirect(_place(asked), 303)


def _refuted(asked: Read) -> Read:
    """Return `asked`, or why its label is false, as `ledger.verify` judges it."""
    if not isinstance(asked, Asked) or not asked.fragment:
        return asked
    verdict = _judged(asked)
    if verdict is None:
        return asked
    is_false = verdict.outcome is Outcome.REFUTED and verdict.reason.startswith("label.")
    return NotUnderstood(verdict.reason) if is_false else asked


def _judged(asked: Asked) -> Verdict | None:
    """Return the verdict on a label of a lot or document; None where none can have that name."""
    ground, tables = stand(), load_tables()
    now_s, reader = ground.clock.now_s(), ground.reader
    if asked.kind == "lot":
        card = reader.card(asked.name)
        return check_label(asked.link, card=card, trust=ground.trust, now_s=now_s, tables=tables)
    try:
        card = reader.document_card(asked.name)
    except NotFoundError:
        return None
    return check_document_label(
        asked.link, card=card, trust=ground.trust, now_s=now_s, tables=tables
    ).verdict


def _place(asked: Asked | Several | Near) -> str:
    if not isinstance(asked, Asked):
        return url_for("scan.look_up", code=asked.typed, lang=language())
    if asked.kind == "mark":
        target = url_for("verdicts.marked", mark=asked.name, lang=language())
    elif asked.kind == "document":
        target = url_for("verdicts.document", name=asked.name, lang=language())
    else:
        target = url_for("verdicts.lot", code=asked.name, lang=language())
    return f"{target}#{asked.fragment}" if asked.fragment else target
