"""Rules on allotments: who may use which marks, from when, until when, and what came back.

Owns the look-up of a mark's allotment: by its range in the register of its scheme, never mark by
mark. Sources: CITES Res. Conf. 11.12; LAC 76:V.701 (return of unused tags); fraud F11.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.accounts import AllotmentAccount, AllottedRange, Span
from ledger.custody.decide import Check
from ledger.custody.goods import MarkRange, count, expand, is_sound
from ledger.custody.marks import MarksAllotted, MarksReturned
from ledger.custody.references import MarkRegister, MarkRun
from ledger.custody.rules.offices import has_power, reaches
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.mark_forms import SERIAL_DIGITS, is_canonical_text, parse_crocodile

ALLOTTED_MAX = 100_000
"""The most marks in one allotment."""
RUNS_MAX = 2_000
"""The most runs of marks in one record."""
EARLY_STEP = 100
"""Early use is kept in steps of so many serials: a tagged lot rarely changes a register."""
EARLY_MAX = 200
"""The most spans of early use in one register; beyond it they become one."""
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_SCHEME = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")

RULES = (
    Rule("mark.ranges", "refuse", "Marks are allotted and returned in sound, sorted ranges."),
    Rule("mark.year", "refuse", "Marks that show a year are allotted for it, from a day on."),
    Rule("mark.due", "refuse", "A day of return lies ahead."),
    Rule("mark.allotted", "refuse", "A mark is allotted once, to one party."),
    Rule("mark.not-allotted", "refuse", "What comes back was allotted, and is not used."),
    Rule(
        "mark.not-returned", "check", "Marks that are not used come back by the day they are due."
    ),
)


class Stretch(Struct, frozen=True):
    """Part of a range of marks and the allotment account it stands in, None where in none."""

    marks: MarkRange
    account: str | None


def check_allotted(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why marks cannot be allotted: whose they are, their form, year and day of return."""
    event = signed.event
    if not isinstance(event, MarksAllotted):
        return
    party = draft.party(event.party)
    if party is None:
        yield Refusal("party.unknown", {"party": event.party})
        return
    if event.party == signed.party:
        yield Refusal("party.judged", {"party": event.party})
    if not reaches(draft, signed.party, party.country):
        facts: dict[str, str | int] = {"party": signed.party, "country": party.country}
        yield Refusal("party.out-of-reach", facts)
    yield from _check_ranges(event.ranges, scheme=event.scheme)
    if _SCHEME.fullmatch(event.scheme) is None or not _fits_year(event):
        yield Refusal("mark.year", {"year": event.year, "day": event.from_day[:10]})
    yield from _check_free(draft, event.ranges)
    if event.due is not None and event.due <= signed.at:
        yield Refusal("mark.due", {})
    if event.due is not None:
        account = Subject(Kind.ACCOUNT, account_of(event))
        yield Flag(account, "mark.not-returned", Severity.CHECK, from_at=event.due)


