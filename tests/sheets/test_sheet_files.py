"""Files that are no sheets: refused as a whole, with a code and a hint."""

from __future__ import annotations

import io
import zipfile
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.desk.births import Naming, new_lots
from ledger.desk.sheet import read_sheet
from ledger.errors import MalformedError

HEADINGS = b"Species;Product;Quantity;Unit;Source;Origin;Year;Tag\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"x" * (8 * 1024 * 1024 + 1), "sheet.size"),
        (b"taxon;term\n" + b"a;b\n" * 20_001, "sheet.size"),
        (b"taxon;term" + b";x" * 120, "sheet.size"),
        (b"taxon;term\n" + b"a" * 4_001 + b";b", "sheet.size"),
        (b"taxon;term\x00;x", "sheet.encoding"),
        (b"taxon;term\x81\x8d", "sheet.encoding"),
        (b'taxon;term\n"open;SKI\n', "sheet.form"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet.old-format"),
        (b"PK\x03\x04 not a workbook", "sheet.form"),
    ],
    ids=["bytes", "rows", "columns", "cell", "nul", "no-text", "quote", "xls", "zip"],
)
def test_files_that_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_sheet(data)
    assert caught.value.code == code
    assert caught.value.hint


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (65 * 1024 * 1024))
    assert len(stream.getvalue()) < 100_000
    with pytest.raises(MalformedError) as caught:
        read_sheet(stream.getvalue())
    assert caught.value.code == "sheet.size"


@pytest.mark.parametrize("sign", ['"', "a", "\\", "é", "=", "\x0b"])
def test_a_sign_that_parts_no_cells_is_not_believed(sign: str) -> None:
    """`sep=` is the file's own word: what is no delimiter makes no error of ours."""
    data = f"sep={sign}\n".encode() + HEADINGS + b"Crocodylus niloticus;SKI;1;NAR;C;ZW;2026;\n"
    assert [draft.taxon for draft in read_sheet(data).drafts] == ["Crocodylus niloticus"]


def test_a_long_sheet_of_one_make_up_takes_no_square_of_time() -> None:
    row = b"Crocodylus niloticus;SKI;1;NAR;C;ZW;2026;\n"
    drafts = read_sheet(HEADINGS + row * 5_000).drafts * 4
    began = process_time()
    (lot,) = new_lots(drafts, Naming("farm"))
    assert lot.contents[0].quantity == 20_000
    assert process_time() - began < 5
    marked = [replace(draft, marks=(f"ZW-{n}",)) for n, draft in enumerate(drafts[:2_001])]
    assert [lot.contents[0].quantity for lot in new_lots(marked, Naming("farm"))] == [950, 950, 101]


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_a_malformed_file(noise: bytes) -> None:
    for data in (noise, HEADINGS + noise):
        try:
            read_sheet(data)
        except MalformedError as error:
            assert error.code.startswith("sheet.")  # noqa: PT017
