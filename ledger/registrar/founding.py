"""Founding a ledger: block 0, from the root keys to the first signed head.

Owns what leaf 0 and its approvals say (docs/formats/block.md) and writes them through the same
steps as every later block. Creates no files: keys, store and mark are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from ledger import keys
from ledger.custody.parties import (
    ApprovalGiven,
    Continuation,
    LedgerFounded,
    RegistrarKeys,
)
from ledger.errors import RefusedError, UsageError
from ledger.log.edge import Edge
from ledger.log.frontier import LevelStore
from ledger.log.statemap import StateMap
from ledger.policy import RULES_IN_FORCE
from ledger.reference.tables import Tables, table_hashes
from ledger.reference.thresholds import ONE_PERSON, threshold_tables
from ledger.registrar.intake import Entry
from ledger.registrar.live import Live
from ledger.registrar.opening import Signers, signed_mark
from ledger.registrar.outcomes import Failed, Refused
from ledger.registrar.taking import OpenBlock
from ledger.registrar.writing import store_block
from ledger.statement import (
    FOUNDER,
    ledger_id,
    parse_statement,
    public_key,
    sign_statement,
)
from ledger.storage.highwater import HighWater
from ledger.storage.protocol import Store
from ledger.storage.state import StoredState


class RegistrarSigners(Struct, frozen=True):
    """The registrar's four private keys, one for each purpose."""

    closing: keys.Signer
    checkpoint: keys.Signer
    receipt: keys.Signer
    label: keys.Signer

    def by_kid(self) -> Signers:
        """Return the keys by their kid, as the registrar takes them."""
        four = (self.closing, self.checkpoint, self.receipt, self.label)
        return {signer.kid: signer for signer in four}


class Charter(Struct, frozen=True):
    """What a founder decides for good.

    `origin` is a schema-less URL; `hosts` serve its labels, the first one is printed. `threshold`
    is how many root keys a root act needs, `thresholds` names the table of how many officers other
    acts need. `read` is `open` or `closed`.
    """

    origin: str
    hosts: tuple[str, ...]
    threshold: int = 1
    thresholds: str = ONE_PERSON
    read: str = "open"
    continues: Continuation | None = None


def sign_founding(
    charter: Charter,
    *,
    root: Sequence[keys.Signer],
    registrar: RegistrarSigners,
    at: int,
    token: Callable[[int], bytes],
) -> list[bytes]:
    """Return leaf 0, signed by the first root key, then an approval by every other root key.

    `at` is in seconds, `token` draws random bytes. Raise UsageError without root key or host, or
    for an unknown table of thresholds.
    """
    if not root or not charter.hosts:
        raise UsageError("founding.incomplete", "A founding needs a root key and a host.")
    event = LedgerFounded(
        origin=charter.origin,
        hosts=charter.hosts,
        nonce=token(32),
        root=tuple(public_key(signer.key) for signer in root),
        threshold=charter.threshold,
        keys=RegistrarKeys(
            closing=public_key(registrar.closing.key),
            checkpoint=public_key(registrar.checkpoint.key),
            receipt=public_key(registrar.receipt.key),
            label=public_key(registrar.label.key),
        ),
        rules=RULES_IN_FORCE,
        tables={**table_hashes(), "thresholds": threshold_table(charter.thresholds)},
        read=charter.read,
        continues=charter.continues,
    )
    leaf = sign_statement(event=event, signer=root[0], party=FOUNDER, ledger=None, iat=at, seq=1)
    founding = parse_statement(leaf)
    approvals = [
        sign_statement(
            event=ApprovalGiven(founding.id),
            signer=signer,
            party=FOUNDER,
            ledger=ledger_id(founding),
            iat=at,
            seq=1,
            salt=token(16),
        )
        for signer in root[1:]
    ]
    return [leaf, *approvals]


def threshold_table(name: str) -> bytes:
    """Return the hash of a released table of thresholds by its name; UsageError for another."""
    known = threshold_tables()
    if name not in known:
        raise UsageError(
            "thresholds.unknown",
            f"There is no table of thresholds {name!r}.",
            hint=f"Use {' or '.join(sorted(known))}.",
            params={"name": name},
        )
    return known[name]


def found(
    store: Store, raws: Sequence[bytes], *, signers: Signers, tables: Tables, at: int
) -> HighWater:
    """Write block 0 into an empty store and return its signed head, for the first mark.

    Raise RefusedError where a rule refuses the founding or an approval; nothing is stored then.
    """
    founding = parse_statement(raws[0])
    if not isinstance(founding.event, LedgerFounded):
        raise UsageError("founding.leaf", "Leaf 0 is not a founding.")
    ledger, statemap = ledger_id(founding), StateMap()
    live = Live(
        ledger=ledger,
        origin=founding.event.origin,
        hosts=founding.event.hosts,
        head=None,
        mark=None,
        state=StoredState(store, ledger=ledger, tables=tables, statemap=statemap, born=0),
        statemap=statemap,
        edge=Edge(LevelStore(), ()),
    )
    taken = OpenBlock(live, store, at=at, is_over=lambda: False)
    for raw in raws:
        entry = Entry(raw, parse_statement(raw))
        taken.take(entry)
        if isinstance(entry.outcome, Refused):
            rule, params = entry.outcome.rule, entry.outcome.params
            raise RefusedError(rule, f"The founding is refused: {rule}.", params=params)
        if isinstance(entry.outcome, Failed):
            raise entry.outcome.error
    store_block(taken, live, store=store, signers=signers)
    if live.head is None:
        raise UsageError("founding.leaf", "The founding gave no head.")
    return signed_mark(live, live.head, signers=signers)