def check_returned(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why marks cannot come back: not the signer's to return, not allotted, or used."""
    event = signed.event
    if not isinstance(event, MarksReturned):
        return
    name = f"allotment/{event.account}"
    state = draft.account(name, AllotmentAccount)
    holder, scheme = (event.account.split("/") + ["", ""])[:2]
    party = draft.party(holder)
    if state is None or party is None:
        yield Refusal("mark.not-allotted", {"mark": event.account[:64]})
        return
    office = has_power(draft, signed.party, "marks") and reaches(draft, signed.party, party.country)
    if signed.party != holder and not office:
        yield Refusal("party.not-entitled", {"party": signed.party, "event": "MarksReturned"})
    yield from _check_ranges(event.ranges, scheme=scheme)
    for marks in event.ranges:
        if not _is_free(state, marks) or _is_on_goods(draft, marks, of=holder):
            yield Refusal("mark.not-allotted", {"mark": _name(marks)})


def account_of(event: MarksAllotted) -> str:
    """Return the name of the account of an allotment."""
    return f"allotment/{event.party}/{event.scheme}/{event.year}"


def register_of(marks: MarkRange) -> str:
    """Return the name of the register of all marks that differ from these in the serial alone."""
    return f"marks/{marks.scheme}/{marks.before}#{marks.digits}#{marks.after}"


def allotting_of(scheme: str, country: str) -> str:
    """Return the name of what says since when a country allots marks of a scheme here."""
    return f"allotting/{scheme}/{country[:2]}"


def stretches(draft: Draft, marks: MarkRange) -> Iterator[Stretch]:
    """Yield a range of marks cut along the allotments it touches, in the order of serials.

    One look-up for the range; nothing where no mark of its form was ever allotted.
    """
    register = draft.reference(register_of(marks), MarkRegister)
    if register is None or not register.mark_runs:
        if _is_longer_form(draft, marks):
            yield Stretch(marks, None)
        return
    here = marks.first
    runs = register.mark_runs
    place = max(bisect_right(runs, here, key=lambda run: run.first) - 1, 0)
    for run in runs[place:]:
        if run.first > marks.last:
            break
        if run.last < here:
            continue
        if run.first > here:
            yield Stretch(replace(marks, first=here, last=run.first - 1), None)
        first, last = max(run.first, here), min(run.last, marks.last)
        yield Stretch(replace(marks, first=first, last=last), run.account)
        here = last + 1
    if here <= marks.last:
        yield Stretch(replace(marks, first=here), None)


def _is_longer_form(draft: Draft, marks: MarkRange) -> bool:
    """Return whether crocodile tags like these are allotted, though none with so many digits.

    Serials beyond six digits stand in registers of their own.
    """
    if marks.scheme != "CROC" or marks.digits <= SERIAL_DIGITS:
        return False
    usual = draft.reference(register_of(replace(marks, digits=SERIAL_DIGITS)), MarkRegister)
    return usual is not None and bool(usual.mark_runs)


def range_in(state: AllotmentAccount, marks: MarkRange) -> AllottedRange | None:
    """Return the allotted range that holds all of `marks`, or None."""
    form = (marks.before, marks.digits, marks.after)
    here = (marks.before, marks.after, marks.first)
    # They stand in this order, and those of one form do not meet.
    place = bisect_right(state.allotted, here, key=order_of)
    for own in (state.allotted[at] for at in range(place - 1, -1, -1)):
        if (own.before, own.after) != (marks.before, marks.after):
            return None
        if (own.before, own.digits, own.after) == form:
            return own if marks.last <= own.last else None
    return None


def order_of(own: AllottedRange) -> tuple[str, str, int]:
    """Return by what the ranges of an allotment are sorted."""
    return (own.before, own.after, own.first)


def meets(spans: tuple[Span, ...], first: int, last: int) -> bool:
    """Return whether one of sorted spans holds a serial from `first` to `last`."""
    place = bisect_right(spans, last, key=lambda span: span[0]) - 1
    return place >= 0 and spans[place][1] >= first


def with_span(spans: tuple[Span, ...], first: int, last: int) -> tuple[Span, ...]:
    """Return sorted spans with one more, joined where they meet or touch."""
    return with_spans(spans, ((first, last),))


def with_spans(spans: tuple[Span, ...], more: Iterable[Span]) -> tuple[Span, ...]:
    """Return sorted spans with others, joined where they meet or touch."""
    joined: list[Span] = []
    for a, b in sorted((*spans, *more)):
        if joined and a <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], b))
        else:
            joined.append((a, b))
    return tuple(joined)


def is_settled(state: AllotmentAccount) -> bool:
    """Return whether every mark of an allotment was used or came back."""
    return all(
        sum(last - first + 1 for first, last in (*own.used, *own.returned))
        >= own.last - own.first + 1
        for own in state.allotted
    )


def with_runs(register: MarkRegister, runs: Iterable[MarkRun]) -> MarkRegister:
    """Return a register with more runs; neighbours of one account become one."""
    joined: list[MarkRun] = []
    for item in sorted((*register.mark_runs, *runs), key=lambda r: r.first):
        last = joined[-1] if joined else None
        if last is not None and last.account == item.account and last.last + 1 == item.first:
            joined[-1] = replace(last, last=item.last)
        else:
            joined.append(item)
    return replace(register, mark_runs=tuple(joined))


