"""What machines ask first: is the server well, and what can it do?"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from flask import Blueprint, Response

from web import negotiate
from web.stand import stand

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the ledger can be read, its size, and whether this server writes."""
    ground = stand()
    size = ground.reader.moment().head.size
    return negotiate.json_response(
        {"status": "ok", "size": size, "writes": ground.registrar is not None}
    )


@blueprint.get("/api/v1/openapi.json")
def openapi() -> Response:
    """Describe the interface (OpenAPI 3.1)."""
    return Response(_openapi(), mimetype=negotiate.JSON)


@lru_cache(maxsize=1)
def _openapi() -> bytes:
    return files("web").joinpath("openapi.json").read_bytes()
