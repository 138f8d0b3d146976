"""Sheets: what Excel writes in three languages, and every way in which a cell can be doubtful."""

from __future__ import annotations

import importlib.util
import io
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from ledger.desk.sheet import Column, LotDraft, Sheet, read_sheet
from ledger.desk.sheet_values import range_of_marks
from ledger.errors import UsageError

EN = "Species;Product;Quantity;Unit;Source;Origin;Year;Tag;Permit;Weight (kg);Colour"
ROW = (
    "Crocodylus niloticus;skins;2;pcs;R;ZW;2026;ZW-2026-1-NIL, ZW-2026-2-NIL;ZW/EXPORT/17;3,5;brown"
)


@pytest.fixture(scope="module")
def trade(project_root: Path) -> Iterator[ModuleType]:
    path = project_root / "tests" / "sheets" / "trade_rows.py"
    spec = importlib.util.spec_from_file_location("trade_rows", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["trade_rows"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["trade_rows"]


def sheet(*lines: str, encoding: str = "utf-8", end: str = "\r\n", **options: object) -> Sheet:
    data = (end.join(lines) + end).encode(encoding)
    return read_sheet(data, **options)  # type: ignore[arg-type]


def workbook(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def one(result: Sheet) -> LotDraft:
    assert result.problems == ()
    assert result.questions == ()
    assert len(result.drafts) == 1
    return result.drafts[0]


def codes(result: Sheet) -> list[str]:
    return [problem.code for problem in result.problems]


def test_a_row_becomes_a_draft() -> None:
    result = sheet(EN, ROW)
    draft = one(result)
    assert draft == LotDraft(
        line=2,
        taxon="Crocodylus niloticus",
        taxon_given="Crocodylus niloticus",
        term="SKI",
        quantity=2,
        unit="NAR",
        source="R",
        origin="ZW",
        year=2026,
        marks=("ZW-2026-1-NIL", "ZW-2026-2-NIL"),
        documents=("ZW/EXPORT/17",),
        mass_g=3500,
    )
    assert result.headings["Product"] is Column.TERM
    assert result.headings_unknown == ("Colour",)
    assert result.is_clear


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    lines = ("Espèce;Produit;Quantité;Unité;Source;Pays d’origine;Année;Remarques",
             "Crocodile du Nil;Peaux;12;pièces;ranch;Zimbabwe;2026;à vérifier")  # fmt: skip
    result = sheet(*(line.replace(";", delimiter) for line in lines), encoding=encoding)
    draft = one(result)
    assert (draft.taxon, draft.term, draft.quantity, draft.source, draft.origin) == (
        "Crocodylus niloticus", "SKI", 12, "R", "ZW")  # fmt: skip
    assert draft.note == "à vérifier"


def test_comma_with_quotes_and_cells_of_two_lines() -> None:
    result = sheet(
        "species,term,quantity,unit,source,origin,tags",
        '"Python breitensteini",SKI,"2",NAR,W,ID,"ID 26 001 BRE\nID 26 002 BRE"',
        "Python curtus,SKI,1,NAR,W,ID,ID 26 003 CUR",
        end="\n",
    )
    assert [draft.line for draft in result.drafts] == [2, 4]
    assert result.drafts[0].marks == ("ID 26 001 BRE", "ID 26 002 BRE")


def test_spanish_sheet() -> None:
    result = sheet(
        "Especie;Mercancía;Volumen en m3;Cantidad (m3);Fuente;País;Año;Parcela;Nota",
        "Acajou;madera aserrada;1;12,5;silvestre;Perú;2026;PE-7;—",
        "Swietenia macrophylla;Madera aserrada;;12,5;W;Perú;2026;PE-7;",
    )
    assert codes(result) == []
    assert [question.code for question in result.questions] == ["taxon.ambiguous"]
    draft = result.drafts[0]
    assert (draft.quantity, draft.unit, draft.facility, draft.origin) == (
        12_500_000,
        "CMQ",
        "PE-7",
        "PE",
    )


def test_titles_may_stand_above_the_headings() -> None:
    result = sheet("Tannery X, stock of May", ";;;", "", EN, ROW)
    assert one(result).line == 5


def test_excel_says_its_delimiter() -> None:
    lines = ("sep=;", "taxon;term;quantity;unit;source;origin", "Python curtus;SKI;5;NAR;W;ID")
    assert one(sheet(*lines)).line == 3


def test_workbook() -> None:
    data = workbook(
        ["Scientific name", "Term", "Quantity", "Unit", "Source", "Origin", "Year", "Remarks"],
        ["Swietenia macrophylla", "sawn wood", 12.345, "m3", "W", "PE", 2026, True],
        ["Python reticulatus", "skins", 500, None, "W", "ID", date(2025, 3, 1), None],
        [None] * 8,
        ["Cedrela odorata", "logs", "1.234", "m³", "W", "BO", 2026, None],
    )
    result = read_sheet(data)
    first, second = result.drafts
    assert (first.line, first.quantity, first.unit, first.note) == (2, 12_345_000, "CMQ", "TRUE")
    assert (second.taxon, second.quantity, second.unit, second.year) == (
        "Malayopython reticulatus", 500, "NAR", 2025)  # fmt: skip
    assert second.taxon_given == "Python reticulatus"
    (question,) = result.questions
    assert (question.line, question.readings) == (5, ("1.234", "1234"))


def test_workbook_with_a_cover_page() -> None:
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.append(["Stock list"])
    page = book.create_sheet("Stock")
    page.append(["taxon", "term", "quantity", "unit", "source", "origin"])
    page.append(["Python curtus", "SKI", 3, "NAR", "W", "ID"])
    stream = io.BytesIO()
    book.save(stream)
    assert one(read_sheet(stream.getvalue())).quantity == 3


def test_formulas_count_by_their_last_value() -> None:
    """A formula that no program has calculated has no value: the cell is empty, and said to be."""
    data = workbook(
        ["taxon", "term", "quantity", "unit", "source", "origin"],
        ["Python curtus", "SKI", "=1+2", "NAR", "W", "ID"],
    )
    assert codes(read_sheet(data)) == ["sheet.cell-missing"]
    cached = patched(data, "xl/worksheets/sheet1.xml", b"<v />", b"<v>3</v>")
    assert one(read_sheet(cached)).quantity == 3


def patched(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == name:
                assert old in content
                content = content.replace(old, new)
            target.writestr(entry.filename, content)
    return stream.getvalue()


def test_a_question_is_answered_by_the_decimal_sign() -> None:
    lines = ("taxon;term;quantity;unit;source;origin", "Swietenia macrophylla;SAW;1,234;m3;W;PE")
    asked = sheet(*lines)
    (question,) = asked.questions
    assert (question.line, question.column, question.text) == (2, Column.QUANTITY, "1,234")
    assert asked.drafts == ()
    assert one(sheet(*lines, decimal=",")).quantity == 1_234_000
    assert one(sheet(*lines, decimal=".")).quantity == 1_234_000_000
    with pytest.raises(UsageError):
        sheet(*lines, decimal=";")


def test_an_old_name_is_the_one_of_today() -> None:
    lines = ("taxon;term;quantity;unit;source;origin", "Python reticulatus;SKI;1;NAR;W;ID")
    assert one(sheet(*lines)).taxon == "Malayopython reticulatus"


def test_defaults_fill_empty_cells() -> None:
    lines = (
        "taxon;term;quantity;unit;origin",
        "Python curtus;SKI;1;NAR;",
        "Python curtus;SKI;1;NAR;MY",
    )
    result = sheet(*lines, defaults={Column.ORIGIN: "ID", Column.SOURCE: "W"})
    assert [draft.origin for draft in result.drafts] == ["ID", "MY"]
    assert {draft.source for draft in result.drafts} == {"W"}


BAD = "taxon;term;quantity;unit;source;origin;year;tag;from;to;weight"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (";SKI;1;NAR;W;ID", "sheet.cell-missing"),
        ("Python curtus;;1;NAR;W;ID", "sheet.cell-missing"),
        ("Python curtus;SKI;;NAR;W;ID", "sheet.cell-missing"),
        ("Python curtus;SKI;1;NAR;;ID", "sheet.cell-missing"),
        ("Python curtus;SKI;1;NAR;W;", "sheet.cell-missing"),
        ("Python curtius;SKI;1;NAR;W;ID", "sheet.word-unknown"),
        ("Python curtus;sknis;1;NAR;W;ID", "sheet.word-unknown"),
        ("Python curtus;SKI;1;bushel;W;ID", "sheet.word-unknown"),
        ("Python curtus;SKI;1;NAR;Q;ID", "sheet.word-unknown"),
        ("Python curtus;SKI;1;NAR;W;Ruritania", "sheet.word-unknown"),
        ("Python curtus;SKI;one;NAR;W;ID", "sheet.number"),
        ("Python curtus;SKI;0;NAR;W;ID", "sheet.quantity-zero"),
        ("Python curtus;SKI;1,5;NAR;W;ID", "quantity.inexact"),
        ("Python curtus;SKI;1;m3;W;ID", "sheet.term-unit"),
        ("Python curtus;SKI;1;boxes;W;ID", "sheet.term-unit"),
        ("Swietenia macrophylla;PLY;3;ft2;W;PE", "quantity.inexact"),
        ("Swietenia macrophylla;SAW;3;;W;PE", "sheet.unit-missing"),
        ("Python curtus;SKP;3;sides;W;ID", "sheet.unit-part"),
        ("Python curtus;SKI;3;backskins;W;ID", "sheet.unit-part"),
        ("Python curtus;SKI;1;NAR;W;ID;26", "sheet.year"),
        ("Python curtus;SKI;2;NAR;W;ID;;T1", "sheet.marks-quantity"),
        ("Python curtus;SKI;2;NAR;W;ID;;T1,T1", "sheet.mark-twice"),
        ("Python curtus;SKI;2;NAR;W;ID;;;A1;", "sheet.mark-range"),
        ("Python curtus;SKI;2;NAR;W;ID;;;A2;A1", "sheet.mark-range"),
        ("Python curtus;SKI;2;NAR;W;ID;;;A1;B2", "sheet.mark-range"),
        ("Python curtus;SKI;2;NAR;W;ID;;A1..B2", "sheet.mark-range"),
        ("Python curtus;SKI;2;NAR;W;ID;;A1..", "sheet.mark-range"),
        ("Python curtus;SKI;2;NAR;W;ID;;;A0001;A9999", "sheet.marks-many"),
        ("Python curtus;SKI;2;NAR;W;ID;;;;;x", "sheet.number"),
        ("Python curtus;SKI;2;NAR;W\u202eW;ID", "sheet.text"),
    ],
)
def test_what_cannot_be_used_is_named(row: str, expected: str) -> None:
    result = sheet(BAD, row)
    assert result.drafts == ()
    assert codes(result)[0] == expected
    for problem in result.problems:
        assert problem.line == 2
        assert problem.message
        assert problem.hint


def test_all_problems_of_a_row_are_named_at_once() -> None:
    assert codes(sheet(BAD, "Nessie;scales of it;many;NAR;?;Avalon")) == [
        "sheet.word-unknown",
        "sheet.word-unknown",
        "sheet.word-unknown",
        "sheet.word-unknown",
        "sheet.number",
    ]


def test_ranges_of_marks_are_written_out() -> None:
    row = "Crocodylus niloticus;SKI;;;R;ZW;2026;;ZW-2026-0099-NIL;zw-2026-0101-nil"
    draft = one(sheet(BAD, row))
    assert draft.quantity == 3
    assert draft.marks == ("ZW-2026-0099-NIL", "ZW-2026-0100-NIL", "ZW-2026-0101-NIL")
    assert range_of_marks(first="A1", last="A1") == ("A1",)
    assert range_of_marks(first="none", last="none") is None
    assert range_of_marks(first="A1-B1", last="A2-B2") is None
    assert range_of_marks(first="A9", last="A10") is None


def test_runs_of_marks_may_stand_in_one_cell_as_commands_show_them() -> None:
    row = (
        "Crocodylus niloticus;SKI;4;;R;ZW;2026;ZW-2026-0099-NIL..ZW-2026-0101-NIL, ZW-2026-0200-NIL"
    )
    draft = one(sheet(BAD, row))
    assert draft.marks[:2] == ("ZW-2026-0099-NIL", "ZW-2026-0100-NIL")
    assert (len(draft.marks), draft.marks[-1]) == (4, "ZW-2026-0200-NIL")


def test_the_example_of_the_format_page(project_root: Path) -> None:
    page = (project_root / "docs" / "formats" / "sheet.md").read_text(encoding="utf-8")
    draft = one(read_sheet(page.rsplit("```", 2)[1].strip().encode("utf-8")))
    assert (draft.quantity, len(draft.marks)) == (500, 500)


def test_a_mark_stands_once_in_a_sheet() -> None:
    row = "Python curtus;SKI;1;NAR;W;ID;;T7"
    result = sheet(BAD, row, row)
    assert len(result.drafts) == 1
    assert [(problem.line, problem.code) for problem in result.problems] == [
        (3, "sheet.mark-twice")
    ]


def test_sides_of_skins_are_sides() -> None:
    """An old report counts skins in sides; taken as skins they would be twice as many."""
    draft = one(sheet(BAD, "Crocodylus niloticus;skins;40;sides;R;ZW"))
    assert (draft.term, draft.quantity, draft.unit) == ("SID", 40, "NAR")


def test_a_synonym_of_two_taxa_is_asked_about() -> None:
    (question,) = sheet(BAD, "Boa canina;SKI;1;NAR;W;BR").questions
    assert question.code == "taxon.ambiguous"
    assert question.readings == ("Corallus batesii", "Corallus caninus")


def test_a_second_column_of_one_kind_is_named() -> None:
    result = sheet(
        "taxon;species;term;quantity;unit;source;origin", "Python curtus;x;SKI;1;NAR;W;ID"
    )
    assert codes(result) == ["sheet.column-twice"]
    assert len(result.drafts) == 1


def test_a_sheet_without_headings_is_a_problem() -> None:
    result = sheet("Python curtus;SKI;1", "Python curtus;SKI;2")
    assert codes(result) == ["sheet.headings"]
    assert codes(read_sheet(b"")) == ["sheet.headings"]


@settings(max_examples=100)
@given(st.lists(st.text(max_size=12), min_size=11, max_size=11))
def test_any_cells_are_values_and_never_errors(cells: list[str]) -> None:
    line = ";".join('"' + cell.replace('"', '""').replace("\x00", "") + '"' for cell in cells)
    result = read_sheet((EN + "\r\n" + line + "\r\n").encode("utf-8", "replace"))
    assert len(result.drafts) + len(result.problems) + len(result.questions) >= len(result.rows)


@pytest.mark.parametrize(
    ("language", "delimiter", "decimal", "encoding"),
    [("en", ",", ".", "utf-8"), ("fr", ";", ",", "cp1252"),
     ("es", ";", ",", "utf-8-sig"), ("en", "\t", ".", "utf-16")],
)  # fmt: skip
def test_real_trade_rows_are_read(
    trade: ModuleType,
    shared_data: Path,
    language: str,
    delimiter: str,
    decimal: str,
    encoding: str,
) -> None:
    """Thousands of real rows: nearly all become drafts, and the rest says why."""
    rows = list(trade.trade_rows(shared_data))[::6]
    assert len(rows) >= 1_000
    data = trade.trade_sheet(
        rows, language=language, delimiter=delimiter, decimal=decimal, encoding=encoding
    )
    result = read_sheet(data, decimal=decimal)
    assert len(result.rows) == len(rows)
    assert result.questions == ()
    assert result.headings_unknown == (trade.HEADINGS[language][-1],)
    why = Counter(problem.code for problem in result.problems)
    assert len(result.drafts) >= 0.95 * len(rows), why
    assert set(why) <= {
        "sheet.word-unknown",  # taxa beyond the groups that Ringmark is for
        "sheet.term-unit",  # leather goods by the square metre, timber by the set
        "sheet.unit-part",
        "quantity.inexact",  # parts of pieces: shares of a shipment
        "sheet.quantity-zero",
    }


@pytest.mark.parametrize(
    "row",
    [
        "Swietenia macrophylla;LOG;12.4;m3;W;PE;;H-0041,H-0042,H-0043",
        "Huso huso;CAV;0.5;kg;C;RU;;HUS/C/RU/2026/1234/5678",
    ],
)
def test_what_is_weighed_or_measured_may_bear_marks(row: str) -> None:
    result = sheet(BAD, row)
    assert codes(result) == []
    assert len(result.drafts[0].marks) == row.count(",") + 1
