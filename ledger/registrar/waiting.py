"""Submissions that wait for a block, in the order in which they came.

Owns how many statements may wait, and who is woken. Knows nothing of blocks and rules.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from msgspec import Struct, field

from ledger.errors import RingmarkError, UnavailableError
from ledger.registrar.intake import Entry
from ledger.registrar.outcomes import Failed, Outcome

WAITING_MAX = 8_192
"""Statements that may wait for a block; beyond that a submission is turned away at once."""


class Submission(Struct):
    """Statements that were sent together: those up to `taken` are in a block or done with.

    `is_verified` is True once their signatures were looked at; `outcomes` are the answers, once it
    is `done`.
    """

    entries: list[Entry]
    taken: int = 0
    is_verified: bool = False
    done: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    wake: threading.Event = field(default_factory=threading.Event)

    def settle(self, outcome: Callable[[Entry], Outcome]) -> None:
        """Write the answers and wake who waits; raise what `outcome` raises, once it is woken."""
        try:
            self.outcomes = [outcome(entry) for entry in self.entries]
        finally:
            self.done = True
            self.wake.set()


class Waiting:
    """The line of submissions, at most `limit` statements long."""

    def __init__(self, limit: int = WAITING_MAX) -> None:
        self.limit = limit
        self._line: deque[Submission] = deque()
        self._count = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """Return how many statements wait."""
        return self._count

    def join(self, new: Submission) -> None:
        """Put a submission at the end; raise UnavailableError where too many wait already.

        A single one that is longer than the line is let in when nobody else waits.
        """
        with self._lock:
            if self._count and self._count + len(new.entries) > self.limit:
                raise UnavailableError(
                    "registrar.busy",
                    f"{self._count} statements wait already.",
                    hint="Try again in a second.",
                    params={"waiting": self._count},
                )
            self._count += len(new.entries)
            self._line.append(new)

    def first(self) -> Submission | None:
        """Return the submission whose turn it is, or None."""
        with self._lock:
            return self._line[0] if self._line else None

    def leave(self, first: Submission) -> None:
        """Take away the first submission, all of whose statements are in a block."""
        with self._lock:
            self._line.popleft()
            self._count -= len(first.entries)

    def unverified(self) -> list[Submission]:
        """Return all submissions whose signatures nobody looked at yet."""
        with self._lock:
            return [waiting for waiting in self._line if not waiting.is_verified]

    def wake_first(self) -> None:
        """Wake whose turn it is."""
        with self._lock:
            if self._line:
                self._line[0].wake.set()

    def fail_all(self, error: RingmarkError) -> None:
        """Give up all that wait: what is in no block yet failed with `error`."""
        with self._lock:
            given_up, self._count = list(self._line), 0
            self._line.clear()
        for waiting in given_up:
            for entry in waiting.entries[waiting.taken :]:
                entry.outcome = entry.outcome or Failed(error)
            waiting.done = True
            waiting.wake.set()
