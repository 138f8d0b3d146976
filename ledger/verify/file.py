"""Any file that carries proof: told apart by its first bytes, judged by its own verifier.

Owns the choice alone, so that `ringmark verify` and the web answer the same on the same bytes.
"""

from __future__ import annotations

from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.proof import FIRST_LINE, check_tlog_proof, parse_tlog_proof
from ledger.statement import parse_statement
from ledger.trust import Trust
from ledger.verify.head import Asked, failed
from ledger.verify.judge import level_of
from ledger.verify.steps import Steps
from ledger.verify.verdict import Outcome, Verdict
from ledger.wire import cbor
from ledger.wire.note import parse_note


def verify_bytes(
    data: bytes,
    *,
    trust: Trust,
    now_s: int,
    asked: Asked | None = None,
    statement: bytes | None = None,
) -> Verdict:
    """Return the verdict on a card, bundle, contradiction, fork or `.tlog-proof`.

    A `.tlog-proof` is about `statement`, the leaf as it arrived. `trust`, `now_s` (s) and `asked`
    are the verifier's own. Never raises for what is in `data`.
    """
    name = kind_of(data)
    # Each verifier is loaded where it is needed: a card does without the rules of the trade.
    if name == "ringmark.card":
        from ledger.verify.card import check_card

        return check_card(data, trust=trust, now_s=now_s, asked=asked)
    if name == "ringmark.bundle":
        from ledger.verify.bundle import check_bundle

        return check_bundle(data, trust=trust, now_s=now_s, asked=asked)
    if name in ("ringmark.contradiction", "ringmark.fork"):
        from ledger.verify import contradiction

        is_fork = name == contradiction.FORK_NAME
        check = contradiction.check_fork if is_fork else contradiction.check_contradiction
        return check(data, trust=trust)
    if name == FIRST_LINE:
        return check_proof(data, statement=statement, trust=trust)
    return failed(MalformedError("file.unknown", "The file is of no known kind."), Steps())


def kind_of(data: bytes) -> str:
    """Return the name in a framed file, the first line of a `.tlog-proof`, or nothing."""
    if data.startswith(FIRST_LINE.encode() + b"\n"):
        return FIRST_LINE
    # A frame is an array of four whose first item is a short text.
    if len(data) < 3 or data[0] != 0x84:
        return ""
    first = data[1]
    length = first - 0x60 if 0x60 <= first <= 0x77 else -1
    if length < 0:
        return ""
    try:
        name = cbor.decode(data[1 : 2 + length])
    except MalformedError:
        return ""
    return name if isinstance(name, str) else ""


def check_proof(data: bytes, *, statement: bytes | None, trust: Trust) -> Verdict:
    """Return whether `statement` is a leaf of a trusted ledger, as a `.tlog-proof` says."""
    steps = Steps()
    try:
        with steps.step("file.form"):
            proof = parse_tlog_proof(data)
            origin = parse_checkpoint(parse_note(proof.checkpoint_note).text).origin
        if statement is None:
            raise UndecidedError(
                "file.statement", "The statement that the proof is about is needed."
            )
        with steps.step("ledger.trusted"):
            trusted = trust.by_origin(origin)
        with steps.step("statement.included"):
            checkpoint = check_tlog_proof(
                proof, entry=statement, origin=trusted.origin, vkeys=trusted.log
            )
        with steps.step("checkpoint.witnessed"):
            trusted.check_witnesses(proof.checkpoint_note, checkpoint)
        with steps.step("statement.form"):
            parsed = parse_statement(statement)
            if parsed.aud not in ("", trusted.ledger.hex()):
                raise ProofError("statement.aud", "The statement is for another ledger.")
    except RingmarkError as error:
        return failed(error, steps)
    return Verdict(
        Outcome.VERIFIED,
        level_of("statement.included"),
        "statement.included",
        {"index": proof.index, "type": parsed.type},
        checks=steps.done,
        ledger=trusted.ledger,
        origin=origin,
        size=checkpoint.size,
        root=checkpoint.root,
    )
