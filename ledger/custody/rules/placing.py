"""Rules on due-diligence references of goods that are sold: drawn on once, and compared.

Owns which references a sale of title uses: those that the offer names and those of the lot. One
under which the goods, or what they were made of, came to market before is passed on: it draws
nothing more. One of the receiver waits until the receiver brings the goods in. Sources: EUDR (Reg.
2023/1115): a reference covers what it declares, for the operator that submitted it, and whoever
trades on passes its number on; fraud F31.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.documents import DocumentState, Way
from ledger.custody.goods import Goods, Measure
from ledger.custody.lots import LotDeparted, LotState
from ledger.custody.rules.dealing import SALES
from ledger.custody.rules.diligence import ancestors, check_plots_of, check_standing
from ledger.custody.rules.holding import cut_of
from ledger.custody.rules.papers import Draw, Use, Word, draw_of, drawn_by, holder_of, is_reference
from ledger.custody.rules.passing import check_balance
from ledger.custody.standing import Arrival
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Severity, Subject
from ledger.custody.transfers import Moves, Offer


class Sale(Struct, frozen=True):
    """A lot, by its code as offered, that is sold under references.

    `uses` are those that this sale draws on, each the seller's or of somebody who had the goods
    before; `passed_on` came to market with them; `others` are of parties that never had them.
    """

    code: str
    owner: str
    uses: tuple[Use, ...]
    passed_on: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """Return the references that speak of these goods."""
        return (*(use.document for use in self.uses), *self.passed_on)


def sales_of(draft: Draft, offer: Offer, found: tuple[Arrival, ...]) -> tuple[Sale, ...]:
    """Return what of an accepted offer is sold under references, on the state before it."""
    if offer.event.moves is Moves.CUSTODY:
        return ()
    offered = tuple(filter(is_reference, offer.event.documents))
    sales = []
    above: _Above = {}
    for arrival in found:
        own = tuple(filter(is_reference, arrival.parcel.lot.documents))
        if offered or own:
            parcel = arrival.parcel
            is_whole = arrival.rest is None and arrival.missing is None
            moved = _Moved(
                parcel.code,
                parcel.lot,
                arrival.arrived,
                parcel.lot.also if is_whole else (),
                sender=offer.sender,
                to=offer.event.to,
            )
            names = tuple(sorted({*offered, *own}))
            sales.append(_sale(draft, moved, names=names, above=above))
    return tuple(sales)


def departing(signed: Signed, draft: Draft) -> tuple[Sale, ...]:
    """Return what leaves the ledger under references that the departure names.

    Where it is a sale, also under those of the lots, as with an accepted offer.
    """
    event = signed.event
    if not isinstance(event, LotDeparted):
        return ()
    named = tuple(filter(is_reference, event.documents))
    sales: list[Sale] = []
    above: _Above = {}
    for code, part in sorted(event.lots.items()):
        lot = draft.lot(code)
        own = filter(is_reference, lot.documents if lot is not None and event.how in SALES else ())
        names = tuple(sorted({*named, *own}))
        parted = cut_of(lot, part) if lot is not None and names else ""
        if lot is not None and not isinstance(parted, str):
            also = lot.also if part.is_whole else ()
            moved = _Moved(code, lot, parted.taken, also, sender=signed.party)
            sales.append(_sale(draft, moved, names=names, above=above))
    return tuple(sales)


def words_of(draft: Draft, sales: tuple[Sale, ...], codes: Mapping[str, str]) -> tuple[Word, ...]:
    """Return what the sales say came to market; `codes` are the receiver's, by those offered."""
    found = []
    for sale in sales:
        for use in sale.uses:
            state = draft.document(use.document)
            lines = () if state is None else tuple(draw_of(draft.tables, state, use))
            code = codes.get(use.code, use.code)
            found.append(Word(use.document, use.way, code, lines, is_official=False))
    return tuple(found)


def check_placed(
    signed: Signed, draft: Draft, sales: tuple[Sale, ...], codes: Mapping[str, str]
) -> Iterator[Flag]:
    """Yield the findings on lots that the references of their sale do not cover.

    (1) the reference is of somebody who has or had the goods, (2) it was not withdrawn, (3) it has
    a row for them, (4) they come from plots that it names, (5) and no more is sold than it covers.
    """
    for sale in sales:
        lot = Subject(Kind.LOT, codes.get(sale.code, sale.code))
        if sale.others:
            yield Flag(lot, "document.other-holder", Severity.CHECK)
        for use in sale.uses:
            state = draft.document(use.document)
            yield from check_standing(signed, draft, lot, document=use.document)
            if state is not None and _is_short(draft, state, use):
                yield Flag(lot, "document.not-covered", Severity.CHECK)
        for flag in check_plots_of(draft, sale.code, sale.own):
            yield replace(flag, subject=lot)
    yield from check_balance(signed, draft, drawn(draft, sales, codes))


def drawn(draft: Draft, sales: tuple[Sale, ...], codes: Mapping[str, str]) -> tuple[Draw, ...]:
    """Return what the sales draw on their references, line by line."""
    return drawn_by(draft, words_of(draft, sales, codes))


_Above = dict[tuple[tuple[str, ...], str | None], frozenset[str]]
"""Documents under which the ancestors of lots passed, by the lots' parents and place."""


def _came_under(draft: Draft, code: str, above: _Above) -> frozenset[str]:
    """Return under which documents the goods, or what they were made of, came before.

    What was made together has the same ancestors, which are walked once for all of it.
    """
    grown = ancestors(draft, code)
    lot = next(grown, None)
    if lot is None:
        return frozenset()
    place = (lot.parents, lot.facility)
    if place not in above:
        above[place] = frozenset(p.document for each in grown for p in each.passages)
    return above[place].union(p.document for p in lot.passages)


class _Moved(Struct, frozen=True):
    """Goods of one lot that a party sells; `to` is who takes them over, None where none is."""

    code: str
    lot: LotState
    goods: Goods
    also: tuple[Measure, ...]
    sender: str
    to: str | None = None


def _sale(draft: Draft, moved: _Moved, *, names: tuple[str, ...], above: _Above) -> Sale:
    lot, code, goods = moved.lot, moved.code, moved.goods
    before = _came_under(draft, code, above)
    uses: list[Use] = []
    passed_on: list[str] = []
    others: list[str] = []
    for name in names:
        holder = _holder_of(draft, name)
        if name in before:
            passed_on.append(name)
        elif holder is not None and holder == moved.to:
            continue
        elif holder is None or holder in _had(moved):
            uses.append(Use(code, name, Way.IMPORT, goods.contents, moved.also, goods.marks))
        else:
            others.append(name)
    return Sale(code, lot.owner, tuple(uses), tuple(passed_on), tuple(others))


def _had(moved: _Moved) -> frozenset[str]:
    signers = (signer.party for signer in moved.lot.signers)
    return frozenset({moved.lot.owner, moved.sender, *signers})


def _holder_of(draft: Draft, name: str) -> str | None:
    state = draft.document(name)
    return holder_of(name, state) if state is not None else None


def _is_short(draft: Draft, state: DocumentState, use: Use) -> bool:
    lines = [line for line, _ in draw_of(draft.tables, state, use)]
    return bool(state.rows) and len(lines) < len(use.contents)
