"""CBOR inputs that are nearly right: whole ones, and what a few changes make of them."""

from __future__ import annotations

import random  # noqa: TID251 - seeded
import re
from collections.abc import Callable

from ledger.errors import MalformedError
from ledger.wire import cbor

SEED = 20261124


def verdict(decode: Callable[[bytes], object], data: bytes) -> tuple[str, object]:
    try:
        return "taken", decode(data)
    except MalformedError as error:
        return "refused", error.code


def seeds() -> list[bytes]:
    values = [
        {"v": 1, "seq": 1, "type": "Example"},
        {1: -19, 3: "text/plain", 4: bytes(8), 15: {1: "party-7", 2: "x", 6: 1_790_000_000}},
        {-1: 6, 1: 1, -2: bytes(32), "a": [None, True, False, [], {}]},
        [b"", b"\x01" * 24, "é中🐍", 0, 23, 24, 255, 256, 65_535, 65_536, 2**32, cbor.INTEGER_MAX],
        [-1, -24, -25, -256, -257, -(2**32), -(2**32) - 1, -cbor.INTEGER_MAX],
        {f"key-{n:02}": n for n in range(30)},
        [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],
        "x" * 300,
    ]
    return [cbor.encode(value) for value in values]


def mutate(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(changed) + 1)
        match dice.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << dice.randrange(8)
            case 1:
                # Heads are where decoders differ: tags, floats, indefinite and long forms.
                changed[at:at] = bytes(
                    [dice.choice(b"\x18\x19\x1a\x1b\x38\x5f\x7f\x9f\xbf\xc2\xd8")]
                )
            case 2 if at < len(changed):
                del changed[at]
            case 3 if at < len(changed):
                changed[at] = dice.randrange(256)
            case 4:
                changed[at:at] = dice.choice(HEADS)
            case _:
                end = min(len(changed), at + dice.randrange(1, 6))
                changed[at:at] = changed[at:end]
        if not changed:
            changed = bytearray(b"\x00")
    return bytes(changed)


HEADS = [
    bytes.fromhex(text)
    for text in re.findall(
        "[0-9a-f]+",
        """
        f4 f5 f6 f7 e0 f800 f8ff f97e00 fa7fc00000 fb7ff0000000000000 c0 c1 c24105 d818 d81c d81d00
        d9d9f7 d90102 1800 1817 190018 1a0000ffff 1b00000000ffffffff 3800 5800 7800 9800 b800 9f bf
        ff 5f 7f a10000 a2000000 a200010001 1bffffffffffffffff 3bffffffffffffffff 6100 617f 62c285
        5bffffffffffffffff 9bffffffffffffffff bbffffffffffffffff 61c0 62c080 63eda080 64f4908080
        63efbbbf
    """,
    )
]
