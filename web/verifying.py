"""Verifying what somebody sends: a card, a bundle, a proof. Owns one address; keeps nothing."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ledger.verify.file import verify_bytes
from ledger.verify.verdict import verdict_json
from web import negotiate
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
