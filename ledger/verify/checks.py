"""The steps that every verification shares: from the trust file to proved records.

Owns the order ledger, checkpoint, closing, founding, state (docs/checks.md). Each raises ProofError
where a proof does not hold, UndecidedError where nothing can be said. Must not know file formats.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec import Struct

from ledger.custody.events import BlockClosed
from ledger.custody.parties import LedgerState
from ledger.custody.registrar_keys import RULE_SETS, closing_key, ledger_subject
from ledger.custody.subjects import Kind
from ledger.errors import ProofError, UndecidedError
from ledger.form import open_form
from ledger.log.checkpoint import Checkpoint, known_lines
from ledger.log.frontier import fold
from ledger.log.statemap import check_state_proof, state_path
from ledger.log.tree import check_inclusion, leaf_hash
from ledger.reference.released import table_hashes
from ledger.reference.thresholds import threshold_tables
from ledger.statement import (
    REGISTRAR,
    Statement,
    cose_key,
    parse_statement,
    verify_statement,
)
from ledger.trust import Trust, TrustedLedger
from ledger.verify.founding import Placed, Rooted, check_ledger_track
from ledger.verify.gather import OpenRecord, read_record
from ledger.verify.steps import Steps
from ledger.wire.note import parse_note

_THRESHOLDS = "thresholds"
"""The table of which a ledger chooses one of several."""


class Remembered(Struct, frozen=True):
    """The largest checkpoint that this verifier has accepted from a ledger: size and root.

    With the `ledger` id it says nothing of any other one.
    """

    size: int
    root: bytes
    ledger: bytes | None = None

    def is_of(self, ledger: bytes) -> bool:
        """Return whether this was seen of the ledger with that id, as far as is known."""
        return self.ledger in (None, ledger)


class Anchor(Struct, frozen=True):
    """What everything else is proved against: a checkpoint that is trusted, and its closing."""

    trusted: TrustedLedger
    checkpoint: Checkpoint
    closing: BlockClosed
    statement: Statement


def open_ledger(trust: Trust, ledger: bytes, steps: Steps) -> TrustedLedger:
    """Return what the verifier trusts of `ledger`; raise UndecidedError where it is on no list."""
    with steps.step("ledger.trusted"):
        return trust.ledger(ledger)


def open_checkpoint(
    note: bytes, trusted: TrustedLedger, steps: Steps, *, remembered: Remembered | None = None
) -> Checkpoint:
    """Return the checkpoint of a note that the trusted log key signed and the policy accepts."""
    with steps.step("checkpoint.signed"):
        checkpoint = trusted.open_checkpoint(note)
    with steps.step("checkpoint.witnessed"):
        trusted.check_witnesses(note, checkpoint)
    steps.detail(trusted.policy_summary)
    is_known = remembered is not None and remembered.is_of(trusted.ledger)
    if remembered is not None and is_known and remembered.size == checkpoint.size:
        with steps.step("checkpoint.remembered"):
            if remembered.root != checkpoint.root:
                raise ProofError("history.two", "Two checkpoints of one size have other roots.")
    return checkpoint


def open_closing(
    raw: bytes,
    path: Sequence[bytes],
    *,
    trusted: TrustedLedger,
    checkpoint: Checkpoint,
    steps: Steps,
) -> Anchor:
    """Return the anchor: the closing in `raw` is the last leaf, and names the tree before it.

    Its signature is checked by `check_closing_signature`, once the registrar's key is known.
    """
    with steps.step("closing.last"):
        # What the log does not hold is not even read.
        check_inclusion(
            leaf=leaf_hash(raw),
            index=checkpoint.size - 1,
            size=checkpoint.size,
            path=path,
            expected=checkpoint.root,
        )
        statement = _closing_statement(raw)
        closing = statement.event
        if not isinstance(closing, BlockClosed):
            raise ProofError("closing.type", "The last leaf is not a closing.")
        if closing.first + closing.count + 1 != checkpoint.size:
            raise ProofError("closing.last", "The closing is not the last leaf of the checkpoint.")
    with steps.step("closing.root"):
        # All siblings of the last leaf lie to its left: they are the peaks of the tree before it.
        if closing.root != fold(tuple(reversed(path))):
            raise ProofError("closing.root", "The closing names another tree than its own.")
    return Anchor(trusted, checkpoint, closing, statement)


def _closing_statement(raw: bytes) -> Statement:
    """Return the statement of a last leaf; one of another type is none, known here or not."""
    plain = open_form(raw).plain
    name, version = plain.get("type"), plain.get("v")
    if isinstance(name, str) and name != BlockClosed.__name__ and version == 1:
        raise ProofError("closing.type", "The last leaf is not a closing.")
    return parse_statement(raw)


def open_ledger_record(
    record: bytes, proof: object, *, anchor: Anchor, ledger: bytes, steps: Steps
) -> OpenRecord:
    """Return the ledger's own record, proved under the closing's state root."""
    subject = ledger_subject()
    path = state_path(ledger, subject.kind.value, subject.name)
    with steps.step("ledger.record"):
        return proved_record(path, record, proof, anchor=anchor, kind=Kind.LEDGER)


def check_founding(
    track: Sequence[Placed], record: OpenRecord, *, ledger: bytes, origin: str, steps: Steps
) -> tuple[LedgerState, Rooted]:
    """Return the ledger's state and what its root said, once the whole track explains them."""
    state = record.state
    if not isinstance(state, LedgerState):
        raise ProofError("ledger.record", "The ledger's record is another one's.")
    with steps.step("ledger.founded"):
        if state.origin != origin:
            raise ProofError("ledger.origin", "The ledger has another origin than the trusted one.")
        rooted = check_ledger_track(track, ledger=ledger, state=state, n=record.n, tip=record.track)
    steps.detail(authority_words(state.threshold))
    return state, rooted


