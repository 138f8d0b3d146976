"""What an address asks for in its query: numbers, and which findings are wanted.

Owns the turn of query parameters into values; what is out of range is refused by name.
"""

from __future__ import annotations

from flask import request

from ledger.custody.subjects import Kind, Severity
from ledger.errors import MalformedError, UsageError
from ledger.reader.waiting import SECTIONS
from ledger.reference.tables import load_tables
from ledger.storage.finding_list import FOR_EVER_S, ORDERS, Wanted
from ledger.wire import text

WORD_MAX = 400
PLACE_MAX = 1_000
COUNTRY_MAX = 8


def number_asked(name: str, *, least: int = 0, most: int = FOR_EVER_S) -> int | None:
    """Return the number that a parameter gives, None without it.

    Raise UsageError where it is below `least` or above `most`.
    """
    typed = request.args.get(name)
    if typed is None:
        return None
    try:
        number = text.parse_decimal(typed)
    except MalformedError as error:
        raise _odd(name, "a plain number") from error
    if number > most:
        raise _odd(name, f"{most} or less")
    if number < least:
        raise _odd(name, f"{least} or more")
    return number


def country_asked() -> str | None:
    """Return the country that the query asks for, in capitals; raise UsageError for no code."""
    country = request.args.get("country", "")[:COUNTRY_MAX].upper()
    if country and load_tables().country(country) is None:
        raise UsageError("request.country", "This is no country code.", hint="Use two letters: ZW.")
    return country or None


def page_asked() -> tuple[str | None, str]:
    """Return which section alone is asked for, and the place in it to go on from."""
    section = _word("section")
    if section is not None and section not in SECTIONS:
        # An unknown one has no rows: it would read as if nothing waited.
        raise _odd("section", f"one of {', '.join(SECTIONS)}")
    return section, request.args.get("after", "")[:PLACE_MAX]


def wanted_findings() -> Wanted:
    """Return which findings the query asks for; times are in seconds."""
    words = {name: _word(name) for name in ("subject", "rule", "severity", "party")}
    words["country"] = country_asked()
    weights, sort = tuple(Severity), _word("sort") or ORDERS[0]
    if words["severity"] is not None and words["severity"] not in weights:
        raise _odd("severity", f"one of {', '.join(weights)}")
    if words["subject"] is not None and words["subject"].partition("/")[0] not in set(Kind):
        raise _odd("subject", "kind/name, such as lot/51PB1X9SFP3J")
    if words["party"] is not None and not text.is_party(words["party"]):
        raise _odd("party", "a party's id")
    if sort not in ORDERS:
        raise _odd("sort", f"one of {', '.join(ORDERS)}")
    return Wanted(**words, since=number_asked("since"), due=number_asked("due"), sort=sort)


def _word(name: str) -> str | None:
    return request.args.get(name, "")[:WORD_MAX] or None


def _odd(name: str, wants: str) -> UsageError:
    return UsageError(
        "request.parameter",
        f"The parameter {name} is not what it should be.",
        hint=f"Write {wants}.",
        params={"name": name},
    )
