"""The log as static files: checkpoint and tiles (C2SP tlog-tiles), under `/log/`."""

from __future__ import annotations

from flask import Blueprint, Response

from ledger.errors import NotFoundError
from ledger.log.tiles import parse_tile_path
from web.services import services

blueprint = Blueprint("log", __name__, url_prefix="/log")
IMMUTABLE = "public, max-age=31536000, immutable"


@blueprint.get("/checkpoint")
def checkpoint() -> Response:
    """Serve the published checkpoint: a signed note."""
    response = Response(services().reader.checkpoint_note(), mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=1"
    return response


@blueprint.get("/tile/<path:path>")
def tile(path: str) -> Response:
    """Serve a hash tile or an entry bundle, partial ones too."""
    named = parse_tile_path(f"tile/{path}")
    body = services().reader.tile(named)
    if body is None:
        raise NotFoundError("tile.unknown", f"There is no tile {path} yet.")
    response = Response(body, mimetype="application/octet-stream")
    response.headers["Cache-Control"] = IMMUTABLE
    return response
