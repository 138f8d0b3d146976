"""The head of every file that carries proof: checkpoint, closing and the ledger's own statements.

Owns the first ten steps of docs/formats/card.md, which cards and bundles share. Everything after
them is proved against the anchor that they yield.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ledger.custody.parties import LedgerState
from ledger.custody.subjects import Digest, Kind, Subject
from ledger.errors import MalformedError, ProofError, RingmarkError
from ledger.log.statemap import state_path
from ledger.log.tree import check_inclusion, leaf_hash
from ledger.statement import parse_statement
from ledger.trust import Trust
from ledger.verify import checks
from ledger.verify.checks import Anchor, Remembered
from ledger.verify.founding import Placed, Rooted
from ledger.verify.steps import Steps
from ledger.verify.verdict import Level, Outcome, Verdict

FILE_SIZE_MAX = 8 << 20
"""The most bytes in a file that carries proof: 8 MiB."""


class ProvedStatement(Struct, frozen=True):
    """A statement of the ledger's own track: 0-based leaf index, bytes, inclusion path."""

    index: int
    statement: bytes
    path: tuple[bytes, ...]


class ProvedRecord(Struct, frozen=True):
    """A record with its state proof (plain form); without a record the proof is one of absence."""

    proof: object
    record: bytes | None = None


class Head(Struct, frozen=True):
    """What a file is proved by: all of one moment.

    `checkpoint` is a signed note, `closing` the last leaf under it with its inclusion `path`; `own`
    is the ledger's record, `track` all statements that touched it, from leaf 0 on.
    """

    ledger: Digest
    checkpoint: bytes
    closing: bytes
    path: tuple[bytes, ...]
    own: ProvedRecord
    track: tuple[ProvedStatement, ...]


ReadRecord = Callable[[bytes], ProvedRecord]
"""Answers with the record at a path (32 bytes) and its proof under the newest closing."""


class Asked(Struct, frozen=True):
    """What the verifier asks: always its own side's word, never the file's.

    `code` (12 symbols), `mark` (`SCHEME/TEXT`) or `document` (`CC/KIND/NUMBER`) narrow the question
    down; `remembered` is the largest checkpoint seen before.
    """

    code: str | None = None
    mark: str | None = None
    remembered: Remembered | None = None
    document: str | None = None

    def is_behind(self, anchor: Anchor) -> bool:
        """Return whether the verifier has already seen a larger tree than the file's."""
        seen = self.remembered
        is_known = seen is not None and seen.is_of(anchor.trusted.ledger)
        return seen is not None and is_known and seen.size > anchor.checkpoint.size


class Opened(Struct, frozen=True):
    """A head that holds: the anchor of all other proofs, the ledger's state, its root keys."""

    anchor: Anchor
    state: LedgerState
    rooted: Rooted
    ledger: bytes

    def verdict(self, *, now_s: int, subject: Subject | None = None) -> Verdict:
        """Return a verified verdict about a lot or document whose level is still to be judged."""
        is_document = subject is not None and subject.kind is Kind.DOCUMENT
        name = subject.name if subject is not None else None
        closing, checkpoint = self.anchor.closing, self.anchor.checkpoint
        return Verdict(
            Outcome.VERIFIED,
            Level.CANNOT_TELL,
            "unavailable",
            ledger=self.ledger,
            origin=checkpoint.origin,
            code=None if is_document else name,
            document=name if is_document else None,
            size=checkpoint.size,
            root=checkpoint.root,
            as_of=closing.at,
            age_s=now_s - closing.at,
        )


def open_head(
    head: Head, *, trust: Trust, steps: Steps, remembered: Remembered | None = None
) -> Opened:
    """Return what a file is proved against, or raise at the first step that does not hold."""
    trusted = checks.open_ledger(trust, head.ledger, steps)
    checkpoint = checks.open_checkpoint(head.checkpoint, trusted, steps, remembered=remembered)
    anchor = checks.open_closing(
        head.closing, head.path, trusted=trusted, checkpoint=checkpoint, steps=steps
    )
    if head.own.record is None:
        raise MalformedError("head.own", "The file has no record of the ledger itself.")
    own = checks.open_ledger_record(
        head.own.record, head.own.proof, anchor=anchor, ledger=head.ledger, steps=steps
    )
    track = _open_track(head.track, anchor=anchor, steps=steps)
    state, rooted = checks.check_founding(
        track, own, ledger=head.ledger, origin=trusted.origin, steps=steps
    )
    checks.check_closing_signature(anchor, state, ledger=head.ledger, steps=steps)
    checks.check_checkpoint_key(head.checkpoint, anchor, state, steps)
    checks.check_rules(state, steps)
    return Opened(anchor, state, rooted, head.ledger)


def build_head(
    *,
    ledger: bytes,
    checkpoint: bytes,
    closing: bytes,
    path: tuple[bytes, ...],
    track: tuple[ProvedStatement, ...],
    read: ReadRecord,
) -> Head:
    """Return the head of a file from values of one moment."""
    own = read(state_path(ledger, Kind.LEDGER.value, ""))
    return Head(ledger, checkpoint, closing, path, own, track)


_UNDECIDED = ("ledger.unknown", "rules.unknown", "checkpoint.unwitnessed", "file.statement")
"""What cannot be told for a reason that the table of verdicts has words for."""


def failed(error: RingmarkError, steps: Steps) -> Verdict:
    """Return the verdict of a verification that ended early.

    What is proved wrong is refuted and a stop; what cannot be read or is not known is undecided.
    """
    params = {"check": steps.failed or "file.form", "why": error.message, "error": error.code}
    if isinstance(error, ProofError):
        reason = "history.two" if error.code == "history.two" else "proof.failed"
        return Verdict(Outcome.REFUTED, Level.STOP, reason, params, checks=steps.done)
    reason = "file.unknown"
    if isinstance(error, MalformedError):
        reason = "file.damaged"
    elif error.code in _UNDECIDED:
        reason = error.code
    return Verdict(Outcome.UNDECIDED, Level.CANNOT_TELL, reason, params, checks=steps.done)


def _open_track(
    rows: tuple[ProvedStatement, ...], *, anchor: Anchor, steps: Steps
) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    with steps.step("ledger.included"):
        for row in rows:
            check_inclusion(
                leaf=leaf_hash(row.statement),
                index=row.index,
                size=anchor.checkpoint.size,
                path=row.path,
                expected=anchor.checkpoint.root,
            )
            if placed and row.index <= placed[-1].index:
                raise ProofError("ledger.order", "The ledger's statements are out of order.")
            placed.append(Placed(row.index, parse_statement(row.statement)))
    return tuple(placed)
