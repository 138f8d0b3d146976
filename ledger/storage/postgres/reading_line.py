"""A connection that only reads, and is given up where the server stands still.

Owns the client's end of that wait: a process of the server that is stopped ends no statement in
time, and its line stays open, so neither the server's own limit nor keep-alives say anything.
A line that writes waits without end: what became of a commit, only its answer tells.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen

from ledger.storage.patience import patience_s

STILL_S_MAX = 65
"""An answer that is not there by then will not come: the server ends such a read after 60."""


class ReadingLine(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose every answer is waited for as long as the thread's patience lasts."""

    def wait(self, gen: PQGen[RV], *arguments: Any, **options: Any) -> RV:
        """Return what `gen` comes to; raise OperationalError and close where it takes too long."""
        try:
            return super().wait(_bounded(gen, patience_s(STILL_S_MAX)), *arguments, **options)
        except StillError:
            self.close()
            raise


class StillError(psycopg.OperationalError):
    """The server gave no answer in time, and did not end the line either."""


def _bounded(gen: PQGen[RV], wait_s: float) -> PQGen[RV]:
    until_s = time.monotonic() + wait_s
    try:
        wanted = next(gen)
        while True:
            # The driver asks again and again, ten times a second where nothing comes.
            ready = yield wanted
            if not ready and time.monotonic() > until_s:
                raise StillError(f"it timed out: no answer in {wait_s:g} seconds")
            wanted = gen.send(ready)
    except StopIteration as done:
        result: RV = done.value
        return result
