"""Which of the registrar's keys is in force, and which rule sets there are.

Owns two questions that a verifier asks without judging anything; kept apart from the rules so that
a verifier need not load them.
"""

from __future__ import annotations

from ledger.custody.parties import LedgerState, PublicKey
from ledger.custody.subjects import LEDGER_NAME, Kind, Subject
from ledger.errors import DamagedError

RULES_IN_FORCE = "ringmark-1"
RULE_SETS = (RULES_IN_FORCE,)
"""All released rule sets, oldest first; a released one is superseded, never edited."""


def closing_key(ledger: LedgerState, *, purpose: str, index: int) -> bytes | None:
    """Return the kid of the registrar's key for `purpose` in force at leaf `index`, or None."""
    for kid, held in ledger.keys.items():
        in_force = held.first <= index and (held.end is None or index < held.end)
        if held.purpose == purpose and in_force:
            return kid
    return None


def checkpoint_key(ledger: LedgerState, *, index: int) -> PublicKey:
    """Return the key that signs checkpoints whose last leaf is `index`.

    Raise DamagedError where the ledger's record has none: every founding names one.
    """
    kid = closing_key(ledger, purpose="checkpoint", index=index)
    if kid is None:
        raise DamagedError("ledger.no-key", "The ledger has no checkpoint key in force.")
    return ledger.keys[kid].key


def ledger_subject() -> Subject:
    """Return the subject of the ledger itself."""
    return Subject(Kind.LEDGER, LEDGER_NAME)
