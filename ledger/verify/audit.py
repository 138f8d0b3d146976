"""Audits: a whole ledger re-run from exported bytes and public keys, trusting nobody's server.

Owns the named checks (docs/checks.md), what is remembered between audits, and the portable proof of
a contradiction. Parallelism is an argument; reads no clock, no store: leaves come from a source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from ledger.block import closing_key
from ledger.custody.parties import LedgerState
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.log.checkpoint import LOG_SIGNATURE, Checkpoint, parse_checkpoint
from ledger.log.frontier import Frontier, LevelStore, prove_consistency
from ledger.log.tree import leaf_hash
from ledger.reference.tables import Tables
from ledger.reference.thresholds import is_one_person
from ledger.statement import cose_key, ledger_id, parse_statement
from ledger.trust import Trust, TrustedLedger, trusted_ledger
from ledger.verify.checks import Remembered
from ledger.verify.contradiction import build_contradiction, build_fork
from ledger.verify.replay import ContradictionError, Ended, Replay, blocks_of
from ledger.verify.report import CHECKS, AuditCheck, AuditReport, Failure
from ledger.verify.resuming import format_state, parse_state
from ledger.verify.verdict import CheckOutcome, Outcome
from ledger.verify.workers import Checker, InlineChecker
from ledger.wire.note import make_vkey, parse_note

CHUNK = 2_048
PROOF_LEAVES_MAX = 200_000
"""Beyond this many leaves a contradiction is named, not written to a file."""


class LeafSource(Protocol):
    """Where the leaves of a ledger come from: a directory, a mirror, tiles, an export."""

    def checkpoint_note(self) -> bytes:
        """Return the signed checkpoint that the leaves must lead to."""
        ...

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop, as many as there are."""
        ...


@dataclass(slots=True)
class _Audit:
    source: LeafSource
    replay: Replay
    checker: Checker
    remembered: Remembered | None
    progress: Callable[[int, int], None]
    passed: dict[str, str] = field(default_factory=dict)
    checkpoint: Checkpoint | None = None
    note: bytes = b""
    seen_root: bytes | None = None
    is_trusted: bool = False
    keep: bool = False

    def run(self, trust: Trust | None, stored: Iterable[tuple[bytes, bytes]] | None) -> None:
        """Make every check in order; raise at the first that fails."""
        self.note = self.source.checkpoint_note()
        checkpoint = self.checkpoint = parse_checkpoint(parse_note(self.note).text)
        self._check_memory(checkpoint)
        trusted = self._trusted(trust)
        self.is_trusted = trusted is not None
        if trusted is not None:
            self._check_note(trusted)
        start = self._resume(checkpoint)
        leaves = self._leaves(start, checkpoint.size)
        for block in blocks_of(leaves, counts=self.replay.counts, start=start):
            self.replay.take(block)
            self._note_root(block)
            self.progress(block.size, checkpoint.size)
        self.checker.finish()
        if trusted is None:
            self._check_note(self._own_trust())
        self._check_tree(checkpoint)
        if stored is not None:
            self._check_stored(stored)

    def _check_memory(self, checkpoint: Checkpoint) -> None:
        known = self.remembered
        if known is None:
            return
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
        kid = closing_key(state, purpose="checkpoint", index=self.replay.size - 1)
        if kid is None:
            raise WholeError("checkpoint.signed", "checkpoint.key", "There is no checkpoint key.")
        vkey = make_vkey(state.origin, LOG_SIGNATURE, cose_key(state.keys[kid].key).public)
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
        self.passed["history.remembered"] = f"resumed at size {size}"
        return size

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

    def _check_tree(self, checkpoint: Checkpoint) -> None:
        if self.replay.frontier.root() != checkpoint.root:
            raise WholeError(
                "tree.root", "tree.root", "The leaves give another root than the checkpoint's."
            )
        self.passed["tree.root"] = f"size {checkpoint.size}"

    def _check_stored(self, stored: Iterable[tuple[bytes, bytes]]) -> None:
        count = 0
        for path, digest in stored:
            if self.replay.statemap.get(path) != digest:
                raise WholeError(
                    "records.stored",
                    "records.differ",
                    "A stored record is not the one that the leaves give.",
                )
            count += 1
        expected = sum(1 for _ in self.replay.statemap.items())
        if count != expected:
            raise WholeError(
                "records.stored", "records.missing", f"{count} records are stored, not {expected}."
            )
        self.replay.counts["records.stored"] = count


class WholeError(ProofError):
    """A named check that fails on the whole ledger, not at one leaf."""

    def __init__(self, check: str, code: str, message: str) -> None:
        super().__init__(code, message)
        self.check = check


