"""What a card says of others: the texts in it that are a party's id, and codes of other goods.

A card is taken apart down to the texts in its records and in the ledger's own statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from cli.reading import open_reader
from ledger.errors import MalformedError
from ledger.reader import Reader
from ledger.storage.protocol import Store
from ledger.wire import cbor, cose, frame

VOCABULARY = {"roles", "kind"}
"""Members whose words are ours, though a party may be called like one of them."""


def said_of_others(store: Store, reader: Reader) -> dict[str, list[str]]:
    """Return by lot or document what its card says in clear of parties and of other goods."""
    rows = [(row.kind, row.name) for row in store.records()]
    parties = {name for kind, name in rows if kind == "party"}
    codes = {name for kind, name in rows if kind in ("lot", "container")}
    found: dict[str, list[str]] = {}
    for kind, name in rows:
        if kind not in ("lot", "document"):
            continue
        card = reader.card(name) if kind == "lot" else reader.document_card(name)
        said = sorted(parties_in(card, parties)) + [c for c in codes - {name} if c.encode() in card]
        if said:
            found[f"{kind}/{name}"] = said
    return found


def parties_in(card: bytes, parties: set[str]) -> set[str]:
    """Return which of these ids the texts in a card name, alone or in a path."""
    _, body = frame.unframe(card, name="ringmark.card", size_max=8 << 20)
    texts = set(_texts(cbor.decode(body, size_max=8 << 20)))
    return {party for party in parties for text in texts if party in text.split("/")}


def _texts(value: Any, member: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, name if isinstance(name, str) else "")
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, member)
    elif isinstance(value, str) and member not in VOCABULARY:
        yield value
    elif isinstance(value, bytes) and member in ("record", "statement", "closing"):
        yield from _texts(_opened(value))


def _opened(data: bytes) -> Any:
    try:
        return cbor.decode(data, size_max=1 << 24)
    except MalformedError:
        signed = cose.decode_sign1(data, tagged=True, size_max=1 << 24)
        return [cbor.decode(signed.protected), cbor.decode(signed.payload, size_max=1 << 24)]


def in_directory(ledger: Path) -> dict[str, list[str]]:
    """Return the same of the ledger that lies in a directory."""
    opened, reader = open_reader(ledger, None, receipts=False, passphrase=None)
    with closing(opened):
        return said_of_others(opened.store, reader)
