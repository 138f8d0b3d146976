"""Who checks signatures during an audit: the process that replays, or others beside it.

Owns the hand-off: workers read the leaves again from their own source and get keys alone, so that
no statement is pickled. What they read must hash to what was replayed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Protocol

from ledger.errors import RingmarkError
from ledger.statement import Statement, Verified, parse_statement, verify_statement
from ledger.verify.replay import ContradictionError
from ledger.wire.cose import CoseKey, thumbprint

BATCH = 1_024
Leaves = Callable[[int, int], list[bytes]]
"""Reads the leaves start <= index < stop."""


class Checker(Protocol):
    """Checks signatures as the replay meets them, in the order of the log."""

    def check(self, statement: Statement, key: CoseKey, index: int) -> Verified:
        """Return the statement as verified, now or trusting a later `finish`."""
        ...

    def finish(self) -> None:
        """Raise ContradictionError for the first bad signature that was noted."""
        ...


class InlineChecker:
    """Checks each signature at once."""

    def check(self, statement: Statement, key: CoseKey, index: int) -> Verified:
        """Return the statement as verified; raise ProofError unless `key` signed it."""
        del index
        return verify_statement(statement, key)

    def finish(self) -> None:
        """Do nothing: everything was checked."""


class ProcessChecker:
    """Checks signatures in other processes, batch by batch, while the replay goes on.

    `leaves` is read in the workers, so it must be a function that can be pickled or inherited by a
    fork, and open its own connections.
    """

    def __init__(self, leaves: Leaves, *, workers: int) -> None:
        self._pool = ProcessPoolExecutor(
            max_workers=workers,
            mp_context=get_context("fork"),
            initializer=_set_leaves,
            initargs=(leaves,),
        )
        self._pending: list[Future[tuple[int, str, str] | None]] = []
        self._keys: dict[bytes, tuple[int, bytes]] = {}
        self._digest = hashlib.sha256()
        self._first = self._next = 0
        self._used: list[bytes] = []

    def check(self, statement: Statement, key: CoseKey, index: int) -> Verified:
        """Return the statement as verified on trust; workers check it with the same key."""
        if thumbprint(key) != statement.kid or key.alg != statement.alg:
            return verify_statement(statement, key)
        self._keys[statement.kid] = (key.alg, key.public)
        self._used.append(statement.kid)
        self._digest.update(hashlib.sha256(statement.raw).digest())
        self._next = index + 1
        if self._next - self._first >= BATCH:
            self._send()
        return Verified(statement, key)

    def finish(self) -> None:
        """Wait for all workers; raise ContradictionError for the first bad signature."""
        self._send()
        try:
            for future in self._pending:
                found = future.result()
                if found is not None:
                    index, code, message = found
                    raise ContradictionError("signatures.good", index, code, message)
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _send(self) -> None:
        if self._next == self._first:
            return
        needed = {kid: self._keys[kid] for kid in set(self._used)}
        task = (self._first, self._next, self._digest.digest(), needed)
        self._pending.append(self._pool.submit(_check_batch, *task))
        self._digest, self._first, self._used = hashlib.sha256(), self._next, []


_leaves: Leaves | None = None


def _set_leaves(leaves: Leaves) -> None:
    global _leaves  # noqa: PLW0603 - one source for each worker process
    _leaves = leaves


def _check_batch(
    first: int, stop: int, digest: bytes, keys: dict[bytes, tuple[int, bytes]]
) -> tuple[int, str, str] | None:
    """Return index, code and message of the first bad signature of a batch, or None."""
    if _leaves is None:
        return first, "audit.worker", "The worker has no leaves."
    seen = hashlib.sha256()
    for index, raw in enumerate(_leaves(first, stop), start=first):
        seen.update(hashlib.sha256(raw).digest())
        try:
            statement = parse_statement(raw)
            alg, public = keys[statement.kid]
            verify_statement(statement, CoseKey(alg, public))
        except RingmarkError as error:
            return index, error.code, f"Leaf {index}: {error.message}"
        except KeyError:
            return index, "key.unknown", f"Leaf {index} is signed by an unknown key."
    if seen.digest() != digest:
        return first, "leaves.moved", f"The leaves from {first} on were read in two versions."
    return None
