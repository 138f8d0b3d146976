"""The outside world as arguments: the only home of the clock and of random bytes.

The core (`wire` to `verify`) never imports this module; shells hand it in.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """A source of the present time."""

    def now_s(self) -> int:
        """Return seconds since 1970-01-01T00:00:00Z, whole."""
        ...


class Entropy(Protocol):
    """A source of unpredictable bytes."""

    def token(self, size: int) -> bytes:
        """Return `size` random bytes."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now_s(self) -> int:
        """Return seconds since 1970-01-01T00:00:00Z, whole."""
        return int(time.time())  # noqa: TID251 - the one place that reads the clock


class SystemEntropy:
    """The random source of the operating system."""

    def token(self, size: int) -> bytes:
        """Return `size` random bytes."""
        import secrets  # noqa: TID251 - the one place that draws; few commands do

        return secrets.token_bytes(size)


class SettableClock:
    """A clock that stands where it is put: `--now`, the simulator and tests use it."""

    def __init__(self, now_s: int) -> None:
        self._now_s = now_s

    def now_s(self) -> int:
        """Return the time that was set, seconds."""
        return self._now_s

    def set(self, now_s: int) -> None:
        """Put the clock to `now_s`."""
        self._now_s = now_s

    def advance(self, seconds: int) -> None:
        """Move the clock forward by `seconds`."""
        self._now_s += seconds
