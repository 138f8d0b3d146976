"""Every way in which a statement's headers and payload can be other than the page says.

A registered statement of the vectors is taken apart, one thing is changed, and it is put together
again: strict CBOR all the way, so that only the check under test can refuse it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import MalformedError, RingmarkError, UndecidedError
from ledger.statement import parse_statement
from ledger.wire import cbor, cose

Plain = dict[Any, Any]
Change = Callable[[Plain, Plain], None]


@pytest.fixture(scope="module")
def leaves(project_root: Path) -> dict[str, bytes]:
    path = project_root / "tests" / "vectors" / "blocks.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return {leaf["type"]: bytes.fromhex(leaf["raw"]) for leaf in document["leaves"]}


def rebuilt(raw: bytes, change: Change) -> bytes:
    sign1 = cose.decode_sign1(raw)
    headers: Any = cbor.decode(sign1.protected)
    payload: Any = cbor.decode(sign1.payload)
    change(headers, payload)
    parts = cbor.encode(headers), cbor.encode(payload)
    return cose.encode_sign1(cose.Sign1(*parts, sign1.signature))


def head(label: int, value: object) -> Change:
    return lambda headers, _: headers.update({label: value})


def claim(label: int, value: object) -> Change:
    return lambda headers, _: headers[15].update({label: value})


def field(name: str, value: object) -> Change:
    return lambda _, payload: payload.update({name: value})


def without(name: str) -> Change:
    return lambda _, payload: payload.pop(name)


REFUSED: dict[str, tuple[Change, str]] = {
    "header-more": (head(5, b""), "statement.headers"),
    "header-less": (lambda headers, _: headers.pop(3), "statement.headers"),
    "old-eddsa": (head(1, -8), "statement.alg"),
    "content-type": (head(3, "application/cbor"), "statement.content-type"),
    "kid-short": (head(4, bytes(31)), "statement.kid"),
    "kid-text": (head(4, "0" * 32), "statement.kid"),
    "claims-list": (head(15, []), "statement.claims"),
    "claim-more": (claim(4, 1), "statement.claims"),
    "claim-type": (claim(1, 7), "statement.claims"),
    "iat-negative": (claim(6, -1), "statement.claims"),
    "iat-bool": (claim(6, True), "statement.claims"),
    "sub-other": (claim(2, "51PB1X9SFP3J"), "statement.sub"),
    "no-type": (without("type"), "statement.type"),
    "version-text": (field("v", "1"), "statement.type"),
    "type-unknown": (field("type", "LotDreamt"), "statement.unknown-type"),
    "version-unknown": (field("v", 99), "statement.unknown-type"),
    "no-seq": (without("seq"), "statement.common"),
    "no-salt": (without("salt"), "statement.common"),
    "seq-zero": (field("seq", 0), "statement.seq"),
    "seq-bool": (field("seq", True), "statement.seq"),
    "salt-short": (field("salt", bytes(15)), "statement.salt"),
    "when-negative": (field("when", -1), "statement.when"),
    "day-number": (field("day", 20_000), "statement.day"),
    "day-none-such": (field("day", "2027-02-30"), "text.day"),
    "prev-empty": (field("prev", {}), "statement.prev"),
    "prev-list": (field("prev", []), "statement.prev"),
    "seen-key": (field("seen", {1: bytes(32)}), "statement.seen"),
    "seen-head-short": (field("seen", {"51PB1X9SFP3J": bytes(31)}), "statement.seen"),
    "hidden-empty": (field("hidden", []), "statement.hidden"),
    "hidden-twice": (field("hidden", [bytes(32)] * 2), "statement.hidden"),
    "hidden-unsorted": (field("hidden", [b"\x01" * 32, bytes(32)]), "statement.hidden"),
    "hidden-short": (field("hidden", [bytes(31)]), "statement.hidden"),
    "field-missing": (without("reason"), "field.missing"),
    "field-unknown": (field("price", 1), "field.unknown"),
    "field-null": (field("when", None), "statement.when"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_departure_from_the_page_is_refused(leaves: dict[str, bytes], name: str) -> None:
    change, code = REFUSED[name]
    raw = rebuilt(leaves["LotHeld"], change)
    with pytest.raises(RingmarkError) as caught:
        parse_statement(raw)
    assert caught.value.code == code
    kind = UndecidedError if code == "statement.unknown-type" else MalformedError
    assert type(caught.value) is kind


def test_what_is_put_together_unchanged_is_the_same(leaves: dict[str, bytes]) -> None:
    for raw in leaves.values():
        assert rebuilt(raw, lambda _headers, _payload: None) == raw
        assert parse_statement(raw).raw == raw


@pytest.mark.parametrize("name", ["seq", "salt", "when", "prev", "hidden"])
def test_a_closing_has_no_common_field(leaves: dict[str, bytes], name: str) -> None:
    values: Plain = {"seq": 1, "salt": bytes(16), "when": 1, "prev": {}, "hidden": [bytes(32)]}
    with pytest.raises(MalformedError):
        parse_statement(rebuilt(leaves["BlockClosed"], field(name, values[name])))


def test_a_payload_is_a_map(leaves: dict[str, bytes]) -> None:
    sign1 = cose.decode_sign1(leaves["LotHeld"])
    raw = cose.encode_sign1(cose.Sign1(sign1.protected, cbor.encode([]), sign1.signature))
    with pytest.raises(MalformedError) as caught:
        parse_statement(raw)
    assert caught.value.code == "statement.payload"
