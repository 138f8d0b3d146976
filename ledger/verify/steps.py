"""The list of named checks that a verification made, in order (docs/checks.md).

Owns how a failed check ends a verification: the first failure is recorded and raised on. Must not
know what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.errors import RingmarkError
from ledger.verify.verdict import Check, CheckOutcome, Kind


class Steps:
    """The checks made so far, passed ones first, at most one failed at the end."""

    def __init__(self) -> None:
        self._done: list[Check] = []

    @property
    def done(self) -> tuple[Check, ...]:
        """Return the checks in the order in which they were made."""
        return tuple(self._done)

    @property
    def failed(self) -> str:
        """Return the name of the failed check, empty if none failed."""
        last = self._done[-1] if self._done else None
        return last.name if last and last.outcome is CheckOutcome.FAILED else ""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note the check `name` as passed, or as failed when its body raises, which goes on up."""
        try:
            yield
        except RingmarkError as error:
            self._done.append(Check(name, CheckOutcome.FAILED, Kind.PROVED, error.message))
            raise
        self._done.append(Check(name, CheckOutcome.PASSED, Kind.PROVED))

    def stated(self, name: str, detail: str) -> None:
        """Note what the closing states and every audit recomputes; it is not proved here."""
        self._done.append(Check(name, CheckOutcome.PASSED, Kind.STATED, detail))

    def open(self, name: str, detail: str) -> None:
        """Note a check that could not be made, with the reason."""
        self._done.append(Check(name, CheckOutcome.OPEN, Kind.PROVED, detail))

    def detail(self, text: str) -> None:
        """Say more about the check that passed last."""
        last = self._done[-1]
        self._done[-1] = Check(last.name, last.outcome, last.kind, text)
