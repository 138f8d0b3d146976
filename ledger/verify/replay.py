"""Replay: every leaf judged again by the function that judged it first.

Owns how leaves become blocks, what is compared with each closing, and where a replay ends: at the
first contradiction. Reads no source and starts no process; leaves and signature checks come in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct, field

from ledger.block import COUNT_MAX, REFUSED_MAX, Block, Position, closing_key
from ledger.block import ledger_subject as _ledger
from ledger.custody.events import BlockClosed
from ledger.custody.parties import LedgerFounded, LedgerState
from ledger.custody.subjects import Refusal
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap
from ledger.log.tree import leaf_hash
from ledger.policy import RULE_SETS, key_for
from ledger.reference.tables import Tables
from ledger.statement import (
    Statement,
    Verified,
    cose_key,
    ledger_id,
    parse_statement,
    verify_statement,
)
from ledger.verify.checks import check_closing_headers
from ledger.verify.packed import MemoryShelf, PackedBase, Shelf
from ledger.wire.cose import CoseKey

SignatureCheck = Callable[[Statement, CoseKey, int], Verified]
"""Checks a signature at a leaf index, now or, having noted it, later."""
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a rule may stumble with over values that no rule keeps out."""
Parse = Callable[[bytes], Statement]
"""Reads a leaf: `parse_statement`, or what another process completes to it."""
NAMED_SIZE = 16
"""Bytes of an id that tell it from all others that a closing named as refused."""


class ContradictionError(ProofError):
    """A leaf that contradicts the log: where, and which named check found it."""

    def __init__(self, check: str, index: int, code: str, message: str) -> None:
        super().__init__(code, message, params={"check": check, "index": index})
        self.check = check
        self.index = index


class Ended(Struct, frozen=True):
    """A block of leaves as read: its statements, and the closing that ends it."""

    first: int
    statements: tuple[Statement, ...]
    closing: Statement
    event: BlockClosed

    @property
    def size(self) -> int:
        """Return the size of the tree after this block."""
        return self.first + len(self.statements) + 1


class Replay(Struct):
    """The ledger as replayed so far; `counts` says how often each named check was made."""

    tables: Tables
    check: SignatureCheck
    shelf: Callable[[], Shelf] = MemoryShelf
    """Makes the place where records are kept, empty, once the ledger is known."""
    _base: PackedBase | None = None
    """The records; None before the founding was read."""
    frontier: Frontier = field(default_factory=Frontier)
    statemap: StateMap = field(default_factory=StateMap)
    position: Position | None = None
    at: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    named: set[bytes] = field(default_factory=set)
    """The first 16 bytes of each id that a closing named as refused, some 100 bytes of memory each:
    named again, its number would look as if the key had signed it twice."""

    @property
    def base(self) -> PackedBase:
        """Return the records as they stand; raise ProofError before the founding."""
        if self._base is None:
            raise ProofError("ledger.founding", "The ledger was not founded.")
        return self._base

    @property
    def size(self) -> int:
        """Return how many leaves are replayed."""
        return self.frontier.size

    @property
    def ledger(self) -> LedgerState:
        """Return the state of the ledger itself."""
        record = self.base.record(_ledger())
        if record is None or not isinstance(record.state, LedgerState):
            raise ProofError("ledger.record", "The ledger has no record of itself.")
        return record.state

    def take(self, block: Ended) -> None:
        """Replay one block; raise ContradictionError at the first thing that does not hold."""
        if self.position is None:
            self._found(block)
        position = self.position
        if position is None:
            raise ProofError("ledger.founding", "The ledger was not founded.")
        self._check_rules()
        made = Block(
            self.base,
            position=position,
            at=block.event.at,
            frontier=self.frontier,
            statemap=self.statemap,
        )
        for offset, statement in enumerate(block.statements):
            self._admit(made, statement, block.first + offset)
        self._check_refused(block, made)
        made.refused.extend(block.event.refused)
        closed = made.close()
        self._compare(block, closed.closing)
        closed.overlay.commit()
        self.base.keep(closed.changes, closed.encoded)
        self.frontier = closed.frontier
        self._check_closing(block)
        self.frontier.append(leaf_hash(block.closing.raw))
        self.counts["records.recomputed"] += len(closed.encoded)
        self.counts["blocks.linked"] += 1
        self.at = block.event.at
        self.position = Position(position.height + 1, self.size, block.closing.id)
        self.named.update(row[2][:NAMED_SIZE] for row in block.event.refused)

    def _found(self, block: Ended) -> None:
        founding = block.statements[0] if block.statements else None
        if founding is None or not isinstance(founding.event, LedgerFounded):
            raise ContradictionError(
                "ledger.founded", 0, "ledger.founding", "Leaf 0 founds nothing."
            )
        ledger = ledger_id(founding)
        self._base = PackedBase(ledger=ledger, tables=self.tables, shelf=self.shelf())
        self.position = Position(0, 0, ledger)

    def _check_rules(self) -> None:
        if not self.size:
            return
        rules = self.ledger.rules
        if rules not in RULE_SETS:
            raise UndecidedError(
                "rules.unknown",
                f"The rule set {rules} is not known to this version.",
                hint="Use a newer version of Ringmark.",
            )

    def _admit(self, made: Block, statement: Statement, index: int) -> None:
        key = key_for(statement, made)
        if isinstance(key, Refusal):
            raise ContradictionError(
                "signatures.good", index, key.rule, f"Leaf {index} is signed by an unknown key."
            )
        try:
            verified = self.check(statement, key, index)
        except (ProofError, MalformedError) as error:
            raise ContradictionError(
                "signatures.good", index, error.code, f"Leaf {index}: {error.message}"
            ) from error
        self.counts["signatures.good"] += 1
        try:
            outcome = made.admit(verified)
        except FAULTS as error:
            # A rule that stumbles says nothing of the ledger: the fault is this program's.
            raise UndecidedError(
                "audit.fault",
                f"Leaf {index} ({statement.type}) could not be judged by this version.",
                hint="Report it with the leaf; use a newer version of Ringmark.",
                params={"index": index},
            ) from error
        if isinstance(outcome, Refusal):
            raise ContradictionError(
                "rules.replayed",
                index,
                outcome.rule,
                f"Leaf {index} ({statement.type}) breaks the rule {outcome.rule}.",
            )
        self.counts["rules.replayed"] += 1

    def _check_refused(self, block: Ended, made: Block) -> None:
        rows = block.event.refused
        ids = {row[2] for row in rows}
        known = all(made.key_owner(row[0]) is not None for row in rows)
        sized = all(len(row[0]) == len(row[2]) == 32 and row[1] > 0 for row in rows)
        new = {name[:NAMED_SIZE] for name in ids}
        is_once = len(ids) == len(rows) and self.named.isdisjoint(new)
        if not is_once or len(rows) > REFUSED_MAX or not known or not sized:
            raise ContradictionError(
                "closings.refused",
                block.size - 1,
                "closing.refused",
                f"The closing {block.size - 1} names refused statements that cannot be.",
            )
        self.counts["closings.refused"] += len(rows)

    def _compare(self, block: Ended, expected: BlockClosed) -> None:
        index = block.size - 1
        for name in BlockClosed.__struct_fields__:
            if getattr(expected, name) != getattr(block.event, name):
                raise ContradictionError(
                    _CHECK_OF.get(name, "blocks.linked"),
                    index,
                    f"closing.{name}",
                    f"The closing at leaf {index} states another {name} than the leaves give.",
                )
        self.counts["closings.root"] += 1
        self.counts["closings.state"] += 1

    def _check_closing(self, block: Ended) -> None:
        """Check time, headers and signature by the key in force after the block's statements."""
        index, statement = block.size - 1, block.closing
        try:
            if block.event.at < self.at:
                raise ProofError("closing.time", "The time of the log falls.")
            check_closing_headers(statement, block.event, ledger=self.base.ledger)
            kid = closing_key(self.ledger, purpose="closing", index=index)
            if kid is None or kid != statement.kid:
                raise ProofError("closing.key", "The closing is not signed by the key in force.")
            self.check(statement, cose_key(self.ledger.keys[kid].key), index)
        except (ProofError, MalformedError) as error:
            raise ContradictionError(
                "closings.signed", index, error.code, f"Leaf {index}: {error.message}"
            ) from error
        self.counts["closings.signed"] += 1


