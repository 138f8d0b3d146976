"""An open block: takes statements one after another, each judged on the state others left.

Owns what happens to one entry before anything is stored: known already, twin in the same block,
verified, admitted or refused. Writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec import Struct

from ledger.block import Block, Closed, Position
from ledger.custody.rules.numbers import is_accounted
from ledger.custody.subjects import Refusal
from ledger.errors import RingmarkError, UnavailableError
from ledger.policy import Admission, key_for
from ledger.registrar.intake import Entry, verify_entry
from ledger.registrar.live import Live
from ledger.registrar.outcomes import Failed, Refused
from ledger.statement import Statement, Verified
from ledger.storage.protocol import RefusedRow, StepRow, Store
from ledger.wire import cbor

_log = logging.getLogger("ringmark.registrar")


class UnwritableError(Exception):
    """A block cannot be closed: something in it led to a record beyond what records can hold."""


class Admitted(Struct, frozen=True):
    """A statement admitted to the open block as leaf `index`, and what it changed."""

    entry: Entry
    statement: Statement
    index: int
    admission: Admission

    def steps(self) -> list[StepRow]:
        """Return the steps that the statement is for the subjects that it touched."""
        return [
            StepRow(subject.kind.value, subject.name, record.n, self.index)
            for subject, record in self.admission.records.items()
        ]


class OpenBlock:
    """A block of the registrar that still takes statements."""

    def __init__(
        self,
        live: Live,
        store: Store,
        *,
        at: int,
        is_over: Callable[[], bool],
        is_careful: bool = False,
    ) -> None:
        self.is_careful = is_careful
        self.admitted: list[Admitted] = []
        self.repeats: list[tuple[Entry, int]] = []
        """Entries that are in the log already, or in this very block, and at which leaf index."""
        self.refused: list[RefusedRow] = []
        self._live = live
        self._store = store
        self._is_over = is_over
        self._looked_at = 0
        self._indexes: dict[bytes, int] = {}
        head = live.head
        self.block = Block(
            live.state,
            position=Position(head.height + 1, head.size, head.closing)
            if head
            else Position(0, 0, live.ledger),
            at=at,
            frontier=live.edge.frontier(),
            statemap=live.statemap,
            is_careful=is_careful,
        )

    @property
    def is_full(self) -> bool:
        """Return whether the block must be closed before it takes more.

        Its time is the one of its opening, and who is in it waits until it is stored: so it is not
        open for long, but for one statement at least, however slowly that is judged.
        """
        return self.block.is_full or (self._looked_at > 0 and self._is_over())

    @property
    def is_empty(self) -> bool:
        """Return whether closing the block would say nothing."""
        return not self.admitted and not self.refused

    def close(self) -> Closed:
        """Close the block; raise UnwritableError where what it led to cannot be written."""
        try:
            return self.block.close()
        except Exception as error:
            raise UnwritableError(str(error)) from error

    def take(self, entry: Entry) -> None:
        """Judge one entry; a refusal or failure becomes its outcome at once."""
        self._looked_at += 1
        statement = entry.statement
        if entry.outcome is not None or statement is None:
            return
        if self._is_known(entry, statement):
            return
        if entry.verified is None:
            self._verify(entry, statement)
        if entry.verified is not None and entry.outcome is None:
            self._judge(entry, entry.verified)

    def _is_known(self, entry: Entry, statement: Statement) -> bool:
        index = self._indexes.get(statement.id)
        if index is None:
            # Leaves and refusals have their number accounted for: new number, new statement.
            use = self.block.key_use(statement.kid)
            if not is_accounted(use, statement.seq):
                return False
            index = self._store.index_of(statement.id)
        if index is not None:
            self.repeats.append((entry, index))
            return True
        # A closing names each refused statement once: sent again it gets the same answer again.
        refusal = self._store.refusal(statement.id)
        if refusal is None:
            return False
        params = cbor.decode(refusal.params)
        facts = params if isinstance(params, dict) else {}
        entry.outcome = Refused(statement.id, refusal.rule, facts)
        return True

    def _verify(self, entry: Entry, statement: Statement) -> None:
        key = key_for(statement, self.block)
        if isinstance(key, Refusal):
            entry.outcome = Refused(statement.id, key.rule, key.params)
            return
        verify_entry(entry, key)
        if entry.verified is not None:
            self._live.known_keys[statement.kid] = key

    def _judge(self, entry: Entry, verified: Verified) -> None:
        statement = verified.statement
        index = self.block.position.first + self.block.count
        named = len(self.block.refused)
        try:
            outcome = self.block.admit(verified)
        except RingmarkError as error:
            entry.outcome = Failed(error, statement.id)
            return
        except Exception:
            # A fault of ours in a rule must not take the rest of the block along.
            _log.exception("judging statement %s failed", statement.id.hex())
            entry.outcome = Failed(_fault(statement), statement.id)
            return
        if isinstance(outcome, Refusal):
            entry.outcome = Refused(statement.id, outcome.rule, outcome.params)
            if len(self.block.refused) > named:
                self._note_refused(statement, outcome)
            return
        self._indexes[statement.id] = index
        self.admitted.append(Admitted(entry, statement, index, outcome))

    def _note_refused(self, statement: Statement, refusal: Refusal) -> None:
        if self._store.refusal(statement.id) is not None:
            # An earlier closing names it. It took no number then, so it was judged again.
            del self.block.refused[-1]
            return
        self.refused.append(
            RefusedRow(
                id=statement.id,
                kid=statement.kid,
                seq=statement.seq,
                rule=refusal.rule,
                params=cbor.encode(dict(refusal.params)),
                height=self.block.position.height,
                raw=statement.raw,
            )
        )


def _fault(statement: Statement) -> UnavailableError:
    return UnavailableError(
        "registrar.fault",
        f"Judging the statement {statement.id.hex()[:16]} failed by a fault of this program.",
        hint="Report it with the statement; nothing was stored.",
        params={"statement": statement.id.hex()},
    )
