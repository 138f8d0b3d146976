"""The pages that labels open: a lot, one marked piece, a document.

Owns three addresses. What stands in the fragment of a label's link never comes here.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from ledger.errors import NotFoundError
from ledger.reader import view_json
from ledger.reference.mark_forms import readings
from web import negotiate
from web.answers import answer
from web.language import language
from web.lots import symbols
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
        raise NotFoundError("mark.unknown", "No lot of this ledger has this mark.")
    return answer(lots, mark=name)


@blueprint.get("/d/<path:name>")
def document(name: str) -> Response:
    """Show a document, by its name `CC/KIND/NUMBER`."""
    view = stand().reader.document(name)
    if negotiate.wanted() == negotiate.JSON:
        plain = view_json(view, inner=stand().is_open)
        return negotiate.varied(negotiate.json_response(plain))
    page = document_page(
        view, lang=language(), with_lots=stand().is_open, now_s=stand().clock.now_s()
    )
    return negotiate.varied(Response(render_template("document.html", page=page)))
