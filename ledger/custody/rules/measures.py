"""Rule on other measures of the same goods: pieces, mass and volume fit each other.

Owns the bounds alone. A quota or a permit counts in one unit, and takes the measure in that unit:
whoever states a truck of skins as one piece draws one piece. The largest ratios are those of the
conversions (docs/formats/reference-tables.md), none of them confirmed; lighter than balsa is ours.
Sources: frauds F04 and F29; F13 (density outside of the band).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ledger.custody.goods import Measure, Row
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject
from ledger.reference.tables import Tables

RULES = (Rule("quantity.measures", "check", "Measures of the same goods fit each other."),)
_LIKE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("CMQ", "GRM"): ("CHP",),
    ("NAR", "GRM"): ("SKP",),
    ("NAR", "CMK"): ("SKI",),
}
"""Which conversion tells how much of the second unit one of the first can be, by its product."""
_LIGHTEST = 10
"""No wood is lighter than a gram in ten cubic centimetres."""


def check_fit(
    tables: Tables, *, rows: tuple[Row, ...], also: Iterable[Measure], code: str
) -> Iterator[Flag]:
    """Yield a check on a lot of one row, where its measures cannot be of the same goods."""
    measures = {measure.unit: measure.quantity for measure in also}
    if not measures or len(rows) != 1:
        return
    (row,) = rows
    measures[row.unit] = row.quantity
    if any(not _fits(tables, row.term, measures, pair) for pair in _LIKE):
        yield Flag(Subject(Kind.LOT, code), "quantity.measures", Severity.CHECK)


def _fits(tables: Tables, term: str, measures: Mapping[str, int], pair: tuple[str, str]) -> bool:
    first, second = (measures.get(unit) for unit in pair)
    if first is None or second is None:
        return True
    found = (tables.conversion(term, pair[0], product, pair[1]) for product in _LIKE[pair])
    ratio = next((conversion for conversion in found if conversion is not None), None)
    if ratio is None:
        return True
    is_light = pair == ("CMQ", "GRM") and second * _LIGHTEST < first
    return second * ratio.denominator <= first * ratio.numerator and not is_light
