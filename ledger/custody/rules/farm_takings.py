"""What bred goods take out of the stocks of farms as they come in: animals, and what they give.

Owns the reading of rows as animals. An animal has one skin or one body, which tell that there was
one; its meat, its skull or its teeth tell no more than that it gave no more than an animal can.
What the stocks find about a taking is in `stocks`. Sources: frauds F01 and F29;
docs/formats/reference-tables.md, conversions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.custody.control import StatementCorrected
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.rules.goods import names_below
from ledger.custody.state import Draft, Signed
from ledger.reference.rows import Conversion
from ledger.reference.tables import Tables

BREEDING = frozenset({"farm", "ranch"})
LIVE = ("LIV", "NAR")
Stuff = tuple[str, str]
"""Term and unit."""
_WHOLE = frozenset({"body", "same"})
"""Shares that are all of an animal: what left so gave nothing else here."""
_BODILY = _WHOLE | {"skin"}
"""Shares of which an animal has one: a skin or a body tells that there was an animal."""
_RENEWED = frozenset({"roe"})
"""Shares that a living animal gives again: sturgeons are stripped of their eggs and live on."""


class Taking(Struct, frozen=True):
    """What a statement takes out of one stock: animals, and other products of animals.

    `places` are those of the lots that need animals, `made_at` those of the lots of `made`; of a
    correction there is one, 0 (`lots_at`).
    """

    account: str
    facility: str
    taxon: str
    animals: int = 0
    whole: int = 0
    """How many of the animals left whole, alive or as bodies."""
    made: Mapping[Stuff, int] = field(default_factory=dict)
    places: tuple[int, ...] = ()
    made_at: tuple[int, ...] = ()
    sources: frozenset[str] = frozenset()
    by_group: bool = False
    """Whether goods of a group were named that may be of a species whose stock is declared."""


class _Needs(Struct):
    """What the rows of one lot need of one taxon."""

    animals: int = 0
    whole: int = 0
    made: dict[Stuff, int] = field(default_factory=dict)


def takings(signed: Signed, draft: Draft) -> tuple[Taking, ...]:
    """Return what bred goods that come in, or become more, take out of which stocks, by account."""
    found: dict[str, Taking] = {}
    for i, facility, rows, had in _brought_in(signed, draft):
        place = draft.facility(facility)
        if place is None or place.kind not in BREEDING:
            continue
        for name, needs in sorted(_more(_needs(draft, rows), _needs(draft, had)).items()):
            taxon, by_group = _declared_as(draft, place, name)
            account = account_name(facility, taxon)
            before = found.get(account, Taking(account, facility, taxon))
            found[account] = replace(
                before,
                animals=before.animals + needs.animals,
                whole=before.whole + needs.whole,
                made=added(before.made, needs.made) if needs.made else before.made,
                places=(*before.places, i) if needs.animals else before.places,
                made_at=(*before.made_at, i) if needs.made else before.made_at,
                sources=before.sources | {r.source for r in rows},
                by_group=before.by_group or by_group,
            )
    return tuple(taking for _, taking in sorted(found.items()))


def lots_at(signed: Signed, places: tuple[int, ...]) -> tuple[str, ...]:
    """Return the codes of the lots that a taking names: those born at `places`, or corrected."""
    if isinstance(signed.event, StatementCorrected):
        return (signed.event.lot,) if places else ()
    return tuple(signed.code_of(place) for place in places)


def _brought_in(
    signed: Signed, draft: Draft
) -> Iterator[tuple[int, str, tuple[Row, ...], tuple[Row, ...]]]:
    """Yield place, farm and rows of each lot of bred goods, and which rows it had before.

    Only what a correction says anew had any: what it takes away gives no animals back.
    """
    event = signed.event
    if isinstance(event, LotRegistered) and event.basis is Basis.BRED:
        for i, lot in enumerate(event.lots):
            if lot.facility is not None:
                yield i, lot.facility, lot.contents, ()
    elif isinstance(event, StatementCorrected) and event.contents:
        known = draft.lot(event.lot)
        if known is not None and known.facility is not None and known.basis == Basis.BRED.value:
            yield 0, known.facility, event.contents, known.contents


def account_name(facility: str, taxon: str) -> str:
    """Return the name of a stock's account."""
    return f"stock/{facility}/{taxon}"


def tells_of_animals(tables: Tables, row: Row) -> bool:
    """Return whether a row tells how many animals there were: it is of bodies, or of skins."""
    taxon, conversion = tables.taxon(row.taxon), tables.conversion(*LIVE, row.term, row.unit)
    is_animal = taxon is not None and taxon.kingdom == "Animalia"
    return is_animal and conversion is not None and conversion.share in _BODILY


def added(one: Mapping[Stuff, int], other: Mapping[Stuff, int]) -> dict[Stuff, int]:
    """Return what is made in both together."""
    total = dict(one)
    for stuff, quantity in other.items():
        total[stuff] = total.get(stuff, 0) + quantity
    return total


def part_of(draft: Draft, term: str, unit: str) -> Conversion | None:
    """Return how much of a product an animal gives beside its skin, None where it is no such."""
    conversion = draft.tables.conversion(*LIVE, term, unit)
    if conversion is None or conversion.share in _BODILY | _RENEWED:
        return None
    return conversion


def _more(needs: Mapping[str, _Needs], had: Mapping[str, _Needs]) -> Mapping[str, _Needs]:
    """Return what is needed beyond what was needed before, taxon by taxon."""
    if not had:
        return needs
    found: dict[str, _Needs] = {}
    for name, now in needs.items():
        before = had.get(name, _Needs())
        animals = max(now.animals - before.animals, 0)
        whole = min(max(now.whole - before.whole, 0), animals)
        more = {stuff: n - before.made.get(stuff, 0) for stuff, n in now.made.items()}
        made = {stuff: n for stuff, n in more.items() if n > 0}
        if animals or made:
            found[name] = _Needs(animals, whole, made)
    return found


def _needs(draft: Draft, rows: tuple[Row, ...]) -> Mapping[str, _Needs]:
    """Return what the rows need, by the accepted name of the taxon."""
    found: dict[str, _Needs] = {}
    for row in rows:
        conversion = draft.tables.conversion(*LIVE, row.term, row.unit)
        taxon = draft.tables.taxon(row.taxon)
        if taxon is None or taxon.kingdom != "Animalia" or conversion is None:
            continue
        if conversion.share in _BODILY:
            needed = -(-row.quantity * conversion.denominator // conversion.numerator)
            mine = found.setdefault(taxon.name, _Needs())
            mine.animals += needed
            mine.whole += needed if conversion.share in _WHOLE else 0
        elif conversion.share not in _RENEWED:
            mine = found.setdefault(taxon.name, _Needs())
            mine.made = added(mine.made, {(row.term, row.unit): row.quantity})
    return found


def _declared_as(draft: Draft, place: FacilityState, name: str) -> tuple[str, bool]:
    """Return of which declared stock goods come, and whether they name only its group.

    A group draws on the one species below it; where there are several, on none of them.
    """
    if not place.stocks or name in place.stocks:
        return name, False
    below = tuple(names_below(draft.tables, name, place.stocks))
    return (below[0] if len(below) == 1 else name), bool(below)
