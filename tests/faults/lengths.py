"""How long the fault tests run: short with all tests, RINGMARK_LENGTH times as long by hand."""

from __future__ import annotations

import os

LENGTH = int(os.environ.get("RINGMARK_LENGTH", "1"))


def times(short: int) -> int:
    """Return how often something is done that is done `short` times in a short run."""
    return short * LENGTH
