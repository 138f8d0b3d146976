"""The pages that labels open: a lot, one marked piece, a document.

Owns three addresses. What stands in the fragment of a label's link never comes here.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, url_for
from flask_babel import gettext as _

from ledger.custody.documents import DocumentState
from ledger.custody.state import State
from ledger.errors import NotFoundError
from ledger.reader import view_json
from ledger.reference.mark_forms import readings
from ledger.reference.tables import load_tables
from ledger.verify.card import check_card
from ledger.verify.document_label import row_numbers
from ledger.verify.head import Asked
from ledger.verify.verdict import Verdict, verdict_json
from ledger.wire import text
from web import negotiate
from web.answers import KEPT_S, Kept, answer
from web.language import language
from web.lots import symbols
from web.page import judged_page
from web.papers import document_page
from web.problems import several_answer
from web.stand import stand

blueprint = Blueprint("verdicts", __name__)


@blueprint.get("/i/<code>")
def lot(code: str) -> Response:
    """Show the verdict on a lot, by its code as people write it."""
    return answer([symbols(code)])


@blueprint.get("/m/<path:mark>")
def marked(mark: str) -> Response:
    """Show the verdict on one marked piece, in each lot that claims the mark.

    The mark stands there with its scheme, or as it is printed in any usual spelling; what can be
    read as several is a question, as it is in the field for codes.
    """
    spelled = readings(mark)
    if len(spelled) > 1:
        return several_answer(spelled)
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
    if negotiate.wanted() == negotiate.JSON:
        view = ground.reader.document(name)
        plain = view_json(view, inner=ground.is_open)
        plain["verdict"] = verdict_json(_verdict(view.name), lang=lang)
        return negotiate.varied(negotiate.json_response(plain))
    key = ("d", name, lang, ground.reader.moment().head.size, ground.clock.now_s() // KEPT_S)
    kept: Kept = current_app.extensions["ringmark.kept"]
    return kept.get(key, lambda: _document_page(name, lang).encode())


def _verdict(name: str) -> Verdict:
    ground = stand()
    return check_card(
        ground.reader.document_card(name),
        trust=ground.trust,
        now_s=ground.clock.now_s(),
        asked=Asked(document=name),
    )


def _document_page(name: str, lang: str) -> str:
    ground = stand()
    view, verdict = ground.reader.document(name), _verdict(name)
    judged = judged_page(
        verdict,
        lang=lang,
        heading=name,
        kind_word=_("Document"),
        card_link=url_for("lots.document_card", name=name),
        asked=(("document", name), ("numbers", _numbers(view.state))),
        causes=ground.reader.causes({finding.cause for finding in verdict.findings}),
        label_of=("--document", name) if view.state.status == "issued" else (),
    )
    now_s, with_lots = ground.clock.now_s(), ground.is_open
    page = document_page(view, judged, lang=lang, with_lots=with_lots, now_s=now_s)
    return render_template("document.html", page=page)


def _numbers(state: State) -> str:
    """Return the rows of a document by the numbers of the tables, which a phone does not have."""
    rows = state.rows if isinstance(state, DocumentState) else ()
    return text.json_dumps([row_numbers(row, load_tables()) for row in rows])
