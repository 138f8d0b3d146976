"""What waits for an authority: a page for the person at the laptop, and the same for programs.

Owns two addresses. Both show names and amounts, so they are for those who may read them.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from ledger.errors import UsageError
from ledger.reader import view_json
from ledger.reader.views import WaitingView
from ledger.reference.tables import load_tables
from web import negotiate
from web.errands import waiting_page
from web.language import language
from web.stand import access, stand

blueprint = Blueprint("waiting", __name__)
PARTY_MAX = 32
TOKEN_MAX = 2_000


@blueprint.get("/waiting")
def waiting() -> Response:
    """Show what waits for the authority `?for=`, in its countries or in `?country=`.

    On a closed ledger `?token=` is a reading token: a browser that follows a link sends no header.
    """
    shown = request.args.get("token", "")[:TOKEN_MAX]
    page = waiting_page(_asked(shown), lang=language(), now_s=stand().clock.now_s())
    return Response(render_template("waiting.html", page=page), headers=negotiate.PAGE_HEADERS)


@blueprint.get("/api/v1/waiting")
def waiting_json() -> Response:
    """Give the same as values."""
    return negotiate.json_response(view_json(_asked("")))


def _asked(shown: str) -> WaitingView:
    may = access(shown=shown)
    may.demand(False)
    party, country = (request.args.get(name, "")[:PARTY_MAX] for name in ("for", "country"))
    if country and load_tables().country(country.upper()) is None:
        raise UsageError("request.country", "This is no country code.", hint="Use two letters: ZW.")
    return stand().reader.waiting(party or may.party, country=country.upper() or None)