def audit(
    source: LeafSource,
    *,
    tables: Tables,
    trust: Trust | None = None,
    remembered: Remembered | None = None,
    stored: Iterable[tuple[bytes, bytes]] | None = None,
    checker: Checker | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: bytes | None = None,
    keep: bool = False,
) -> AuditReport:
    """Re-run every leaf, rule, link, record and proof of a ledger; report the first that fails.

    Without `trust` the ledger is held to its own keys. `remembered` is the checkpoint of an earlier
    audit: a smaller tree or another root is refuted. `stored` are path and record hash of a store's
    own records (`--deep`). `checker` may check signatures in other processes. `progress` is told
    leaves done and leaves in all. `resume` is the state of the auditor's own earlier audit: old
    leaves are then hashed only; with `keep` the report has such a state. Never raises for what is
    in the leaves; raise MalformedError or DamagedError for a `resume` that is no such file.
    """
    checking = checker or InlineChecker()
    replay = Replay(tables, checking.check)
    if resume is not None:
        replay = parse_state(
            resume, tables=tables, check=checking.check, leaf=lambda i: source.leaves(i, i + 1)[0]
        )
    run = _Audit(
        source=source,
        replay=replay,
        keep=keep,
        checker=checking,
        remembered=remembered,
        progress=progress or _silent,
    )
    try:
        run.run(trust, stored)
    except RingmarkError as error:
        return _report(run, error)
    return _report(run, None)


def prove_fork(trusted: TrustedLedger, *, one: bytes, other: bytes) -> bytes | None:
    """Return a portable proof that a log signed two trees, or None where the notes agree."""
    first, second = trusted.open_checkpoint(one), trusted.open_checkpoint(other)
    if first.size != second.size or first.root == second.root:
        return None
    return build_fork(ledger=trusted.ledger, one=one, other=other)


def _report(run: _Audit, error: RingmarkError | None) -> AuditReport:
    replay, checkpoint = run.replay, run.checkpoint
    failure = _failure(error)
    outcome = Outcome.VERIFIED
    if error is not None:
        outcome = Outcome.UNDECIDED if isinstance(error, UndecidedError) else Outcome.REFUTED
    begun = replay.position is not None
    state = replay.ledger if begun and replay.size else None
    return AuditReport(
        outcome=outcome,
        size=checkpoint.size if checkpoint else 0,
        root=checkpoint.root if checkpoint else bytes(32),
        checks=_checks(run, failure),
        first_failure=failure,
        ledger=replay.base.ledger if begun else None,
        origin=checkpoint.origin if checkpoint else None,
        at=replay.at if begun else None,
        authority=_authority(state) if state else "",
        contradiction=_contradiction(run, error),
        remember=Remembered(checkpoint.size, checkpoint.root)
        if checkpoint and error is None
        else None,
        state=format_state(replay) if run.keep and error is None else None,
    )


def _failure(error: RingmarkError | None) -> Failure | None:
    if error is None:
        return None
    if isinstance(error, ContradictionError):
        return Failure(error.check, error.index, error.code, error.message)
    check = error.check if isinstance(error, WholeError) else error.code
    return Failure(check, None, error.code, error.message)


def _checks(run: _Audit, failure: Failure | None) -> tuple[AuditCheck, ...]:
    made: list[AuditCheck] = []
    for name in CHECKS:
        count, detail = run.replay.counts[name], run.passed.get(name, "")
        if failure is not None and failure.check == name:
            made.append(AuditCheck(name, CheckOutcome.FAILED, count, failure.message))
        elif count or detail or (failure is None and name == "closings.refused"):
            made.append(AuditCheck(name, CheckOutcome.PASSED, count or 1, detail))
        else:
            made.append(AuditCheck(name, CheckOutcome.OPEN, 0, "not made"))
    if failure is not None and failure.check not in CHECKS:
        made.append(AuditCheck(failure.check, CheckOutcome.FAILED, 0, failure.message))
    return tuple(made)


def _authority(state: LedgerState) -> str:
    if state.threshold == 1 or is_one_person(state.tables.get("thresholds", b"")):
        return "one-person authority"
    return f"{state.threshold} of {len(state.root)} root keys"


def _contradiction(run: _Audit, error: RingmarkError | None) -> bytes | None:
    """Return the portable proof: all leaves up to the end of the block that does not hold."""
    checkpoint = run.checkpoint
    if not isinstance(error, ContradictionError) or checkpoint is None:
        return None
    if checkpoint.size > PROOF_LEAVES_MAX or not run.passed.get("checkpoint.signed"):
        return None
    leaves = run.source.leaves(0, checkpoint.size)
    if len(leaves) != checkpoint.size:
        return None
    hashes = [leaf_hash(raw) for raw in leaves]
    whole = Frontier()
    whole.extend(hashes)
    if whole.root() != checkpoint.root:
        return None
    stop = _end_of_block(leaves, error.index)
    levels = LevelStore()
    for start in range(0, checkpoint.size - 255, 256):
        tile = Frontier()
        tile.extend(hashes[start : start + 256])
        levels.append(tile.root())
    reader = levels.reader(lambda start, end: hashes[start:end], size=checkpoint.size)
    return build_contradiction(
        ledger=ledger_id(parse_statement(leaves[0])),
        checkpoint=run.note,
        leaves=leaves[:stop],
        path=prove_consistency(reader, old_size=stop, size=checkpoint.size),
    )


def _end_of_block(leaves: list[bytes], index: int) -> int:
    """Return the size after the closing that ends the block of leaf `index`."""
    for place in range(index, len(leaves)):
        try:
            if parse_statement(leaves[place]).type == "BlockClosed":
                return place + 1
        except RingmarkError:
            return place + 1
    return len(leaves)


def _silent(done: int, size: int) -> None:
    del done, size
