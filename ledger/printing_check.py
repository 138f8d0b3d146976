"""Reading symbols: from a photo that somebody sent, and from what we have just drawn.

Owns the way from pixels to text. A text read from a picture is somebody's claim: it must go through
`ledger.wire.label` and the verifier like any typed one. Only the home of the decoder.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, UnidentifiedImageError

from ledger.errors import DamagedError, MalformedError

PHOTO_SIZE_MAX: Final = 12 * 1024 * 1024
"""Bytes of an uploaded picture: a phone's largest JPEG is about 10 MiB."""

PIXELS_MAX: Final = 50_000_000
"""Pixels of an uploaded picture, before anything is unpacked: phones have up to 50 megapixels."""

SYMBOLS_MAX: Final = 100
"""Symbols that one picture may hold."""

TEXT_MAX: Final = 4_296
"""Characters of one symbol (ISO/IEC 18004, version 40-L)."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_SIDE_MAX = 3_000
_CHECK_DOTS_PER_MM = 10


def read_image(data: bytes, *, size_max: int = PHOTO_SIZE_MAX) -> list[str]:
    """Return the texts of the QR symbols in a picture, each once; none readable: an empty list.

    Raises MalformedError `photo.too-large` above `size_max` bytes or PIXELS_MAX pixels, and
    `photo.unreadable` for what is not a picture. The texts are claims of the sender.
    """
    if len(data) > size_max:
        raise _too_large(f"{len(data)} bytes")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > PIXELS_MAX:
                raise _too_large(f"{image.width} x {image.height} pixels")
            image.draft("L", (_SIDE_MAX, _SIDE_MAX))
            grey = image.convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large("more pixels than any phone makes") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise MalformedError(
            "photo.unreadable",
            "This file is not a picture that can be read.",
            hint="Send a JPEG or PNG, or type the code below the symbol.",
        ) from error
    found = _symbols(grey)
    if not found:
        # In the dark each dot is noisier than a module is dark.
        found = _symbols(grey.filter(ImageFilter.GaussianBlur(1)))
    if not found and max(grey.size) > _SIDE_MAX // 2:
        # A sharp large photo of a dense label may read only when noise is averaged away.
        found = _symbols(grey.reduce(2))
    return found


def check_drawn(data: bytes, *, texts: Sequence[str]) -> None:
    """Raise DamagedError unless the symbols drawn in `data` read back as exactly `texts`.

    `data` is an SVG, PNG or PDF of this package; order does not matter, numbers do. Nothing that
    fails this may reach a printer.
    """
    if data.startswith(b"%PDF-"):
        pages = _pdf_pages(data)
    elif data.startswith(b"\x89PNG"):
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            pages = iter([image.convert("L")])
    else:
        pages = iter([_svg_image(data)])
    read = sorted(text for page in pages for text in _texts(page))
    if read != sorted(texts):
        raise DamagedError(
            "label.misprint",
            f"{len(texts)} symbols were drawn, but {len(read)} read back, or other texts.",
            hint="Do not print this file; report the link that was to be printed.",
            params={"drawn": len(texts), "read": len(read)},
        )


def _symbols(grey: Image.Image) -> list[str]:
    return list(dict.fromkeys(text for text in _texts(grey) if len(text) <= TEXT_MAX))[:SYMBOLS_MAX]


def _texts(grey: Image.Image) -> Iterator[str]:
    for found in zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
    ):
        yield found.text


def _too_large(what: str) -> MalformedError:
    return MalformedError(
        "photo.too-large",
        f"This picture is too large: {what}.",
        hint="Send a smaller photo, or type the code below the symbol.",
    )


# The path that draw_svg writes: runs "Mx yhNv1h-Nz" in modules.
_SVG_RUN = re.compile(rb"M(\d+) (\d+)h(\d+)v1h-\d+z")
# The operators that draw_sheet_pdf writes: "x y w h re f" in points from the bottom left corner.
_PDF_RECT = re.compile(rb"(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re f")
_PDF_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
_PDF_BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


def _svg_image(data: bytes) -> Image.Image:
    runs = [tuple(map(int, match)) for match in _SVG_RUN.findall(data)]
    side = max((x + length for x, _, length in runs), default=0) + 4
    dots = 4
    image = Image.new("L", (side * dots, side * dots), 255)
    draw = ImageDraw.Draw(image)
    for x, y, length in runs:
        draw.rectangle((x * dots, y * dots, (x + length) * dots - 1, (y + 1) * dots - 1), fill=0)
    return image


def _pdf_pages(data: bytes) -> Iterator[Image.Image]:
    """Yield each page of our own PDF as a picture: its filled rectangles, nothing else."""
    box = _PDF_BOX.search(data)
    if box is None:
        return
    scale = _CHECK_DOTS_PER_MM * 25.4 / 72
    width, height = float(box[1]), float(box[2])
    for packed in _PDF_STREAM.findall(data):
        rects = _PDF_RECT.findall(zlib.decompress(packed))
        image = Image.new("L", (round(width * scale), round(height * scale)), 255)
        draw = ImageDraw.Draw(image)
        for x, y, w, h in (tuple(map(float, rect)) for rect in rects):
            left, right = sorted((x, x + w))
            bottom, top = sorted((y, y + h))
            draw.rectangle(
                (
                    round(left * scale),
                    round((height - top) * scale),
                    round(right * scale) - 1,
                    round((height - bottom) * scale) - 1,
                ),
                fill=0,
            )
        yield image
