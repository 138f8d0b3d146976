"""Audits: a whole ledger re-run from exported bytes and public keys, trusting nobody's server.

Owns the named checks (docs/checks.md), what is remembered between audits, and the portable proof of
a contradiction. Parallelism is an argument; reads no clock, no store: leaves come from a source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, nullcontext
from functools import partial
from typing import Protocol

from msgspec import Struct, field

from ledger.block import MemoryBase
from ledger.custody.registrar_keys import checkpoint_key
from ledger.errors import (
    MalformedError,
    ProofError,
    RefusedError,
    RingmarkError,
    UnavailableError,
    UndecidedError,
)
from ledger.log.checkpoint import LOG_SIGNATURE, Checkpoint, parse_checkpoint
from ledger.log.frontier import Frontier
from ledger.log.tree import leaf_hash
from ledger.reference.tables import Tables
from ledger.statement import Statement, cose_key, ledger_id, parse_statement
from ledger.trust import Trust, TrustedLedger, trusted_ledger
from ledger.verify.checks import Remembered
from ledger.verify.concluding import WholeError, conclude
from ledger.verify.linking import Linking
from ledger.verify.packed import MemoryShelf, Shelf
from ledger.verify.replay import Ended, Parse, Replay, blocks_of, check_now
from ledger.verify.report import AuditReport
from ledger.verify.resuming import RememberedError, check_resumed, parse_state
from ledger.verify.sharing import DoubtError, Sharing
from ledger.verify.workers import Crew
from ledger.wire import cbor
from ledger.wire.note import make_vkey, parse_note

_OTHER_LEDGER = "The remembered file is of another ledger."
_NO_LEDGER = "No checkpoint stands there: it is no ledger, or cannot be read. Nothing is refuted."
CHUNK = 1_024
"""Leaves that are read at once."""
Stored = Callable[[int, MemoryBase], Iterable[str]]
"""Says what in a store's own tables contradicts the state after so many leaves; nothing: none."""


