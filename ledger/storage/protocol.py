"""What every store keeps, as plain rows, and the one protocol they all fulfil.

Owns the shape of what is stored: leaves are the truth, everything in `Derived` can be rebuilt from
them. Knows neither SQL nor files. Rows are named tuples of plain values; no table leaves a store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from msgspec import Struct

from ledger.storage.finding_list import FindingLists, FindingRow

TILE_WIDTH = 256
"""Leaf hashes in a full tile (C2SP tlog-tiles)."""


class Head(Struct, frozen=True):
    """Where the ledger stands after its last closing.

    `size` counts leaves, closings included, and `root` is the tree root over them. `closing` is the
    statement id of the last closing, `at` its time in seconds, `born` how many lots were born.
    """

    size: int
    root: bytes
    height: int
    closing: bytes
    at: int
    born: int


class LeafRow(NamedTuple):
    """A leaf: its 0-based index `leaf`, its bytes as they arrived, and what they say, for look-ups.

    `hash` is the leaf hash, `id` the statement id, `kid` the signing key's thumbprint (32 bytes
    each). `seq` is None for closings.
    """

    leaf: int
    hash: bytes
    id: bytes
    kid: bytes
    seq: int | None
    party: str
    type: str
    raw: bytes


class BlockRow(NamedTuple):
    """A block: its leaves are `first` <= index < `closing`, its closing is leaf `closing`."""

    closing: int
    height: int
    first: int
    at: int


class RecordRow(NamedTuple):
    """A subject's record: `path` in the state map, `hash` of `record`, the `inner` map beside it.

    `first` is the id of the first statement that touched it; `listed` says how many rows its open
    findings have in the lists of findings.
    """

    kind: str
    name: str
    n: int
    listed: int
    path: bytes
    hash: bytes
    first: bytes
    record: bytes
    inner: bytes


class StepRow(NamedTuple):
    """The `n`-th statement that touched a subject is leaf `leaf`; `n` counts from 1."""

    kind: str
    name: str
    n: int
    leaf: int


class OfferRow(NamedTuple):
    """An open offer: who sends, who receives, and its strict CBOR."""

    id: bytes
    sender: str
    receiver: str
    body: bytes


class KeyRow(NamedTuple):
    """A key that was ever enrolled: its owner and the strict CBOR of the numbers it used."""

    kid: bytes
    owner: str
    use: bytes


class HeldRow(NamedTuple):
    """A party holds or owns a lot or container."""

    party: str
    kind: str
    name: str


class RefusedRow(NamedTuple):
    """A refused statement by an enrolled key; its bytes are kept for auditors.

    `params` is strict CBOR of the facts that its sentence needs, `height` its block's. `raw` is
    empty where the ledger was restored from leaves, which do not hold it.
    """

    id: bytes
    kid: bytes
    seq: int
    rule: str
    params: bytes
    height: int
    raw: bytes


class TileRow(NamedTuple):
    """A full tile of leaf hashes: 256 × 32 bytes, and the root of their subtree."""

    n: int
    root: bytes
    hashes: bytes


class Derived(Struct, frozen=True):
    """All that a block changes beside its leaves; a replay of the leaves gives the same rows.

    `offers` and `acts` hold open ones, `settled` the ids of offers and acts that ended; `uses` are
    keys whose owner or numbers changed; `held` and `left` are what came to and left a party,
    `opened` and `ended` what came into the lists of findings and went from them.
    """

    records: tuple[RecordRow, ...] = ()
    steps: tuple[StepRow, ...] = ()
    offers: tuple[OfferRow, ...] = ()
    acts: tuple[tuple[bytes, bytes], ...] = ()
    settled: tuple[bytes, ...] = ()
    keys: tuple[KeyRow, ...] = ()
    held: tuple[HeldRow, ...] = ()
    left: tuple[HeldRow, ...] = ()
    opened: tuple[FindingRow, ...] = ()
    ended: tuple[FindingRow, ...] = ()


class CommitBlock(Struct, frozen=True):
    """One closed block as it is stored, in one durable transaction.

    `leaves` are contiguous and end with the closing. `expected` is the head that must still stand
    (None: an empty store), `head` the one that replaces it.
    """

    expected: Head | None
    head: Head
    block: BlockRow
    leaves: tuple[LeafRow, ...]
    derived: Derived
    tiles: tuple[TileRow, ...] = ()
    refused: tuple[RefusedRow, ...] = ()


class Changed(Struct, frozen=True):
    """What the blocks up to `head` changed since a height: for whoever follows another process.

    `records` are kind, name, path and record hash of each subject that changed, `keys` those whose
    owner or numbers did.
    """

    head: Head
    records: tuple[tuple[str, str, bytes, bytes], ...]
    keys: tuple[KeyRow, ...]


class Store(FindingLists, Protocol):
    """The place where leaves and what follows from them are kept.

    One writer at a time; any thread reads, whole blocks only. Leaves never change and never go.
    """

    # -- the write path

    def turn(self) -> AbstractContextManager[Head | None]:
        """Wait for the turn to write among processes; tell the head, or None where one writes.

        A courtesy: what keeps two histories apart is the compare-and-swap in `commit`.
        """
        ...

    def commit(self, block: CommitBlock) -> None:
        """Store a block durably, all of it or nothing.

        Raise UnavailableError `store.conflict` where the head is not `block.expected`,
        `store.full` where the disk is full, `store.failed` where the outcome is not known.
        """
        ...

    def reread(self, start: int, stop: int) -> list[bytes]:
        """Return leaf bytes as another connection finds them stored; for hashing before signing."""
        ...

    def settle(self) -> None:
        """Make whole and durable what a failed write left uneven.

        Called before anything that is read is relied on, at a start and after each failure.
        """
        ...

    def rebuild(self, blocks: Iterable[Derived]) -> None:
        """Replace everything derived by what `blocks` give, in one transaction."""
        ...

    # -- leaves and blocks

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all reads of this thread inside the block see one and the same state."""
        ...

    def head(self) -> Head | None:
        """Return where the ledger stands, or None for an empty store."""
        ...

    def size(self) -> int:
        """Return the highest stored index + 1; more than the head's size is damage."""
        ...

    def leaf(self, index: int) -> LeafRow | None:
        """Return the leaf at a 0-based index, or None."""
        ...

    def leaves(self, start: int, stop: int) -> list[LeafRow]:
        """Return the leaves start <= index < stop, as many as there are."""
        ...

    def raws(self, start: int, stop: int) -> list[bytes]:
        """Return the bytes of the leaves start <= index < stop."""
        ...

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of start <= index < stop, 32 bytes each."""
        ...

    def index_of(self, statement_id: bytes) -> int | None:
        """Return the leaf index of a statement id, or None."""
        ...

    def index_by_number(self, *, kid: bytes, seq: int) -> int | None:
        """Return the leaf index of the statement with number `seq` of key `kid`, or None."""
        ...

    def block_of(self, index: int) -> BlockRow | None:
        """Return the block that leaf `index` is in (its closing counts), or None."""
        ...

    def blocks(self, *, after: int = -1, limit: int = 1_000) -> list[BlockRow]:
        """Return blocks whose closing has an index above `after`, oldest first."""
        ...

    def tile(self, n: int) -> bytes | None:
        """Return the n-th full tile of leaf hashes, 8,192 bytes, or None."""
        ...

    def tile_roots(self, start: int = 0) -> list[bytes]:
        """Return the subtree roots of all full tiles from the `start`-th on, in order."""
        ...

    # -- what follows from them

    def record(self, *, kind: str, name: str) -> RecordRow | None:
        """Return the record of a subject, or None."""
        ...

    def records(self) -> Iterator[RecordRow]:
        """Yield every record, sorted by kind and name."""
        ...

    def record_hashes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield path and record hash of every subject, in no order."""
        ...

    def subjects(self) -> int:
        """Return how many records are found by name: one less is one that an index lost."""
        ...

    def names(
        self, *, kind: str, prefix: str = "", after: str = "", limit: int = 1_000
    ) -> list[str]:
        """Return names of one kind that begin with `prefix` and lie after `after`, sorted."""
        ...

    def history(self, *, kind: str, name: str, after: int = 0, limit: int = 10_000) -> list[int]:
        """Return the leaf indexes that touched a subject, from its step `after` + 1 on."""
        ...

    def entering(self, document: str, types: Collection[str]) -> list[int]:
        """Return the leaf indexes of a document's statements of some types, newest first."""
        ...

    def held_by(self, party: str, *, kind: str, after: str = "", limit: int = 1_000) -> list[str]:
        """Return names of the lots or containers that a party holds or owns, sorted."""
        ...

    def holdings(self) -> Iterator[HeldRow]:
        """Yield who holds or owns which lots and containers, in no order."""
        ...

    def offers(self, *, party: str | None = None) -> list[OfferRow]:
        """Return open offers to or by a party, or all of them, sorted by id."""
        ...

    def offer(self, offer_id: bytes) -> OfferRow | None:
        """Return the open offer of that id, or None."""
        ...

    def acts(self) -> list[tuple[bytes, bytes]]:
        """Return id and strict CBOR of every pending act, sorted by id."""
        ...

    def enrolled_keys(self, kids: Collection[bytes] | None = None) -> list[KeyRow]:
        """Return every key that was ever enrolled, or those of `kids`, sorted."""
        ...

    def refused(self, number: tuple[bytes, int] | None = None) -> Iterator[RefusedRow]:
        """Yield refused statements, all or with one `(kid, seq)`, as they were refused."""
        ...

    def refusal(self, statement_id: bytes) -> RefusedRow | None:
        """Return the refused statement of that id, if a closing names it, or None."""
        ...

    def changes(self, after: int) -> Changed | None:
        """Return what blocks above height `after` changed; None where the store does not tell."""
        ...

    # -- the store itself

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every derived table as sorted rows: two stores with equal dumps say the same."""
        ...

    def inspect(self) -> Iterator[str]:
        """Yield a sentence for each fault of the file and of what is kept beside the log."""
        ...

    def backup(self, path: str) -> None:
        """Write a consistent copy of the whole store to a new file at `path`."""
        ...

    def close(self) -> None:
        """Let go of files and connections; the store is spent."""
        ...
