"""What a desk reads of a lot or an offer: the few members that a draft needs, from plain values.

Owns the reading of the JSON views (docs/http.md) on the client side. It takes what a server says as
hearsay: a wrong head makes a refused statement, nothing worse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ledger.custody.goods import Goods, MarkRange, Part, Row, expand
from ledger.custody.transfers import Moves, TransferOffered
from ledger.errors import MalformedError
from ledger.wire import fields, text


class LotFacts(Struct, frozen=True):
    """A lot as the desk knows it; `head` is 32 bytes. Goods may be unknown offline: then empty."""

    code: str
    head: bytes | None
    goods: Goods
    holder: str = ""
    status: str = ""

    @property
    def is_container(self) -> bool:
        """Return whether the code is a container's."""
        return self.status in ("packed", "opened")

    @property
    def marks(self) -> tuple[str, ...]:
        """Return all marks of the lot as `SCHEME/TEXT`."""
        return expand(self.goods.marks)


class OfferFacts(Struct, frozen=True):
    """An open offer: its statement id (32 bytes), who made it, and what it says."""

    id: bytes
    sender: str
    event: TransferOffered
    is_dispatched: bool = False
    is_expired: bool = False


def lot_facts(code: str, plain: Mapping[str, Any]) -> LotFacts:
    """Return the facts of a lot's or container's view."""
    head = plain.get("head")
    return LotFacts(
        code=code,
        head=text.decode_hex(head, size=32) if head else None,
        goods=Goods(
            tuple(_row(row) for row in plain.get("contents", ())),
            tuple(_range(row) for row in plain.get("marks", ())),
        ),
        holder=plain.get("holder") or "",
        status=plain.get("status") or "",
    )


def plain_goods(goods: Goods) -> dict[str, Any]:
    """Return goods as the views say them, for the desk's own memory."""
    return {
        "contents": [fields.to_plain(row) for row in goods.contents],
        "marks": [fields.to_plain(mark) for mark in goods.marks],
    }


def offer_facts(plain: Mapping[str, Any]) -> OfferFacts:
    """Return the facts of an open offer's view."""
    said = plain["event"]
    event = TransferOffered(
        to=said["to"],
        moves=Moves(said.get("moves", Moves.BOTH)),
        expires=said["expires"],
        lots={code: _part(part) for code, part in said.get("lots", {}).items()},
        containers=tuple(said.get("containers", ())),
        allows=tuple(said.get("allows", ())),
        documents=tuple(said.get("documents", ())),
    )
    return OfferFacts(
        id=text.decode_hex(plain["id"], size=32),
        sender=plain.get("sender", ""),
        event=event,
        is_dispatched=bool(plain.get("dispatched")),
        is_expired=bool(plain.get("is_expired")),
    )


def _row(plain: Mapping[str, Any]) -> Row:
    names = ("taxon", "term", "quantity", "unit", "source", "origin")
    return fields.from_plain(Row, {name: plain[name] for name in names}, path="contents")


def _range(plain: Any) -> MarkRange:
    if not isinstance(plain, Mapping):
        raise MalformedError("desk.view", "The marks of a lot are not ranges.")
    return fields.from_plain(MarkRange, dict(plain), path="marks")


def _part(plain: Mapping[str, Any]) -> Part:
    marks = tuple(_range(mark) for mark in plain.get("marks", ()))
    return Part(quantity=plain.get("quantity"), marks=marks, row=plain.get("row"))
