"""The pages that labels open: a lot, one marked piece, a document.

Owns three addresses. What stands in the fragment of a label's link never comes here.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _

from ledger.errors import NotFoundError
from ledger.reader import view_json
from ledger.reference.mark_forms import readings
from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.verify.verdict import verdict_json
from web import negotiate, packing
from web.answers import answer
from web.language import language
from web.lots import symbols
from web.page import judged_page
from web.papers import document_page
from web.stand import stand

blueprint = Blueprint("verdicts", __name__)


@blueprint.get("/i/<code>")
def lot(code: str) -> Response:
    """Show the verdict on a lot, by its code as people write it."""
    return answer([symbols(code)])


@blueprint.get("/m/<path:mark>")
def marked(mark: str) -> Response:
    """Show the verdict on one marked piece, in each lot that claims the mark.

    The mark stands there with its scheme, or as it is printed in any usual spelling.
    """
    spelled = readings(mark)
    name = spelled[0] if len(spelled) == 1 else mark
    lots = stand().reader.mark(name).state.lots
    if not lots:
        raise NotFoundError(
            "mark.unknown",
            "No lot of this ledger has this mark.",
            hint="Ask the authority of its country to whom it was allotted.",
        )
    return answer(lots, mark=name)


@blueprint.get("/d/<path:name>")
def document(name: str) -> Response:
    """Show the verdict on a document and what it says, by its name `CC/KIND/NUMBER`."""
    ground, lang = stand(), language()
    view, now_s = ground.reader.document(name), ground.clock.now_s()
    verdict = check_card(
        ground.reader.document_card(view.name),
        trust=ground.trust,
        now_s=now_s,
        asked=Asked(document=view.name),
    )
    if negotiate.wanted() == negotiate.JSON:
        plain = {
            **view_json(view, inner=ground.is_open),
            "verdict": verdict_json(verdict, lang=lang),
        }
        return negotiate.varied(negotiate.json_response(plain))
    judged = judged_page(
        verdict,
        lang=lang,
        heading=view.name,
        kind_word=_("Document"),
        card_link=url_for("lots.document_card", name=view.name),
        asked=(("document", view.name),),
        causes=ground.reader.causes({finding.cause for finding in verdict.findings}),
    )
    page = document_page(view, judged, lang=lang, with_lots=ground.is_open, now_s=now_s)
    return packing.sent(negotiate.varied(Response(render_template("document.html", page=page))))