def check_now(statement: Statement, key: CoseKey, index: int) -> Verified:
    """Check a signature at once."""
    del index
    return verify_statement(statement, key)


def blocks_of(
    leaves: Iterable[bytes],
    *,
    counts: Counter[str],
    start: int = 0,
    parse: Parse = parse_statement,
) -> Iterator[Ended]:
    """Yield whole blocks of a run of leaves that begins a block; at most 1,024 are buffered.

    `start` is the index of the first leaf: 0, or where an earlier audit ended. With another `parse`
    the caller must see to it that the leaves are strict.

    Raise ContradictionError for a leaf that is no strict statement, a block that is too long, or
    leaves after the last closing.
    """
    waiting: list[Statement] = []
    first = index = start
    for index, raw in enumerate(leaves, start=start):
        statement = _parse(raw, index, parse)
        counts["leaves.strict"] += 1
        if isinstance(statement.event, BlockClosed):
            yield Ended(first, tuple(waiting), statement, statement.event)
            waiting, first = [], index + 1
            continue
        waiting.append(statement)
        if len(waiting) > COUNT_MAX:
            raise ContradictionError(
                "blocks.linked", index, "closing.count", f"The block at leaf {first} is too long."
            )
    if waiting:
        raise ContradictionError(
            "blocks.linked", index, "closing.missing", f"Leaves from {first} on have no closing."
        )


def _parse(raw: bytes, index: int, parse: Parse) -> Statement:
    try:
        return parse(raw)
    except MalformedError as error:
        raise ContradictionError(
            "leaves.strict", index, error.code, f"Leaf {index}: {error.message}"
        ) from error


def replay_all(leaves: Sequence[bytes], *, tables: Tables) -> RingmarkError | None:
    """Return what a replay of a whole run of leaves stumbles over, or None."""
    replay = Replay(tables, check_now)
    try:
        for block in blocks_of(leaves, counts=replay.counts):
            replay.take(block)
    except RingmarkError as error:
        return error
    return None


_CHECK_OF = {"root": "closings.root", "state": "closings.state", "refused": "closings.refused"}
