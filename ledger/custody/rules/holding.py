"""Rules on who may do what with a lot: it exists, lives, is held, is allowed, is free.

Owns the questions that every movement of a lot must pass, in one order, and what is drawn of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from ledger.custody.goods import Cut, Goods, Part, cut
from ledger.custody.lots import RETURNED, LotState, LotStatus, LotTransformed
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Rule

RULES = (
    Rule("lot.unknown", "refuse", "A lot that is named was born in this ledger."),
    Rule("lot.not-live", "refuse", "A lot that has ended, or is seized, moves no more."),
    Rule("custody.not-holder", "refuse", "Who moves a lot holds it."),
    Rule("custody.not-owner", "refuse", "Who gives title away has it."),
    Rule("custody.not-allowed", "refuse", "A holder does what the owner's offer allows."),
    Rule("container.inside", "refuse", "A lot in a container moves with the container."),
    Rule("transfer.open-offer", "refuse", "A lot that is on offer stays as it is offered."),
    Rule("quantity.too-much", "refuse", "A part is no more than what is there."),
    Rule("quantity.part-is-all", "refuse", "A part leaves something: all is named without part."),
    Rule("quantity.no-such-row", "refuse", "A part names a row that the lot has."),
    Rule("quantity.row-needed", "refuse", "Of several rows, a part says which one."),
    Rule("quantity.needed", "refuse", "A part of goods by measure says how much."),
    Rule("mark.needed", "refuse", "Marked pieces are taken by their marks."),
    Rule("mark.not-here", "refuse", "A part takes marks that the lot has."),
    Rule("mark.count", "refuse", "There are as many marks as pieces."),
)


class Right(StrEnum):
    """What an owner's offer of custody may allow a holder."""

    STORE = "store"
    CARRY = "carry"
    PROCESS = "process"
    SELL = "sell"


def may(lot: LotState, right: Right) -> bool:
    """Return whether the lot's holder may do that: the owner may do all."""
    return lot.owner == lot.holder or right.value in lot.allows


def check_live(draft: Draft, code: str) -> Refusal | None:
    """Return why lot `code` cannot move at all, or None: unknown, ended, seized."""
    lot = draft.lot(code)
    if lot is None:
        return Refusal("lot.unknown", {"lot": code})
    if lot.status is not LotStatus.LIVE:
        return not_live(code, lot)
    return None


def not_live(code: str, lot: LotState) -> Refusal:
    """Return the refusal of a lot that has ended or is seized; its `status` says how, for words."""
    status = RETURNED if lot.how == RETURNED else lot.status.value
    return Refusal("lot.not-live", {"lot": code, "status": status})


def check_held(
    signed: Signed, draft: Draft, code: str, *, right: Right | None = None
) -> Iterator[Refusal]:
    """Yield why the signer may not move lot `code` freely, in this order.

    (1) it exists and lives, (2) the signer holds it, (3) and may do this, (4) it stands in no
    container, (5) nor on an open offer.
    """
    refusal = check_live(draft, code)
    if refusal is not None:
        yield refusal
    lot = draft.lot(code)
    if lot is None:
        return
    if lot.holder != signed.party:
        yield Refusal("custody.not-holder", {"lot": code, "party": signed.party})
    if right is not None and not may(lot, right):
        yield Refusal("custody.not-allowed", {"lot": code, "right": right.value})
    if lot.container is not None:
        yield Refusal("container.inside", {"lot": code, "container": lot.container})
    if on_offer(lot, at=signed.at):
        yield Refusal("transfer.open-offer", {"lot": code})


def on_offer(lot: LotState, *, at: int) -> bool:
    """Return whether the lot stands on an offer that is not past its last second."""
    return lot.offer is not None and at <= (lot.offer_expires or 0)


def check_part(draft: Draft, code: str, part: Part) -> Iterator[Refusal]:
    """Yield why `part` cannot be taken out of lot `code`."""
    lot = draft.lot(code)
    if lot is None:
        yield Refusal("lot.unknown", {"lot": code})
        return
    if part.is_whole:
        return
    parted = cut_of(lot, part)
    if isinstance(parted, str):
        yield Refusal(parted, part_params(code, part))


def cut_of(lot: LotState, part: Part) -> Cut | str:
    """Return the lot's goods in two along `part`, or the name of the rule that it breaks."""
    return cut(Goods(lot.contents, lot.marks), part)


def drawn_goods(draft: Draft, event: LotTransformed) -> tuple[Goods, ...]:
    """Return what is drawn of each input, in the order of their codes."""
    found: list[Goods] = []
    for code, part in sorted(event.inputs.items()):
        lot = draft.lot(code)
        parted = cut_of(lot, part) if lot is not None else ""
        if not isinstance(parted, str):
            found.append(parted.taken)
    return tuple(found)


def part_params(code: str, part: Part) -> dict[str, str | int]:
    """Return the facts about a part for the sentence of a refusal."""
    params: dict[str, str | int] = {"lot": code}
    if part.quantity is not None:
        params["quantity"] = part.quantity
    return params
