"""Parties, keys, approvals and the ledger itself: their events and their states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.custody.subjects import Finding, PendingAct

HIDDEN = {"inner": True}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A COSE_Key with exactly the members that its thumbprint hashes (RFC 9679).

    `kty` 1 with `crv` 6 is Ed25519 (`x` 32 bytes), `kty` 2 with `crv` 1 is P-256 (`x` and `y`
    32 bytes each).
    """

    kty: int = field(metadata={"key": 1})
    crv: int = field(metadata={"key": -1})
    x: bytes = field(metadata={"key": -2, "size": 32})
    y: bytes | None = field(default=None, metadata={"key": -3, "size": 32})


@dataclass(frozen=True, slots=True)
class RegistrarKeys:
    """The four keys of the registrar, one for each purpose."""

    closing: PublicKey
    checkpoint: PublicKey
    receipt: PublicKey
    label: PublicKey


@dataclass(frozen=True, slots=True)
class Continuation:
    """The ledger that a new founding continues: its id, and the size and root it ended with."""

    ledger: bytes = field(metadata={"size": 32})
    size: int
    root: bytes = field(metadata={"size": 32})


@dataclass(frozen=True, slots=True)
class Scope:
    """What an officer or authority may do, and for which countries (none named: all)."""

    powers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerFounded:
    """Leaf 0: who the ledger is. Its payload's SHA-256 is the ledger id."""

    origin: str
    hosts: tuple[str, ...]
    nonce: bytes = field(metadata={"size": 32})
    root: tuple[PublicKey, ...]
    threshold: int
    keys: RegistrarKeys
    rules: str
    tables: Mapping[str, bytes]
    read: str
    continues: Continuation | None = None


@dataclass(frozen=True, slots=True)
class RootChanged:
    """The root keys and their threshold change; old and new thresholds must approve."""

    root: tuple[PublicKey, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class RegistrarKeyChanged:
    """One of the registrar's keys is replaced, from the next leaf on."""

    purpose: str
    key: PublicKey


@dataclass(frozen=True, slots=True)
class RuleSetAdopted:
    """A released rule set and its tables come into force with the next block."""

    rules: str
    tables: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class PartyEnrolled:
    """A party joins, with its first key and a proof that it holds it."""

    party: str
    country: str
    roles: tuple[str, ...]
    key: PublicKey
    proof: bytes
    scope: Scope | None = None
    acts_for: str | None = None


@dataclass(frozen=True, slots=True)
class PartyScopeChanged:
    """A party's roles and scope are set anew."""

    party: str
    roles: tuple[str, ...]
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class PartySuspended:
    """A party may sign nothing new until it is restored."""

    party: str
    reason: str


@dataclass(frozen=True, slots=True)
class PartyRestored:
    """A suspended party may sign again."""

    party: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """The signer's party gets one more key."""

    key: PublicKey
    proof: bytes


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """The signing key hands over to `key` and ends; `last` is the last number it used."""

    key: PublicKey
    proof: bytes
    last: int


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """Key `kid` ends; from leaf `suspect_from` on its statements are suspect."""

    kid: bytes = field(metadata={"size": 32})
    reason: str
    suspect_from: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class KeyRecovered:
    """Two officers give a party that lost its keys a new one, after 72 h without a veto."""

    party: str
    key: PublicKey
    proof: bytes


@dataclass(frozen=True, slots=True)
class KeyRecoveryVetoed:
    """An old key of the party stops a recovery that still waits; `of` is its statement id."""

    of: bytes = field(metadata={"size": 32})


@dataclass(frozen=True, slots=True)
class CustodyRecovered:
    """Officers move lots of a dead or lost party to another; visible for ever."""

    party: str
    to: str
    lots: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """An entitled party approves the pending act `of`."""

    of: bytes = field(metadata={"size": 32})


@dataclass(frozen=True, slots=True)
class StatementDropped:
    """The signer gives up numbers of one of its party's keys that were never sent."""

    kid: bytes = field(metadata={"size": 32})
    numbers: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key of a party: in force for leaf indexes `first` <= index < `end`, from `from_at` on.

    `first` < 0 never occurs; `end` None means still in force; `from_at` is log time in seconds.
    """

    key: PublicKey
    first: int
    from_at: int
    end: int | None = None
    suspect_from: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class PartyState:
    """What the ledger holds about a party; its name is the party id."""

    country: str
    roles: tuple[str, ...]
    status: str
    """`active` or `suspended`."""
    keys: Mapping[bytes, KeyState]
    scope: Scope | None = None
    pending: tuple[PendingAct, ...] = ()
    findings: tuple[Finding, ...] = ()
    acts_for: str | None = field(default=None, metadata=HIDDEN)
    stocked: bool | None = field(default=None, metadata=HIDDEN)
    """True once opening stock was declared (once per party)."""


@dataclass(frozen=True, slots=True)
class RegistrarKey:
    """A registrar's key for one purpose, in force for leaf indexes `first` <= index < `end`."""

    purpose: str
    key: PublicKey
    first: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerState:
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
