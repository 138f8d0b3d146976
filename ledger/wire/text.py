"""Texts of a fixed form: strict in, canonical out.

Owns decimals, hex, base64, times, days, party ids and lot codes as text. Every parser is the exact
inverse of its formatter: what is not written the one way is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from ledger.errors import MalformedError

_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_AROUND = " ,;:'\"<>\u00ab\u00bb\u2018\u2019\u201c\u201d"
_PARTY = re.compile(r"[a-z0-9-]{2,32}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_DECIMAL_END = 2**63
_TIMES = range(-62_135_596_800, 253_402_300_800)
"""The seconds that have a calendar date in the years 1 to 9999."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_MAX = 2**50 - 1
_CODE = re.compile(f"[{ALPHABET}]{{12}}")
_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_PAIRS = [one + other for one in ALPHABET for other in ALPHABET]
_MODULUS = 1021
"""A code is right when its 60 bits leave 1 (ISO 7064, pure system with modulus 1021, radix 32)."""
_EPOCH = date(1970, 1, 1).toordinal()


def check_text(value: str) -> None:
    """Raise MalformedError where `value` has a control or direction character."""
    if value.isascii() and value.isprintable():
        return
    found = _FORBIDDEN.search(value)
    if found is not None:
        raise MalformedError(
            "text.forbidden",
            f"The text has the character U+{ord(found[0]):04X}, which is not allowed.",
            params={"character": f"U+{ord(found[0]):04X}"},
        )
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise MalformedError("text.forbidden", "The text has a lone surrogate.")


def tidy(value: str) -> str:
    """Return what a person typed or pasted in the signs that codes, marks and numbers have.

    Dashes of print become hyphens, wide letters usual ones, any run of blanks one space; signs that
    nobody sees go, and so do quotes and commas around it.
    """
    usual = unicodedata.normalize("NFKC", value).translate(_DASHES)
    seen = "".join(sign for sign in usual if unicodedata.category(sign) != "Cf")
    return " ".join(seen.split()).strip(_AROUND)


def is_nfc(value: str) -> bool:
    """Return whether `value` is in Unicode normalisation form C."""
    return value.isascii() or unicodedata.is_normalized("NFC", value)


def is_party(value: str) -> bool:
    """Return whether `value` is a party id, `[a-z0-9-]{2,32}`."""
    return _PARTY.fullmatch(value) is not None


def check_party(value: str) -> str:
    """Return a party id; raise MalformedError unless it is `[a-z0-9-]{2,32}`."""
    if not is_party(value):
        raise MalformedError(
            "text.party",
            f"{value[:64]!r} is no party id: 2 to 32 of a-z, 0-9 and hyphens.",
            hint="It is the short name that the authority enrolled: ringmark party list",
        )
    return value


def parse_decimal(value: str) -> int:
    """Return a number without sign and leading zero, below 2^63; raise MalformedError."""
    if _DECIMAL.fullmatch(value) is None or int(value) >= _DECIMAL_END:
        raise MalformedError("text.decimal", f"{value[:40]!r} is not a plain decimal number.")
    return int(value)


def encode_base64(value: bytes) -> str:
    """Return padded base64 (RFC 4648, 4)."""
    return base64.b64encode(value).decode("ascii")


def decode_base64(value: str) -> bytes:
    """Return the bytes of canonical padded base64; raise MalformedError for any other spelling."""
    try:
        decoded = base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedError("text.base64", "The text is not base64.") from error
    if encode_base64(decoded) != value:
        raise MalformedError("text.base64", "The base64 text is not in its one form.")
    return decoded


