"""A subject of a bundle with all that the file says of it.

Owns the value that reading a bundle makes and its checks take. Must not check anything itself.
"""

from __future__ import annotations

from msgspec import Struct

from ledger.custody.subjects import Subject
from ledger.records import Record
from ledger.verify.founding import Placed
from ledger.verify.gather import OpenRecord


class Traced(Struct, frozen=True):
    """A subject whose record, track and inner map hold together."""

    subject: Subject
    record: OpenRecord
    full: Record | None
    """The record with its inner part; None where only the open record came."""
    track: tuple[Placed, ...]
