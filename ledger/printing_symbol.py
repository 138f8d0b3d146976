"""The QR symbol of a label as black and white modules.

Owns segments, error correction and the sizes in print. Must not know what the text says. The only
home of the QR encoder; drawing is in `printing_label.py` and `printing_sheet.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import qrcode
from msgspec import Struct
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from ledger.errors import UsageError

MODULE_MM: Final = 0.4
"""The side of one module in print: five dots at 300 dpi, and read at arm's length."""

QUIET_MODULES: Final = 4
"""The white border that the standard asks for (ISO/IEC 18004, 6.3.8)."""

SIGNED_MASK: Final = 2
"""The mask of a signed link (ISO/IEC 18004, 7.8). Masks break up what is regular; a signature is
not. Trying all eight takes nine tenths of the time, and gains 4 % of their penalty points.
"""

TEXT_MAX: Final = 1_500
"""The longest text: a document of 322 bytes has fewer than 900 characters."""

# A label link: anything up to and with the hash sign, then digits (docs/formats/label.md).
_LINK = re.compile(r"([\x21-\x7e]*#)([0-9]+)", re.ASCII)
_PRINTABLE = re.compile(r"[\x21-\x7e]+", re.ASCII)


class Symbol(Struct, frozen=True):
    """A QR symbol: `rows[y][x]` is true where black, without the quiet zone."""

    rows: tuple[tuple[bool, ...], ...]

    @property
    def modules(self) -> int:
        """Return the modules of a side, without the quiet zone."""
        return len(self.rows)

    @property
    def side(self) -> int:
        """Return the modules of a side, with the quiet zone."""
        return len(self.rows) + 2 * QUIET_MODULES

    @property
    def side_mm(self) -> float:
        """Return the side in print, with the quiet zone, in millimetres."""
        return self.side * MODULE_MM

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield x, y and length of each run of black in a row; 0, 0 is in the quiet zone."""
        for y, row in enumerate(self.rows):
            start = None
            for x, black in enumerate((*row, False)):
                if black and start is None:
                    start = x
                elif not black and start is not None:
                    yield start + QUIET_MODULES, y + QUIET_MODULES, x - start
                    start = None


def encode_symbol(text: str) -> Symbol:
    """Return the QR symbol of `text`: error correction Q, smallest version, link and digits apart.

    Digits after the hash sign stand in a numeric segment, which costs 10 bits for three of them.
    Raises UsageError for an empty text, one above TEXT_MAX, or one that is not printable ASCII.
    """
    if not _PRINTABLE.fullmatch(text) or len(text) > TEXT_MAX:
        raise UsageError(
            "label.text",
            f"A label carries 1 to {TEXT_MAX} characters of printable ASCII; this has {len(text)}.",
            hint="Give the link that came with the receipt.",
            params={"length": len(text)},
        )
    match = _LINK.fullmatch(text)
    mask = SIGNED_MASK if match else None
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0, mask_pattern=mask)
    # Level Q: wood and hides are dirty, and at equal printed size Q reads where M does not.
    for part, mode in _segments(match[1], match[2]) if match else _segments(text, ""):
        code.add_data(QRData(part.encode("ascii"), mode=mode), optimize=0)
    # The largest symbol holds 1,663 bytes at level Q, more than TEXT_MAX.
    code.make(fit=True)
    return Symbol(tuple(tuple(bool(module) for module in row) for row in code.modules))


def _segments(prefix: str, digits: str) -> Iterator[tuple[str, int]]:
    yield prefix, MODE_8BIT_BYTE
    if digits:
        yield digits, MODE_NUMBER
