"""Answers in fewer bytes, for clients that take gzip: phones far from a mast.

Owns the one coding and who gets it. No page has a secret beside what somebody else chose, so that
its length tells nothing.
"""

from __future__ import annotations

import zlib

from flask import Response, request

_GZIP = 31
_MEMORY = 6
"""Smaller blocks than usual (8), each with codes of its own: our script has several manners."""
LEAST = 600
"""Bytes below which packing saves nothing worth having."""


def pack(body: bytes) -> bytes:
    """Return `body` as gzip (RFC 1952), without a time: the same bytes for the same input."""
    packer = zlib.compressobj(9, wbits=_GZIP, memLevel=_MEMORY)
    return packer.compress(body) + packer.flush()


def sent(response: Response, packed: bytes | None = None) -> Response:
    """Return `response` packed where that is shorter and the client takes it.

    `packed` is its body as `pack` made it before; without it the body is packed now.
    """
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or len(response.get_data()) < LEAST:
        return response
    response.set_data(packed if packed is not None else pack(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    return response
