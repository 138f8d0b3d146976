"""Marks: tags, security seals and hammer numbers, one record for each mark, and their events."""

from __future__ import annotations

from msgspec import Struct

from ledger.custody.goods import MarkRange
from ledger.custody.subjects import Digest, Finding, Inner


class MarksAllotted(Struct, frozen=True):
    """A party may use these marks of one scheme in a year.

    `from_day` is the first day on which they may be put on goods. `due` is the log time (s) until
    which all of them are used or returned.
    """

    party: str
    scheme: str
    year: int
    from_day: str
    ranges: tuple[MarkRange, ...]
    due: int | None = None


class MarksReturned(Struct, frozen=True):
    """Unused marks of an allotment came back; `account` is `PARTY/SCHEME/YEAR`."""

    account: str
    ranges: tuple[MarkRange, ...]


class MarkReplaced(Struct, frozen=True):
    """Marks on a lot are replaced by as many new ones: old ones that are damaged, or lost.

    `evidence` is the SHA-256 of a picture of old and new marks.
    """

    lot: str
    old: tuple[MarkRange, ...]
    new: tuple[MarkRange, ...]
    why: str
    reason: str
    evidence: Digest | None = None


class MarkState(Struct, frozen=True):
    """What the ledger holds about a mark; its name is `SCHEME/TEXT`, in canonical form."""

    claims: int
    """How many live or ended lots claim it; more than one is a clone until an officer closes it."""
    ended: str | None = None
    """Why it stands on nothing any more: `replaced`; of a seal `opened` or `arrived`."""
    seized_in: str | None = None
    """The record of the seizure of goods that bore it and had no lot."""
    findings: tuple[Finding, ...] = ()
    lots: Inner[tuple[str, ...]] = ()
    """Codes of the lots, or of the container, that claim it, first claim first; of a seal of a
    consignment its containers and lots, also once they have arrived."""
    allotted: Inner[tuple[str, ...]] = ()
    """Those of them whose claim rests on an allotment of the mark to who made it."""
