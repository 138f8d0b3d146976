"""What an owner and an officer do with a lot in one word: offered, held, seized."""

from __future__ import annotations

from typing import Any

from trade_world import DAY, World

from ledger.custody.control import LotHeld, LotSeized
from ledger.custody.goods import Part
from ledger.custody.transfers import Moves, TransferOffered


def offered(world: World, *codes: str, **changes: Any) -> TransferOffered:
    fields: dict[str, Any] = {"lots": {code: Part() for code in codes}} | changes
    return TransferOffered("tannery", Moves.BOTH, world.at + DAY, **fields)


def hold(code: str, part: Part | None = None) -> LotHeld:
    return LotHeld({code: part or Part()}, "tags do not match the permit")


def seize(code: str, part: Part | None = None) -> LotSeized:
    return LotSeized({code: part or Part()}, "no permit")
