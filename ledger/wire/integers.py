"""Many integers in one byte string, eight bytes each: for rows of ours that grow long.

Owns the form of what is stored beside the log and never signed; a general codec takes twenty times
as long for a thousand of them. Knows no meaning.

    00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 06        (4, 6)
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from ledger.errors import MalformedError

_SIZE = 8


def pack(numbers: Sequence[int]) -> bytes:
    """Return the integers one after another, signed, most significant byte first."""
    return struct.pack(f">{len(numbers)}q", *numbers)


def unpack(data: bytes, *, multiple: int = 1) -> tuple[int, ...]:
    """Return the integers of `data`, the inverse of `pack`.

    Raise MalformedError unless they are a multiple of `multiple`.
    """
    if len(data) % (_SIZE * multiple):
        raise MalformedError("integers.size", f"{len(data)} bytes are no rows of {multiple}.")
    return struct.unpack(f">{len(data) // _SIZE}q", data)
