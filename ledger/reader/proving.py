"""Proofs of one moment: heads of files, cards, receipts, tiles.

Owns how records in the store and the state map of a moment are brought together: a record that is
newer than the moment is never proved by it. Knows no page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ledger.custody.documents import DOCUMENT_NAME, DocumentState
from ledger.custody.lots import LotState
from ledger.custody.subjects import LEDGER_NAME, Kind, Subject
from ledger.errors import DamagedError, NotFoundError, UnavailableError
from ledger.log.frontier import TILE_WIDTH, prove_consistency, prove_inclusion, range_root
from ledger.log.proof import TlogProof, format_tlog_proof
from ledger.log.statemap import state_path
from ledger.log.tiles import ENTRIES, Tile, encode_bundle, hash_tile, tile_width
from ledger.log.tree import leaf_hash
from ledger.reader.moments import Keeper, Moment, tree_reader
from ledger.storage.protocol import RecordRow, Store
from ledger.storage.rows import record_of
from ledger.verify.card import build_card
from ledger.verify.head import Head, ProvedRecord, ProvedStatement, ReadRecord, build_head

T = TypeVar("T")
ROWS_MAX = 4_096
"""Records kept by their hash, as they were last read; a few megabytes."""
_LEDGER, _LOT, _CONTAINER = Kind.LEDGER.value, Kind.LOT.value, Kind.CONTAINER.value
_DOCUMENT = Kind.DOCUMENT.value


class MovedError(Exception):
    """A record in the store is newer than the moment; the answer is begun again."""


class Prover:
    """Makes proofs for one store; every answer is of one moment."""

    def __init__(self, store: Store, keeper: Keeper) -> None:
        self._store = store
        self._keeper = keeper
        self._heads: dict[int, Head] = {}
        self._rows: dict[bytes, RecordRow] = {}

    def at_one_moment(self, make: Callable[[Moment], T]) -> T:
        """Return what `make` builds, begun again whenever the ledger moved underneath it."""
        attempt = 0
        while True:
            moment = self._keeper.moment()
            try:
                return make(moment)
            except MovedError:
                self._keeper.settle(attempt)
                attempt += 1

    def head(self, moment: Moment) -> Head:
        """Return the head of every file of this moment; the newest one is kept."""
        known = self._heads.get(moment.head.size)
        if known is not None and known.ledger == moment.ledger:
            return known
        size = moment.head.size
        path = prove_inclusion(tree_reader(moment, self._store), index=size - 1, size=size)
        made = build_head(
            ledger=moment.ledger,
            checkpoint=moment.note,
            closing=moment.closing,
            path=tuple(path),
            track=self._track(moment),
            read=self.records(moment),
        )
        self._heads = {size: made}
        return made

    def card(self, subject: Subject) -> bytes:
        """Return the card of a lot or document at the newest moment, present or absent.

        Raise NotFoundError for what can be no document's name: no card speaks of it.
        """
        kind, name = subject
        if kind is Kind.DOCUMENT and DOCUMENT_NAME.fullmatch(name) is None:
            raise NotFoundError("document.unknown", f"No document can be named {name[:96]}.")
        return self.at_one_moment(
            lambda moment: build_card(
                self.head(moment), subject=subject, read=self.records(moment, first=subject)
            )
        )

    def records(self, moment: Moment, *, first: Subject | None = None) -> ReadRecord:
        """Return what proves the record at any path, present or absent, under a moment.

        Paths name nothing: the names come from the records as they are read, beginning at `first`.
        """
        names = {_path(moment, _LEDGER, LEDGER_NAME): (_LEDGER, LEDGER_NAME)}
        if first is not None:
            names[_path(moment, first.kind, first.name)] = (first.kind.value, first.name)
            # Lots and containers share one code space.
            names[_path(moment, _CONTAINER, first.name)] = (_CONTAINER, first.name)

        def read(path: bytes) -> ProvedRecord:
            proof = moment.statemap.prove(path)
            if moment.statemap.get(path) is None:
                return ProvedRecord(proof)
            kind, name = names[path]
            row = self.row(moment, kind=kind, name=name)
            if kind in (_LOT, _DOCUMENT):
                names.update(names_in(row, moment))
            return ProvedRecord(proof, row.record)

        return read

    def row(self, moment: Moment, *, kind: str, name: str) -> RecordRow:
        """Return a subject's row as it stood at `moment`, or raise NotFoundError."""
        row = self.find(moment, kind=kind, name=name)
        if row is None:
            raise NotFoundError(f"{kind}.unknown", f"This ledger has no {kind} {name}.")
        return row

    def newest(self, kind: str, name: str) -> RecordRow | None:
        """Return a subject's row as the newest closing binds it, None where it has none."""
        return self.at_one_moment(lambda moment: self.find(moment, kind=kind, name=name))

    def find(self, moment: Moment, *, kind: str, name: str) -> RecordRow | None:
        """Return a subject's row as it stood at `moment`, None where its map has none."""
        expected = moment.statemap.get(state_path(moment.ledger, kind, name))
        if expected is None:
            return None
        # What has the hash that the moment proves is that record, whenever it was read.
        known = self._rows.get(expected)
        if known is not None and (known.kind, known.name) == (kind, name):
            return known
        row = self._store.record(kind=kind, name=name)
        if row is None:
            raise _missing(kind, name)
        if row.hash != expected:
            if self._store.head() == moment.head:
                # Nothing moved: somebody wrote this record, and no closing states it.
                raise _missing(kind, name)
            raise MovedError
        if len(self._rows) >= ROWS_MAX:
            self._rows.clear()
        self._rows[expected] = row
        return row

    def unbound(self, kind: str, name: str) -> RecordRow | None:
        """Return a subject's row held to its own hash alone; only what is not there is proved.

        Raise DamagedError where the state map has a subject that the database did not find. Once a
        moment was asked for, its map is there, and every row is held to it.
        """
        if self._keeper.has_moment:
            return self.newest(kind, name)
        row = self.stored(kind, name)
        if row is None:
            moment = self._keeper.moment()
            if moment.statemap.get(state_path(moment.ledger, kind, name)) is not None:
                raise _missing(kind, name)
        return row

    def stored(self, kind: str, name: str) -> RecordRow | None:
        """Return a subject's row as the database has it, None where it has none."""
        return self._store.record(kind=kind, name=name)

    def tlog_proof(self, statement_id: bytes) -> bytes:
        """Return the `.tlog-proof` of a statement at the newest checkpoint."""
        index = self._index(statement_id)

        def make(moment: Moment) -> bytes:
            size = moment.head.size
            if index >= size:
                raise MovedError
            path = prove_inclusion(tree_reader(moment, self._store), index=index, size=size)
            return format_tlog_proof(TlogProof(index, tuple(path), moment.note))

        return self.at_one_moment(make)

    def inclusion(self, statement_id: bytes) -> tuple[int, int, bytes, list[bytes]]:
        """Return index, size, root and path of a statement at the newest checkpoint."""
        index = self._index(statement_id)

        def make(moment: Moment) -> tuple[int, int, bytes, list[bytes]]:
            size = moment.head.size
            if index >= size:
                raise MovedError
            path = prove_inclusion(tree_reader(moment, self._store), index=index, size=size)
            return index, size, moment.head.root, path

        return self.at_one_moment(make)

    def tile(self, *, level: int, n: int, width: int, size: int) -> bytes:
        """Return a hash tile (level >= 0) or an entry bundle of the log at `size`.

        `size` is that of a published checkpoint; NotFoundError for a tile that it does not have.
        """
        has = tile_width(level=level, n=n, size=size)
        if not 1 <= width <= has:
            raise NotFoundError("tile.unknown", "The log has no such tile at this size.")
        reader = tree_reader(self._keeper.moment(), self._store)
        if level != ENTRIES:
            return hash_tile(reader, Tile(level, n, width))
        start = n * TILE_WIDTH
        raws = self._store.raws(start, start + width)
        for index, raw in enumerate(raws, start):
            if leaf_hash(raw) != reader.node(0, index):
                raise DamagedError(
                    "store.leaf-bytes",
                    f"The bytes of leaf {index} do not have the hash that the tree has.",
                    hint="Restore the newest copy with its high-water mark, or from a mirror.",
                    params={"index": index},
                )
        return encode_bundle(raws)

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` leaves, 32 bytes; NotFoundError for too many."""
        moment = self._keeper.moment()
        if not 0 < size <= moment.head.size:
            raise NotFoundError("tile.unknown", f"The log has no {size} leaves.")
        return range_root(tree_reader(moment, self._store), start=0, stop=size)

    def consistency(self, old_size: int, size: int) -> list[bytes]:
        """Return the path from the tree of `old_size` leaves to that of `size` (RFC 6962, 2.1.2).

        NotFoundError unless 0 < old_size <= size and the log has `size` leaves.
        """
        moment = self._keeper.moment()
        if not 0 < old_size <= size <= moment.head.size:
            raise NotFoundError(
                "tile.unknown", f"The log has no {size} leaves that extend {old_size}."
            )
        return prove_consistency(tree_reader(moment, self._store), old_size=old_size, size=size)

    def _index(self, statement_id: bytes) -> int:
        index = self._store.index_of(statement_id)
        if index is None:
            raise NotFoundError(
                "statement.unknown", f"No statement {statement_id.hex()} is in the log."
            )
        return index

    def _track(self, moment: Moment) -> tuple[ProvedStatement, ...]:
        size, reader = moment.head.size, tree_reader(moment, self._store)
        rows: list[ProvedStatement] = []
        for index in self._store.history(kind=_LEDGER, name=LEDGER_NAME):
            if index >= size:
                raise MovedError
            leaf = self._store.leaf(index)
            if leaf is None:
                raise DamagedError("store.leaves", f"Leaf {index} is missing.")
            path = prove_inclusion(reader, index=index, size=size)
            rows.append(ProvedStatement(index, leaf.raw, tuple(path)))
        return tuple(rows)


def _path(moment: Moment, kind: str, name: str) -> bytes:
    return state_path(moment.ledger, kind, name)


def names_in(row: RecordRow, moment: Moment) -> dict[bytes, tuple[str, str]]:
    """Return kind and name behind the paths in `on` of a lot's or document's record."""
    lot = record_of(row).state
    if isinstance(lot, DocumentState):
        parties = {signer.party for signer in lot.signers}
        return {_path(moment, Kind.PARTY.value, p): (Kind.PARTY.value, p) for p in parties}
    if not isinstance(lot, LotState):
        return {}
    named = [(Kind.DOCUMENT, name) for name in lot.documents]
    named += [(Kind.ACCOUNT, name) for name in (*lot.accounts, *lot.arrived)]
    named += [(Kind.LOT, code) for code in lot.parents]
    named += [(Kind.PARTY, signer.party) for signer in (*lot.signers, *lot.vouched)]
    if lot.facility is not None:
        named.append((Kind.FACILITY, lot.facility))
    if lot.container is not None:
        named.append((Kind.CONTAINER, lot.container))
    return {_path(moment, kind.value, name): (kind.value, name) for kind, name in named}


def _missing(kind: str, name: str) -> DamagedError:
    return DamagedError(
        "store.record-missing",
        f"The record of {kind}/{name} in the state map is not found in the database.",
        hint="Rebuild the derived tables from the leaves: `ringmark doctor --rebuild`.",
        params={"subject": f"{kind}/{name}"},
    )


def require(value: T | None, what: str) -> T:
    """Return a part of the reader that may be absent, or raise UnavailableError."""
    if value is None:
        raise UnavailableError("reader.absent", f"This server has no {what}.")
    return value
