"""The log as static files: checkpoint and tiles (C2SP tlog-tiles), under `/log/`."""

from __future__ import annotations

from flask import Blueprint, Response

from ledger.log.tiles import ENTRIES, parse_tile_path
from web.stand import access, stand

blueprint = Blueprint("log", __name__, url_prefix="/log")
IMMUTABLE = "public, max-age=31536000, immutable"


@blueprint.get("/checkpoint")
def checkpoint() -> Response:
    """Serve the newest checkpoint: a signed note. Caches keep it a second."""
    response = Response(stand().reader.checkpoint_note(), mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=1"
    return response


@blueprint.get("/tile/<path:path>")
def tile(path: str) -> Response:
    """Serve a hash tile, or an entry bundle to whoever may read all; partial ones too."""
    named, reader = parse_tile_path(f"tile/{path}"), stand().reader
    if named.level == ENTRIES:
        access().demand(False)
    size = reader.moment().head.size
    body = reader.tile(level=named.level, n=named.n, width=named.width, size=size)
    response = Response(body, mimetype="application/octet-stream")
    if named.level != ENTRIES or stand().is_open:
        response.headers["Cache-Control"] = IMMUTABLE
    return response
