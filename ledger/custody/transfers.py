"""Transfers: one offer over many lots, one answer; and containers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from ledger.custody.goods import MarkRange, Part
from ledger.custody.subjects import Digest, Finding, Inner


class Moves(StrEnum):
    """What an offer moves."""

    CUSTODY = "custody"
    TITLE = "title"
    BOTH = "both"


class TransferOffered(Struct, frozen=True):
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


class TransferDispatched(Struct, frozen=True):
    """The sender says that the goods left; `due` is log time in seconds."""

    offer: Digest
    due: int
    carrier: str | None = None
    seals: tuple[MarkRange, ...] = ()


class Short(Struct, frozen=True):
    """What of an offered lot did not arrive: a count (smallest unit) or marks.

    `row` names the row (0-based) of what was offered, where that has more than one.
    """

    quantity: int | None = None
    marks: tuple[MarkRange, ...] = ()
    row: int | None = None


class TransferAccepted(Struct, frozen=True):
    """The receiver takes all as offered, except what is short and the lots it refuses."""

    offer: Digest
    short: Mapping[str, Short] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


class TransferDeclined(Struct, frozen=True):
    """The receiver takes nothing."""

    offer: Digest
    reason: str


class TransferWithdrawn(Struct, frozen=True):
    """The sender takes its open offer back."""

    offer: Digest
    reason: str


class ContainerPacked(Struct, frozen=True):
    """Lots (and containers) go into a new container; its code is the one born here with i = 0."""

    lots: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    seals: tuple[MarkRange, ...] = ()


class ContainerOpened(Struct, frozen=True):
    """A container is unpacked; its lots stand alone again."""

    container: str


class ContainerState(Struct, frozen=True):
    """What the ledger holds about a container; its name is its code."""

    status: str
    """`packed` or `opened`."""
    seals: tuple[MarkRange, ...] = ()
    findings: tuple[Finding, ...] = ()
    head: Inner[bytes] = b""
    holder: Inner[str] = ""
    lots: Inner[tuple[str, ...]] = ()
    containers: Inner[tuple[str, ...]] = ()
    container: Inner[str | None] = None
    offer: Inner[bytes | None] = None


class Offer(Struct, frozen=True):
    """An open offer as the rules see it: derived state, kept until it is answered or withdrawn."""

    id: bytes
    sender: str
    event: TransferOffered
    dispatched: TransferDispatched | None = None
