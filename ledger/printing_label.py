"""One label as SVG or PNG: the symbol, the code below it, and a few lines for people.

Owns where things stand on a label. Must not know lots or links: it draws what it is given, and the
caller checks the result with `printing_check.check_drawn`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from typing import Final
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from ledger.errors import UsageError
from ledger.printing_symbol import MODULE_MM, Symbol, encode_symbol
from ledger.printing_text import ASCII, LATIN_1, check_lines, fitted, printable

LEAST_SHARE: Final = 0.7
"""Of the usual size a long line has at least so much."""

_CODE_MM = 5.0
_LINE_MM = 3.2
_MARGIN_MM = 1.6


def draw_svg(*, url: str, code: str, lines: Sequence[str] = ()) -> bytes:
    """Return the label as SVG in millimetres, 0.4 mm a module, UTF-8.

    The `code` stands below the symbol, fixed-width and as wide as it, `lines` below it. Raises
    UsageError for a text that no symbol can carry or for too many lines.
    """
    check_lines(lines)
    symbol = encode_symbol(url)
    side = symbol.side_mm
    height = side + _CODE_MM + len(lines) * _LINE_MM + _MARGIN_MM
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in symbol.runs())
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side:.1f}mm" height="{height:.1f}mm" '
        f'viewBox="0 0 {side:.1f} {height:.1f}">',
        f"<title>{escape(code)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<path transform="scale({MODULE_MM})" d="{path}" fill="#000" '
        'shape-rendering="crispEdges"/>',
        _svg_text(code, side=side, y=side + _CODE_MM - 1.2, size=_CODE_MM * 0.8, bold=True),
    ]
    for number, line in enumerate(lines):
        y = side + _CODE_MM + (number + 1) * _LINE_MM - 0.6
        rows.append(_svg_text(line, side=side, y=y, size=_LINE_MM * 0.8, bold=False))
    return ("\n".join([*rows, "</svg>"]) + "\n").encode("utf-8")


def draw_png(
    *, url: str, code: str, lines: Sequence[str] = (), dots_per_module: int = 5, dpi: int = 300
) -> bytes:
    """Return the label as black and white PNG, a whole number of printer dots a module.

    Five dots at 300 dpi are 0.42 mm, four at 203 dpi are 0.5 mm. Raises UsageError as `draw_svg`
    does, and for fewer than 2 or more than 40 dots.
    """
    check_lines(lines)
    if not 2 <= dots_per_module <= 40:
        raise UsageError(
            "label.dots",
            f"{dots_per_module} dots a module cannot be printed well.",
            hint="Use 3 or 4 at 203 dpi, 5 at 300 dpi, 10 at 600 dpi.",
            params={"dots": dots_per_module},
        )
    symbol = encode_symbol(url)
    scale = dots_per_module / MODULE_MM
    side = symbol.side * dots_per_module
    height = side + round((_CODE_MM + len(lines) * _LINE_MM + _MARGIN_MM) * scale)
    image = Image.new("L", (side, height), 255)
    draw = ImageDraw.Draw(image)
    paint_symbol(draw, symbol, dots=dots_per_module)
    _paint_code(draw, code, left=0, top=side, width=side, height=round(_CODE_MM * scale))
    for number, line in enumerate(lines):
        top = side + round((_CODE_MM + number * _LINE_MM) * scale)
        _paint_line(draw, line, top=top, width=side, size=round(_LINE_MM * 0.8 * scale))
    stream = io.BytesIO()
    image.convert("1", dither=Image.Dither.NONE).save(stream, "PNG", dpi=(dpi, dpi), optimize=True)
    return stream.getvalue()


def paint_symbol(draw: ImageDraw.ImageDraw, symbol: Symbol, *, dots: int) -> None:
    """Paint the black modules of `symbol`, `dots` pixels a module, quiet zone included."""
    for x, y, length in symbol.runs():
        x0, y0 = x * dots, y * dots
        draw.rectangle((x0, y0, x0 + length * dots - 1, y0 + dots - 1), fill=0)


def _svg_text(text: str, *, side: float, y: float, size: float, bold: bool) -> str:
    room, is_long = side - 2 * _MARGIN_MM, bold
    if not bold:
        length = partial(_svg_length, size=size)
        text, share = fitted(text, width=room, least=LEAST_SHARE, length=length)
        size, is_long = size * share, length(text) * share > 0.9 * room
    # textLength keeps the code as wide as the symbol, and long lines within it, whatever font the
    # printer has.
    fit = f' textLength="{room:.1f}" lengthAdjust="spacingAndGlyphs"' if is_long else ""
    weight = ' font-weight="bold"' if bold else ""
    family = "monospace" if bold else "sans-serif"
    return (
        f'<text x="{side / 2:.1f}" y="{y:.1f}" font-family="{family}" font-size="{size:.2f}"'
        f'{weight} text-anchor="middle"{fit}>{escape(text)}</text>'
    )


def _svg_length(text: str, *, size: float) -> float:
    """Return about how long a text is in a usual font, in mm; other scripts have wider letters."""
    wide = sum(ord(letter) >= LATIN_1 for letter in text)
    font = ImageFont.load_default(size=100)
    return (font.getlength(printable(text, letters=ASCII)) / 100 + wide / 2) * size


def _paint_code(
    draw: ImageDraw.ImageDraw, code: str, *, left: int, top: int, width: int, height: int
) -> None:
    """Paint `code` in cells of one width: the font at hand is not a fixed-width one."""
    cell = width / (len(code) + 1) if code else width
    font = ImageFont.load_default(size=min(height * 0.85, cell * 1.5))
    for number, symbol in enumerate(code):
        x = left + cell * (number + 1)
        draw.text((x, top + height / 2), symbol, fill=0, font=font, anchor="mm")


def _paint_line(draw: ImageDraw.ImageDraw, text: str, *, top: int, width: int, size: int) -> None:
    length = ImageFont.load_default(size=size).getlength
    text, share = fitted(
        printable(text, letters=ASCII), width=width * 0.96, least=LEAST_SHARE, length=length
    )
    font = ImageFont.load_default(size=max(1, int(size * share)))
    draw.text((width / 2, top), text, fill=0, font=font, anchor="ma")
