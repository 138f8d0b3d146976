"""Labels: the link in a QR symbol, the untagged COSE_Sign1 in its digits, and its payload.

Owns the form of `https://HOST/i/CODE#1DIGITS` and `https://HOST/d/NAME#1DIGITS`
(docs/formats/label.md). Checks no signature: `ledger.verify.label` does, with the label key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import MalformedError
from ledger.wire import cbor, cose, text

LABEL_CONTEXT = b"ringmark.label.1"
DOCUMENT_CONTEXT = b"ringmark.document.1"
LABEL_BYTES_MAX = 200
DOCUMENT_BYTES_MAX = 322
KID_BYTES = 8
_URL = re.compile(r"(?i:https?)://([A-Za-z0-9.:\[\]-]+)/(i|d)/([^#?]+)(?:\?[^#]*)?(?:#(.*))?")
_DIGITS = re.compile(r"1[0-9]{19,2999}")
_COUNTRY = re.compile(r"[A-Z]{2}")


class LabelPayload(Struct, frozen=True):
    """What a label says of its lot: with `mark`, or else with `origin` and `year` as far as known.

    `code` is the 50-bit number, `number` the lot's order of birth, `birth` the first 16 bytes of
    the birth statement's id; `taxon`, `term`, `source` and `unit` are table numbers, `quantity`
    counts the smallest unit, `day` counts from 1970-01-01, `origin` is an alpha-2 code.
    """

    code: int
    number: int
    birth: bytes
    taxon: int
    term: int
    source: int
    quantity: int
    unit: int
    day: int
    mark: str | None = None
    origin: str | None = None
    year: int | None = None


class DocumentPayload(Struct, frozen=True):
    """What a printed document says; rows are `[taxon, term, source, quantity, unit]` as numbers.

    `statement` is the first 16 bytes of the id of the statement that issued it; `until_day` is the
    last valid day (days since 1970-01-01), None where it does not end.
    """

    name: str
    statement: bytes
    until_day: int | None
    rows: tuple[tuple[int, int, int, int, int], ...]


class LabelUrl(Struct, frozen=True):
    """A label's link taken apart: `kind` is `i` (lot) or `d` (document); `cose` may be absent."""

    host: str
    kind: str
    name: str
    cose: bytes | None


def label_aad(ledger: bytes, *, context: bytes = LABEL_CONTEXT) -> bytes:
    """Return the external_aad of a label: its context and the 32-byte ledger id."""
    return context + ledger


@lru_cache(maxsize=64)
def label_headers(alg: int, kid: bytes) -> bytes:
    """Return the protected header of a label: alg and the first 8 bytes of the key's thumbprint."""
    return cbor.encode({1: alg, 4: kid[:KID_BYTES]})


def parse_label_headers(protected: bytes) -> tuple[int, bytes]:
    """Return alg and the 8-byte key id of a label; raise MalformedError for any other header."""
    headers = cbor.decode(protected, size_max=64)
    if not isinstance(headers, dict) or set(headers) != {1, 4}:
        raise MalformedError("label.headers", "The label's header has not exactly alg and kid.")
    alg, kid = headers[1], headers[4]
    if type(alg) is not int or not isinstance(kid, bytes) or len(kid) != KID_BYTES:
        raise MalformedError("label.headers", "The label's header is not of its form.")
    return alg, kid


def encode_label(payload: LabelPayload) -> bytes:
    """Return the payload as a CBOR array of 10 items (with a mark) or 11.

    Raise MalformedError where it would not be read again.
    """
    items: list[object] = [
        payload.code,
        payload.number,
        payload.birth,
        payload.taxon,
        payload.term,
        payload.source,
        payload.quantity,
        payload.unit,
        payload.day,
    ]
    if payload.mark is not None:
        items.append(payload.mark)
    else:
        items += [payload.origin or "", payload.year or 0]
    data = cbor.encode(items)
    if len(data) > LABEL_BYTES_MAX:
        raise MalformedError("cbor.size", f"The label's payload has {len(data)} bytes.")
    _label_of(items)
    return data


def decode_label(data: bytes) -> LabelPayload:
    """Return the payload of a label; raise MalformedError unless it is of its form.

    Whether the code is the link's, and all else against the record, the caller must still check.
    """
    value = cbor.decode(data, size_max=LABEL_BYTES_MAX)
    if not isinstance(value, list) or len(value) not in (10, 11):
        raise MalformedError("label.payload", "The label's payload is not an array of 10 or 11.")
    return _label_of(value)


