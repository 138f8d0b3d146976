"""Ranges of marks as an office types them: up to many thousands, never written out one by one.

Owns the reading of `FIRST..LAST` without its members, and the day by which unused marks are due.
"""

from __future__ import annotations

from datetime import date, timedelta

from ledger.custody.goods import MarkRange, compress
from ledger.desk.marks_typed import mark_name
from ledger.errors import MalformedError, UsageError
from ledger.reference.mark_forms import parse_crocodile
from ledger.wire import text

DAY_S = 86_400


def read_ranges(typed: str, *, scheme: str | None = None) -> tuple[MarkRange, ...]:
    """Return typed ranges `A..B,C` of one scheme, sorted.

    Raise MalformedError where two ends do not belong together, UsageError for a mark with two
    readings.
    """
    wanted = scheme.upper() if scheme else None
    found = [_range(part.strip().upper(), scheme=wanted) for part in typed.split(",")]
    return tuple(sorted(found, key=lambda m: (m.before, m.digits, m.after, m.first)))


def year_shown(ranges: tuple[MarkRange, ...]) -> int:
    """Return the year that the marks show; raise UsageError where they show none."""
    one = ranges[0]
    tag = parse_crocodile(f"{one.before}{one.first:0{one.digits}d}{one.after}")
    if tag is None:
        raise UsageError("mark.year-missing", "For which year?", hint="Say --year.")
    return tag.year


def due_at(day: str | None, *, year: int, days: int, now_s: int) -> int:
    """Return the log time (s) at which unused marks are overdue: the day after `day` begins, UTC.

    Without `day` it is so many `days` after the end of the year, or after today where that is over:
    marks of a year that is long past are allotted late at times.
    """
    usual = text.parse_day((date(year, 12, 31) + timedelta(days=days)).isoformat())
    last = text.parse_day(day) if day else max(usual, now_s // DAY_S + days)
    return (last + 1) * DAY_S


def _range(typed: str, *, scheme: str | None) -> MarkRange:
    first, dots, last = typed.partition("..")
    (start,) = compress([mark_name(first, scheme=scheme)])
    if not dots:
        return start
    (end,) = compress([mark_name(last, scheme=scheme)])
    form = (start.scheme, start.before, start.digits, start.after)
    if form != (end.scheme, end.before, end.digits, end.after) or end.last < start.first:
        raise MalformedError(
            "desk.marks",
            f"From {first} to {last} is no run of marks.",
            hint="Both must be alike but for one number of the same length.",
            params={"first": first[:64], "last": last[:64]},
        )
    return MarkRange(start.scheme, start.before, start.first, end.last, start.digits, start.after)
