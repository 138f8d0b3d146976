"""Lines of documents: what rows cover, what passed on them, and what is left, added up.

Owns the arithmetic alone, without any question of who may draw. Quantities are integers of the
smallest unit.
"""

from __future__ import annotations

from collections import Counter

from ledger.custody.documents import DocumentRow, DocumentState, Passage, Way
from ledger.custody.goods import Row
from ledger.custody.lots import LotState

Line = tuple[str, str, str, str, str]
"""Taxon, term, unit, source and origin of a document's row, as the document writes them."""


def passage_of(lot: LotState, document: str, way: Way) -> Passage | None:
    """Return how the lot passed under that document on that side, or None."""
    return next((p for p in lot.passages if (p.document, p.way) == (document, way)), None)


def counted(passage: Passage | None) -> Counter[Line]:
    """Return what of a passage counts: by line, the larger of the two words."""
    if passage is None:
        return Counter()
    return lines_of(passage.said) | lines_of(passage.seen)


def summed(lines: tuple[tuple[Line, int], ...]) -> Counter[Line]:
    """Return quantities by line, added up."""
    found: Counter[Line] = Counter()
    for line, quantity in lines:
        found[line] += quantity
    return found


def lines_of(rows: tuple[Row, ...] | tuple[DocumentRow, ...]) -> Counter[Line]:
    """Return the quantities of rows by line."""
    return summed(tuple((line_of(row), row.quantity) for row in rows))


def rows_of(lines: Counter[Line], *, quantity_max: int) -> tuple[Row, ...]:
    """Return quantities by line as rows, sorted, none above `quantity_max`."""
    return tuple(
        Row(taxon, term, min(quantity, quantity_max), unit, source, origin)
        for (taxon, term, unit, source, origin), quantity in sorted(lines.items())
    )


def balance_of(state: DocumentState, way: Way) -> Counter[Line]:
    """Return what passed under the document so far on one side, by line."""
    return lines_of(state.drawn.get(way.value, ()))


def left_of(state: DocumentState) -> Counter[Line]:
    """Return what may still pass by line: what is covered less the largest of its balances."""
    left = lines_of(state.rows)
    largest: Counter[Line] = Counter()
    for way in Way:
        largest |= balance_of(state, way)
    left.subtract(largest)
    return left


def left_by_row(state: DocumentState) -> tuple[int, ...]:
    """Return for each row how much of it may still pass, never below 0.

    Rows of one line share what is left of it, the first ones first: together never more.
    """
    left = left_of(state)
    shares: list[int] = []
    for row in state.rows:
        share = min(row.quantity, max(left[line_of(row)], 0))
        left[line_of(row)] -= share
        shares.append(share)
    return tuple(shares)


def line_of(row: DocumentRow | Row) -> Line:
    """Return the line that a row stands for."""
    return (row.taxon, row.term, row.unit, row.source, row.origin)
