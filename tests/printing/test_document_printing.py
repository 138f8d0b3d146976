"""Printed documents: one symbol that reads back, and every line on the paper."""

from __future__ import annotations

import re
import zlib

import pytest

from ledger.custody.documents import DocumentRow, Paper
from ledger.desk.papers_printed import printed
from ledger.errors import UsageError
from ledger.keys import ED25519, PrivateKey, check_signature
from ledger.printing import PrintedDocument, PrintedRow, draw_document_pdf
from ledger.reference.tables import load_tables
from ledger.registrar.labels import document_label
from ledger.wire import cose
from ledger.wire.label import DOCUMENT_CONTEXT, decode_document, label_aad, parse_label_url

NAME = "ZW/EXPORT/2026-0412"
LEDGER = bytes(range(32))
ROW = DocumentRow("Crocodylus niloticus", "SKI", 500, "NAR", "R", "ZW")
_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
KEY = PrivateKey.from_seed(ED25519, bytes(32))


def labelled(rows: int) -> str | None:
    paper = Paper(rows=(ROW,) * rows, until_day="2027-05-24")
    found = document_label(
        NAME,
        paper,
        last_day=paper.until_day,
        statement=bytes([7]) * 32,
        ledger=LEDGER,
        host="ledger.example.org",
        tables=load_tables(),
        signer=KEY,
    )
    return found.get(NAME)


@pytest.mark.parametrize("rows", [1, 8])
def test_a_label_says_what_was_issued_and_is_signed_for_this_ledger(rows: int) -> None:
    link = labelled(rows)
    assert link is not None
    url = parse_label_url(link)
    assert (url.kind, url.name) == ("d", NAME)
    sign1 = cose.decode_sign1(url.cose or b"", tagged=False)
    said = decode_document(sign1.payload)
    assert (said.name, said.statement, said.until_day) == (NAME, bytes([7]) * 16, 20_962)
    tables = load_tables()
    taxon, term, source, quantity, unit = said.rows[0]
    assert getattr(tables.taxon_by_number(taxon), "name", "") == ROW.taxon
    assert getattr(tables.term_by_number(term), "code", "") == ROW.term
    assert getattr(tables.source_by_number(source), "code", "") == ROW.source
    assert (quantity, getattr(tables.unit_by_number(unit), "code", "")) == (500, "NAR")
    assert len(said.rows) == rows
    message = cose.sig_structure(
        protected=sign1.protected,
        payload=sign1.payload,
        external_aad=label_aad(LEDGER, context=DOCUMENT_CONTEXT),
    )
    check_signature(
        alg=ED25519, public_key=KEY.key.public, message=message, signature=sign1.signature
    )


def test_too_many_rows_have_no_label() -> None:
    assert labelled(40) is None


def document(rows: int = 1, url: str | None = None) -> PrintedDocument:
    facts = (("Last day (box 2)", "2027-05-24"),)
    lines = tuple(PrintedRow(f"{n} pieces SKI", ("Source R, origin ZW",)) for n in range(rows))
    return PrintedDocument(url=url or labelled(1) or "", name=NAME, facts=facts, rows=lines)


def test_a_print_reads_back_and_has_every_line() -> None:
    data = draw_document_pdf(document(rows=90))
    assert data == draw_document_pdf(document(rows=90))
    pages = [zlib.decompress(part) for part in _STREAM.findall(data)]
    assert len(pages) > 1
    assert b"".join(pages).count(b"pieces SKI") == 90


def test_what_no_phone_reads_is_not_printed() -> None:
    with pytest.raises(UsageError) as caught:
        draw_document_pdf(document(url="https://ledger.example.org/d/É"))
    assert caught.value.code == "label.text"


def test_a_print_says_first_that_the_document_is_suspended() -> None:
    plain = {
        "name": "ZW/EXPORT/1",
        "status": "issued",
        "suspended": [{"from_day": "2026-11-01"}],
        "rows": [],
    }
    document = printed(plain, host="ledger.example.org", link="")
    assert document.facts[:2] == (
        ("Status", "issued"),
        ("SUSPENDED", "2026-11-01 to further notice"),
    )
