"""A store in memory: for tests, simulations and dry runs. Nothing of it outlives the process.

Fulfils the same contract as SQLite and is held to it by the same tests (tests/storage).
"""

from __future__ import annotations

import bisect
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct, field

from ledger.errors import UnavailableError, UsageError
from ledger.storage.finding_list import FOR_EVER_S, WEIGHTS, FindingRow, Listed
from ledger.storage.protocol import (
    BlockRow,
    Changed,
    CommitBlock,
    Derived,
    Head,
    HeldRow,
    KeyRow,
    LeafRow,
    OfferRow,
    RecordRow,
    RefusedRow,
    TileRow,
)


class _Derived(Struct):
    """The derived tables: what `rebuild` replaces."""

    records: dict[tuple[str, str], RecordRow] = field(default_factory=dict)
    steps: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    offers: dict[bytes, OfferRow] = field(default_factory=dict)
    acts: dict[bytes, bytes] = field(default_factory=dict)
    keys: dict[bytes, KeyRow] = field(default_factory=dict)
    held: set[HeldRow] = field(default_factory=set)
    findings: set[FindingRow] = field(default_factory=set)

    def check(self, derived: Derived) -> None:
        """Raise UnavailableError where a step is taken already or leaves a gap."""
        counts: dict[tuple[str, str], int] = {}
        for step in derived.steps:
            key = (step.kind, step.name)
            before = counts.get(key, len(self.steps.get(key, ())))
            if step.n != before + 1:
                raise _conflict(f"step {step.n} of {step.kind}/{step.name}")
            counts[key] = step.n

    def put(self, derived: Derived) -> None:
        """Take over what a block changed."""
        self.records.update({(row.kind, row.name): row for row in derived.records})
        for step in derived.steps:
            self.steps.setdefault((step.kind, step.name), []).append(step.leaf)
        self.keys.update({row.kid: row for row in derived.keys})
        self.held.difference_update(derived.left)
        self.held.update(derived.held)
        self.findings.difference_update(derived.ended)
        self.findings.update(derived.opened)
        self.offers.update({row.id: row for row in derived.offers})
        self.acts.update(dict(derived.acts))
        for settled in derived.settled:
            self.offers.pop(settled, None)
            self.acts.pop(settled, None)


