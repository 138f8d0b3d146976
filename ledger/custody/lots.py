"""Lots: the unit of custody, its events and its state."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from ledger.custody.documents import Passage
from ledger.custody.goods import MarkRange, Measure, NewLot, Part, Row
from ledger.custody.subjects import Finding, Inner, PendingAct, Signer


class Basis(StrEnum):
    """Why goods may enter the ledger."""

    HARVEST = "harvest"
    BRED = "bred"
    OPENING_STOCK = "opening-stock"
    IMPORT = "import"
    OTHER_LEDGER = "other-ledger"
    RE_ENTRY = "re-entry"
    STATE_SALE = "state-sale"
    ANTIQUE = "antique"


class LotStatus(StrEnum):
    """Where a lot stands in its life."""

    LIVE = "live"
    USED = "used"
    """Wholly transformed into other lots."""
    DEPARTED = "departed"
    RETIRED = "retired"
    SEIZED = "seized"
    CONFISCATED = "confiscated"


RETURNED = "returned"
"""How a lot ended whose goods came back, and live on, under another code."""


class LotRegistered(Struct, frozen=True):
    """Goods enter the ledger as new lots, all on one basis."""

    basis: Basis
    lots: tuple[NewLot, ...]
    made_before: str | None = None
    """For antiques: the day before which the item was made, `YYYY-MM-DD`."""
    reference: str | None = None
    """Where the goods were before. A code of this ledger of 12 symbols brings back a lot that had
    departed (re-entry) or that the signer confiscated (state-sale)."""


class LotSplit(Struct, frozen=True):
    """A part leaves a lot as a new lot; the rest keeps code, label and history."""

    lot: str
    part: Part


class LotMeasured(Struct, frozen=True):
    """A lot is measured again: drying, trimming, stretch or recount."""

    lot: str
    cause: str
    quantities: tuple[int, ...]
    """The new quantity of each row, in the order of the contents."""
    also: tuple[Measure, ...] = ()
    missing: tuple[MarkRange, ...] = ()
    """The marks that a recount did not find."""


class LotTransformed(Struct, frozen=True):
    """Inputs, whole or drawn in part, become new lots; waste is stated."""

    process: str
    inputs: Mapping[str, Part]
    outputs: tuple[NewLot, ...] = ()
    waste: tuple[Row, ...] = ()
    facility: str | None = None


class LotExported(Struct, frozen=True):
    """The trader says that lots left a country under a document."""

    lots: tuple[str, ...]
    document: str
    from_country: str
    to_country: str


class LotImported(Struct, frozen=True):
    """The trader says that lots entered a country under a document."""

    lots: tuple[str, ...]
    document: str
    to_country: str


class LotDeparted(Struct, frozen=True):
    """Custody ends and the goods live on: retail, non-member, abroad, other-ledger."""

    lots: Mapping[str, Part]
    how: str
    country: str | None = None
    documents: tuple[str, ...] = ()
    """What covers this dealing, beside the documents of the lots: a registration of its own."""


class LotRetired(Struct, frozen=True):
    """Goods end: consumed, destroyed, died, lost, stolen."""

    lots: Mapping[str, Part]
    why: str


class LotFound(Struct, frozen=True):
    """A lost or stolen lot, or what was missing, is found again."""

    lot: str


class LotState(Struct, frozen=True):
    """What the ledger holds about a lot; its name is its code of 12 symbols."""

    number: int
    birth: bytes
    """First 16 bytes of the birth statement's id."""
    born_at: int
    basis: str
    status: LotStatus
    contents: tuple[Row, ...]
    also: tuple[Measure, ...] = ()
    marks: tuple[MarkRange, ...] = ()
    year: int | None = None
    claim: str | None = None
    ended_at: int | None = None
    """Log time of departure or retirement, seconds."""
    how: str | None = None
    """How custody ended: retail, abroad, consumed, lost, …"""
    corrected: int | None = None
    """How many corrections count in this record."""
    taken_index: int | None = None
    """Of a part: the leaf index (0-based) of the statement that took it out of its parent."""
    pending: tuple[PendingAct, ...] = ()
    findings: tuple[Finding, ...] = ()
    head: Inner[bytes] = b""
    head_by: Inner[str] = ""
    born_by: Inner[str] = ""
    holder: Inner[str] = ""
    owner: Inner[str] = ""
    allows: Inner[tuple[str, ...]] = ()
    offer: Inner[bytes | None] = None
    offer_expires: Inner[int | None] = None
    container: Inner[str | None] = None
    country: Inner[str | None] = None
    """Where the goods are, as last said by an export or import, or by a place of their party's in
    another country where they came to life."""
    facility: Inner[str | None] = None
    documents: Inner[tuple[str, ...]] = ()
    passages: Inner[tuple[Passage, ...]] = ()
    """How it, or what it was split from, passed borders under documents."""
    accounts: Inner[tuple[str, ...]] = ()
    """Accounts on which it was counted: quotas drawn on where it was taken or left its country."""
    arrived: Inner[tuple[str, ...]] = ()
    """Quotas on which its arrival in another country was counted."""
    untraded: Inner[bool | None] = None
    """Whether what it was made of crossed a border for no trade: for oneself, or as a trophy."""
    parents: Inner[tuple[str, ...]] = ()
    signers: Inner[tuple[Signer, ...]] = ()
    vouched: Inner[tuple[Signer, ...]] = ()
    """Officers on whose word on its place it was brought in; `on` shows them with the signers."""
    missing_of: Inner[str | None] = None
    """Where this lot is what did not arrive of another one: that lot's code."""
    missing: Inner[tuple[str, ...]] = ()
    """Codes of the lots that are what did not arrive of this one."""
    held_by: Inner[tuple[str, ...]] = ()
    """The authorities for which officers hold it."""
    came_from: Inner[str | None] = None
    """Who gave custody to the holder, where the holder is not the owner: a return may go there."""
    lacking: Inner[tuple[int, ...]] = ()
    """What a recount of this lot did not find, per row of the contents: it may be found again."""
    lacking_marks: Inner[tuple[MarkRange, ...]] = ()
