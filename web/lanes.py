"""Which requests are answered where: at once, in line for the registrar, or aside.

Owns the choice by address, so that an inspector's page never waits for somebody's long list, and no
statement for the check of somebody's file.
"""

from __future__ import annotations

from enum import Enum

READS = frozenset({"GET", "HEAD", "OPTIONS"})
_CHECKED = "/api/v1/verify"
_FIXED = ("/static/", "/api/v1/openapi.json")
_QUICK = (
    "/i/",
    "/m/",
    "/d/",
    "/find",
    "/log/",
    "/healthz",
    "/api/v1/consistency/",
)
"""Where the pages of one thing are, and what a phone needs to prove them: some ms each."""


class Lane(Enum):
    """Where a request is answered."""

    FIXED = "fixed"
    """On the event loop: what is the same for everybody, and asks no ledger."""
    QUICK = "quick"
    """On the event loop too, one after another, unless the ledger's database is a server."""
    WRITE = "write"
    """By one of many threads: statements, which wait for one durable block, and photos."""
    LONG = "long"
    """By one of few threads: lists, bundles, and files to check."""


def lane_of(method: str, path: str) -> Lane:
    """Return where a request of that method and path (percent-encoded) is answered."""
    if method not in READS:
        return Lane.LONG if path.startswith(_CHECKED) else Lane.WRITE
    if path == "/" or path.startswith(_FIXED):
        return Lane.FIXED
    is_quick = path.startswith(_QUICK) or path.endswith("/card")
    return Lane.QUICK if is_quick else Lane.LONG
