"""Contradictions: portable proofs that a ledger broke its word (docs/formats/contradiction.md).

Owns two files. A contradiction holds the leaves up to a closing that their replay contradicts; a
fork holds two checkpoints that one log signed for trees that cannot both be. Whoever trusts the log
key can check either, with no ledger at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, TypeVar

from msgspec import Struct

from ledger.custody.subjects import Digest
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.log.frontier import Frontier
from ledger.log.tree import check_consistency, leaf_hash
from ledger.reference.tables import load_tables
from ledger.statement import ledger_id, parse_statement
from ledger.trust import Trust
from ledger.verify.head import failed
from ledger.verify.replay import ContradictionError, replay_all
from ledger.verify.steps import Steps
from ledger.verify.verdict import Level, Outcome, Verdict
from ledger.wire import cbor, fields, frame

NAME = "ringmark.contradiction"
FORK_NAME = "ringmark.fork"
VERSION = 1
SIZE_MAX = 256 << 20
HEAD_SIZE = 1 << 16
"""Room in a file for its frame, note and path."""
LEAVES_SIZE_MAX = SIZE_MAX - HEAD_SIZE
ROW_SIZE = 5
"""The most bytes that stand before each leaf."""
T = TypeVar("T")


class Contradiction(Struct, frozen=True):
    """All leaves up to a contradicted closing, and the proof that a signed checkpoint has them."""

    ledger: Digest
    checkpoint: bytes
    leaves: tuple[bytes, ...]
    path: tuple[bytes, ...]
    """Consistency proof from the size of `leaves` to the checkpoint's."""


class Fork(Struct, frozen=True):
    """Two signed notes of one ledger, of which the second does not extend the first."""

    ledger: Digest
    one: bytes
    other: bytes
    before: Digest
    """Root over as many first leaves of `other` as `one` counts."""
    path: tuple[bytes, ...]
    """Consistency proof from `before` to the root of `other`; empty for equal sizes."""


def build_contradiction(
    *, ledger: bytes, checkpoint: bytes, leaves: Sequence[bytes], path: Sequence[bytes]
) -> bytes:
    """Return the file that proves a contradiction; raise MalformedError above 256 MiB."""
    if sum(len(leaf) + ROW_SIZE for leaf in leaves) > LEAVES_SIZE_MAX:
        raise MalformedError("contradiction.size", "The leaves are too many for one file.")
    body = Contradiction(ledger, checkpoint, tuple(leaves), tuple(path))
    return frame.frame(NAME, VERSION, cbor.encode(fields.to_plain(body)))


def build_fork(
    *, ledger: bytes, one: bytes, other: bytes, before: bytes, path: Sequence[bytes]
) -> bytes:
    """Return the file that proves that a log signed `other`, which does not extend `one`."""
    body = Fork(ledger, one, other, before, tuple(path))
    return frame.frame(FORK_NAME, VERSION, cbor.encode(fields.to_plain(body)))


def check_contradiction(data: bytes, *, trust: Trust) -> Verdict:
    """Return `verified` when the file proves that the ledger contradicts itself.

    The level is then STOP: nothing of that ledger counts. `refuted` means that the replay finds
    nothing wrong or that the leaves are not the ledger's.
    """
    steps = Steps()
    try:
        with steps.step("file.form"):
            body = _parse(data, NAME, Contradiction)
        return _judge(body, trust, steps)
    except RingmarkError as error:
        return failed(error, steps)


def check_fork(data: bytes, *, trust: Trust) -> Verdict:
    """Return `verified` when the file proves that the log signed two histories."""
    steps = Steps()
    try:
        with steps.step("file.form"):
            body = _parse(data, FORK_NAME, Fork)
        with steps.step("ledger.trusted"):
            trusted = trust.ledger(body.ledger)
        with steps.step("checkpoint.signed"):
            one, other = trusted.open_checkpoint(body.one), trusted.open_checkpoint(body.other)
        with steps.step("fork.proved"):
            check_consistency(
                old_size=one.size,
                old_root=body.before,
                size=other.size,
                root=other.root,
                path=body.path,
            )
            if body.before == one.root:
                raise ProofError("fork.none", "The two checkpoints do not exclude each other.")
    except RingmarkError as error:
        return failed(error, steps)
    return Verdict(
        Outcome.VERIFIED,
        Level.STOP,
        "history.two",
        checks=steps.done,
        ledger=body.ledger,
        origin=one.origin,
        size=one.size,
    )


def _judge(body: Contradiction, trust: Trust, steps: Steps) -> Verdict:
    with steps.step("ledger.trusted"):
        trusted = trust.ledger(body.ledger)
    with steps.step("checkpoint.signed"):
        checkpoint = trusted.open_checkpoint(body.checkpoint)
    with steps.step("leaves.included"):
        if not body.leaves or _ledger_of(body.leaves[0]) != body.ledger:
            raise ProofError("contradiction.ledger", "Leaf 0 founds another ledger.")
        frontier = Frontier()
        frontier.extend(leaf_hash(raw) for raw in body.leaves)
        check_consistency(
            old_size=frontier.size,
            old_root=frontier.root(),
            size=checkpoint.size,
            root=checkpoint.root,
            path=body.path,
        )
    with steps.step("contradiction.proved"):
        error = replay_all(body.leaves, tables=load_tables())
        if not isinstance(error, ContradictionError):
            _raise_none(error)
        # Whoever cuts a block short makes its closing missing: that proves nothing of the ledger.
        if error.code == "closing.missing" and frontier.size != checkpoint.size:
            _raise_none(None)
    params: dict[str, str | int] = {
        "check": error.check,
        "index": error.index,
        "why": error.message,
    }
    return Verdict(
        Outcome.VERIFIED,
        Level.STOP,
        "ledger.contradicted",
        params,
        checks=steps.done,
        ledger=body.ledger,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
    )


def _raise_none(error: RingmarkError | None) -> NoReturn:
    if error is not None:
        raise error
    raise ProofError("contradiction.none", "A replay of the leaves contradicts nothing.")


def _ledger_of(raw: bytes) -> bytes:
    return ledger_id(parse_statement(raw))


def _parse(data: bytes, name: str, kind: type[T]) -> T:
    version, body = frame.unframe(data, name=name, size_max=SIZE_MAX)
    if version != VERSION:
        raise UndecidedError("file.unknown", f"The file has the unknown version {version}.")
    return fields.from_plain(kind, cbor.decode(body, size_max=SIZE_MAX), path=name)