def check_closing_signature(
    anchor: Anchor, state: LedgerState, *, ledger: bytes, steps: Steps
) -> None:
    """Raise ProofError unless the registrar's closing key in force signed the closing."""
    with steps.step("closing.signed"):
        statement = anchor.statement
        kid = closing_key(state, purpose="closing", index=anchor.checkpoint.size - 1)
        if kid is None or statement.kid != kid:
            raise ProofError("closing.key", "The closing is not signed by the key in force.")
        check_closing_headers(statement, anchor.closing, ledger=ledger)
        verify_statement(statement, cose_key(state.keys[kid].key))


def check_checkpoint_key(note: bytes, anchor: Anchor, state: LedgerState, steps: Steps) -> None:
    """Raise ProofError unless the ledger's checkpoint key in force is one that signed the note.

    A trust file may still have a key that another took the place of: it signs nothing newer.
    """
    with steps.step("checkpoint.key"):
        kid = closing_key(state, purpose="checkpoint", index=anchor.checkpoint.size - 1)
        signed = {key.public for key, _ in known_lines(parse_note(note), anchor.trusted.log)}
        if kid is None or cose_key(state.keys[kid].key).public not in signed:
            raise ProofError("checkpoint.key", "The checkpoint is not signed by the key in force.")


def check_closing_headers(statement: Statement, closing: BlockClosed, *, ledger: bytes) -> None:
    """Raise ProofError unless the registrar speaks for this ledger at the block's own time."""
    if statement.party != REGISTRAR or statement.aud != ledger.hex():
        raise ProofError("closing.headers", "The closing is not this ledger's registrar's.")
    if statement.iat != closing.at:
        raise ProofError("closing.time", "The closing was signed at another time than its own.")


def check_rules(state: LedgerState, steps: Steps) -> None:
    """Raise UndecidedError unless the rule set and its tables are released ones known here."""
    with steps.step("rules.known"):
        named = sorted({*state.tables, *table_hashes(), _THRESHOLDS})
        unknown = [name for name in named if not _is_known(name, state.tables.get(name))]
        if state.rules not in RULE_SETS or unknown:
            raise UndecidedError(
                "rules.unknown",
                f"The ledger follows {state.rules} with tables not known here: {unknown}.",
                hint="Use a newer version of Ringmark.",
            )


def proved_record(
    path: bytes, record: bytes, proof: object, *, anchor: Anchor, kind: Kind | None = None
) -> OpenRecord:
    """Return the open part of the record at `path`, proved under the closing's state root."""
    check_state_proof(
        path=path,
        record_hash=hashlib.sha256(record).digest(),
        proof=proof,
        root=anchor.closing.state,
    )
    return read_record(path, record, kind=kind)


def check_absent(path: bytes, proof: object, *, anchor: Anchor) -> None:
    """Raise ProofError unless no subject stands at `path` under the closing's state root."""
    check_state_proof(path=path, record_hash=None, proof=proof, root=anchor.closing.state)


def authority_words(threshold: int) -> str:
    """Return what the root threshold means, in words for every report."""
    return "one-person authority" if threshold == 1 else f"{threshold} root keys must agree"


def _is_known(name: str, digest: bytes | None) -> bool:
    if name == _THRESHOLDS:
        return digest in threshold_tables().values()
    return digest is not None and table_hashes().get(name) == digest
