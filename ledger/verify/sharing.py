"""All ranges of one audit: who checks which, and whether together they are the log.

Owns what may be concluded from the workers' findings: good only if every range was found good, and
if the subtrees that were read for it give the tree that the caller compares with the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable

from ledger.errors import UndecidedError
from ledger.form import open_form
from ledger.log.frontier import Frontier
from ledger.statement import Statement, Verified
from ledger.verify.ranges import (
    Bad,
    Checking,
    Facts,
    Leaves,
    Link,
    ranges_of,
    signature_error,
)
from ledger.verify.replay import ContradictionError
from ledger.verify.workers import Crew
from ledger.wire.cose import CoseKey, thumbprint

EVERY = 128
"""After so many leaves of its own the replay looks after the workers."""
OnLink = Callable[[Link, Frontier], None]
"""Told of each closing in order, with the tree up to its range."""


class DoubtError(Exception):
    """Something does not hold, or was not said: one process alone must judge it. Never shown."""


class Sharing:
    """The ranges of a log of `size` leaves, of which those before `start` are hashed alone.

    With `on_link` no replay goes beside: events are read too, and what is bad is said here.
    """

    def __init__(
        self,
        leaves: Leaves,
        crew: Crew | None,
        *,
        size: int,
        start: int = 0,
        on_link: OnLink | None = None,
    ) -> None:
        self.frontier = Frontier()
        self.start_root = self.frontier.root()
        self._leaves, self._crew, self._on_link = leaves, crew, on_link
        self._size, self._start = size, start
        self._own = Checking(leaves, whole=on_link is not None)
        self._todo = ranges_of(size, start=start)
        self._waiting: dict[int, Facts] = {}
        self._unknown: list[int] = []
        self._passed = 0
        if crew is not None:
            crew.give(self._todo, whole=on_link is not None)

    def check(self, statement: Statement, key: CoseKey, index: int) -> Verified:
        """Return a statement as verified on the word of whoever has its range; see `finish`.

        They check the signature under the key of that thumbprint, so it must be this one.
        """
        del index
        if thumbprint(key) != statement.kid or key.alg != statement.alg:
            raise DoubtError("A key is not the one that the statement names.")
        self._own.keys[statement.kid] = key
        self._passed += 1
        if not self._passed % EVERY:
            self.look()
        return Verified(statement, key)

    def look(self) -> None:
        """Take in what workers found, and give them more to do."""
        if self._crew is not None:
            self._crew.learn(self._own.keys)
            self._take(self._crew.collect(self._todo))
            self._crew.give(self._todo, whole=self._on_link is not None)

    def finish(self, progress: Callable[[int, int], None]) -> None:
        """Check what is left, here and there; raise unless every range was found good.

        The caller must still compare `frontier` with the checkpoint, and `start_root` with what it
        remembers: that shows that the leaves which were checked are the ones that were replayed.
        """
        crew = self._crew
        while self._todo or (crew is not None and crew.is_busy):
            if self._todo:
                self._take([self._own.check(self._todo.pop(0))])
                self.look()
            elif crew is not None:
                self._take(crew.collect(self._todo, is_waiting=True))
            if self._on_link is not None:
                progress(self.frontier.size, self._size)
        if self.frontier.size != self._size:
            raise DoubtError("Not all leaves were checked.")
        if self._start == self._size:
            self.start_root = self.frontier.root()
        self._check_unknown(final=True)

    def _take(self, found: list[Facts]) -> None:
        for facts in found:
            if facts.bad is not None and self._on_link is None:
                raise DoubtError(facts.bad.message)
            self._waiting[facts.range.first] = facts
            self._own.keys.update(facts.keys)
        # In the order of the log, whoever was first: so the first failure is always the same.
        while (following := self._waiting.pop(self.frontier.size, None)) is not None:
            self._append(following)

    def _append(self, facts: Facts) -> None:
        if self._start == facts.range.first:
            self.start_root = self.frontier.root()
        self._unknown += facts.unknown
        if self._on_link is not None:
            for link in facts.links:
                self._on_link(link, self.frontier)
        if facts.bad is not None:
            self._check_unknown(final=False)
            raise _error(facts.bad)
        for level, node in facts.nodes:
            self.frontier.graft(level, node)

    def _check_unknown(self, *, final: bool) -> None:
        """Check the signatures whose key the worker did not know yet, now that it is known."""
        for index in self._unknown:
            (raw,) = self._leaves(index, index + 1)
            form = open_form(raw)
            key = self._own.keys.get(form.kid)
            error = signature_error(form, key) if key is not None else None
            if error is not None:
                raise _error(Bad(index, "signatures.good", error.code, error.message))
            if key is None and final:
                message = f"Leaf {index} is signed by an unknown key."
                raise _error(Bad(index, "signatures.good", "key.unknown", message))


def _error(bad: Bad) -> ContradictionError | UndecidedError:
    if bad.is_undecided:
        return UndecidedError(bad.code, bad.message, params={"index": bad.index})
    return ContradictionError(bad.check, bad.index, bad.code, bad.message)