def early_marks(draft: Draft, marks: MarkRange) -> Iterator[MarkRange]:
    """Yield one by one the marks of a range that may stand on goods by use before allotment."""
    register = draft.reference(register_of(marks), MarkRegister)
    for first, last in register.early if register is not None else ():
        for serial in range(max(first, marks.first), min(last, marks.last) + 1):
            yield replace(marks, first=serial, last=serial)


def with_early(register: MarkRegister, marks: MarkRange) -> MarkRegister:
    """Return a register that knows of the early use of `marks`; the same one where it did."""
    if any(first <= marks.first and marks.last <= last for first, last in register.early):
        return register
    first = marks.first - marks.first % EARLY_STEP
    last = marks.last - marks.last % EARLY_STEP + EARLY_STEP - 1
    spans = with_span(register.early, first, last)
    if len(spans) > EARLY_MAX:
        spans = ((spans[0][0], spans[-1][1]),)
    return replace(register, early=spans)


def _check_ranges(ranges: tuple[MarkRange, ...], *, scheme: str) -> Iterator[Refusal]:
    """Yield a refusal unless ranges are sound, of one scheme, sorted, apart, and not too many."""
    sound = bool(ranges) and is_sound(ranges) and count(ranges) <= ALLOTTED_MAX
    sound = sound and len(ranges) <= RUNS_MAX and all(marks.digits for marks in ranges)
    order = [(m.before, m.digits, m.after, m.first, m.last) for m in ranges]
    apart = order == sorted(order) and all(
        one[:3] != two[:3] or one[4] < two[3] for one, two in pairwise(order)
    )
    wrong = next((m for m in ranges if m.scheme != scheme or not _is_written(m)), None)
    if not sound or not apart or wrong is not None:
        shown = wrong or (ranges[0] if ranges else None)
        yield Refusal("mark.ranges", {"mark": _name(shown) if shown is not None else ""})


def _check_free(draft: Draft, ranges: tuple[MarkRange, ...]) -> Iterator[Refusal]:
    for marks in ranges:
        for stretch in stretches(draft, marks):
            if stretch.account is not None:
                yield Refusal("mark.allotted", {"mark": _name(stretch.marks)})


def _is_written(marks: MarkRange) -> bool:
    """Return whether first and last mark are in the form of their scheme, and fit their digits."""
    if not 0 <= marks.digits <= 15 or marks.last >= 10**marks.digits:
        return False
    texts = (f"{marks.before}{n:0{marks.digits}d}{marks.after}" for n in (marks.first, marks.last))
    return all(is_canonical_text(marks.scheme, text) for text in texts)


def _fits_year(event: MarksAllotted) -> bool:
    if _DAY.fullmatch(event.from_day) is None or not 1900 <= event.year <= 2200:
        return False
    for marks in event.ranges:
        tag = parse_crocodile(_name(marks).partition("/")[2])
        if tag is not None and tag.year != event.year:
            return False
    return True


def _is_free(state: AllotmentAccount, marks: MarkRange) -> bool:
    own = range_in(state, marks)
    if own is None:
        return False
    return not any(meets(spans, marks.first, marks.last) for spans in (own.used, own.returned))


def _is_on_goods(draft: Draft, marks: MarkRange, *, of: str) -> bool:
    """Return whether goods that the holder entered bear one of the marks: early use too.

    What strangers claim keeps nobody from returning marks.
    """
    for name in expand(early_marks(draft, marks)):
        state = draft.mark(name)
        lots = map(draft.lot, state.lots if state is not None and state.ended is None else ())
        if any(lot is not None and lot.born_by == of for lot in lots):
            return True
    return False


def _name(marks: MarkRange) -> str:
    """Return the name of the first mark of a range, at most 64 characters."""
    if not 0 < marks.digits <= 15:
        return f"{marks.scheme}/{marks.before}"[:64]
    return f"{marks.scheme}/{marks.before}{marks.first:0{marks.digits}d}{marks.after}"[:64]


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    MarksAllotted: (check_allotted,),
    MarksReturned: (check_returned,),
}
