"""Letters that the fonts at hand can print.

Owns the step from any text to letters of a built-in font. Must not know where a label has them.
"""

from __future__ import annotations

import unicodedata
from typing import Final

LATIN_1: Final = 256
"""The letters of the fonts that every PDF reader has."""

ASCII: Final = 128
"""The letters of the font that draws pictures."""


def printable(text: str, *, letters: int) -> str:
    """Return `text` in code points below `letters`: others lose their accents, or become `?`."""
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        if ord(letter) < letters:
            found.append(letter)
            continue
        found.extend([c for c in unicodedata.normalize("NFKD", letter) if ord(c) < letters] or "?")
    return "".join(found)
