"""Security stamps and blank forms of documents: reported stolen or found, their event and state."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from ledger.custody.goods import MarkRange
from ledger.custody.subjects import Finding


class BlankStatus(StrEnum):
    """What an authority says of stamps or forms of its own."""

    STOLEN = "stolen"
    FOUND = "found"
    """They are back, or were never gone."""


class BlanksReported(Struct, frozen=True):
    """An authority says that security stamps or blank forms of its country are stolen, or found.

    The scheme of a range is `STAMP`, or the kind of document of which the forms are (`EXPORT`).
    """

    country: str
    status: BlankStatus
    ranges: tuple[MarkRange, ...]
    reason: str


class BlankState(Struct, frozen=True):
    """What the ledger holds about one stamp or form: `blanks/CC/STAMP/TEXT`."""

    documents: tuple[str, ...] = ()
    """Documents that bear the stamp: the first 20 that were issued or confirmed, and copies that
    nobody confirmed, the first 20 of at most 5 by one party."""
    stolen: bool | None = None
    table: str = "blanks"
    findings: tuple[Finding, ...] = ()
