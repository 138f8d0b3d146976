"""Parties, keys, approvals and the ledger itself: their events and their states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct, field

from ledger.custody.subjects import Digest, Finding, Inner, PendingAct


class PublicKey(Struct, frozen=True):
    """A COSE_Key with exactly the members that its thumbprint hashes (RFC 9679).

    `kty` 1 with `crv` 6 is Ed25519 (`x` 32 bytes), `kty` 2 with `crv` 1 is P-256 (`x` and `y`
    32 bytes each).
    """

    kty: Annotated[int, Meta(extra={"key": 1})]
    crv: Annotated[int, Meta(extra={"key": -1})]
    x: Annotated[Digest, Meta(extra={"key": -2})]
    y: Annotated[Digest | None, Meta(extra={"key": -3})] = None


class RegistrarKeys(Struct, frozen=True):
    """The four keys of the registrar, one for each purpose."""

    closing: PublicKey
    checkpoint: PublicKey
    receipt: PublicKey
    label: PublicKey


class Continuation(Struct, frozen=True):
    """The ledger that a new founding continues: its id, and the size and root it ended with."""

    ledger: Digest
    size: int
    root: Digest


class Scope(Struct, frozen=True):
    """What an office may do, and for which countries: none named, its own; `XV`, all."""

    powers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


class LedgerFounded(Struct, frozen=True):
    """Leaf 0: who the ledger is. Its payload's SHA-256 is the ledger id."""

    origin: str
    hosts: tuple[str, ...]
    nonce: Digest
    root: tuple[PublicKey, ...]
    threshold: int
    keys: RegistrarKeys
    rules: str
    tables: Mapping[str, bytes]
    read: str
    continues: Continuation | None = None


class RootChanged(Struct, frozen=True):
    """The root keys and their threshold change; old and new thresholds must approve."""

    root: tuple[PublicKey, ...]
    threshold: int


class RegistrarKeyChanged(Struct, frozen=True):
    """One of the registrar's keys is replaced, from the next leaf on."""

    purpose: str
    key: PublicKey


class RuleSetAdopted(Struct, frozen=True):
    """A released rule set and its tables come into force with the next block."""

    rules: str
    tables: Mapping[str, bytes]


class PartyEnrolled(Struct, frozen=True):
    """A party joins, with its first key and a proof that it holds it."""

    party: str
    country: str
    roles: tuple[str, ...]
    key: PublicKey
    proof: bytes
    scope: Scope | None = None
    acts_for: str | None = None


class PartyScopeChanged(Struct, frozen=True):
    """A party's roles and scope are set anew."""

    party: str
    roles: tuple[str, ...]
    scope: Scope | None = None


class PartySuspended(Struct, frozen=True):
    """A party may sign nothing new until it is restored."""

    party: str
    reason: str


class PartyRestored(Struct, frozen=True):
    """A suspended party may sign again."""

    party: str
    reason: str


class KeyAdded(Struct, frozen=True):
    """The signer's party gets one more key."""

    key: PublicKey
    proof: bytes


class KeyRotated(Struct, frozen=True):
    """The signing key hands over to `key` and ends; `last` is the last number it used."""

    key: PublicKey
    proof: bytes
    last: int


class KeyRevoked(Struct, frozen=True):
    """Key `kid` ends; from leaf `suspect_from` on its statements are suspect."""

    kid: Digest
    reason: str
    suspect_from: int | None = None
    last: int | None = None


class KeyRecovered(Struct, frozen=True):
    """Two officers give a party that lost its keys a new one, after 72 h without a veto."""

    party: str
    key: PublicKey
    proof: bytes


class KeyRecoveryVetoed(Struct, frozen=True):
    """An old key of the party stops a recovery that still waits; `of` is its statement id."""

    of: Digest


class CustodyRecovered(Struct, frozen=True):
    """Officers move lots of a dead or lost party to another; visible for ever."""

    party: str
    to: str
    lots: tuple[str, ...]
    reason: str


class ApprovalGiven(Struct, frozen=True):
    """An entitled party approves the pending act `of`."""

    of: Digest


class StatementDropped(Struct, frozen=True):
    """The signer gives up numbers of one of its party's keys that were never sent."""

    kid: Digest
    numbers: tuple[int, ...]
    reason: str


class KeyState(Struct, frozen=True):
    """One key of a party: in force for leaf indexes `first` <= index < `end`, from `from_at` on.

    `first` < 0 never occurs; `end` None means still in force; `from_at` is log time in seconds.
    """

    key: PublicKey
    first: int
    from_at: int
    end: int | None = None
    suspect_from: int | None = None
    why: str | None = None
    by: bytes | None = None
    """The party's own key that brought it, by kid; None where an office or nobody did."""


class PersonalUse(Struct, frozen=True):
    """A document under which a party brought in goods for itself or as a trophy, and the day."""

    document: str
    day: str


class PartyState(Struct, frozen=True):
    """What the ledger holds about a party; its name is the party id."""

    country: str
    roles: tuple[str, ...]
    status: str
    """`active` or `suspended`."""
    keys: Mapping[bytes, KeyState]
    scope: Scope | None = None
    pending: tuple[PendingAct, ...] = ()
    findings: tuple[Finding, ...] = ()
    acts_for: Inner[str | None] = None
    stocked: Inner[bool | None] = None
    """True once opening stock was declared (once per party)."""
    personal: Inner[tuple[PersonalUse, ...]] = ()
    """The last ten documents under which it brought in goods that are no trade."""


class RegistrarKey(Struct, frozen=True):
    """A registrar's key for one purpose, in force for leaf indexes `first` <= index < `end`."""

    purpose: str
    key: PublicKey
    first: int
    end: int | None = None
    ended_at: int | None = None
    """Log time (s) at which another took its place: what is younger bears no label of it."""


class LedgerState(Struct, frozen=True):
    """What the ledger holds about itself."""

    origin: str
    hosts: tuple[str, ...]
    read: str
    rules: str
    tables: Mapping[str, bytes]
    root: Mapping[bytes, PublicKey]
    threshold: int
    keys: Mapping[bytes, RegistrarKey]
    continues: Continuation | None = None
    root_next: Mapping[bytes, PublicKey] = field(default_factory=dict)
    """Keys that a waiting RootChanged brings: they may approve it, and nothing else."""
    pending: tuple[PendingAct, ...] = ()
    findings: tuple[Finding, ...] = ()
