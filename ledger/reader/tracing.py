"""Histories: the statements behind a subject, a lot's timeline and its family.

Owns what follows from leaves and steps alone. Knows no proofs and no pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from msgspec.structs import replace

from ledger.custody.events import BlockClosed, lots_named
from ledger.custody.lots import LotState
from ledger.custody.parties import PartyState
from ledger.custody.rules.roles import acting_role
from ledger.custody.subjects import Kind, Severity
from ledger.errors import DamagedError, NotFoundError
from ledger.reader.holding import check_steps, damaged
from ledger.reader.views import Lineage, LineageNode, StatementView, TimelineEntry
from ledger.records import Record
from ledger.statement import FOUNDER, REGISTRAR, Statement, lot_code, parse_statement
from ledger.storage.protocol import LeafRow, RecordRow, RefusedRow, Store
from ledger.storage.rows import record_of
from ledger.wire import fields

BORN_MAX = 2_000
LINEAGE_MAX = 500
TIMES_MAX = 65_536
"""Closings whose first leaf and time are remembered: long lists read each one once."""
NO_LEAF = -1
"""The index of a statement that a rule refused: its bytes are kept, but it is no leaf."""
_LOT, _PARTY, _CONTAINER = Kind.LOT.value, Kind.PARTY.value, Kind.CONTAINER.value


class Tracer:
    """Reads statements and what they brought about from a store."""

    def __init__(self, store: Store, *, row: Callable[[str, str], RecordRow | None]) -> None:
        """Take a store; `row` reads a subject's record by kind and name, None where it has none."""
        self._store = store
        self._row = row
        self._times: dict[int, tuple[int, int]] = {}

    def statement(self, statement_id: bytes) -> StatementView:
        """Return the statement with that id; raise NotFoundError where it is not in the log."""
        index = self._store.index_of(statement_id)
        if index is None:
            raise NotFoundError(
                "statement.unknown",
                f"No statement {statement_id.hex()} is in the log.",
                hint="Ids of statements stand in: ringmark lot history LOT, ringmark outbox list",
            )
        view = self.statement_at(index)
        if view.id != statement_id:
            raise damaged(f"The statement {statement_id.hex()[:16]} is another one in the log.")
        return view

    def numbered(self, party: str, *, kid: bytes, number: int) -> bytes:
        """Return the bytes of the statement with that number of a key: of the log, or refused.

        Raise NotFoundError where there is none.
        """
        index = self._store.index_by_number(kid=kid, seq=number)
        if index is not None:
            found: bytes | None = self.statement_at(index).raw
        else:
            refused = next(self._store.refused((kid, number)), None)
            found = refused.raw if refused is not None else None
        if found is None or parse_statement(found).party != party:
            raise NotFoundError(
                "statement.number",
                f"No statement has number {number} of the key {kid.hex()[:16]}…",
                params={"number": number},
            )
        return found

    def statement_at(self, index: int) -> StatementView:
        """Return the statement at a 0-based leaf index."""
        leaf = self._store.leaf(index)
        if leaf is None:
            raise NotFoundError("statement.unknown", f"The log has no leaf {index}.")
        return self._view(leaf)

    def history(
        self, kind: str, name: str, *, after: int = 0, limit: int = 10_000
    ) -> list[StatementView]:
        """Return the statements that touched a subject, oldest first, from step `after` + 1 on."""
        indexes = self._store.history(kind=kind, name=name, after=after, limit=limit)
        views = [self.statement_at(index) for index in indexes]
        if after == 0 and len(views) < limit:
            row = self._row(kind, name)
            if row is not None:
                check_steps(self._store, record_of(row), [view.id for view in views])
        return views

    def timeline(self, code: str, *, deep: bool = False, after: int = 0) -> list[TimelineEntry]:
        """Return the steps of a lot's life from step `after` + 1 on, oldest first.

        `deep` adds those of its ancestors.
        """
        entries = list(self._entries(code, inherited=False, after=after))
        if deep:
            for ancestor in self.ancestors(code):
                entries.extend(self._entries(ancestor, inherited=True))
        unique = {entry.index: entry for entry in reversed(entries)}
        return [unique[index] for index in sorted(unique)]

    def ancestors(self, code: str) -> list[str]:
        """Return the codes of a lot's ancestors, nearest first, at most 500."""
        found: dict[str, None] = {}
        ahead = list(self._lot(code).parents)
        while ahead and len(found) < LINEAGE_MAX:
            parent = ahead.pop(0)
            if parent not in found:
                found[parent] = None
                ahead.extend(self._lot(parent).parents)
        return list(found)

    def children(self, code: str) -> list[str]:
        """Return the codes of the lots that were made or cut from a lot, in the order of birth."""
        return list(dict.fromkeys(self._born_of(code)))

    def _born_of(self, code: str) -> Iterator[str]:
        for index in self._store.history(kind=_LOT, name=code):
            for born, state in self.born_at(index):
                if code in state.parents:
                    yield born

    def born_at(self, index: int) -> Iterator[tuple[str, LotState]]:
        """Yield the lots born in the statement at a leaf index, with their states today."""
        statement = self._parsed(index)
        if isinstance(statement.event, BlockClosed) or not statement.salt:
            return
        for i in range(BORN_MAX):
            code = lot_code(kid=statement.kid, salt=statement.salt, i=i)
            row = self._row(_LOT, code)
            if row is None:
                if self._row(_CONTAINER, code) is None:
                    return
                continue
            state = record_of(row).state
            if isinstance(state, LotState) and state.birth == statement.id[:16]:
                yield code, state

    def named_at(self, index: int) -> Iterator[tuple[str, LotState]]:
        """Yield the lots that the statement at a leaf index names, with their states today."""
        event = self._parsed(index).event
        for code in () if isinstance(event, BlockClosed) else lots_named(event):
            yield code, self._lot(code)

    def resting_on(self, document: str) -> tuple[str, ...]:
        """Return the codes of the lots that name a document, in the order of their statements."""
        lots = (
            code
            for index in self._store.history(kind=Kind.DOCUMENT.value, name=document)
            for code, lot in (*self.born_at(index), *self.named_at(index))
            if document in lot.documents
        )
        return tuple(dict.fromkeys(lots))

    def lineage(self, code: str, *, at: int, nodes_max: int = LINEAGE_MAX) -> Lineage:
        """Return ancestors and descendants of a lot, nearest first, about `nodes_max` of each.

        Findings count from their time on: `at` is the time of the newest block (s).
        """
        nodes: dict[str, LineageNode] = {code: self._node(code, at=at)}
        edges: dict[tuple[str, str], None] = {}
        up = [code]
        while up and len(nodes) < nodes_max:
            child = up.pop(0)
            for parent in self._lot(child).parents:
                edges[(parent, child)] = None
                if parent not in nodes:
                    nodes[parent] = self._node(parent, at=at)
                    up.append(parent)
        down, limit = [code], len(nodes) + nodes_max
        while down and len(nodes) < limit:
            parent = down.pop(0)
            for child in islice(self._born_of(parent), nodes_max):
                edges[(parent, child)] = None
                if child not in nodes:
                    nodes[child] = self._node(child, at=at)
                    down.append(child)
        complete = not (up or down) and len(nodes) < limit
        return Lineage(code, tuple(nodes.values()), tuple(edges), is_complete=complete)

    def _entries(self, code: str, *, inherited: bool, after: int = 0) -> Iterator[TimelineEntry]:
        for view in self.history(_LOT, code, after=after):
            yield replace(self.entry(view), code=code, inherited=inherited)

    def entry(self, view: StatementView) -> TimelineEntry:
        """Return a statement as a step that anyone may see: role, country and time."""
        role, country = self.office(view.party, act=view.type)
        return TimelineEntry(
            index=view.index,
            at=view.at,
            when=view.when,
            type=view.type,
            role=role,
            country=country,
            party=view.party,
            code="",
            statement=view.id,
        )

    def refused_entry(self, row: RefusedRow) -> TimelineEntry:
        """Return a refused statement as a step; its index is -1, its time that of signing."""
        statement = parse_statement(row.raw)
        role, country = self.office(statement.party, act=statement.type)
        return TimelineEntry(
            index=NO_LEAF,
            at=statement.iat,
            when=statement.when,
            type=statement.type,
            role=role,
            country=country,
            party=statement.party,
            code="",
            statement=statement.id,
        )

    def office(self, party: str, *, act: str = "") -> tuple[str, str]:
        """Return the role in which a party did an `act` and its country, as enrolled today."""
        if party in (FOUNDER, REGISTRAR):
            return party, ""
        row = self._row(_PARTY, party)
        state = record_of(row).state if row else None
        if not isinstance(state, PartyState):
            return "", ""
        return acting_role(act, state.roles), state.country

    def _node(self, code: str, *, at: int) -> LineageNode:
        lot = self._lot(code)
        weights = [finding.severity for finding in lot.findings if finding.from_at <= at]
        rows = [fields.to_plain(row) for row in lot.contents]
        return LineageNode(
            code=code,
            status=lot.status.value,
            rows=tuple(row for row in rows if isinstance(row, dict)),
            stops=weights.count(Severity.STOP),
            checks=weights.count(Severity.CHECK),
        )

    def _lot(self, code: str) -> LotState:
        state = self.record(_LOT, code).state
        if not isinstance(state, LotState):
            raise DamagedError("store.records", f"The record of lot {code} is of another kind.")
        return state

    def record(self, kind: str, name: str) -> Record:
        """Return the record of a subject; raise NotFoundError where it has none."""
        row = self._row(kind, name)
        if row is None:
            raise NotFoundError(
                f"{kind}.unknown",
                f"This ledger has no {kind} {name}.",
                hint="Look at the spelling; it may stand in another ledger.",
                params={"kind": kind, "name": name},
            )
        return record_of(row)

    def _closed_at(self, index: int, statement: Statement) -> int:
        """Return when the block of a leaf was closed, as its closing says."""
        block = self._store.block_of(index)
        if block is None:
            return statement.iat
        known = self._times.get(block.closing)
        if known is not None and known[0] <= index:
            return known[1]
        event = self._parsed(block.closing).event
        if not isinstance(event, BlockClosed) or not event.first <= index <= block.closing:
            raise damaged(f"The leaf {index} is not in the block that the database names.")
        if len(self._times) >= TIMES_MAX:
            self._times.clear()
        self._times[block.closing] = (event.first, event.at)
        return event.at

    def _parsed(self, index: int) -> Statement:
        leaf = self._store.leaf(index)
        if leaf is None:
            raise DamagedError("store.leaves", f"Leaf {index} is missing.")
        return parse_statement(leaf.raw)

    def _view(self, leaf: LeafRow) -> StatementView:
        statement = parse_statement(leaf.raw)
        plain: dict[str, Any] = dict(statement.plain)
        return StatementView(
            id=statement.id,
            index=leaf.leaf,
            at=self._closed_at(leaf.leaf, statement),
            type=statement.type,
            party=statement.party,
            kid=statement.kid,
            seq=statement.seq,
            iat=statement.iat,
            when=statement.when,
            day=statement.day,
            sub=statement.sub,
            event=plain,
            raw=leaf.raw,
        )
