"""A statement that is read at once is one that the strict codec takes first, with the same fields.

`parse_statement` looks at each value while it reads the fields; whatever it takes or refuses that
way must be what the slow way says: decode all strictly, then the headers, then the fields.
"""

from __future__ import annotations

import copy
import json
import random  # noqa: TID251 - seeded
from pathlib import Path
from typing import Any

import cbor2
import pytest

from ledger import form
from ledger.errors import MalformedError, RingmarkError
from ledger.statement import parse_statement, statement_of
from ledger.wire import cbor, cose

MUTANTS = 12_000
SEED = 20261126
ODD: tuple[Any, ...] = (
    1.0, 0, -1, True, None, 2**53, -(2**53), b"", "", "\x00", "a\u202eb", "e\u0301", "é", [], {},
    ["x", 1], {"b": 1, "a": 2}, {1: 2}, {True: 1}, bytes(32), "2026-11-26",
)  # fmt: skip


@pytest.fixture(scope="module")
def leaves(project_root: Path) -> list[bytes]:
    path = project_root / "tests" / "vectors" / "blocks.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return [bytes.fromhex(leaf["raw"]) for leaf in document["leaves"]]


def slow(raw: bytes) -> Any:
    sign1 = cose.decode_sign1(raw, size_max=form.SIZE_MAX)
    alg, kid, claims = form._headers(cbor.decode(sign1.protected))
    plain = cbor.decode(sign1.payload, size_max=form.SIZE_MAX)
    if not isinstance(plain, dict):
        raise MalformedError("statement.payload", "no map")
    return statement_of(raw, form.Form(sign1, alg, kid, claims, plain))


def verdict(read: Any, raw: bytes) -> tuple[str, object]:
    try:
        return "taken", read(raw)
    except RingmarkError as error:
        return "refused", error.code


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places of a plain value, outermost first."""
    found = [at]
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*at, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            found += places(item, (*at, i))
    return found


def changed(value: Any, dice: random.Random) -> Any:
    """The value with one odd thing somewhere in it."""
    at = dice.choice(places(value))
    if not at:
        return value
    holder = value
    for step in at[:-1]:
        holder = holder[step]
    match dice.randrange(5):
        case 0 if isinstance(holder, dict):
            # Same members, another order.
            keys = list(holder)
            dice.shuffle(keys)
            members = {key: holder[key] for key in keys}
            holder.clear()
            holder.update(members)
        case 1 if isinstance(holder, dict):
            key = dice.choice(("zz", "v", "prev", "seen", "hidden", 1, True, 1.0))
            holder[key] = copy.deepcopy(dice.choice(ODD))
        case 2:
            del holder[at[-1]]
        case 3 if isinstance(holder[at[-1]], str):
            holder[at[-1]] += dice.choice(("\n", "é", "\u200e", "e\u0301", " "))
        case _:
            holder[at[-1]] = copy.deepcopy(dice.choice(ODD))
    return value


def mutant(raw: bytes, dice: random.Random) -> bytes:
    sign1 = cose.decode_sign1(raw)
    parts = {"protected": sign1.protected, "payload": sign1.payload}
    name = "payload" if dice.random() < 0.75 else "protected"
    if dice.random() < 0.4:
        data = bytearray(parts[name])
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        parts[name] = bytes(data)
    else:
        value: Any = cbor.decode(parts[name])
        for _ in range(dice.randint(1, 2)):
            value = changed(value, dice)
        # A general encoder: floats, any order, whatever stands in the value.
        parts[name] = cbor2.dumps(value)
    return cose.encode_sign1(cose.Sign1(parts["protected"], parts["payload"], sign1.signature))


def test_both_ways_give_one_verdict(leaves: list[bytes]) -> None:
    dice = random.Random(SEED)
    counts = {"taken": 0, "refused": 0}
    for _ in range(MUTANTS):
        raw = mutant(dice.choice(leaves), dice)
        said = verdict(parse_statement, raw)
        assert said == verdict(slow, raw), raw.hex()
        counts[said[0]] += 1
    # Both kinds are met, else nothing was shown.
    assert counts["taken"] > 100
    assert counts["refused"] > 5_000


def test_what_is_left_whole_is_read_the_same(leaves: list[bytes]) -> None:
    for raw in leaves:
        assert parse_statement(raw) == slow(raw)


def longer(protected: bytes) -> list[bytes]:
    """The header with a number or one length of it in a longer form than it needs."""
    claims = protected.index(b"\x0f\xa4\x01") + 3
    subject = claims + 1 + (protected[claims] - 0x60)
    assert protected[subject] == 0x02
    heads = (claims, subject + 1)
    texts = [protected[:at] + b"\x78" + bytes((protected[at] - 0x60,)) for at in heads]
    return [
        protected[:-4] + bytes((0, 0, 0xFF, 0xFF)),
        *(text + protected[at + 1 :] for text, at in zip(texts, heads, strict=True)),
        protected[:-5] + b"\x1b" + bytes(4) + protected[-4:],
    ]


def test_a_header_has_one_form(leaves: list[bytes]) -> None:
    sign1 = cose.decode_sign1(leaves[-2])
    for protected in longer(sign1.protected):
        raw = cose.encode_sign1(cose.Sign1(protected, sign1.payload, sign1.signature))
        assert verdict(parse_statement, raw)[0] == "refused"
        assert verdict(parse_statement, raw) == verdict(slow, raw)
