"""Rules on marks: one spelling, as many as pieces, and what happens when a mark is claimed twice.

Owns the form of a mark's name and the finding `mark.cloned`. Sources: CITES Res. Conf. 11.12
(tags), 12.7 (caviar labels); fraud F10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.goods import PIECES, MarkRange, Measure, Row, expand, is_canonical, pieces
from ledger.custody.goods import count as count_marks
from ledger.custody.marks import MarkState
from ledger.custody.rules.allotments import stretches
from ledger.custody.state import Draft
from ledger.custody.subjects import Flag, Kind, Refusal, Rule, Severity, Subject
from ledger.reference.mark_forms import is_canonical_text

MARKS_MAX = 1_000
"""The most marks in one statement: each has a record of its own."""
_SCHEME = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
# A mark as it is printed, in capitals: words of letters and digits, single separators.
_TEXT = re.compile(r"[A-Z0-9]+(?:[-./ ][A-Z0-9]+)*")

CHECKS: Mapping[type[Any], tuple[Check, ...]] = {}
"""The family has no events of its own; its checks are called by those that name goods."""

RULES = (
    Rule("mark.form", "refuse", "Marks are in capitals, in sorted ranges, each once."),
    Rule("mark.too-many", "refuse", "A statement names at most 1,000 marks."),
    Rule("mark.twice", "refuse", "A statement gives a mark to one lot."),
    Rule("mark.cloned", "stop, note", "A mark stands on one lot: a second claim stops."),
)


def check_form(ranges: tuple[MarkRange, ...]) -> Iterator[Refusal]:
    """Yield a refusal unless `ranges` are canonical: sorted, merged, in capitals."""
    if count_marks(ranges) > MARKS_MAX:
        yield Refusal("mark.too-many", {"marks": count_marks(ranges), "marks_max": MARKS_MAX})
        return
    if not is_canonical(ranges, count_max=MARKS_MAX):
        yield Refusal("mark.form", {"mark": _shown(ranges)})
        return
    for name in expand(ranges):
        scheme, _, text = name.partition("/")
        written = _TEXT.fullmatch(text) and is_canonical_text(scheme, text)
        if not (_SCHEME.fullmatch(scheme) and written and len(name) <= 64):
            yield Refusal("mark.form", {"mark": name[:64]})
            return


def check_count(
    *, rows: tuple[Row, ...], also: tuple[Measure, ...], marks: tuple[MarkRange, ...], code: str
) -> Iterator[Refusal]:
    """Yield a refusal unless all pieces are marked, or none.

    Goods by mass or volume count their pieces in `also`, if at all; then the marks are as many.
    """
    if not marks:
        return
    expected = pieces(rows) or next((m.quantity for m in also if m.unit == PIECES), 0)
    found = count_marks(marks)
    if expected and found != expected:
        yield Refusal("mark.count", {"lot": code, "marks": found, "pieces": expected})


def check_claims(
    draft: Draft,
    claims: Mapping[str, tuple[MarkRange, ...]],
    *,
    party: str,
    carried: Iterable[str] = (),
) -> Iterator[Refusal | Flag]:
    """Yield what comes of new claims of `party`, lot code to marks.

    A mark claimed twice is admitted, so that nobody can lock an honest owner out. A claim that
    rests on an allotment, or that an officer confirmed, gets a note and the other one a stop;
    otherwise both are stopped. `carried` are marks that move along from a lot that gives them up.
    """
    if not claims:
        return
    total = sum(count_marks(marks) for marks in claims.values())
    if total > MARKS_MAX:
        yield Refusal("mark.too-many", {"marks": total, "marks_max": MARKS_MAX})
        return
    names = [name for marks in claims.values() for name in expand(marks)]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        yield Refusal("mark.twice", {"mark": twice})
        return
    moving = frozenset(carried)
    doubled: dict[str, tuple[str, MarkState]] = {}
    for code, marks in claims.items():
        for name in expand(marks):
            known = draft.mark(name)
            if known is not None and known.lots and name not in moving:
                doubled[name] = (code, known)
    if doubled:
        yield from _flags(draft, doubled, own=allotted_to(draft, claims.values(), party=party))


def allotted_to(
    draft: Draft, ranges: Iterable[tuple[MarkRange, ...]], *, party: str
) -> frozenset[str]:
    """Return the names of those marks that are allotted to `party`."""
    found: set[str] = set()
    for marks in ranges:
        for one in marks:
            for stretch in stretches(draft, one):
                if stretch.account is not None and stretch.account.split("/")[1] == party:
                    found.update(expand((stretch.marks,)))
    return frozenset(found)


def _flags(
    draft: Draft, doubled: Mapping[str, tuple[str, MarkState]], *, own: frozenset[str]
) -> Iterator[Flag]:
    """Yield one finding for each lot and severity, about all the marks that it shares."""
    found: dict[tuple[str, Severity], list[str]] = {}
    told: dict[str, Mapping[Severity, frozenset[str]]] = {}
    for name, (code, known) in doubled.items():
        better = {lot for lot in known.lots if lot in known.allotted}
        better |= {code} if name in own else set()
        for lot in {code, *known.lots}:
            # Two claims of equal rank stop each other; a better one is only told of the other.
            is_safe = better == {lot}
            severity = Severity.NOTE if is_safe else Severity.STOP
            if lot not in told:
                told[lot] = _told(draft, lot)
            if name not in told[lot][severity]:
                found.setdefault((lot, severity), []).append(name)
    for (lot, severity), names in sorted(found.items()):
        yield Flag(Subject(Kind.LOT, lot), "mark.cloned", severity, marks=tuple(sorted(names)))


def _told(draft: Draft, code: str) -> Mapping[Severity, frozenset[str]]:
    """Return the marks of which the lot's findings say as much already: once is enough."""
    lot = draft.lot(code)
    open_ones = [f for f in lot.findings if f.rule == "mark.cloned"] if lot is not None else []
    stops = {name for f in open_ones if f.severity is Severity.STOP for name in f.marks}
    notes = {name for f in open_ones for name in f.marks}
    return {Severity.STOP: frozenset(stops), Severity.NOTE: frozenset(notes)}


def _shown(ranges: tuple[MarkRange, ...]) -> str:
    return "/".join((ranges[0].scheme, ranges[0].before))[:64] if ranges else ""
