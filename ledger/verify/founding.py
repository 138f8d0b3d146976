"""The ledger's own statements: from the ledger id to the keys of root and registrar.

Owns the replay of what moves the ledger's own record (docs/formats/card.md, steps 6 and 7): a key
counts only where the root keys of that moment approved it, and only from there until another took
its place. Must not know cards or bundles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.custody import parties
from ledger.custody.parties import LedgerState, PublicKey, RegistrarKey
from ledger.errors import ProofError
from ledger.records import track_of
from ledger.statement import (
    FOUNDER,
    Statement,
    cose_key,
    ledger_id,
    verify_statement,
)
from ledger.wire import cose


class Placed(Struct, frozen=True):
    """A statement and its proved 0-based leaf index."""

    index: int
    statement: Statement


class RootKey(Struct, frozen=True):
    """A root key, in force for leaf indexes `first` <= index < `end`; None: still in force."""

    key: PublicKey
    first: int
    end: int | None = None


class Rooted(Struct, frozen=True):
    """What the root said: its keys of all times by kid, and the acts that it completed, by id."""

    keys: Mapping[bytes, RootKey]
    acts: Mapping[bytes, Statement]


class _Authority(Struct):
    """Who may speak for the ledger, as the statements so far say."""

    root: dict[bytes, PublicKey]
    threshold: int
    rules: str
    tables: Mapping[str, bytes]
    registrar: dict[bytes, RegistrarKey]
    ever: dict[bytes, RootKey]
    done: dict[bytes, Statement] = field(default_factory=dict)
    proposals: dict[bytes, Statement] = field(default_factory=dict)
    approvals: dict[bytes, set[bytes]] = field(default_factory=dict)


def check_ledger_track(
    track: Sequence[Placed], *, ledger: bytes, state: LedgerState, n: int, tip: bytes
) -> Rooted:
    """Return what the root said, once the ledger's whole track explains the ledger's record.

    Raise ProofError unless `track` is complete and ends in the state of the record. It is in the
    order of the log, inclusion already proved; `state`, `n` and `tip` (the track hash, 32 bytes)
    are the proved record's. Every signature of a root key is checked here.
    """
    ids = [placed.statement.id for placed in track]
    if len(ids) != n or track_of(ids) != tip:
        raise ProofError("ledger.track", "The ledger's own statements are not complete.")
    if not track or track[0].index != 0:
        raise ProofError("ledger.founding", "The first statement is not leaf 0.")
    authority = _founded(track[0].statement, ledger)
    for placed in track[1:]:
        _step(authority, placed, ledger)
    _check_same(authority, state)
    return Rooted(authority.ever, authority.done)


def _founded(statement: Statement, ledger: bytes) -> _Authority:
    event = statement.event
    if not isinstance(event, parties.LedgerFounded) or ledger_id(statement) != ledger:
        raise ProofError("ledger.founding", "Leaf 0 does not found the ledger that is trusted.")
    if statement.aud or statement.party != FOUNDER or not event.root:
        raise ProofError("ledger.founding", "Leaf 0 is not the founder's own statement.")
    verify_statement(statement, cose_key(event.root[0]))
    purposes = ("closing", "checkpoint", "receipt", "label")
    root = {cose.thumbprint(cose_key(key)): key for key in event.root}
    return _Authority(
        root=root,
        ever={kid: RootKey(key, 0) for kid, key in root.items()},
        threshold=event.threshold,
        rules=event.rules,
        tables=event.tables,
        registrar={
            cose.thumbprint(cose_key(key)): RegistrarKey(purpose, key, 0)
            for purpose in purposes
            for key in (getattr(event.keys, purpose),)
        },
    )


def _step(authority: _Authority, placed: Placed, ledger: bytes) -> None:
    statement = placed.statement
    if statement.aud != ledger.hex():
        raise ProofError("ledger.track", "A statement was signed for another ledger.")
    event = statement.event
    if statement.party != FOUNDER:
        # A party's own act that waits for approval: it moves no key of root or registrar.
        return
    target = statement
    if isinstance(event, parties.ApprovalGiven):
        proposal = authority.proposals.get(event.of)
        if proposal is None:
            _verify_root(authority, statement, extra=())
            return
        target = proposal
    else:
        authority.proposals[statement.id] = statement
    extra = target.event.root if isinstance(target.event, parties.RootChanged) else ()
    _verify_root(authority, statement, extra=extra)
    # An approval of what had lapsed is not in the log: the block's time says so, which a file does
    # not have. The time of signing says nothing: root keys sign off line, and are sent late.
    given = authority.approvals.setdefault(target.id, set())
    given.add(statement.kid)
    if _is_approved(authority, target, given):
        _apply(authority, target, start=placed.index + 1)
        authority.done[target.id] = authority.proposals.pop(target.id)


def _verify_root(
    authority: _Authority, statement: Statement, *, extra: tuple[PublicKey, ...]
) -> None:
    candidates = {cose.thumbprint(cose_key(key)): key for key in extra} | authority.root
    key = candidates.get(statement.kid)
    if key is None:
        raise ProofError("ledger.root-key", "A root act is signed by no root key in force.")
    verify_statement(statement, cose_key(key))


def _is_approved(authority: _Authority, target: Statement, given: set[bytes]) -> bool:
    if len(given & set(authority.root)) < authority.threshold:
        return False
    event = target.event
    if isinstance(event, parties.RootChanged):
        new = {cose.thumbprint(cose_key(key)) for key in event.root}
        return len(given & new) >= event.threshold
    return True


def _apply(authority: _Authority, target: Statement, *, start: int) -> None:
    """Let an act count that is complete: keys change from leaf `start` on."""
    match target.event:
        case parties.RootChanged(root=root, threshold=threshold):
            _change_root(authority, root, start=start)
            authority.threshold = threshold
        case parties.RegistrarKeyChanged(purpose=purpose, key=key):
            _change_registrar(authority, purpose, key, start=start)
        case parties.RuleSetAdopted(rules=rules, tables=tables):
            authority.rules, authority.tables = rules, tables
        case _:
            pass


def _change_root(authority: _Authority, root: tuple[PublicKey, ...], *, start: int) -> None:
    before = authority.root
    authority.root = {cose.thumbprint(cose_key(key)): key for key in root}
    for kid in before.keys() - authority.root.keys():
        authority.ever[kid] = replace(authority.ever[kid], end=start)
    for kid in authority.root.keys() - before.keys():
        _check_new(authority, kid)
        authority.ever[kid] = RootKey(authority.root[kid], start)


def _change_registrar(authority: _Authority, purpose: str, key: PublicKey, *, start: int) -> None:
    kid = cose.thumbprint(cose_key(key))
    _check_new(authority, kid)
    for other, held in authority.registrar.items():
        if held.purpose == purpose and held.end is None:
            authority.registrar[other] = replace(held, end=start)
    authority.registrar[kid] = RegistrarKey(purpose, key, start)


def _check_new(authority: _Authority, kid: bytes) -> None:
    """Raise ProofError for a key that was the root's or the registrar's before: none comes back."""
    if kid in authority.ever or kid in authority.registrar:
        raise ProofError("ledger.key-twice", "A key of root or registrar came into force twice.")


def _check_same(authority: _Authority, state: LedgerState) -> None:
    # When a key ended in log time only closings tell: the leaves say from which index on.
    held = {kid: replace(key, ended_at=None) for kid, key in state.keys.items()}
    pairs = (
        ("root keys", authority.root, dict(state.root)),
        ("root threshold", authority.threshold, state.threshold),
        ("registrar's keys", authority.registrar, held),
        ("rules", authority.rules, state.rules),
        ("tables", dict(authority.tables), dict(state.tables)),
    )
    for name, expected, stated in pairs:
        if expected != stated:
            raise ProofError(
                "ledger.record", f"The {name} in the ledger's record are not what was signed."
            )
