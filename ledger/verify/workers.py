"""Other processes that check ranges of leaves while this one replays.

Owns the hand-off: a worker opens its own source and reads its own ranges, so nothing but places,
keys and small findings goes through a pipe. A worker that dies or falls silent costs time and
nothing else: its ranges are given to somebody else.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from msgspec import Struct, field

from ledger.errors import RingmarkError
from ledger.verify.ranges import Checking, Facts, Keys, Leaves, Range
from ledger.wire.cose import CoseKey

AHEAD = 3
"""Ranges that a worker is given ahead, so that it never waits for a replay that is busy."""
SILENT_S = 120
"""A worker that says nothing for so long, while everybody waits for it, is given up."""
OpenLeaves = Callable[[], Leaves]
"""Opens the leaves anew: called once in each worker."""


class _Member(Struct):
    process: Any
    pipe: Connection
    given: list[Range] = field(default_factory=list)
    told: int = 0
    """How many of the known keys it was told."""


class Crew:
    """Worker processes, forked when this is made: make it before any thread is started.

    Where a system cannot fork there are none, and the one process does everything.
    """

    def __init__(self, open_leaves: OpenLeaves, *, workers: int) -> None:
        self.workers = 0
        self.lost = 0
        self._members: list[_Member] = []
        self._keys: list[tuple[bytes, CoseKey]] = []
        self._known: set[bytes] = set()
        if "fork" not in get_all_start_methods():
            return
        context = get_context("fork")
        for _ in range(workers):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(open_leaves, there), daemon=True)
            process.start()
            there.close()
            self._members.append(_Member(process, here))
        self.workers = workers

    def learn(self, keys: Keys) -> None:
        """Note keys that workers must know for the ranges that they are given from now on."""
        for kid, key in keys.items():
            if kid not in self._known:
                self._known.add(kid)
                self._keys.append((kid, key))

    def give(self, todo: list[Range], *, whole: bool) -> None:
        """Hand out ranges from the front of `todo` until each worker has enough ahead."""
        for member in list(self._members):
            while todo and len(member.given) < AHEAD:
                wanted = todo.pop(0)
                member.given.append(wanted)
                try:
                    member.pipe.send((wanted, whole, self._keys[member.told :]))
                except OSError:
                    todo[:0] = self._lose(member)
                    break
                member.told = len(self._keys)

    def collect(self, todo: list[Range], *, is_waiting: bool = False) -> list[Facts]:
        """Return what workers found since; ranges of those who died go back to `todo`.

        With `is_waiting` the call returns only when somebody has something to say.
        """
        found: list[Facts] = []
        by_pipe = {member.pipe: member for member in self._members}
        ready = wait(list(by_pipe), timeout=SILENT_S if is_waiting else 0) if by_pipe else []
        if is_waiting and not ready:
            for member in list(self._members):
                todo[:0] = self._lose(member)
        for pipe in ready:
            member = by_pipe[pipe]  # type: ignore[index]
            try:
                facts = member.pipe.recv()
                member.given.remove(facts.range)
            except (EOFError, OSError, ValueError):
                todo[:0] = self._lose(member)
                continue
            found.append(facts)
        return found

    @property
    def is_busy(self) -> bool:
        """Return whether any worker still owes an answer."""
        return any(member.given for member in self._members)

    def close(self) -> None:
        """End all workers."""
        while self._members:
            self._end(self._members.pop())

    def _lose(self, member: _Member) -> list[Range]:
        """Give a worker up and return what it owed."""
        self._members.remove(member)
        self.lost += 1
        self._end(member)
        return member.given

    def _end(self, member: _Member) -> None:
        member.pipe.close()
        member.process.terminate()
        member.process.join()


def _work(open_leaves: OpenLeaves, pipe: Connection) -> None:
    """Check the ranges that come through `pipe` until it is closed: the whole life of a worker."""
    # Whoever presses Ctrl-C means the audit; its own process ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        leaves = open_leaves()
    except (RingmarkError, OSError):
        # Whoever replays opens the same place, and says what is wrong with it.
        return
    checking: dict[bool, Checking] = {}
    while True:
        try:
            wanted, whole, keys = pipe.recv()
        except (EOFError, OSError):
            return
        here = checking.setdefault(whole, Checking(leaves, whole=whole))
        here.keys.update(keys)
        try:
            pipe.send(here.check(wanted))
        except (RingmarkError, OSError):
            # Leaves that cannot be read, or nobody who listens: whoever replays says it.
            return
