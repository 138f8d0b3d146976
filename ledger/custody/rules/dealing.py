"""Rules on dealing: a registration under the Ivory Act covers one dealing, a certificate all.

Owns which registration a sale spends: one that the offer names comes before those of the lot, and
what replaces a registration is the same one. Title that goes back to the holder of the registration
that was spent last is no dealing. A sale to somebody outside of the ledger is one; goods that go
abroad or into another ledger are not: whether they were sold is not said. Sources: Ivory Act 2018,
s.2 and s.10; fraud F26.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ledger.custody import standing
from ledger.custody.documents import DocumentRow, DocumentState
from ledger.custody.goods import Row
from ledger.custody.lots import LotDeparted
from ledger.custody.rules.holding import cut_of
from ledger.custody.rules.lines import Line, line_of, lines_of
from ledger.custody.rules.papers import covers_dealing, is_alike, is_holder
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject
from ledger.custody.transfers import Moves, TransferAccepted

DEAL = "deal"
"""The act under which a document is noted as used for a dealing."""
CERTIFICATE = "IVORY-CERT"
SALES = frozenset({"retail", "non-member"})
"""Ways out of the ledger on which goods change hands for good."""
_CONFIRMED = ("issued", "attested")
_IN_FORCE = (*_CONFIRMED, "recorded")

RULES = (
    Rule("document.dealt-again", "stop, check", "A registration covers one dealing, not two."),
    Rule("document.dealt-more", "stop, check", "A registration covers the items that it lists."),
)


class Dealing(Struct, frozen=True):
    """A lot of which title passes though it rests on registrations that are used once.

    `spends` is the registration that covers it, None where none is left; `is_copy` where nobody
    confirmed that one. `was_dealt` where another one of the lot was spent before. `goods` are the
    rows that pass.
    """

    code: str
    spends: str | None
    is_copy: bool
    was_dealt: bool
    country: str
    goods: tuple[Row, ...]


def dealings(signed: Signed, draft: Draft) -> tuple[Dealing, ...]:
    """Return the dealings that the statement completes, by the codes of the lots as offered."""
    event = signed.event
    if isinstance(event, TransferAccepted):
        made = _accepted(signed, draft, event)
    elif isinstance(event, LotDeparted) and event.how in SALES:
        made = _departed(draft, event)
    else:
        return ()
    return tuple(dealing for dealing in made if dealing is not None)


def check_dealt(signed: Signed, draft: Draft, codes: Mapping[str, str]) -> Iterator[Flag]:
    """Yield a finding on each lot that is dealt in again under a registration that was used.

    Or that is more than the registration lists, together with what passes beside it. `codes` are
    the codes under which the receiver has the lots, by the codes as offered.
    """
    left: dict[str, Counter[Line]] = {}
    for dealing in draft.once(dealings, signed):
        lot = Subject(Kind.LOT, codes.get(dealing.code, dealing.code))
        if dealing.spends is None and dealing.was_dealt:
            yield Flag(lot, "document.dealt-again", Severity.STOP)
        elif dealing.spends is None:
            yield Flag(lot, "document.other-holder", Severity.CHECK)
        elif dealing.is_copy and dealing.was_dealt:
            yield Flag(lot, "document.dealt-again", Severity.CHECK)
        yield from _check_goods(draft, dealing, lot, left)


def _check_goods(
    draft: Draft, dealing: Dealing, lot: Subject, left: dict[str, Counter[Line]]
) -> Iterator[Flag]:
    """Compare what passes with the rows of the registration, where it lists any."""
    state = draft.document(dealing.spends) if dealing.spends is not None else None
    if state is None or dealing.spends is None or not state.rows:
        return
    rest = left.setdefault(dealing.spends, lines_of(state.rows))
    rows = [(row, _row_for(draft, state, row)) for row in dealing.goods]
    if any(covered is None for _, covered in rows):
        yield Flag(lot, "document.not-covered", Severity.CHECK)
    for row, covered in rows:
        if covered is not None:
            rest[line_of(covered)] -= row.quantity
    if min(rest.values(), default=0) < 0:
        yield Flag(lot, "document.dealt-more", Severity.CHECK if dealing.is_copy else Severity.STOP)


def _row_for(draft: Draft, state: DocumentState, row: Row) -> DocumentRow | None:
    fits = (r for r in state.rows if r.unit == row.unit and is_alike(draft.tables, r, row))
    return next(fits, None)


def _accepted(signed: Signed, draft: Draft, event: TransferAccepted) -> Iterator[Dealing | None]:
    offer = draft.offer(event.offer)
    if offer is None or offer.event.moves is Moves.CUSTODY:
        return
    found = standing.arrivals(draft, offer, event)
    if isinstance(found, standing.Misfit):
        return
    for arrival in found:
        code, goods = arrival.parcel.code, arrival.arrived.contents
        yield _dealing(draft, code, goods, named=offer.event.documents, to=signed.party)


def _departed(draft: Draft, event: LotDeparted) -> Iterator[Dealing | None]:
    for code, part in sorted(event.lots.items()):
        lot = draft.lot(code)
        parted = cut_of(lot, part) if lot is not None else ""
        if not isinstance(parted, str):
            yield _dealing(draft, code, parted.taken.contents, named=event.documents, to=None)


def _dealing(
    draft: Draft, code: str, goods: tuple[Row, ...], *, named: tuple[str, ...], to: str | None
) -> Dealing | None:
    lot = draft.lot(code)
    if lot is None or not (named or lot.documents):
        return None
    papers = dict(_in_place(draft, (*sorted(named), *lot.documents)))
    if any(_is(name, CERTIFICATE) and p.status in _CONFIRMED for name, p in papers.items()):
        return None
    once = {name: paper for name, paper in papers.items() if covers_dealing(draft.tables, name)}
    if not once or (to is not None and _goes_back(draft, once, to=to)):
        return None
    free = [
        name
        for name, paper in once.items()
        if is_holder(paper, lot.owner) and paper.status in _IN_FORCE and _spent(draft, name) is None
    ]
    # What the issuer or an officer spoke for comes before a copy; then the offer's own.
    free.sort(key=lambda name: once[name].status not in _CONFIRMED)
    best = free[0] if free else None
    owner = draft.party(lot.owner)
    return Dealing(
        code=code,
        spends=best,
        is_copy=best is not None and once[best].status not in _CONFIRMED,
        was_dealt=any(_spent(draft, name) is not None for name in once),
        country=owner.country if owner is not None else "",
        goods=goods,
    )


def _in_place(draft: Draft, names: Iterable[str]) -> Iterator[tuple[str, DocumentState]]:
    """Yield each document, or the last one that stands in its place."""
    for name in names:
        state = draft.document(name)
        while state is not None and state.replaced_by is not None:
            name, state = state.replaced_by, draft.document(state.replaced_by)
        if state is not None:
            yield name, state


def _goes_back(draft: Draft, once: Mapping[str, DocumentState], *, to: str) -> bool:
    """Return whether the title returns to whoever made the last dealing."""
    days = {name: day for name in once if (day := _spent(draft, name)) is not None}
    last = max(days.values(), default=None)
    papers = (once[name].paper for name, day in days.items() if day == last)
    return any(paper is not None and paper.holder == to for paper in papers)


def _spent(draft: Draft, name: str) -> str | None:
    """Return the day of the dealing under the document, or one that it replaces, or None."""
    at: str | None = name
    while at is not None:
        state = draft.document(at)
        for shown in state.shown if state is not None else ():
            if shown.act == DEAL:
                return shown.day
        at = state.replaces if state is not None else None
    return None


def _is(name: str, kind: str) -> bool:
    return name.split("/")[1] == kind
