"""Which representation a client asked for: a page, JSON, or a linkset.

Owns the media types of the web. Knows nothing of what is represented.
"""

from __future__ import annotations

from flask import Response, request

from ledger.wire import text

HTML = "text/html"
JSON = "application/json"
LINKSET = "application/linkset+json"
COSE = "application/cose"
BATCH = "application/vnd.ringmark.batch+cbor"
CARD = "application/vnd.ringmark.card+cbor"
BUNDLE = "application/vnd.ringmark.bundle+cbor"


def wanted() -> str:
    """Return the media type to answer with: a page unless the client prefers another."""
    return request.accept_mimetypes.best_match([HTML, JSON, LINKSET], default=HTML) or HTML


def json_response(plain: object, *, status: int = 200, mimetype: str = JSON) -> Response:
    """Return `plain` as JSON."""
    return Response(text.json_dumps(plain), status, mimetype=mimetype)


def varied(response: Response) -> Response:
    """Say that a response depends on what the client prefers."""
    response.vary.update(["Accept", "Accept-Language"])
    return response
