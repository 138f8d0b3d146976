"""Rates and sizes: a token bucket for each client address, and the largest body.

Owns fairness between clients of one process. It reads the time from the clock it is given.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from flask import Flask, request
from msgspec import Struct

from ledger.errors import UnavailableError

BODY_BYTES_MAX = 8 * 1024 * 1024 + 65_536
"""The largest request body: a bundle of 8 MiB and its framing."""
CLIENTS_MAX = 10_000


class Rate(Struct, frozen=True):
    """How often one client may ask: `per_s` requests a second, at most `burst` saved up."""

    per_s: int = 50
    burst: int = 300


class Buckets:
    """Token buckets by client; those who asked longest ago are forgotten first."""

    def __init__(self, rate: Rate, *, clock: Callable[[], float]) -> None:
        self._rate = rate.per_s
        self._burst = rate.burst
        self._clock = clock
        self._lock = threading.Lock()
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> bool:
        """Return whether `client` may go on, and take a token if so."""
        with self._lock:
            now = self._clock()
            level, since = self._level.pop(client, (float(self._burst), now))
            level = min(self._burst, level + (now - since) * self._rate)
            allowed = level >= 1
            self._level[client] = (level - 1 if allowed else level, now)
            if len(self._level) > CLIENTS_MAX:
                self._level.popitem(last=False)
            return allowed


def install(app: Flask, buckets: Buckets) -> None:
    """Refuse clients of `app` that ask too often, and bodies that are too large."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = 65_536

    @app.before_request
    def limit() -> None:
        if request.endpoint in ("health.healthz", "static"):
            return
        client = request.remote_addr or "unknown"
        if not buckets.take(client):
            raise UnavailableError(
                "rate.limited",
                "Too many requests from this address.",
                hint="Wait a few seconds and try again.",
            )
