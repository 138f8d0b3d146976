"""The state after the last closing, read from a store: what the registrar's blocks start from.

Owns a bounded cache of decoded records; keys and pending acts are kept whole, they are few. Only
the registrar's writer calls it, so a cached record is never older than the store.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from ledger.block import Changes
from ledger.custody.state import Act, KeyUse
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Offer
from ledger.errors import DamagedError
from ledger.log.statemap import StateMap, state_path
from ledger.records import Record
from ledger.reference.tables import Tables
from ledger.storage import rows
from ledger.storage.protocol import Changed, Store

_ASKED_AGAIN = frozenset((Kind.REFERENCE, Kind.ACCOUNT))
CACHE_MAX = 50_000
"""Decoded records kept; the oldest tenth goes when it is full."""


def stored_map(store: Store) -> StateMap:
    """Return the state map that the stored records give; raise DamagedError where a name is lost.

    Records are found by an index: where that lost one, lists would leave it out without a word.
    """
    counted = itertools.count()
    with store.snapshot():
        pairs = zip(store.record_hashes(), counted, strict=False)
        statemap = StateMap.from_items(pair for pair, _ in pairs)
        stored, named = next(counted), store.subjects()
    if stored != named:
        raise DamagedError(
            "store.derived",
            f"{stored:,} records are stored, {named:,} are found by name.",
            hint="Rebuild the derived tables: `ringmark doctor --rebuild`.",
        )
    return statemap


class StoredState:
    """A `block.Base` over a store; `statemap` tells at once which subjects have no record."""

    def __init__(
        self, store: Store, *, ledger: bytes, tables: Tables, statemap: StateMap, born: int
    ) -> None:
        self.ledger = ledger
        self.tables = tables
        self.lots_born = born
        self._store = store
        self._statemap = statemap
        self._cache: dict[Subject, Record] = {}
        self._absent: set[Subject] = set()
        # References and accounts that nobody set up are looked for by statement after statement.
        self._unset: set[Subject] = set()
        self._offers: dict[bytes, Offer] = {}
        self._owners: dict[bytes, str] = {}
        self._uses: dict[bytes, KeyUse] = {}
        self._acts: dict[bytes, Act] = {}
        for row in store.enrolled_keys():
            self._owners[row.kid] = row.owner
            self._uses[row.kid] = rows.use_of(row)
        self._read_acts()

    def record(self, subject: Subject) -> Record | None:
        """Return the record of `subject`, or None."""
        known = self._cache.get(subject)
        if known is not None:
            return known
        absent = self._unset if subject.kind in _ASKED_AGAIN else self._absent
        if subject in absent:
            return None
        path = state_path(self.ledger, subject.kind.value, subject.name)
        if self._statemap.get(path) is None:
            absent.add(subject)
            return None
        row = self._store.record(kind=subject.kind.value, name=subject.name)
        if row is None:
            raise DamagedError(
                "store.records",
                f"The record of {subject} is in the state map but not in the database.",
                hint="Rebuild the derived tables: `ringmark doctor --rebuild`.",
                params={"subject": str(subject)},
            )
        record = rows.record_of(row)
        self._keep(subject, record)
        return record

    def offer(self, offer_id: bytes) -> Offer | None:
        """Return the open offer of that statement id, or None."""
        known = self._offers.get(offer_id)
        if known is not None:
            return known
        row = self._store.offer(offer_id)
        return rows.offer_of(row) if row else None

    def act(self, act_id: bytes) -> Act | None:
        """Return the pending act of that statement id, or None."""
        return self._acts.get(act_id)

    def key_use(self, kid: bytes) -> KeyUse:
        """Return the numbers accounted for by key `kid`."""
        return self._uses.get(kid) or KeyUse()

    def key_owner(self, kid: bytes) -> str | None:
        """Return the party that ever owned key `kid`, or None."""
        return self._owners.get(kid)

    def keys_after(self, changes: Changes) -> Mapping[bytes, tuple[str, KeyUse]]:
        """Return owner and numbers, as a block leaves them, of each key that it changes."""
        return {
            kid: (
                changes.owners.get(kid) or self._owners.get(kid, ""),
                changes.key_uses.get(kid) or self.key_use(kid),
            )
            for kid in {*changes.owners, *changes.key_uses}
        }

    def apply(self, changes: Changes) -> None:
        """Take over what a committed block changed."""
        # Codes and marks that were looked for in vain are only asked again within one block.
        self._absent.clear()
        self._unset.difference_update(changes.records)
        if len(self._unset) > CACHE_MAX:
            self._unset.clear()
        for subject, record in changes.records.items():
            self._cache.pop(subject, None)
            self._keep(subject, record)
        self._owners.update(changes.owners)
        self._uses.update(changes.key_uses)
        self.lots_born += changes.lots_born
        for act_id, act in changes.acts.items():
            if act is None:
                self._acts.pop(act_id, None)
            else:
                self._acts[act_id] = act
        for offer_id, offer in changes.offers.items():
            if offer is None:
                self._offers.pop(offer_id, None)
            else:
                self._offers[offer_id] = offer
        while len(self._offers) > CACHE_MAX:
            del self._offers[next(iter(self._offers))]

    def follow(self, changed: Changed) -> None:
        """Take over what another process stored; records are read again when they are asked for."""
        self._absent.clear()
        self._unset.clear()
        self._offers.clear()
        for kind, name, _, _ in changed.records:
            self._cache.pop(Subject(Kind(kind), name), None)
        for row in changed.keys:
            self._owners[row.kid] = row.owner
            self._uses[row.kid] = rows.use_of(row)
        self.lots_born = changed.head.born
        self._read_acts()

    def _read_acts(self) -> None:
        self._acts.clear()
        for act_id, body in self._store.acts():
            leaf = self._store.leaf(rows.act_index(act_id, body))
            if leaf is None:
                raise DamagedError("store.act", "A stored act names a leaf that is not there.")
            self._acts[act_id] = rows.act_of(act_id, body, leaf.raw)

    def _keep(self, subject: Subject, record: Record) -> None:
        if len(self._cache) >= CACHE_MAX:
            for old in list(self._cache)[: CACHE_MAX // 10]:
                del self._cache[old]
        self._cache[subject] = record
