"""Transfers: one offer over many lots, one answer; and containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ledger.custody.goods import MarkRange, Part
from ledger.custody.parties import HIDDEN
from ledger.custody.subjects import Finding


class Moves(StrEnum):
    """What an offer moves."""

    CUSTODY = "custody"
    TITLE = "title"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TransferOffered:
    """The holder or owner offers lots, parts and containers to one party.

    `expires` is log time in seconds. `allows` says what a holder who is not the owner may do
    (store, carry, process, sell), where only custody moves.
    """

    to: str
    moves: Moves
    expires: int
    lots: Mapping[str, Part] = field(default_factory=dict)
    containers: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    claims: Mapping[str, str] = field(default_factory=dict)
    """By code: the claim under which a lot is sold, where it is lower than its own."""


@dataclass(frozen=True, slots=True)
class TransferDispatched:
    """The sender says that the goods left; `due` is log time in seconds."""

    offer: bytes = field(metadata={"size": 32})
    due: int
    carrier: str | None = None
    seals: tuple[MarkRange, ...] = ()


@dataclass(frozen=True, slots=True)
class Short:
    """What of an offered lot did not arrive: a count (smallest unit) or marks.

    `row` names the row (0-based) of what was offered, where that has more than one.
    """

    quantity: int | None = None
    marks: tuple[MarkRange, ...] = ()
    row: int | None = None


@dataclass(frozen=True, slots=True)
class TransferAccepted:
    """The receiver takes all as offered, except what is short and the lots it refuses."""

    offer: bytes = field(metadata={"size": 32})
    short: Mapping[str, Short] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferDeclined:
    """The receiver takes nothing."""

    offer: bytes = field(metadata={"size": 32})
    reason: str


@dataclass(frozen=True, slots=True)
class TransferWithdrawn:
    """The sender takes its open offer back."""

    offer: bytes = field(metadata={"size": 32})
    reason: str


@dataclass(frozen=True, slots=True)
class ContainerPacked:
    """Lots (and containers) go into a new container; its code is the one born here with i = 0."""

    lots: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    seals: tuple[MarkRange, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerOpened:
    """A container is unpacked; its lots stand alone again."""

    container: str


@dataclass(frozen=True, slots=True)
class ContainerState:
    """What the ledger holds about a container; its name is its code."""

    status: str
    """`packed` or `opened`."""
    seals: tuple[MarkRange, ...] = ()
    findings: tuple[Finding, ...] = ()
    head: bytes = field(default=b"", metadata=HIDDEN)
    holder: str = field(default="", metadata=HIDDEN)
    lots: tuple[str, ...] = field(default=(), metadata=HIDDEN)
    containers: tuple[str, ...] = field(default=(), metadata=HIDDEN)
    container: str | None = field(default=None, metadata=HIDDEN)
    offer: bytes | None = field(default=None, metadata=HIDDEN)


@dataclass(frozen=True, slots=True)
class Offer:
    """An open offer as the rules see it: derived state, kept until it is answered or withdrawn."""

    id: bytes
    sender: str
    event: TransferOffered
    dispatched: TransferDispatched | None = None
