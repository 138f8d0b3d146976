"""Letters that the fonts at hand can print, and as many of them as a line holds.

Owns the step from any text to letters of a built-in font, and from a long text to one that fits.
Must not know where a label has them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from ledger.errors import UsageError

LINES_MAX: Final = 8
"""Lines of text on a label; what does not fit belongs on the page that the label opens."""

CUT: Final = "..."
"""Ends a text of which more was to be said: nothing is left out silently."""

LATIN_1: Final = 256
"""The letters of the fonts that every PDF reader has."""

ASCII: Final = 128
"""The letters of the font that draws pictures."""


def check_lines(lines: Sequence[str]) -> None:
    """Raise UsageError for more lines than a label has room for."""
    if len(lines) > LINES_MAX:
        raise UsageError(
            "label.lines",
            f"A label has room for {LINES_MAX} lines, not {len(lines)}.",
            hint="Leave out what the page behind the label shows.",
            params={"lines": len(lines)},
        )


def fitted(
    text: str, *, width: float, least: float, length: Callable[[str], float]
) -> tuple[str, float]:
    """Return `text` and by how much its letters are made smaller, so that it fits `width`.

    `length` measures a text at its full size. Smaller than the share `least` no letter becomes:
    what is longer ends in dots.
    """
    whole = length(text)
    if whole <= width:
        return text, 1.0
    if whole * least <= width:
        return text, width / whole
    cut = text[: int(len(text) * width / (whole * least)) + len(CUT)]
    while cut and length(cut + CUT) * least > width:
        cut = cut[:-1]
    return cut + CUT, least


def printable(text: str, *, letters: int) -> str:
    """Return `text` in code points below `letters`: others lose their accents, or become `?`."""
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        if ord(letter) < letters:
            found.append(letter)
            continue
        found.extend([c for c in unicodedata.normalize("NFKD", letter) if ord(c) < letters] or "?")
    return "".join(found)


def is_short_of(text: str, *, letters: int) -> bool:
    """Return whether `printable` prints `?` for a letter of `text`."""
    return printable(text, letters=letters).count("?") > text.count("?")
