"""Moments: a ledger after one closing, with everything that proofs of that moment need.

Owns that checkpoint, closing, state map and tree of an answer belong together. Knows no subject and
no view. A moment is never changed: newer ones take its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from ledger.custody.events import BlockClosed
from ledger.errors import DamagedError, NotFoundError, UnavailableError
from ledger.log.checkpoint import Checkpoint, parse_checkpoint
from ledger.log.frontier import HashReader, LevelStore, range_root
from ledger.log.statemap import StateMap
from ledger.registrar import Registrar
from ledger.statement import ledger_id, parse_statement
from ledger.storage.protocol import Head, Store
from ledger.storage.state import stored_map
from ledger.wire.note import parse_note

FIRST_TRIES = 200
"""Looks for a first moment, 10 ms apart: a published checkpoint may be a second behind."""


class Moment(Struct, frozen=True):
    """The ledger after one closing.

    `note` is the signed checkpoint of `head.size`, `closing` the last leaf's bytes, `statemap` the
    map whose root that closing states, `levels` the upper levels of the tree.
    """

    ledger: bytes
    head: Head
    note: bytes
    closing: bytes
    statemap: StateMap
    levels: LevelStore


class Moments(Protocol):
    """Where moments come from."""

    def newest(self, known: Moment | None) -> Moment | None:
        """Return the newest moment: `known` where nothing is newer, None without a ledger."""
        ...


class LiveMoments:
    """Moments of a registrar in the same process: nothing is read again, nothing is copied."""

    def __init__(self, registrar: Registrar, store: Store) -> None:
        self._registrar = registrar
        self._store = store

    def newest(self, known: Moment | None) -> Moment | None:
        """Return the newest moment, never older than what anybody was acknowledged before."""
        settled = self._registrar.settled
        if settled is None or (known is not None and settled.head == known.head):
            return known
        head = settled.head
        closing = self._store.leaf(head.size - 1)
        if closing is None or not _agrees(closing.raw, settled.statemap):
            raise _no_moment()
        return Moment(
            settled.ledger, head, settled.note, closing.raw, settled.statemap, settled.levels
        )


class StoredMoments:
    """Moments of a store that other processes write; `note` reads its newest signed checkpoint."""

    def __init__(self, store: Store, *, note: Callable[[], bytes | None]) -> None:
        self._store = store
        self._note = note
        self._lock = threading.Lock()
        self._made: Moment | None = None
        self._pause = threading.Event()

    def newest(self, known: Moment | None) -> Moment | None:
        """Return the newest moment, never older than what anybody was acknowledged before the call.

        Raise DamagedError where the store fell behind `known`: an old copy took its place.
        """
        head = self._store.head()
        if head is None or (known is not None and head == known.head):
            return known
        if known is not None and head.size < known.head.size:
            raise _behind(head.size, known.head.size)
        with self._lock:
            if self._made is not None and self._made.head == head:
                return self._made
            self._made = self._wait(self._made or known)
            return self._made

    def _wait(self, known: Moment | None) -> Moment | None:
        """Return a moment at the signed head: while a block is written, soon after."""
        for attempt in range(FIRST_TRIES):
            note = self._note()
            if note is None:
                return known
            checkpoint = parse_checkpoint(parse_note(note).text)
            if known is not None and checkpoint.size <= known.head.size:
                # What lies above is not signed, so nobody was told of it.
                return known
            made = self._read(note, checkpoint, known)
            if made is not None:
                return made
            self._pause.wait(0.001 * min(attempt + 1, 10))
        if known is None:
            raise UnavailableError(
                "reader.unsigned",
                "The newest block is stored, but not signed yet: nobody was told of it.",
                hint="Whoever writes next signs it first: start the server, or try again. If it "
                "stays so, `ringmark doctor` says what is missing.",
            )
        return known

    def _read(self, note: bytes, checkpoint: Checkpoint, known: Moment | None) -> Moment | None:
        with self._store.snapshot():
            head, founding = self._store.head(), self._store.leaf(0)
            if head is None or founding is None or head.size > checkpoint.size:
                return None
            if head.size < checkpoint.size:
                # The note was read first: what it is signed for was stored before.
                raise _behind(head.size, checkpoint.size)
            closing = self._store.leaf(head.size - 1)
            if closing is None:
                return None
            if checkpoint.root != head.root:
                raise DamagedError(
                    "store.two-roots",
                    f"The database and the signed checkpoint differ at size {head.size}.",
                    hint="Stop writing. Compare with a copy by `ringmark doctor`.",
                )
            statemap = self._statemap(known)
            levels = self._levels(known, head)
        if not _agrees(closing.raw, statemap):
            # All was read in one snapshot: this does not pass.
            raise _no_moment()
        ledger = ledger_id(parse_statement(founding.raw))
        return Moment(ledger, head, note, closing.raw, statemap, levels)

    def _levels(self, known: Moment | None, head: Head) -> LevelStore:
        levels = known.levels if known is not None else LevelStore()
        roots = self._store.tile_roots(levels.tiles)
        for root in roots:
            levels.append(root)
        if known is None or roots:
            # Roots of tiles are stored too: they are held to the head before anything is held to th
            reader = levels.reader(self._store.leaf_hashes, size=head.size)
            if range_root(reader, start=0, stop=head.size) != head.root:
                raise DamagedError(
                    "store.root",
                    f"The {head.size} leaves of the database do not give the root of its head.",
                    hint="Leaf bytes changed: restore them from a mirror.",
                    params={"size": head.size},
                )
        return levels

    def _statemap(self, known: Moment | None) -> StateMap:
        changed = self._store.changes(known.head.height) if known is not None else None
        if known is None or changed is None:
            return stored_map(self._store)
        statemap = known.statemap.copy()
        statemap.apply({path: value for _, _, path, value in changed.records})
        return statemap


class Keeper:
    """The newest moment, kept for whoever asks; a short wait bridges a block being written."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._kept: Moment | None = None
        self._pause = threading.Event()

    @property
    def has_moment(self) -> bool:
        """Return whether a moment was asked for: its state map is in memory then."""
        return self._kept is not None

    def moment(self) -> Moment:
        """Return the newest moment; raise NotFoundError where no ledger was founded."""
        found = self._moments.newest(self._kept)
        if found is None:
            raise NotFoundError("ledger.not-founded", "There is no ledger in this database.")
        self._kept = found
        return found

    def settle(self, attempt: int) -> None:
        """Wait a little for a block to be finished; raise UnavailableError after many times."""
        if attempt >= 100:
            raise UnavailableError(
                "reader.moving", "The ledger moves too fast to read.", hint="Try again."
            )
        self._pause.wait(0.002 * min(attempt + 1, 20))


def _behind(size: int, signed: int) -> DamagedError:
    return DamagedError(
        "store.behind-mark",
        f"The database has {size} leaves, but {signed} were signed for.",
        hint="An old copy was put here, or ledger.db-wal was lost: run `ringmark doctor`.",
        params={"size": size, "mark": signed},
    )


def _no_moment() -> DamagedError:
    return DamagedError(
        "store.no-moment",
        "The records are not those of the last closing.",
        hint="Rebuild the derived tables from the leaves: `ringmark doctor --rebuild`.",
    )


def tree_reader(moment: Moment, store: Store) -> HashReader:
    """Return a reader of the tree at `moment`, for one proof or a few."""
    size, root = moment.head.size, moment.head.root
    return moment.levels.reader(store.leaf_hashes, size=size, root=root)


def _agrees(closing: bytes, statemap: StateMap) -> bool:
    event = parse_statement(closing).event
    return isinstance(event, BlockClosed) and event.state == statemap.root()
