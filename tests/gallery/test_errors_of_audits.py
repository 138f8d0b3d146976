"""A gallery of errors: the smallest wrong founding, audit, file and statement for each code.

Owns the codes of whole ledgers and of files about them. Knows nothing of stores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hostile import Source, honest, note_of
from proof_files import parted, rebuilt
from trail import Trail, trade

from ledger import keys
from ledger.custody.parties import PartyEnrolled
from ledger.errors import RingmarkError
from ledger.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from ledger.log.proof import TlogProof, format_tlog_proof
from ledger.log.tree import leaf_hash
from ledger.records import track_of
from ledger.reference.tables import load_tables
from ledger.statement import (
    FOUNDER,
    Statement,
    parse_statement,
    public_key,
    sign_statement,
    verify_statement,
)
from ledger.trust import Trust, trusted_ledger
from ledger.verify import contradiction
from ledger.verify.audit import audit
from ledger.verify.file import verify_bytes
from ledger.verify.founding import Placed, check_ledger_track
from ledger.verify.packed import MemoryShelf
from ledger.verify.replay import Replay, check_now
from ledger.verify.resuming import format_state, parse_state
from ledger.wire.note import make_vkey, parse_note

ZERO = bytes(32)
NAME = "log.example"
LOG = keys.PrivateKey.from_seed(keys.ED25519, bytes(range(32)))
ENROLS = PartyEnrolled(
    party="farm", country="ZW", roles=("farm",), key=public_key(LOG.key), proof=bytes(64)
)


@pytest.fixture(scope="module")
def trail() -> Trail:
    return trade("gallery-audits")[0]


def raised(act: Callable[[], object]) -> str:
    with pytest.raises(RingmarkError) as caught:
        act()
    return caught.value.code


def signed(ledger: bytes, *, hidden: int = 0) -> bytes:
    """A statement that names the founder and is signed by a key that nobody enrolled."""
    return sign_statement(
        event=ENROLS,
        signer=LOG,
        party=FOUNDER,
        ledger=ledger,
        iat=1_800_000_000,
        seq=9,
        salt=bytes(16),
        hidden=tuple(number.to_bytes(32, "big") for number in range(hidden)),
    )


# -- the ledger's own track


def track(trail: Trail, *statements: Statement, ledger: bytes | None = None) -> object:
    """Check a founding that has these statements, each at its place, and as many as it says."""
    placed = [Placed(index, statement) for index, statement in enumerate(statements)]
    return check_ledger_track(
        placed,
        ledger=ledger or trail.ledger,
        state=trail.reader.ledger().state,
        n=len(placed),
        tip=track_of([statement.id for statement in statements]),
    )


def test_foundings_that_are_none(trail: Trail) -> None:
    first = parse_statement(honest(trail).raw[0])
    stranger = parse_statement(signed(trail.ledger))
    elsewhere = parse_statement(signed(ZERO))
    assert raised(lambda: track(trail)) == "ledger.founding"
    assert raised(lambda: track(trail, stranger)) == "ledger.founding"
    assert raised(lambda: track(trail, first, ledger=ZERO)) == "ledger.founding"
    assert raised(lambda: track(trail, first, elsewhere)) == "ledger.track"
    assert raised(lambda: track(trail, first, stranger)) == "ledger.root-key"


# -- audits


def code_of(source: Source, **more: Any) -> str:
    report = audit(source, tables=load_tables(), **more)
    assert report.first_failure is not None
    return report.first_failure.code


def two_trees(trail: Trail) -> Source:
    """The honest leaves under a note for as many other ones."""
    source = honest(trail)
    return Source(source.raw, note_of(trail, [b"", *source.raw[1:]]))


def founding_last(trail: Trail) -> Source:
    source = honest(trail)
    return Source([*source.raw[1:], source.raw[0]], source.note)


AUDITS: dict[str, tuple[str, Callable[[Trail], str]]] = {
    "no leaf at all": (
        "ledger.founding",
        lambda trail: code_of(Source([], honest(trail).note), trust=trail.trust),
    ),
    "no founding": (
        "ledger.founding",
        lambda trail: code_of(founding_last(trail)),
    ),
    "the last leaf lost": (
        "leaves.missing",
        lambda trail: code_of(Source(honest(trail).raw[:-1], honest(trail).note)),
    ),
    "another root": ("tree.root", lambda trail: code_of(two_trees(trail))),
    "a stored record of another kind": (
        "records.differ",
        lambda trail: code_of(honest(trail), stored=lambda size, base: ["A row changed."]),
    ),
}


@pytest.mark.parametrize(
    ("code", "act"), [pytest.param(*row, id=name) for name, row in AUDITS.items()]
)
def test_an_audit_names_what_is_wrong(trail: Trail, code: str, act: Callable[[Trail], str]) -> None:
    assert act(trail) == code


# -- what an auditor keeps


def resumed(trail: Trail, path: tuple[Any, ...], value: object) -> str:
    source = honest(trail)
    state = audit(source, tables=load_tables(), trust=trail.trust, keep=True).state
    assert state is not None
    pages, head = parted(b"".join(state))
    forged = pages + rebuilt(head, path, value)
    return raised(
        lambda: parse_state(
            forged,
            tables=load_tables(),
            check=check_now,
            leaf=lambda index: source.raw[index],
            shelf=MemoryShelf(),
        )
    )


def test_what_was_remembered_is_not_believed(trail: Trail) -> None:
    assert resumed(trail, ("root",), ZERO) == "remembered.root"
    assert resumed(trail, ("uses", 0, 2), bytes(23)) == "remembered.numbers"


def test_nothing_replayed_is_nothing_to_keep() -> None:
    replay = Replay(load_tables(), check_now)
    assert raised(lambda: list(format_state(replay))) == "remembered.empty"


# -- contradictions, forks and single proofs


def error_of(data: bytes, trust: Trust, *, statement: bytes | None = None) -> str:
    verdict = verify_bytes(data, trust=trust, now_s=1_800_000_000, statement=statement)
    return str(verdict.params["error"])


def test_accusations_that_prove_nothing(trail: Trail) -> None:
    source, trust = honest(trail), trail.trust
    build = contradiction.build_contradiction
    empty = build(ledger=trail.ledger, checkpoint=source.note, leaves=(), path=())
    assert error_of(empty, trust) == "contradiction.ledger"
    whole = build(ledger=trail.ledger, checkpoint=source.note, leaves=source.raw, path=())
    assert error_of(whole, trust) == "contradiction.none"
    note, root = source.note, parse_checkpoint(parse_note(source.note).text).root
    fork = contradiction.build_fork(ledger=trail.ledger, one=note, other=note, before=root, path=())
    assert error_of(fork, trust) == "fork.none"


def test_files_that_cannot_be_judged(trail: Trail) -> None:
    assert error_of(b"", trail.trust) == "file.unknown"
    statement = parse_statement(honest(trail).raw[1])
    assert error_of(trail.reader.proof(statement.id), trail.trust) == "file.statement"


def test_a_leaf_that_was_signed_for_another_ledger() -> None:
    """A log of one leaf, which names a ledger of another id."""
    leaf = signed(b"\x01" * 32)
    note = sign_checkpoint(Checkpoint(NAME, 1, leaf_hash(leaf)), signer=LOG, name=NAME)
    vkey = make_vkey(NAME, 1, LOG.key.public)
    trust = Trust((trusted_ledger(ledger=ZERO, origin=NAME, hosts=(), log=(vkey,)),))
    proof = format_tlog_proof(TlogProof(0, (), note))
    assert error_of(proof, trust, statement=leaf) == "statement.aud"


# -- single statements and records


def test_a_statement_checked_with_another_key(trail: Trail) -> None:
    statement = parse_statement(honest(trail).raw[0])
    assert raised(lambda: verify_statement(statement, LOG.key)) == "signature.kid"


def test_a_statement_too_long_to_be_a_leaf() -> None:
    assert raised(lambda: signed(ZERO, hidden=2_000)) == "statement.size"