class MemoryStore:
    """A store in memory; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._head: Head | None = None
        self._leaves: list[LeafRow] = []
        self._ids: dict[bytes, int] = {}
        self._numbers: dict[tuple[bytes, int], int] = {}
        self._blocks: list[BlockRow] = []
        self._tiles: list[TileRow] = []
        self._derived = _Derived()
        self._refused: dict[bytes, RefusedRow] = {}

    def commit(self, block: CommitBlock) -> None:
        """Store a block, all of it or nothing (`Store.commit`)."""
        with self._lock:
            if self._head != block.expected:
                raise _conflict("the head")
            self._check_leaves(block.leaves)
            self._derived.check(block.derived)
            self._leaves.extend(block.leaves)
            for leaf in block.leaves:
                self._ids[leaf.id] = leaf.leaf
                if leaf.seq is not None:
                    self._numbers[leaf.kid, leaf.seq] = leaf.leaf
            self._blocks.append(block.block)
            self._tiles.extend(block.tiles)
            for row in block.refused:
                self._refused.setdefault(row.id, row)
            self._derived.put(block.derived)
            self._head = block.head

    def reread(self, start: int, stop: int) -> list[bytes]:
        """Return leaf bytes as they are stored."""
        return self.raws(start, stop)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Return at once: nobody else can write here."""
        yield

    def settle(self) -> None:
        """Do nothing: a block is stored whole or not at all."""

    def rebuild(self, blocks: Iterable[Derived]) -> None:
        """Replace everything derived by what `blocks` give, all of it or nothing."""
        with self._lock:
            anew = _Derived()
            for derived in blocks:
                anew.put(derived)
            self._derived = anew

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads of this thread inside the block see one and the same state."""
        with self._lock:
            yield

    def head(self) -> Head | None:
        """Return where the ledger stands, or None for an empty store."""
        with self._lock:
            # Whoever saw a row of a block that is being stored finds its head here.
            return self._head

    def size(self) -> int:
        """Return how many leaves are stored."""
        return len(self._leaves)

    def leaf(self, index: int) -> LeafRow | None:
        """Return the leaf at a 0-based index, or None."""
        return self._leaves[index] if 0 <= index < len(self._leaves) else None

    def leaves(self, start: int, stop: int) -> list[LeafRow]:
        """Return the leaves start <= index < stop, as many as there are."""
        return self._leaves[max(start, 0) : max(stop, 0)]

    def raws(self, start: int, stop: int) -> list[bytes]:
        """Return the bytes of the leaves start <= index < stop."""
        return [leaf.raw for leaf in self.leaves(start, stop)]

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of start <= index < stop, 32 bytes each."""
        return [leaf.hash for leaf in self.leaves(start, stop)]

    def index_of(self, statement_id: bytes) -> int | None:
        """Return the leaf index of a statement id, or None."""
        return self._ids.get(statement_id)

    def index_by_number(self, *, kid: bytes, seq: int) -> int | None:
        """Return the leaf index of the statement with number `seq` of key `kid`, or None."""
        return self._numbers.get((kid, seq))

    def block_of(self, index: int) -> BlockRow | None:
        """Return the block that leaf `index` is in (its closing counts), or None."""
        at = bisect.bisect_left(self._blocks, index, key=lambda block: block.closing)
        return self._blocks[at] if at < len(self._blocks) else None

    def blocks(self, *, after: int = -1, limit: int = 1_000) -> list[BlockRow]:
        """Return blocks whose closing has an index above `after`, oldest first."""
        at = bisect.bisect_right(self._blocks, after, key=lambda block: block.closing)
        return self._blocks[at : at + limit]

    def tile(self, n: int) -> bytes | None:
        """Return the n-th full tile of leaf hashes, 8,192 bytes, or None."""
        return self._tiles[n].hashes if 0 <= n < len(self._tiles) else None

    def tile_roots(self, start: int = 0) -> list[bytes]:
        """Return the subtree roots of all full tiles from the `start`-th on, in order."""
        return [tile.root for tile in self._tiles[start:]]

    def record(self, *, kind: str, name: str) -> RecordRow | None:
        """Return the record of a subject, or None."""
        return self._derived.records.get((kind, name))

    def records(self) -> Iterator[RecordRow]:
        """Yield every record, sorted by kind and name."""
        with self._lock:
            rows = sorted(self._derived.records.values())
        yield from rows

    def record_hashes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield path and record hash of every subject, in no order."""
        with self._lock:
            pairs = [(row.path, row.hash) for row in self._derived.records.values()]
        yield from pairs

    def subjects(self) -> int:
        """Return how many records are found by name."""
        return len(self._derived.records)

    def names(
        self, *, kind: str, prefix: str = "", after: str = "", limit: int = 1_000
    ) -> list[str]:
        """Return names of one kind that begin with `prefix` and lie after `after`, sorted."""
        with self._lock:
            keys = sorted(self._derived.records)
        found = [name for k, name in keys if k == kind and name > after and name.startswith(prefix)]
        return found[:limit]

    def findings(
        self,
        about: str,
        *,
        weight: int,
        rule: str | None = None,
        since: int = 0,
        until: int = FOR_EVER_S,
        after: FindingRow | None = None,
        limit: int = 1_000,
    ) -> list[FindingRow]:
        """Return rows of one list and weight that count from `since` to `until`, oldest first."""
        rows = (r for r in self._listed(about, since, until) if rule in (None, r.rule))
        return [
            row for row in rows if row.weight == weight and (after is None or row[2:] > after[2:])
        ][:limit]

    def finding_rules(self, about: str) -> list[str]:
        """Return the rules of which a list has findings, sorted."""
        return sorted({row.rule for row in self._listed(about, 0, FOR_EVER_S)})

    def finding_counts(
        self, about: str, *, since: int = 0, until: int = FOR_EVER_S
    ) -> tuple[int, ...]:
        """Return how many rows a list has of each weight, that count from `since` to `until`."""
        found = [row.weight for row in self._listed(about, since, until)]
        return tuple(found.count(weight) for weight in range(len(WEIGHTS)))

    def every_finding(self) -> Iterator[FindingRow]:
        """Yield the rows of all lists, in no order."""
        with self._lock:
            yield from list(self._derived.findings)

    def listed(self) -> Listed:
        """Return how many rows all lists have, and how many the records say that they have."""
        with self._lock:
            rows = len(self._derived.findings)
            said = sum(row.listed for row in self._derived.records.values())
            return Listed(by_weight=rows, by_rule=rows, said=said)

    def history(self, *, kind: str, name: str, after: int = 0, limit: int = 10_000) -> list[int]:
        """Return the leaf indexes that touched a subject, from its step `after` + 1 on."""
        return self._derived.steps.get((kind, name), [])[after : after + limit]

    def entering(self, document: str, types: Collection[str]) -> list[int]:
        """Return the leaf indexes of a document's statements of some types, newest first."""
        steps = self._derived.steps.get(("document", document), [])
        return [index for index in reversed(steps) if self._leaves[index].type in types]

    def held_by(self, party: str, *, kind: str, after: str = "", limit: int = 1_000) -> list[str]:
        """Return names of the lots or containers that a party holds or owns, sorted."""
        with self._lock:
            rows = [row for row in self._derived.held if row.party == party and row.kind == kind]
        return sorted(row.name for row in rows if row.name > after)[:limit]

    def holdings(self) -> Iterator[HeldRow]:
        """Yield who holds or owns which lots and containers, in no order."""
        with self._lock:
            yield from list(self._derived.held)

    def offers(self, *, party: str | None = None) -> list[OfferRow]:
        """Return open offers to or by a party, or all of them, sorted by id."""
        with self._lock:
            rows = sorted(self._derived.offers.values())
        return [row for row in rows if party is None or party in (row.sender, row.receiver)]

    def offer(self, offer_id: bytes) -> OfferRow | None:
        """Return the open offer of that id, or None."""
        return self._derived.offers.get(offer_id)

    def acts(self) -> list[tuple[bytes, bytes]]:
        """Return id and strict CBOR of every pending act, sorted by id."""
        with self._lock:
            return sorted(self._derived.acts.items())

    def enrolled_keys(self, kids: Collection[bytes] | None = None) -> list[KeyRow]:
        """Return every key that was ever enrolled, or those of `kids`, sorted."""
        with self._lock:
            known = self._derived.keys
            return sorted(row for kid, row in known.items() if kids is None or kid in kids)

    def refused(self, number: tuple[bytes, int] | None = None) -> Iterator[RefusedRow]:
        """Yield refused statements, all or with one `(kid, seq)`, as they were refused."""
        with self._lock:
            rows = list(self._refused.values())
        yield from (row for row in rows if number in (None, (row.kid, row.seq)))

    def refusal(self, statement_id: bytes) -> RefusedRow | None:
        """Return the refused statement of that id, if a closing names it, or None."""
        return self._refused.get(statement_id)

    def changes(self, after: int) -> Changed | None:  # noqa: ARG002 - the protocol has it
        """Return None: nobody else writes here."""
        return None

    def inspect(self) -> Iterator[str]:
        """Yield nothing: memory has no pages."""
        yield from ()

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every derived table as sorted rows."""
        with self._lock:
            steps = [
                (kind, name, n, index)
                for (kind, name), indexes in self._derived.steps.items()
                for n, index in enumerate(indexes, 1)
            ]
            return {
                "records": sorted(map(tuple, self._derived.records.values())),
                "steps": sorted(steps),
                "offers": sorted(map(tuple, self._derived.offers.values())),
                "acts": sorted(self._derived.acts.items()),
                "keys": sorted(map(tuple, self._derived.keys.values())),
                "held": sorted(map(tuple, self._derived.held)),
                "findings": sorted(map(tuple, self._derived.findings)),
            }

    def backup(self, path: str) -> None:
        """Raise UsageError: there is nothing durable to copy."""
        raise UsageError("store.memory", f"A store in memory cannot be copied to {path}.")

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _listed(self, about: str, since: int, until: int) -> list[FindingRow]:
        with self._lock:
            rows = [row for row in self._derived.findings if row.about == about]
        return sorted(row for row in rows if since <= row.from_at <= until)

    def _check_leaves(self, leaves: Sequence[LeafRow]) -> None:
        for index, leaf in enumerate(leaves, len(self._leaves)):
            taken = leaf.id in self._ids or (leaf.kid, leaf.seq) in self._numbers
            if leaf.leaf != index or taken:
                raise _conflict(f"leaf {leaf.leaf}")


def _conflict(what: str) -> UnavailableError:
    return UnavailableError(
        "store.conflict",
        f"The store refuses the block: {what} is not as expected.",
        hint="Try again; if it happens again, run `ringmark doctor`.",
    )
