"""What the page of a document shows: the verdict, its rows and its days, in words.

Owns the step from a verdict and a view to what `document.html` prints. The level comes from the
verdict on the document's card as it is; nothing here weighs it.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ledger.custody.documents import SuspendedDays
from ledger.custody.rules.days import log_day
from ledger.custody.rules.goods import DAY_S
from ledger.custody.rules.lines import left_by_row
from ledger.custody.rules.validity import runs_on
from ledger.reader.views import DocumentView
from ledger.reference.tables import load_tables
from ledger.wire import fields, text
from web import words
from web.goods import RowShown, amount, row_shown
from web.page import VerdictPage, grouped, lot_link
from web.quotas import QuotaShown, quota_shown

_IN_FORCE = ("issued", "recorded", "attested")


class DocumentPage(Struct, frozen=True):
    """Everything that `document.html` prints."""

    name: str
    status: str
    status_word: str
    from_day: str
    until_day: str
    purpose: str
    issued_day: str
    days_left: str
    """Whole days until the last one, that one included; nothing where it ended or does not end."""
    suspended: tuple[tuple[str, str], ...]
    """First and last day of each suspension that is not over; no last day: further notice."""
    withdrawn_day: str
    """Since when a due-diligence reference covers nothing any more."""
    rows: tuple[RowShown, ...]
    left: tuple[tuple[str, str], ...]
    """For each row, the amount and unit that may still pass."""
    quotas: tuple[QuotaShown, ...]
    lots: tuple[tuple[str, str], ...]
    judged: VerdictPage


def document_page(
    view: DocumentView, judged: VerdictPage, *, lang: str, with_lots: bool, now_s: int
) -> DocumentPage:
    """Return a document in the words of `lang`, with links to its lots if `with_lots`.

    `judged` is the verdict on its card, `now_s` this server's clock: days left are counted from its
    day in UTC.
    """
    state = view.state
    purpose = load_tables().purpose(state.purpose) if state.purpose else None
    plain = [fields.to_plain(row) for row in state.rows]
    last = view.last_day
    is_suspended = any(runs_on(days, log_day(now_s)) for days in state.suspended)
    status = "suspended" if is_suspended and state.status in _IN_FORCE else state.status
    if state.withdrawn is not None and status in _IN_FORCE:
        status = state.withdrawn.status.value
    return DocumentPage(
        name=view.name,
        status=status,
        status_word=words.status_word(status),
        from_day=state.from_day or "",
        until_day=last or "",
        issued_day=state.issued_day or "",
        days_left=_days_left(last, now_s),
        suspended=_suspended(state.suspended, now_s),
        withdrawn_day=state.withdrawn.day if state.withdrawn is not None else "",
        purpose=getattr(purpose, lang) if purpose else (state.purpose or ""),
        rows=tuple(row_shown(row, lang) for row in plain if isinstance(row, dict)),
        left=tuple(
            amount(left, row.unit, lang)
            for row, left in zip(state.rows, left_by_row(state), strict=True)
        ),
        quotas=tuple(map(quota_shown, view.quotas)),
        lots=tuple((grouped(code), lot_link(code, lang)) for code in view.lots if with_lots),
        judged=judged,
    )


def _days_left(last: str | None, now_s: int) -> str:
    left = text.parse_day(last) - now_s // DAY_S + 1 if last is not None else 0
    return str(left) if left > 0 else ""


def _suspended(periods: Sequence[SuspendedDays], now_s: int) -> tuple[tuple[str, str], ...]:
    today = log_day(now_s)
    running = (days for days in periods if (days.until_day or today) >= today)
    return tuple((days.from_day, days.until_day or "") for days in running)
