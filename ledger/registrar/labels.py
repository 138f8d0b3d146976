"""Labels of lots and documents: the registrar's word of what each was when it entered the log.

Owns which facts of a lot's record go onto its label (docs/formats/label.md) and signs them with the
label key. Prints nothing: `ledger.printing` draws the link that comes out here.
"""

from __future__ import annotations

from collections.abc import Mapping

from ledger import keys
from ledger.custody.documents import DocumentRow, Paper
from ledger.custody.goods import MarkRange
from ledger.custody.lots import LotState
from ledger.errors import DamagedError, MalformedError
from ledger.reference.tables import Tables
from ledger.wire import cose, label, text

SECONDS_A_DAY = 86_400


def issue_label(
    code: str, lot: LotState, *, ledger: bytes, host: str, tables: Tables, signer: keys.Signer
) -> str:
    """Return the label URL of a registered lot; `code` has 12 symbols, `ledger` is the ledger id.

    Raise DamagedError where the lot's record names what the tables do not have.
    """
    payload = label.encode_label(label_payload(code, lot, tables=tables))
    protected = label.label_headers(signer.key.alg, signer.kid)
    message = cose.sig_structure(
        protected=protected, payload=payload, external_aad=label.label_aad(ledger)
    )
    signed = cose.Sign1(protected, payload, signer.sign(message))
    return label.format_label_url(host=host, name=code, signed=signed)


def label_payload(code: str, lot: LotState, *, tables: Tables) -> label.LabelPayload:
    """Return what the label of a lot says: its birth, its first row, one mark or where and when."""
    row = lot.contents[0]
    taxon, term = tables.taxon(row.taxon), tables.term(row.term)
    source, unit = tables.source(row.source), tables.unit(row.unit)
    if taxon is None or term is None or source is None or unit is None:
        raise DamagedError(
            "label.unnumbered",
            f"The lot {code} names what the reference tables do not have.",
            hint="Its rule set needs other tables: use the version of Ringmark that has them.",
            params={"code": code},
        )
    mark = first_mark(lot.marks)
    return label.LabelPayload(
        code=text.code_value(code),
        number=lot.number,
        birth=lot.birth,
        taxon=taxon.number,
        term=term.number,
        source=source.number,
        quantity=row.quantity,
        unit=unit.number,
        day=lot.born_at // SECONDS_A_DAY,
        mark=mark,
        origin=None if mark else row.origin,
        year=None if mark else lot.year or 0,
    )


def document_label(
    name: str,
    paper: Paper,
    *,
    last_day: str | None,
    statement: bytes,
    ledger: bytes,
    host: str,
    tables: Tables,
    signer: keys.Signer,
) -> Mapping[str, str]:
    """Return the label URL by its name of a document that `statement` (32-byte id) entered.

    `last_day` is the one on which it may be used, no later than its kind allows. Nothing where it
    has too many rows for a symbol that phones read: its annexes then are documents of their own.
    """
    rows = tuple(_numbers(row, tables) for row in paper.rows)
    until = text.parse_day(last_day) if last_day is not None else None
    try:
        payload = label.encode_document(label.DocumentPayload(name, statement[:16], until, rows))
        protected = label.label_headers(signer.key.alg, signer.kid)
        aad = label.label_aad(ledger, context=label.DOCUMENT_CONTEXT)
        message = cose.sig_structure(protected=protected, payload=payload, external_aad=aad)
        signed = cose.Sign1(protected, payload, signer.sign(message))
        return {name: label.format_label_url(host=host, name=name, signed=signed, kind="d")}
    except MalformedError:
        return {}


def _numbers(row: DocumentRow, tables: Tables) -> tuple[int, int, int, int, int]:
    taxon, term = tables.taxon(row.taxon), tables.term(row.term)
    source, unit = tables.source(row.source), tables.unit(row.unit)
    if taxon is None or term is None or source is None or unit is None:
        raise DamagedError("label.unnumbered", f"The tables do not have {row.taxon} {row.term}.")
    return taxon.number, term.number, source.number, row.quantity, unit.number


def first_mark(marks: tuple[MarkRange, ...]) -> str | None:
    """Return the bytewise first mark as `SCHEME/TEXT`, or None without any.

    Within a range the first serial is the first text, for serials are padded.
    """
    names = [
        f"{mark.scheme}/{mark.before}"
        + (f"{mark.first:0{mark.digits}d}{mark.after}" if mark.digits else "")
        for mark in marks
    ]
    return min(names, key=str.encode) if names else None
