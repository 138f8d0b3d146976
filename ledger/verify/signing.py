"""Signatures of a bundle: every statement by a key of its party that was in force at its index.

Owns the way from a signature up to the root: a key counts where a signed statement brought it, a
party where an officer, an authority or the root enrolled it. Must not know file formats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledger.custody import parties
from ledger.custody.parties import KeyState, PartyState, PublicKey, RegistrarKey
from ledger.errors import ProofError
from ledger.statement import FOUNDER, REGISTRAR, Statement, carried_keys, cose_key, verify_statement
from ledger.verify.founding import Placed, RootKey
from ledger.verify.head import Opened
from ledger.verify.traced import Traced
from ledger.wire import cose

_OFFICES = {"authority", "officer"}


Known = Mapping[str, tuple[Traced, PartyState]]
"""The parties of a file by their ids."""


def check_signatures(
    traced: Sequence[Traced], statements: Mapping[int, Statement], opened: Opened
) -> None:
    """Raise ProofError unless each statement is signed by a key in force for its party.

    `statements` are by leaf index. A party's keys come from its proved record, and each of them
    must have come with a statement of the party's track.
    """
    known = {
        item.subject.name: (item, item.record.state)
        for item in traced
        if isinstance(item.record.state, PartyState)
    }
    by_id = {**opened.rooted.acts, **{statement.id: statement for statement in statements.values()}}
    for item, state in known.values():
        _check_keys(item, state, known, by_id)
    audience = opened.ledger.hex()
    for index, statement in statements.items():
        if statement.aud != audience and index:
            raise ProofError("statement.aud", f"Statement {index} is for another ledger.")
        verify_statement(statement, cose_key(_key_of(statement, index, known, opened)))


def _key_of(statement: Statement, index: int, known: Known, opened: Opened) -> PublicKey:
    if statement.party == FOUNDER:
        root = opened.rooted.keys.get(statement.kid)
        if root is None:
            raise ProofError("key.unknown", f"Statement {index} is signed by no root key.")
        return _in_force(root, index)
    if statement.party == REGISTRAR:
        held = opened.state.keys.get(statement.kid)
        if held is None or held.purpose != "closing":
            raise ProofError("key.unknown", f"Statement {index} is not by the registrar's key.")
        return _in_force(held, index)
    if statement.party not in known:
        raise ProofError("party.missing", f"The file lacks the party that signed {index}.")
    held_by_party = known[statement.party][1].keys.get(statement.kid)
    if held_by_party is None:
        raise ProofError("key.unknown", f"Statement {index} is signed by no key of its party.")
    if opened.anchor.closing.at < held_by_party.from_at:
        # The file has no other block's time; when the wait was over, an audit tells.
        raise ProofError("key.not-in-force", f"Statement {index} is signed by a key that waits.")
    return _in_force(held_by_party, index)


def _in_force(held: RootKey | RegistrarKey | KeyState, index: int) -> PublicKey:
    """Return the key, or raise ProofError where it was not in force at that leaf."""
    if held.first <= index and (held.end is None or index < held.end):
        return held.key
    raise ProofError("key.not-in-force", f"Statement {index} is signed by a key out of force.")


def _check_keys(
    item: Traced, state: PartyState, known: Known, by_id: Mapping[bytes, Statement]
) -> None:
    """Raise ProofError unless every key of a party came with a statement of its track.

    Where an act needed approvals, the last of them stands in the track for the act itself.
    """
    name = item.subject.name
    if not item.track:
        raise ProofError("party.track", f"The track of party {name} is not in the file.")
    acts = [_act_of(placed.statement, by_id) for placed in item.track]
    first = acts[0]
    if not isinstance(first.event, parties.PartyEnrolled) or first.event.party != name:
        raise ProofError("party.enrolment", f"The track of {name} does not begin with enrolment.")
    _check_enroller(first, known)
    _check_periods(name, state, tuple(zip(acts, item.track, strict=True)))


def _check_periods(name: str, state: PartyState, acts: Sequence[tuple[Statement, Placed]]) -> None:
    """Raise ProofError unless each key began and ended where a statement of the track says so.

    Where an act may need approvals a key begins with one of those that stand for it: which of them
    completed the act depends on thresholds of that moment, which the file does not have.
    """
    begins: dict[bytes, set[int]] = {}
    ends: dict[bytes, list[int]] = {}
    by_act: dict[bytes, bytes] = {}
    for act, placed in acts:
        after = placed.index + 1
        for kid in _brought(act, name):
            begins.setdefault(kid, set()).add(after)
            by_act[act.id] = kid
        gone = _ended(act, by_act)
        if gone is not None:
            ends.setdefault(gone, []).append(after)
    for kid, key in state.keys.items():
        if key.first not in begins.get(kid, ()):
            raise ProofError("party.keys", f"A key of party {name} came with no statement.")
        # A recovery that was vetoed while it waited may bring the same key later.
        if key.end != next((end for end in ends.get(kid, ()) if end > key.first), None):
            raise ProofError("party.keys", f"A key of party {name} ended with no statement of it.")


def _brought(act: Statement, name: str) -> tuple[bytes, ...]:
    """Return the keys that an act brought to the party `name`, by kid."""
    event = act.event
    party = getattr(event, "party", act.party)
    if party != name or not _brings(event):
        return ()
    return tuple(cose.thumbprint(key) for key in carried_keys_of(act))


def _ended(act: Statement, by_act: Mapping[bytes, bytes]) -> bytes | None:
    """Return the kid of the key that an act ended, or None; a recovery is vetoed by its id."""
    match act.event:
        case parties.KeyRotated():
            return act.kid
        case parties.KeyRevoked(kid=kid):
            return kid
        case parties.KeyRecoveryVetoed(of=of):
            return by_act.get(of)
        case _:
            return None


def _act_of(statement: Statement, by_id: Mapping[bytes, Statement]) -> Statement:
    """Return the proposal that an approval is about where the file has it, else the statement."""
    event = statement.event
    if isinstance(event, parties.ApprovalGiven):
        return by_id.get(event.of, statement)
    return statement


def _check_enroller(statement: Statement, known: Known) -> None:
    if statement.party == FOUNDER:
        return
    enroller = known.get(statement.party)
    if enroller is None or not _OFFICES & set(enroller[1].roles):
        raise ProofError("party.enroller", f"{statement.party} may not enrol anybody.")


def carried_keys_of(statement: Statement) -> tuple[cose.CoseKey, ...]:
    """Return the keys that a statement of a party's track brought; a closing brings none."""
    event = statement.event
    if isinstance(event, parties.LedgerFounded | parties.RootChanged) or not _brings(event):
        return ()
    return carried_keys(event)  # type: ignore[arg-type]


def _brings(event: object) -> bool:
    return isinstance(
        event,
        parties.PartyEnrolled | parties.KeyAdded | parties.KeyRotated | parties.KeyRecovered,
    )
