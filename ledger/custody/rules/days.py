"""Calendar days as texts: of an act, of the log, and so many months on.

Owns the date algebra of documents. A day is `YYYY-MM-DD` at the place of the act; in the log it is
that of UTC, so two days of one moment may differ by one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from ledger.custody.rules.goods import DAY_S
from ledger.custody.state import Signed

# YYYY "-" MM "-" DD; the year leaves room for terms of months.
_DAY = re.compile(r"(?!0000)[0-8][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def day_of(signed: Signed) -> str:
    """Return the day of the act, `YYYY-MM-DD`: as stated, else in UTC."""
    if signed.day is not None:
        return signed.day
    return log_day(signed.at if signed.when is None else signed.when)


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar, from year 1 to 8999."""
    if _DAY.fullmatch(text) is None:
        return False
    year, month, day = (int(part) for part in text.split("-"))
    return day <= monthrange(year, month)[1]


def log_day(seconds: int) -> str:
    """Return the day (UTC) of a time in seconds since 1970."""
    return date.fromordinal(_EPOCH_ORDINAL + seconds // DAY_S).isoformat()


def months_after(day: str, months: int) -> str:
    """Return the last day of a term of so many months from `day`: the same day of the month.

    Where that month is shorter it is its last day.
    """
    start = date.fromisoformat(day)
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])).isoformat()


def quota_year_end(day: str) -> str:
    """Return the last day of the caviar quota year in which `day` lies.

    It runs from 1 March to the end of February (Res. Conf. 12.7).
    """
    start = date.fromisoformat(day)
    year = start.year if start.month < 3 else start.year + 1
    return date(year, 2, monthrange(year, 2)[1]).isoformat()


def day_before(day: str) -> str:
    """Return the day before `day`."""
    return date.fromordinal(date.fromisoformat(day).toordinal() - 1).isoformat()


def days_between(first: str, last: str) -> int:
    """Return how many days `last` is after `first`; negative where it is before."""
    return date.fromisoformat(last).toordinal() - date.fromisoformat(first).toordinal()
