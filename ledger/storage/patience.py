"""How long a thread waits for a database server that stands still.

Owns one number for each thread: whoever answers people in person waits but a moment, whoever reads
a whole ledger as long as it takes. Knows no database; a file on this machine is not waited for.
"""

from __future__ import annotations

import threading

_own = threading.local()


def be_hurried(wait_s: float) -> None:
    """Let this thread from now on wait at most `wait_s` seconds for each answer of a server."""
    _own.wait_s = wait_s


def patience_s(ordinary_s: float) -> float:
    """Return how many seconds this thread waits for an answer: `ordinary_s` unless hurried."""
    return min(ordinary_s, getattr(_own, "wait_s", ordinary_s))