def encode_base64url(value: bytes) -> str:
    """Return base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def decode_base64url(value: str) -> bytes:
    """Return the bytes of canonical base64url without padding; raise MalformedError otherwise."""
    try:
        decoded = base64.urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedError("text.base64", "The text is not base64url.") from error
    if encode_base64url(decoded) != value:
        raise MalformedError("text.base64", "The base64url text is not in its one form.")
    return decoded


def decode_hex(value: str, *, size: int | None = None) -> bytes:
    """Return the bytes of lower-case hex, exactly `size` of them if given."""
    if re.fullmatch(r"(?:[0-9a-f]{2})*", value) is None:
        raise MalformedError("text.hex", "The text is not lower-case hex.")
    decoded = bytes.fromhex(value)
    if size is not None and len(decoded) != size:
        raise MalformedError("text.hex", f"The hex text has {len(decoded)} bytes, not {size}.")
    return decoded


def code_symbols(number: int) -> str:
    """Return the code of a 50-bit number: 10 Crockford symbols and 2 check symbols."""
    if not 0 <= number <= CODE_MAX:
        raise MalformedError("code.range", "A code holds 50 bits.")
    whole = number << 10 | (1 - (number << 10)) % _MODULUS
    return "".join(_PAIRS[whole >> shift & 1023] for shift in range(50, -1, -10))


def format_code(number: int) -> str:
    """Return the code of a 50-bit number in groups of four: `51PB-1X9S-FP3J`."""
    symbols = code_symbols(number)
    return f"{symbols[:4]}-{symbols[4:8]}-{symbols[8:]}"


def parse_code(value: str) -> int:
    """Return the 50-bit number of a code as a person types it.

    Case, spaces and hyphens do not matter; O is 0, I and L are 1. Raise MalformedError `code.char`,
    `code.length` or `code.check`.
    """
    if not value.isascii():
        raise MalformedError("code.char", "That letter is never used in a code.")
    cleaned = value.upper().replace(" ", "").replace("-", "")
    cleaned = cleaned.translate(str.maketrans("OIL", "011"))
    if any(symbol not in ALPHABET for symbol in cleaned):
        raise MalformedError("code.char", "That letter is never used in a code.")
    if len(cleaned) != 12:
        raise MalformedError("code.length", "A code has 12 letters and digits.")
    return code_value(cleaned)


def code_value(symbols: str) -> int:
    """Return the 50-bit number of a code in its strict form of 12 symbols."""
    if _CODE.fullmatch(symbols) is None:
        raise MalformedError("code.char", f"{symbols[:40]!r} is not a code of 12 symbols.")
    whole = int(symbols.translate(_DIGITS), 32)
    # Above 1020 a check value would alias a smaller one: a second spelling of the same code.
    if whole & 1023 >= _MODULUS or whole % _MODULUS != 1:
        raise MalformedError(
            "code.check", "One letter or digit of the code is wrong. Please check each group."
        )
    return whole >> 10


def format_time(seconds: int) -> str:
    """Return a time as RFC 3339 in UTC, whole seconds: `2026-11-24T01:53:00Z`.

    Outside the years 1 to 9999, where nothing is a date, return the number of seconds itself: what
    a hostile statement claims must not break the page that shows it.
    """
    if seconds not in _TIMES:
        return str(seconds)
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"


def parse_time(value: str) -> int:
    """Return the seconds of an RFC 3339 time in UTC with `Z`; raise MalformedError otherwise."""
    try:
        moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedError(
            "text.time", f"{value!r} is not a time like 2026-11-24T01:53:00Z."
        ) from error
    seconds = int(moment.timestamp())
    if format_time(seconds) != value:
        raise MalformedError("text.time", f"{value!r} is not a time in its one form.")
    return seconds


def parse_day(value: str) -> int:
    """Return the days since 1970-01-01 of `YYYY-MM-DD`; raise MalformedError otherwise."""
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise MalformedError("text.day", f"{value!r} is not a day like 2026-11-24.") from error
    if day.isoformat() != value:
        raise MalformedError("text.day", f"{value!r} is not a day in its one form.")
    return day.toordinal() - _EPOCH


def format_day(days: int) -> str:
    """Return the day that lies `days` after 1970-01-01 as `YYYY-MM-DD`, else the number itself."""
    if days * 86_400 not in _TIMES:
        return str(days)
    return date.fromordinal(days + _EPOCH).isoformat()


def json_dumps(value: Any) -> str:
    """Return JSON in UTF-8 text, without NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def json_loads(value: str | bytes, *, decimals: bool = False) -> Any:
    """Return the value of JSON in UTF-8; with `decimals` fractions are Decimal, digit by digit.

    Raise MalformedError for duplicate names, numbers that are none or too large, lone surrogates
    or any damage.
    """
    try:
        written = value if isinstance(value, str) else value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("json.malformed", "It is no text in UTF-8.") from error
    try:
        found = json.loads(
            written,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=Decimal if decimals else _finite,
        )
        # Only an escape can bring half a character: "\ud800".
        if "\\u" in written:
            json_dumps(json.loads(written)).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedError("json.malformed", f"The text is not JSON: {error}") from error
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"{digits[:40]} is too large")
    return number
