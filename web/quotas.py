"""Quotas in words: what is used of one, and the conditions that its authority set."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ledger.reader.covering import CoveringQuota
from ledger.reference.quantities import display

SHORT_CHARS_MAX = 240
"""How much of a condition a phone shows; the page of the document shows all of it."""
SHORT_NOTES_MAX = 4
SHORT_MAX = 5
"""Of how many quotas a phone shows the conditions: a lot rarely has more than one."""


class QuotaShown(Struct, frozen=True):
    """A quota that counts the goods, with its conditions."""

    name: str
    used: str
    amount: str
    conditions: tuple[str, ...]


def quota_shown(quota: CoveringQuota) -> QuotaShown:
    """Return a quota as its amounts are read, with all that its authority wrote."""
    used, _ = display(quota.used, quota.unit)
    allowed, unit = display(quota.amount, quota.unit)
    return QuotaShown(quota.quota, used, f"{allowed} {unit}", quota.conditions)


def quotas_in_short(quotas: Sequence[CoveringQuota]) -> tuple[QuotaShown, ...]:
    """Return quotas for a phone: of long conditions the beginning, of many the first ones."""
    return tuple(map(_in_short, quotas[:SHORT_MAX]))


def _in_short(quota: CoveringQuota) -> QuotaShown:
    shown = quota_shown(quota)
    notes = tuple(map(_short, quota.conditions[:SHORT_NOTES_MAX]))
    more = ("…",) if len(quota.conditions) > SHORT_NOTES_MAX else ()
    return QuotaShown(shown.name, shown.used, shown.amount, notes + more)


def _short(note: str) -> str:
    return note if len(note) <= SHORT_CHARS_MAX else f"{note[: SHORT_CHARS_MAX - 1]}…"
