"""Rules on marks: one spelling, as many as pieces, and what happens when a mark is claimed twice.

Owns the form of a mark's name and the finding `mark.cloned`. Sources: CITES Res. Conf. 11.12
(tags), 12.7 (caviar labels).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.goods import PIECES, MarkRange, Measure, Row, expand, is_canonical, pieces
from ledger.custody.goods import count as count_marks
from ledger.custody.state import Draft
from ledger.custody.subjects import Flag, Kind, Refusal, Rule, Severity, Subject

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
    Rule("mark.cloned", "stop", "A mark stands on one lot: a second claim stops both."),
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
        if not (_SCHEME.fullmatch(scheme) and _TEXT.fullmatch(text) and len(name) <= 64):
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
    draft: Draft, claims: Mapping[str, tuple[MarkRange, ...]], *, carried: Iterable[str] = ()
) -> Iterator[Refusal | Flag]:
    """Yield what comes of new claims, lot code to marks: a second claim stops both lots.

    A mark claimed twice is admitted, so that nobody can lock an honest owner out; `carried` are
    marks that only move along from a lot that gives them up here.
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
    cloned: dict[str, list[str]] = {}
    for code, marks in claims.items():
        for name in expand(marks):
            known = draft.mark(name)
            if known is None or not known.lots or name in moving:
                continue
            for lot in {code, *known.lots}:
                if not _is_stopped(draft, lot, name):
                    cloned.setdefault(lot, []).append(name)
    for lot, found in sorted(cloned.items()):
        subject = Subject(Kind.LOT, lot)
        yield Flag(subject, "mark.cloned", Severity.STOP, marks=tuple(sorted(set(found))))


def _is_stopped(draft: Draft, code: str, name: str) -> bool:
    """Return whether the lot stands under an open finding about that mark: one is enough."""
    lot = draft.lot(code)
    return lot is not None and any(
        finding.rule == "mark.cloned" and name in finding.marks for finding in lot.findings
    )


def _shown(ranges: tuple[MarkRange, ...]) -> str:
    return "/".join((ranges[0].scheme, ranges[0].before))[:64] if ranges else ""
