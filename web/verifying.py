"""Verifying what somebody sends, and what a verifier asks beside it. Owns two addresses.

Keeps nothing: what a phone has seen, the phone remembers.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from ledger.verify.file import verify_bytes
from ledger.verify.verdict import verdict_json
from web import negotiate
from web.assets import IMMUTABLE
from web.language import language
from web.stand import stand

blueprint = Blueprint("verifying", __name__, url_prefix="/api/v1")


@blueprint.post("/verify")
def verify() -> Response:
    """Say what a card, bundle or proof is worth, by this server's own trust file and clock."""
    ground = stand()
    verdict = verify_bytes(
        request.get_data(cache=False), trust=ground.trust, now_s=ground.clock.now_s()
    )
    return negotiate.json_response(verdict_json(verdict, lang=language()))


@blueprint.get("/consistency/<int:old>/<int:size>")
def consistency(old: int, size: int) -> Response:
    """Give the path that the log of `size` leaves extends that of `old` leaves."""
    path = [node.hex() for node in stand().reader.consistency(old, size)]
    response = negotiate.json_response({"old": old, "size": size, "path": path})
    response.headers["Cache-Control"] = IMMUTABLE
    return response
