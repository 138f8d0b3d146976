"""The one function that judges: `admit`. The registrar and every audit call it.

Owns what needs both bytes and rules: audience, text form, proofs of possession, and the turn of a
change into records. Reads no storage: the view is an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from ledger import keys
from ledger.custody import parties
from ledger.custody.events import (
    BlockClosed,
    Event,
    containers_named,
    documents_named,
    facilities_named,
    lots_named,
    marks_named,
)
from ledger.custody.goods import count, expand, is_sound
from ledger.custody.registrar_keys import RULE_SETS, RULES_IN_FORCE
from ledger.custody.rules.envelope import SUBJECTS_MAX
from ledger.custody.rules.ruleset import judge
from ledger.custody.state import Change, View
from ledger.custody.subjects import LEDGER_NAME, Kind, Refusal, Subject
from ledger.errors import MalformedError, ProofError
from ledger.records import TRACK_START, Record, next_track
from ledger.statement import (
    FOUNDER,
    REGISTRAR,
    Statement,
    Verified,
    as_signed,
    carried_keys,
    cose_key,
)
from ledger.wire import cose, text

__all__ = [
    "RULES_IN_FORCE",
    "RULE_SETS",
    "Admission",
    "RecordView",
    "admit",
    "key_for",
    "reads",
]


_LEDGER = Subject(Kind.LEDGER, LEDGER_NAME)


class RecordView(View, Protocol):
    """A view that also knows records with their counts and tracks, and the ledger it is of."""

    ledger: bytes
    """The ledger id, 32 bytes."""

    def record(self, subject: Subject) -> Record | None:
        """Return the record of `subject`, or None where it has none."""
        ...


class Admission(Struct, frozen=True):
    """An admitted statement: what it changes, and the records as they are after it."""

    change: Change
    records: Mapping[Subject, Record]


def key_for(statement: Statement, view: View) -> cose.CoseKey | Refusal:
    """Return the enrolled key that the statement names, or why there is none.

    Says nothing about whether the key is in force; `admit` does. Leaf 0 alone brings its own key: a
    founding on a ledger that is there already is signed by an enrolled key, or by nobody.
    """
    event = statement.event
    if isinstance(event, parties.LedgerFounded) and view.state(_LEDGER) is None:
        for key in carried_keys(event):
            if cose.thumbprint(key) == statement.kid:
                return key
        return Refusal("key.unknown", {"party": statement.party})
    owner = view.key_owner(statement.kid)
    if owner is None:
        return Refusal("key.unknown", {"party": statement.party})
    found = _enrolled(owner, statement.kid, view)
    return cose_key(found) if found else Refusal("key.unknown", {"party": statement.party})


def reads(statement: Statement) -> tuple[Subject, ...]:
    """Return the subjects that judging the statement will need, as its payload names them."""
    event = statement.event
    if isinstance(event, BlockClosed):
        return ()
    named = [Subject(Kind.LEDGER, LEDGER_NAME), Subject(Kind.PARTY, statement.party)]
    named += [Subject(Kind.LOT, code) for code in (*lots_named(event), *statement.prev)]
    named += [Subject(Kind.CONTAINER, code) for code in containers_named(event)]
    named += [Subject(Kind.DOCUMENT, name) for name in documents_named(event)]
    named += [Subject(Kind.FACILITY, name) for name in facilities_named(event)]
    marks = marks_named(event)
    if is_sound(marks) and count(marks) <= SUBJECTS_MAX:
        named += [Subject(Kind.MARK, name) for name in expand(marks)]
    return tuple(dict.fromkeys(named))


def admit(verified: Verified, view: RecordView, *, index: int, at: int) -> Admission | Refusal:
    """Return what the statement changes as leaf `index` in a block of time `at` (s), or a refusal.

    The order is the order of docs/rules.md: (1) audience, (2) text form, (3) carried keys and their
    proofs, (4) the rules of the trade. Nothing outside the arguments is read.
    """
    statement = verified.statement
    event = statement.event
    if isinstance(event, BlockClosed):
        return Refusal("envelope.closing", {})
    # (1) a statement counts on the ledger it was signed for, and nowhere else
    expected = "" if isinstance(event, parties.LedgerFounded) else view.ledger.hex()
    if statement.aud != expected:
        return Refusal("envelope.other-ledger", {"aud": statement.aud[:16]})
    # (2) one spelling for one text
    if not all(map(text.is_nfc, statement.foreign)):
        return Refusal("text.not-nfc", {})
    # (3) new keys are sound and in the hands of who brings them
    refusal = _check_keys(event, statement.party, view.ledger)
    if refusal is not None:
        return refusal
    # (4) the rules
    outcome = judge(as_signed(statement, index=index, at=at), view)
    if isinstance(outcome, Refusal):
        return outcome
    return Admission(outcome, _records(outcome, statement.id, view))


def _enrolled(owner: str, kid: bytes, view: View) -> parties.PublicKey | None:
    if owner in (FOUNDER, REGISTRAR):
        state = view.state(Subject(Kind.LEDGER, LEDGER_NAME))
        if not isinstance(state, parties.LedgerState):
            return None
        if owner == FOUNDER:
            return state.root.get(kid) or state.root_next.get(kid)
        held = state.keys.get(kid)
        return held.key if held else None
    party = view.state(Subject(Kind.PARTY, owner))
    if not isinstance(party, parties.PartyState) or kid not in party.keys:
        return None
    return party.keys[kid].key


def _check_keys(event: Event, signer: str, ledger: bytes) -> Refusal | None:
    try:
        carried = carried_keys(event)
        for key in carried:
            keys.check_public_key(alg=key.alg, public_key=key.public)
    except (ProofError, MalformedError) as error:
        return Refusal("key.weak", {"why": error.message})
    proof = getattr(event, "proof", None)
    if proof is None:
        return None
    party = getattr(event, "party", signer)
    try:
        keys.check_key_proof(proof, key=carried[0], ledger=ledger, party=party)
    except (ProofError, MalformedError) as error:
        return Refusal("key.no-possession", {"party": party, "why": error.message})
    return None


def _records(change: Change, statement_id: bytes, view: RecordView) -> dict[Subject, Record]:
    records: dict[Subject, Record] = {}
    for subject in change.touched:
        before = view.record(subject)
        state = change.states.get(subject) or (before.state if before else None)
        if state is None:
            continue
        if before is None:
            track = next_track(TRACK_START, statement_id)
            records[subject] = Record(subject, 1, track, statement_id, state)
        else:
            track = next_track(before.track, statement_id)
            records[subject] = Record(subject, before.n + 1, track, before.first, state)
    return records
