"""What waits for an authority: a page for the person at the laptop, and the same for programs.

Owns two addresses. Both show names and amounts, so they are for those who may read them.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request

from ledger.reader import view_json
from web import negotiate
from web.answers import KEPT_S, Kept
from web.asked import country_asked, page_asked
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
    party, country = _asked(shown)
    section, after = page_asked()
    ground = stand()
    now_s, size = ground.clock.now_s(), ground.reader.moment().head.size
    kept: Kept = current_app.extensions["ringmark.kept"]

    def made() -> bytes:
        view = ground.reader.waiting(party, country=country, section=section, after=after)
        page = waiting_page(view, lang=language(), now_s=now_s)
        return render_template("waiting.html", page=page).encode()

    # Links to other languages repeat what was asked, a token too: it is part of what is kept.
    key = ("waiting", party, country, language(), request.query_string, size, now_s // KEPT_S)
    return kept.get(key, made)


@blueprint.get("/api/v1/waiting")
def waiting_json() -> Response:
    """Give the same as values."""
    party, country = _asked("")
    section, after = page_asked()
    view = stand().reader.waiting(party, country=country, section=section, after=after)
    return negotiate.json_response(view_json(view))


def _asked(shown: str) -> tuple[str | None, str | None]:
    """Return for which party and country it is asked, once whoever asks may read everything."""
    may = access(shown=shown)
    may.demand(False)
    return request.args.get("for", "")[:PARTY_MAX] or may.party, country_asked()
