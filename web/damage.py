"""Damage and trouble in the log of the server: each kind once in a while, however often it is met.

Owns what an operator hears of, and how often. A damaged row that a popular page rests on would fill
the disk that is left; a database that is away is asked for by every request.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import cast

from flask import current_app

from ledger.errors import DamagedError, RingmarkError
from web.stand import stand

AGAIN_S = 600
"""The same damage is said again after so long, with how often it was met since."""
TROUBLE_AGAIN_S = 60
"""The same of what passes by itself, or once somebody sets it right."""
KINDS_MAX = 256
TROUBLE = ("store.", "copy.", "clock.", "high-water.")
"""Codes of what an operator sets right: databases, copies, clocks and marks."""


class Told:
    """What was said of damage, and when; the oldest kinds go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def line(self, error: RingmarkError, *, now_s: int) -> str | None:
        """Return the line to write for an error, or None where it was written a while ago."""
        is_damage = isinstance(error, DamagedError)
        if not is_damage and not error.code.startswith(TROUBLE):
            return None
        kind, again_s = (error.code, error.message), AGAIN_S if is_damage else TROUBLE_AGAIN_S
        with self._lock:
            at, since = self._said.get(kind, (None, 0))
            # A clock that was set back says nothing of how long ago it was.
            if at is not None and 0 <= now_s - at < again_s:
                self._said[kind] = (at, since + 1)
                return None
            self._said[kind] = (now_s, 0)
            self._said.move_to_end(kind)
            while len(self._said) > KINDS_MAX:
                self._said.popitem(last=False)
        again = f" ({since:,} times more since it was last said)" if since else ""
        return f"{'damage' if is_damage else 'trouble'}: {error.code}: {error.message}{again}"


def tell(error: RingmarkError) -> None:
    """Write a line on damage or trouble to the server's log, unless it stands there already."""
    told = cast(Told, current_app.extensions["ringmark.told"])
    line = told.line(error, now_s=stand().clock.now_s())
    if line is not None:
        current_app.logger.error("%s", line)
