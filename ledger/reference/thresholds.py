"""Thresholds: how many officers an act needs, in two released tables.

Owns the tables and their hashes; a ledger names one of them at its founding. A count of 1 for all
is a one-person authority, and every audit says so.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from functools import lru_cache

from ledger.reference.released import table_file

ONE_PERSON = "thresholds-one"
TWO_PERSONS = "thresholds-two"


@lru_cache(maxsize=1)
def threshold_tables() -> Mapping[str, bytes]:
    """Return the SHA-256 of each released table by its name, 32 bytes each."""
    return {name: hashlib.sha256(_read(name)).digest() for name in (ONE_PERSON, TWO_PERSONS)}


@lru_cache(maxsize=8)
def thresholds(digest: bytes) -> Mapping[str, int] | None:
    """Return event type → count of the table with that hash, or None for an unknown table."""
    for name, known in threshold_tables().items():
        if known == digest:
            rows = csv.DictReader(_read(name).decode("utf-8").splitlines())
            return {row["event"]: int(row["count"]) for row in rows}
    return None


def is_one_person(digest: bytes) -> bool:
    """Return whether the table lets one officer do everything alone."""
    table = thresholds(digest)
    return table is not None and all(count == 1 for count in table.values())


def _read(name: str) -> bytes:
    return table_file(name)
