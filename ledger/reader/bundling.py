"""Collecting a bundle from the store: the lot, what it rests on, and everybody who signed.

Owns which statements go in (docs/formats/bundle.md): those of the lot and of all who signed, and
of what it rests on up to 2,000 and 4 MiB. Anybody may name a permit in statements of his own: they
must not make the bundles of others too large. Checks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.custody.subjects import Kind
from ledger.errors import DamagedError
from ledger.log.frontier import HashReader
from ledger.log.multiproof import prove_inclusions
from ledger.log.statemap import state_path
from ledger.reader.holding import damaged
from ledger.reader.moments import Moment, tree_reader
from ledger.reader.proving import MovedError, Prover, names_in
from ledger.records import track_of
from ledger.statement import FOUNDER, REGISTRAR, parse_statement
from ledger.storage.protocol import RecordRow, Store
from ledger.storage.rows import record_of
from ledger.verify.bundle import (
    STATEMENTS_MAX,
    Bundle,
    BundleSubject,
    check_size,
    format_bundle,
)
from ledger.verify.gather import Reached, read_record, walk

BYTES_MAX = 4 << 20
"""Beyond so many bytes of statements what the lot rests on comes as records alone: 4 MiB."""
_LOT, _PARTY, _DOCUMENT = Kind.LOT.value, Kind.PARTY.value, Kind.DOCUMENT.value


def make_bundle(store: Store, prover: Prover, moment: Moment, *, code: str) -> bytes:
    """Return the bundle of lot `code` (12 symbols) at one moment."""
    collector = _Collector(store, prover, moment)
    subjects = collector.walk(code)
    signers = collector.signers()
    statements = sorted(collector.statements.items())
    reader: HashReader = tree_reader(moment, store)
    nodes = prove_inclusions(
        reader, indexes=[index for index, _ in statements], size=moment.head.size
    )
    return format_bundle(
        Bundle(
            head=prover.head(moment),
            code=code,
            subjects=tuple(subjects),
            statements=tuple(statements),
            nodes=tuple(nodes),
            signers=tuple(signers),
        )
    )


class _Collector:
    """Subjects and statements of one bundle, as they are found."""

    def __init__(self, store: Store, prover: Prover, moment: Moment) -> None:
        self.statements: dict[int, bytes] = {}
        self._bytes = 0
        self._store = store
        self._prover = prover
        self._moment = moment
        self._parties: set[str] = set()
        self._ids: dict[int, bytes] = {}
        self._signed: set[str] = set()

    def walk(self, code: str) -> list[BundleSubject]:
        """Return the lot and all that it rests on, in the order of the walk."""
        moment = self._moment
        names = {self._path(_LOT, code): (_LOT, code)}
        found: list[tuple[Reached, RecordRow]] = []
        rows: dict[bytes, RecordRow] = {}

        def row_at(path: bytes) -> RecordRow:
            kind, name = names[path]
            row = self._prover.row(moment, kind=kind, name=name)
            if kind in (_LOT, _DOCUMENT):
                names.update(names_in(row, moment))
            rows[path] = row
            return row

        first = row_at(self._path(_LOT, code))
        lot = read_record(first.path, first.record, kind=Kind.LOT)
        for reached in walk(lot, lambda path: read_record(path, row_at(path).record)):
            found.append((reached, rows[reached.record.path]))
        # The lot's own statements first: what comes last is left out where there are too many.
        order = sorted(found, key=lambda item: (item[0].inherited, item[1].kind == _LOT))
        order.sort(key=lambda item: item[0].record.path != lot.path)
        made = {row.path: self._subject(row, is_needed=row.path == lot.path) for _, row in order}
        return [made[row.path] for _, row in found]

    def signers(self) -> list[BundleSubject]:
        """Return the parties that signed any statement so far, up to the root."""
        added: list[BundleSubject] = []
        while True:
            missing = sorted(self._unknown_signers())
            if not missing:
                return added
            for party in missing:
                row = self._prover.row(self._moment, kind=_PARTY, name=party)
                added.append(self._subject(row, is_needed=True))

    def _unknown_signers(self) -> set[str]:
        return self._signed - self._parties - {FOUNDER, REGISTRAR}

    def _subject(self, row: RecordRow, *, is_needed: bool) -> BundleSubject:
        proof = self._moment.statemap.prove(row.path)
        alone = BundleSubject(row.kind, row.name, row.record, proof)
        is_whole = is_needed or row.kind == _PARTY
        if len(self.statements) + row.n > STATEMENTS_MAX and not is_whole:
            return alone
        indexes = self._store.history(kind=row.kind, name=row.name, limit=row.n)
        if len(indexes) != row.n or any(index >= self._moment.head.size for index in indexes):
            raise MovedError
        if not is_whole and self._is_long(indexes):
            return alone
        touched = self._take(indexes)
        if track_of(touched) != record_of(row).track:
            raise damaged(f"The steps of {row.kind}/{row.name} are not those of its record.")
        if row.kind == _PARTY:
            self._parties.add(row.name)
        inner = row.inner or None
        return BundleSubject(row.kind, row.name, row.record, proof, inner, tuple(indexes))

    def _is_long(self, indexes: Sequence[int]) -> bool:
        """Return whether these statements make the file too large; read no more than it takes."""
        total = self._bytes
        for index in indexes:
            leaf = self._store.leaf(index) if index not in self.statements else None
            total += len(leaf.raw) if leaf is not None else 0
            if total > BYTES_MAX:
                return True
        return False

    def _take(self, indexes: Sequence[int]) -> list[bytes]:
        """Take statements into the bundle; return their ids."""
        for index in indexes:
            if index not in self.statements:
                leaf = self._store.leaf(index)
                if leaf is None:
                    raise DamagedError("store.leaves", f"Leaf {index} is missing.")
                statement = parse_statement(leaf.raw)
                self.statements[index] = leaf.raw
                self._bytes += len(leaf.raw)
                # Nothing more is read of what no file holds.
                check_size(self._bytes)
                self._ids[index] = statement.id
                self._signed.add(statement.party)
        return [self._ids[index] for index in indexes]

    def _path(self, kind: str, name: str) -> bytes:
        return state_path(self._moment.ledger, kind, name)