def _label_of(value: list[Any]) -> LabelPayload:
    _check_numbers(value)
    always, rest = LabelPayload(*value[:9]), value[9:]
    if len(rest) == 1:
        mark = rest[0]
        if type(mark) is not str or not mark:
            raise MalformedError("label.payload", "The label's mark is not a text.")
        return replace(always, mark=mark)
    origin, year = rest
    if type(origin) is not str or (origin and _COUNTRY.fullmatch(origin) is None):
        raise MalformedError("label.payload", "The label's origin is not an alpha-2 code.")
    if type(year) is not int or year < 0:
        raise MalformedError("label.payload", "The label's year is not of its form.")
    return replace(always, origin=origin or None, year=year or None)


def encode_document(payload: DocumentPayload) -> bytes:
    """Return the payload of a printed document: name, statement, last day (null: none), rows.

    Raise MalformedError where it would not be read again.
    """
    data = cbor.encode([payload.name, payload.statement, payload.until_day, payload.rows])
    decode_document(data)
    return data


def decode_document(data: bytes) -> DocumentPayload:
    """Return the payload of a printed document; raise MalformedError unless it is of its form."""
    value = cbor.decode(data, size_max=DOCUMENT_BYTES_MAX)
    if not isinstance(value, list) or len(value) != 4 or not isinstance(value[3], list):
        raise MalformedError("label.payload", "The document's payload is not an array of 4.")
    name, statement, day, rows = value
    if type(name) is not str or not name:
        raise MalformedError("label.payload", "The document's name is not a text.")
    if type(statement) is not bytes or len(statement) != 16:
        raise MalformedError("label.payload", "The document's statement is not 16 bytes.")
    if day is not None and (type(day) is not int or day < 0):
        raise MalformedError("label.payload", "The document's last day is not of its form.")
    return DocumentPayload(name, statement, day, tuple(_document_row(row) for row in rows))


def format_label_url(*, host: str, name: str, signed: cose.Sign1 | None, kind: str = "i") -> str:
    """Return the link of a label; without `signed` it is the bare code, which is never green."""
    link = f"https://{host}/{kind}/{quote(name, safe='')}"
    if signed is None:
        return link
    body = cose.encode_sign1(signed, tagged=False)
    limit = LABEL_BYTES_MAX if kind == "i" else DOCUMENT_BYTES_MAX
    if len(body) > limit:
        raise MalformedError("label.size", f"The label has {len(body)} bytes, at most {limit} fit.")
    return f"{link}#1{int.from_bytes(bytes([1]) + body, 'big')}"


def parse_label_url(value: str) -> LabelUrl:
    """Return a label's link taken apart; raise MalformedError where it is no label.

    Scheme and host may be in capitals, as some scanners type them; the digits have one form. The
    caller must still check that the host is one it knows and that the name is the signed one.
    """
    found = _URL.fullmatch(value.strip())
    if found is None:
        raise MalformedError("label.not-a-label", "This is not the link of a label.")
    host, kind, name, fragment = found.groups()
    name = unquote(name)
    text.check_text(name)
    if not fragment:
        return LabelUrl(host.lower(), kind, name, None)
    if _DIGITS.fullmatch(fragment) is None:
        raise _damaged()
    number = int(fragment[1:])
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if str(number) != fragment[1:] or body[:1] != b"\x01":
        raise _damaged()
    return LabelUrl(host.lower(), kind, name, body[1:])


def _damaged() -> MalformedError:
    return MalformedError(
        "label.digits",
        "The digits of the label are damaged.",
        hint="Scan it again, or type the code below the symbol.",
    )


def _check_numbers(value: list[Any]) -> None:
    if any(type(number) is not int or number < 0 for number in (*value[:2], *value[3:9])):
        raise MalformedError("label.payload", "A number of the label is not of its form.")
    if not isinstance(value[2], bytes) or len(value[2]) != 16 or value[0] > text.CODE_MAX:
        raise MalformedError("label.payload", "The label's code or statement is not of its form.")


def _document_row(row: object) -> tuple[int, int, int, int, int]:
    if not isinstance(row, list) or len(row) != 5:
        raise MalformedError("label.payload", "A row of the document is not an array of five.")
    if any(type(number) is not int or number < 0 for number in row):
        raise MalformedError("label.payload", "A number of the document is not of its form.")
    taxon, term, source, quantity, unit = row
    return taxon, term, source, quantity, unit
