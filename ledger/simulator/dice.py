"""Dice: choices that look random and are the same in every run of one seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ledger.simulator.world import SeededEntropy

T = TypeVar("T")


class Dice:
    """Draws whole numbers, choices and chances from a seed."""

    def __init__(self, seed: int) -> None:
        self._entropy = SeededEntropy(seed)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int.from_bytes(self._entropy.token(8), "big") % (high - low + 1)

    def chance(self, percent: int) -> bool:
        """Return True in about `percent` of 100 throws."""
        return self.between(1, 100) <= percent

    def choice(self, items: Sequence[T]) -> T:
        """Return one of `items`."""
        return items[self.between(0, len(items) - 1)]
