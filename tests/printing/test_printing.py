"""Labels: everything drawn decodes again, on screen, on paper and in a bad photo."""

from __future__ import annotations

import io
from hashlib import sha256

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter

from ledger import printing
from ledger.errors import DamagedError, MalformedError, UsageError
from ledger.printing import Label

CODE = "51PB-1X9S-FP3J"
PREFIX = "https://v.example.org/i/51PB1X9SFP3J#"
LINES = ("Crocodylus niloticus", "1 skin & <side>", "Peau, élevée: Ñ ō 鰐")


def link(size: int, *, seed: int = 0) -> str:
    """A label link around `size` bytes that look like a signed label."""
    body = b""
    while len(body) < size:
        body += sha256(f"{seed}/{len(body)}".encode()).digest()
    number = int.from_bytes(b"\x01" + body[:size], "big")
    return f"{PREFIX}1{number}" if size else PREFIX[:-1]


def read_or_code(data: bytes) -> list[str] | str:
    try:
        return printing.read_image(data)
    except MalformedError as error:
        return error.code


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


def photo(data: bytes, *, angle: float, blur: float, quality: int, scale: float) -> bytes:
    """A JPEG as a phone might take it: turned, out of focus, on grey, unevenly lit."""
    label = picture(data)
    label = label.resize(
        (int(label.width * scale), int(label.height * scale)), Image.Resampling.BICUBIC
    )
    table = Image.new("L", (int(label.width * 1.8), int(label.height * 1.6)), 150)
    mask = Image.new("L", label.size, 255).rotate(angle, expand=True)
    turned = label.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(
        turned, ((table.width - turned.width) // 2, (table.height - turned.height) // 2), mask
    )
    light = Image.linear_gradient("L").resize(table.size).point([120 + n // 2 for n in range(256)])
    lit = Image.composite(table, Image.new("L", table.size, 60), light)
    stream = io.BytesIO()
    lit.filter(ImageFilter.GaussianBlur(blur)).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


@pytest.mark.parametrize("size", [0, 20, 103, 162, 200, 322])
def test_png_reads_back(size: int) -> None:
    url = link(size)
    data = printing.draw_png(url=url, code=CODE, lines=LINES)
    assert printing.read_image(data) == [url]


@pytest.mark.parametrize(("size", "modules"), [(103, 57), (162, 65), (200, 69), (322, 85)])
def test_symbol_keeps_the_size_budget(size: int, modules: int) -> None:
    """A tagged skin is 29.2 mm at most, a label never above 30.8 mm."""
    assert printing.encode_symbol(link(size)).modules <= modules


def test_svg_is_what_the_png_is() -> None:
    url = link(162)
    data = printing.draw_svg(url=url, code=CODE, lines=LINES)
    printing.check_drawn(data, texts=[url])
    text = data.decode("utf-8")
    assert f">{CODE}</text>" in text
    assert "1 skin &amp; &lt;side&gt;" in text
    assert 'width="29.2mm"' in text


@settings(max_examples=25)
@given(st.integers(0, 322), st.integers(0, 10**6))
def test_any_link_reads_back(size: int, seed: int) -> None:
    url = link(size, seed=seed)
    assert printing.read_image(printing.draw_png(url=url, code=CODE)) == [url]


@pytest.mark.parametrize("angle", [0, 7, -12, 45, 90, 180, 263])
def test_turned_photo_reads(angle: float) -> None:
    url = link(162)
    drawn = printing.draw_png(url=url, code=CODE, lines=LINES)
    assert printing.read_image(photo(drawn, angle=angle, blur=0.8, quality=80, scale=1.0)) == [url]


@pytest.mark.parametrize(
    ("blur", "quality", "scale"), [(1.5, 60, 1.0), (2.5, 70, 2.0), (0.6, 30, 0.8), (4.0, 85, 4.0)]
)
def test_poor_photo_reads(blur: float, quality: int, scale: float) -> None:
    url = link(162)
    drawn = printing.draw_png(url=url, code=CODE, lines=LINES)
    assert printing.read_image(photo(drawn, angle=5, blur=blur, quality=quality, scale=scale)) == [
        url
    ]


def in_the_dark(label: Image.Image) -> Image.Image:
    """White paper is dark grey, and each dot is as noisy as a phone's at night."""
    dim = label.point([n * 28 // 100 for n in range(256)])
    return ImageChops.add(dim, Image.effect_noise(dim.size, 36), offset=-112)


def test_a_photo_taken_in_the_dark_reads() -> None:
    url = link(322)
    stream = io.BytesIO()
    in_the_dark(picture(printing.draw_png(url=url, code=CODE))).save(stream, "JPEG", quality=75)
    assert printing.read_image(stream.getvalue()) == [url]


def test_dirty_label_reads() -> None:
    """Level Q: a blot over 5 % of the symbol costs nothing."""
    url = link(162)
    drawn = picture(printing.draw_png(url=url, code=CODE))
    side = int((65 * 5) * 0.05**0.5)
    middle = 73 * 5 // 2
    drawn.paste(
        90, (middle - side // 2, middle - side // 2, middle + side // 2, middle + side // 2)
    )
    stream = io.BytesIO()
    drawn.save(stream, "PNG")
    assert printing.read_image(stream.getvalue()) == [url]


@pytest.mark.parametrize("dpi", [150, 203, 300])
def test_sheet_of_fourteen_reads_from_a_render(dpi: int) -> None:
    labels = [Label(link(162, seed=n), CODE, LINES) for n in range(14)]
    with pypdfium2.PdfDocument(printing.draw_sheet_pdf(labels)) as document:
        assert len(document) == 1
        page = document[0]
        assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
        stream = io.BytesIO()
        page.render(scale=dpi / 72).to_pil().save(stream, "PNG")
    read = printing.read_image(stream.getvalue())
    assert sorted(read) == sorted(label.url for label in labels)


@pytest.mark.parametrize(
    ("layout", "count", "pages"), [("L7163", 15, 2), ("L7165", 8, 1), ("SINGLE", 3, 3)]
)
def test_sheets_have_pages(layout: str, count: int, pages: int) -> None:
    labels = [Label(link(200, seed=n), CODE, LINES) for n in range(count)]
    with pypdfium2.PdfDocument(printing.draw_sheet_pdf(labels, layout=layout)) as document:
        assert len(document) == pages


def test_sheet_text_is_for_people() -> None:
    data = printing.draw_sheet_pdf([Label(link(162), CODE, LINES)])
    with pypdfium2.PdfDocument(data) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert CODE in text
    assert "élevée" in text


def test_the_same_labels_are_the_same_bytes() -> None:
    labels = [Label(link(162), CODE, LINES)]
    assert printing.draw_sheet_pdf(labels) == printing.draw_sheet_pdf(labels)
    assert printing.draw_svg(url=link(162), code=CODE) == printing.draw_svg(
        url=link(162), code=CODE
    )
    assert printing.draw_png(url=link(162), code=CODE) == printing.draw_png(
        url=link(162), code=CODE
    )


@pytest.mark.parametrize(
    ("url", "code"),
    [("", "label.text"), ("https://é", "label.text"), ("a b", "label.text"),
     ("x" * 1501, "label.text"), ("x" * 1400, None)],
    ids=["empty", "accent", "space", "too-long", "longest"],
)  # fmt: skip
def test_what_no_symbol_carries(url: str, code: str | None) -> None:
    if code is None:
        assert printing.read_image(printing.draw_png(url=url, code=CODE, dots_per_module=4)) == [
            url
        ]
        return
    with pytest.raises(UsageError) as caught:
        printing.draw_svg(url=url, code=CODE)
    assert caught.value.code == code


def test_bad_requests_are_refused() -> None:
    url = link(162)
    with pytest.raises(UsageError, match="dots"):
        printing.draw_png(url=url, code=CODE, dots_per_module=1)
    with pytest.raises(UsageError, match="room for 8 lines"):
        printing.draw_png(url=url, code=CODE, lines=["x"] * 9)
    with pytest.raises(UsageError, match="no sheet"):
        printing.draw_sheet_pdf([Label(url, CODE)], layout="A4")
    with pytest.raises(UsageError, match="1 to 2000"):
        printing.draw_sheet_pdf([])
    with pytest.raises(UsageError, match="too large for its cell"):
        printing.draw_sheet_pdf([Label(link(500), CODE)])


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_a_misprint_is_found(kind: str) -> None:
    url, other = link(162), link(162, seed=1)
    data = {
        "svg": lambda: printing.draw_svg(url=url, code=CODE),
        "png": lambda: printing.draw_png(url=url, code=CODE),
        "pdf": lambda: printing.draw_sheet_pdf([Label(url, CODE)]),
    }[kind]()
    printing.check_drawn(data, texts=[url])
    for wrong in ([other], [], [url, url]):
        with pytest.raises(DamagedError) as caught:
            printing.check_drawn(data, texts=wrong)
        assert caught.value.code == "label.misprint"


def test_a_damaged_drawing_is_found() -> None:
    url = link(162)
    drawn = printing.draw_svg(url=url, code=CODE)
    head, tail = drawn[:4000], drawn[4000:]
    with pytest.raises(DamagedError):
        printing.check_drawn(head + tail.replace(b"v1h-", b"v9h-"), texts=[url])
    with pytest.raises(DamagedError):
        printing.check_drawn(b"<svg/>", texts=[url])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"\xff\xd8\xff\xe0 broken",
        b"%PDF-1.3",
        b"GIF89a\x01\x00\x01\x00",
        b"\x89PNG\r\n\x1a\n",
    ],
    ids=["empty", "text", "cut-jpeg", "pdf", "gif", "cut-png"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        printing.read_image(data)
    assert caught.value.code == "photo.unreadable"


def test_a_cut_photo_is_refused_or_read() -> None:
    drawn = photo(
        printing.draw_png(url=link(162), code=CODE), angle=0, blur=0.5, quality=80, scale=1
    )
    for end in range(1, len(drawn), len(drawn) // 40):
        assert read_or_code(drawn[:end]) in ("photo.unreadable", [], [link(162)])


def test_a_huge_picture_is_refused_unread() -> None:
    stream = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(stream, "PNG")
    with pytest.raises(MalformedError) as caught:
        printing.read_image(stream.getvalue())
    assert caught.value.code == "photo.too-large"
    with pytest.raises(MalformedError) as caught:
        printing.read_image(b"\xff" * 101, size_max=100)
    assert caught.value.code == "photo.too-large"


def test_a_picture_without_symbol_is_an_empty_list() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (2000, 1000), (200, 180, 160)).save(stream, "JPEG")
    assert printing.read_image(stream.getvalue()) == []
