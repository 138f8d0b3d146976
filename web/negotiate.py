"""Which representation a client asked for: a page, JSON, or a linkset.

Owns the media types of the web. Knows nothing of what is represented.
"""

from __future__ import annotations

from functools import lru_cache

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from ledger.wire import text

HTML = "text/html"
JSON = "application/json"
LINKSET = "application/linkset+json"
COSE = "application/cose"
BATCH = "application/vnd.ringmark.batch+cbor"
CARD = "application/vnd.ringmark.card+cbor"
BUNDLE = "application/vnd.ringmark.bundle+cbor"
HEADER_MAX = 1_000
"""Characters of a header that are read."""
PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Vary", "Accept, Accept-Language"),
    ("Cache-Control", "no-store"),
)
FOR_PROGRAMS = ("/api/", "/log/", "/healthz")
"""Where nobody reads pages, whatever a browser says that it accepts."""


def is_for_people(path: str, accept: str) -> bool:
    """Return whether a problem is told as a page: to who asks for one, where there are pages."""
    return not path.startswith(FOR_PROGRAMS) and _prefers_page(accept[:HEADER_MAX])


@lru_cache(maxsize=512)
def _prefers_page(accept: str) -> bool:
    return parse_accept_header(accept, MIMEAccept).best_match([JSON, HTML]) == HTML


def wanted() -> str:
    """Return the media type to answer with: a page unless the client prefers another."""
    return _best(request.headers.get("Accept", ""))


@lru_cache(maxsize=512)
def _best(accept: str) -> str:
    accepted = parse_accept_header(accept[:HEADER_MAX], MIMEAccept)
    return accepted.best_match([HTML, JSON, LINKSET], default=HTML) or HTML


def json_response(plain: object, *, status: int = 200, mimetype: str = JSON) -> Response:
    """Return `plain` as JSON."""
    return Response(text.json_dumps(plain), status, mimetype=mimetype)


def varied(response: Response) -> Response:
    """Say that a response depends on what the client prefers."""
    response.vary.update(["Accept", "Accept-Language"])
    return response
