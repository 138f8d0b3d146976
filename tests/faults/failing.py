"""Parts that fail once: before or after they did their work."""

from __future__ import annotations

from typing import Any


class Broken(OSError):
    """What a disk says on a bad day."""


class Faulty:
    """Anything with methods, one of which fails once: before or after it did its work."""

    def __init__(self, real: Any, method: str, *, done: bool) -> None:
        self._real, self._method, self._done = real, method, done
        self.armed = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name != self._method or not self.armed:
            return found

        def fail(*args: Any, **more: Any) -> Any:
            self.armed = False
            if self._done:
                found(*args, **more)
            raise Broken(f"{name} failed")

        return fail