class LeafSource(Protocol):
    """Where the leaves of a ledger come from: a directory, a mirror, tiles, an export."""

    def checkpoint_note(self) -> bytes:
        """Return the signed checkpoint that the leaves must lead to."""
        ...

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop, as many as there are."""
        ...


class _Audit(Struct):
    source: LeafSource
    replay: Replay
    remembered: Remembered | None
    progress: Callable[[int, int], None]
    passed: dict[str, str] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    note: bytes = b""
    seen_root: bytes | None = None
    is_trusted: bool = False
    processes: int = 1
    lost: int = 0

    def with_rules(
        self, begun: Callable[[], Replay], trust: Trust | None, crew: Crew | None
    ) -> None:
        """Make every check, with the help of `crew` as far as all is plainly good."""
        self._read_note()
        self._restart(begun())
        if crew is None:
            self.alone(trust)
        elif not _shared(self, trust, crew):
            self._restart(begun())
            self.alone(trust)

    def prepare(self, trust: Trust | None) -> Checkpoint:
        """Check the checkpoint that the leaves must lead to; raise where it does not hold."""
        self.note = self.source.checkpoint_note()
        checkpoint = self._read_note()
        self._check_memory(checkpoint)
        trusted = self._trusted(trust)
        self.is_trusted = trusted is not None
        if trusted is not None:
            self._check_note(trusted)
        return checkpoint

    def alone(self, trust: Trust | None) -> None:
        """Make every check in this one process, in order; raise at the first that fails."""
        checkpoint = self.prepare(trust)
        start = self._resume(checkpoint)
        self._replay(start, checkpoint, parse=parse_statement)
        self._check_tree(checkpoint)

    def shared(self, trust: Trust | None, crew: Crew) -> None:
        """Do the same with the help of `crew`; raise for whatever is not plainly good.

        What the workers hold to the strict form is not decoded strictly a second time.
        """
        checkpoint = self.prepare(trust)
        start = self.replay.size
        if start > checkpoint.size:
            raise DoubtError("The ledger is smaller than it was.")
        if start:
            self._check_resumed(start)
        root = self.replay.frontier.root()
        sharing = Sharing(self.source.leaves, crew, size=checkpoint.size, start=start)
        self.replay.check = sharing.check
        self._replay(start, checkpoint, parse=_parse_known)
        sharing.finish(self.progress)
        if sharing.start_root != root or sharing.frontier.root() != self.replay.frontier.root():
            raise DoubtError("The leaves were read in two versions.")
        self.processes, self.lost = 1 + crew.workers, crew.lost
        self._check_tree(checkpoint)

    def without_rules(self, trust: Trust | None, crew: Crew | None) -> None:
        """Check form, signatures, links and tree of every leaf, and nothing that needs a state."""
        checkpoint = self.prepare(trust)
        (founding,) = self.source.leaves(0, 1) or (b"",)
        linking = Linking(ledger_id(parse_statement(founding)), self.replay.counts)
        sharing = Sharing(self.source.leaves, crew, size=checkpoint.size, on_link=linking.take)
        sharing.finish(self.progress)
        if crew is not None:
            self.processes, self.lost = 1 + crew.workers, crew.lost
        linking.finish(checkpoint.size)
        self._check_tree(checkpoint, sharing.frontier.root())

    def conclude(self, stored: Stored | None) -> None:
        """Make the checks that need the whole state."""
        if not self.is_trusted:
            self._check_note(self._own_trust())
        if stored is not None:
            self._check_stored(stored)

    def _read_note(self) -> Checkpoint:
        try:
            self.checkpoint = parse_checkpoint(parse_note(self.note).text)
        except MalformedError as error:
            # Nobody signed it: a login page, another host. Nothing is refuted by it.
            raise UndecidedError("audit.no-ledger", _NO_LEDGER) from error
        return self.checkpoint

    def _restart(self, replay: Replay) -> None:
        """Forget what an earlier try came to."""
        self.replay, self.passed, self.seen_root = replay, {}, None
        self.is_trusted, self.processes, self.lost = False, 1, 0

    def _replay(self, start: int, checkpoint: Checkpoint, *, parse: Parse) -> None:
        leaves = self._leaves(start, checkpoint.size)
        for block in blocks_of(leaves, counts=self.replay.counts, start=start, parse=parse):
            self.replay.take(block)
            self._note_root(block)
            self.progress(block.size, checkpoint.size)

    def _check_memory(self, checkpoint: Checkpoint) -> None:
        known = self.remembered
        if known is None:
            return
        founding = self.source.leaves(0, 1)
        if founding and not known.is_of(ledger_id(parse_statement(founding[0]))):
            raise RememberedError("remembered.ledger", _OTHER_LEDGER)
        if checkpoint.size < known.size:
            raise WholeError(
                "history.remembered",
                "history.behind",
                f"The ledger has {checkpoint.size} leaves; {known.size} were there before.",
            )
        if checkpoint.size == known.size and checkpoint.root != known.root:
            raise WholeError(
                "history.remembered", "history.two", "One size has another root than before."
            )

    def _trusted(self, trust: Trust | None) -> TrustedLedger | None:
        if trust is None:
            return None
        founding = self.source.leaves(0, 1)
        if not founding:
            raise WholeError("ledger.founded", "ledger.founding", "There is no leaf 0.")
        return trust.ledger(ledger_id(parse_statement(founding[0])))

    def _own_trust(self) -> TrustedLedger:
        """Without a trust file the ledger is held to its own word: its checkpoint key."""
        state = self.replay.ledger
        key = checkpoint_key(state, index=self.replay.size - 1)
        vkey = make_vkey(state.origin, LOG_SIGNATURE, cose_key(key).public)
        return trusted_ledger(
            ledger=self.replay.base.ledger, origin=state.origin, hosts=(), log=(vkey,)
        )

    def _check_note(self, trusted: TrustedLedger) -> None:
        try:
            checkpoint = trusted.open_checkpoint(self.note)
        except (ProofError, MalformedError) as error:
            raise WholeError("checkpoint.signed", error.code, error.message) from error
        self.passed["checkpoint.signed"] = (
            "by the trusted log key" if self.is_trusted else "by its own key"
        )
        try:
            trusted.check_witnesses(self.note, checkpoint)
        except ProofError as error:
            raise WholeError("checkpoint.witnessed", error.code, error.message) from error
        self.passed["checkpoint.witnessed"] = trusted.policy_summary

    def _resume(self, checkpoint: Checkpoint) -> int:
        """Hash the leaves that an earlier audit judged, and return where judging goes on."""
        size = self.replay.size
        if not size:
            return 0
        if size > checkpoint.size:
            raise WholeError(
                "history.remembered", "history.behind", f"{size} leaves were there before."
            )
        frontier = Frontier()
        for raw in self._leaves(0, size):
            frontier.append(leaf_hash(raw))
        if frontier.root() != self.replay.frontier.root():
            raise WholeError(
                "history.remembered",
                "history.two",
                f"The first {size} leaves are not those of the earlier audit.",
            )
        self._check_resumed(size)
        return size

    def _check_resumed(self, size: int) -> None:
        """Note that old leaves are as before; their last closing must state the kept state."""
        (closing,) = self.source.leaves(size - 1, size)
        check_resumed(self.replay, closing)
        self.passed["history.remembered"] = f"resumed at size {size}"

    def _leaves(self, first: int, size: int) -> Iterator[bytes]:
        for start in range(first, size, CHUNK):
            stop = min(start + CHUNK, size)
            found = self.source.leaves(start, stop)
            if len(found) != stop - start:
                raise WholeError(
                    "tree.root",
                    "leaves.missing",
                    f"Leaves from {start + len(found)} on are missing.",
                )
            yield from found

    def _note_root(self, block: Ended) -> None:
        known = self.remembered
        if known is not None and self.seen_root is None and block.size >= known.size:
            self.seen_root = self._root_at(known.size, block)
            if self.seen_root != known.root:
                raise WholeError(
                    "history.remembered",
                    "history.two",
                    f"The first {known.size} leaves are not those of the remembered checkpoint.",
                )
            self.passed["history.remembered"] = f"size {known.size}"

    def _root_at(self, size: int, block: Ended) -> bytes:
        if size == block.size:
            return self.replay.frontier.root()
        frontier = Frontier()
        for start in range(0, size, CHUNK):
            leaves = self.source.leaves(start, min(start + CHUNK, size))
            frontier.extend(leaf_hash(raw) for raw in leaves)
        return frontier.root()

    def _check_tree(self, checkpoint: Checkpoint, root: bytes | None = None) -> None:
        if (root or self.replay.frontier.root()) != checkpoint.root:
            raise WholeError(
                "tree.root", "tree.root", "The leaves give another root than the checkpoint's."
            )
        self.passed["tree.root"] = f"size {checkpoint.size}"

    def _check_stored(self, stored: Stored) -> None:
        for said in stored(self.replay.size, self.replay.base):
            raise WholeError("records.stored", "records.differ", said)
        self.replay.counts["records.stored"] = self.replay.base.subjects


def audit(
    source: LeafSource,
    *,
    tables: Tables,
    trust: Trust | None = None,
    remembered: Remembered | None = None,
    stored: Stored | None = None,
    crew: Crew | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: bytes | None = None,
    keep: bool = False,
    rules: bool = True,
    shelf: Callable[[], Shelf] = MemoryShelf,
) -> AuditReport:
    """Re-run every leaf, rule, link, record and proof of a ledger; report the first that fails.

    Without `trust` the ledger is held to its own keys. `remembered` is the checkpoint of an earlier
    audit: a smaller tree or another root is refuted. `stored` says what contradicts the state that
    the leaves led to in a store's own tables (`--deep`). `crew` checks forms and signatures in
    other processes; whatever it does not find plainly good is judged again here alone, so it
    decides nothing. `progress` is told leaves done and leaves in all. `resume` is the state of the
    auditor's own earlier audit: old leaves are then hashed only; with `keep` the report has such a
    state. Without `rules` nothing that needs a state is checked, and the answer is at best
    undecided. `shelf` makes an empty place for records, in memory or on disk.

    Never raises for what is in the leaves; raise MalformedError for a `resume` that is no such
    file, NotFoundError without a checkpoint, UnavailableError where the source goes away or the
    shelf is full.
    """
    run = _Audit(source, Replay(tables, check_now, shelf), remembered, progress or _silent)
    begun = partial(_begin, source, tables, resume, shelf)
    with nullcontext() if crew is None else closing(crew):
        # A source that has no checkpoint, or that is not there, says nothing of the ledger.
        run.note = source.checkpoint_note()
        try:
            if rules:
                run.with_rules(begun, trust, crew)
                run.conclude(stored)
            else:
                run.without_rules(trust, crew)
        except (RememberedError, UnavailableError, RefusedError):
            # Neither says anything of the ledger: the auditor's own file, a network that went away.
            raise
        except RingmarkError as error:
            return conclude(run, error, keep=False, rules=rules)
        return conclude(run, None, keep=keep, rules=rules)


def _shared(run: _Audit, trust: Trust | None, crew: Crew) -> bool:
    """Return whether the audit is plainly good as far as the crew takes it."""
    try:
        run.shared(trust, crew)
    except Exception:  # whatever it was: one process alone finds it again, and words it
        return False
    return True


def _begin(
    source: LeafSource, tables: Tables, resume: bytes | None, shelf: Callable[[], Shelf]
) -> Replay:
    if resume is None:
        return Replay(tables, check_now, shelf)
    try:
        replay = parse_state(
            resume,
            tables=tables,
            check=check_now,
            leaf=partial(_leaf_of_before, source),
            shelf=shelf(),
        )
    except (MalformedError, UndecidedError) as error:
        # Whatever is wrong with the auditor's own file is never said of the ledger.
        raise RememberedError(error.code, error.message) from error
    founding = source.leaves(0, 1)
    if founding and ledger_id(parse_statement(founding[0])) != replay.base.ledger:
        raise RememberedError("remembered.ledger", _OTHER_LEDGER)
    return replay


def _leaf_of_before(source: LeafSource, index: int) -> bytes:
    """Return a statement that an earlier audit saw at `index`, or say that it is gone."""
    found = source.leaves(index, index + 1)
    if not found:
        raise WholeError(
            "history.remembered", "history.behind", f"Leaf {index} was there before, and is not."
        )
    try:
        is_other = parse_statement(found[0]).type == "BlockClosed"
    except MalformedError:
        is_other = True
    if is_other:
        raise WholeError("history.remembered", "history.two", f"Leaf {index} was another before.")
    return found[0]


def _silent(done: int, size: int) -> None:
    del done, size


def _parse_known(raw: bytes) -> Statement:
    return parse_statement(raw, decode=cbor.decode_known)
