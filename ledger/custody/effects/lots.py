"""What a lot's own events do to the state: births, parts, measures, borders, ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Effect
from ledger.custody.documents import Passage
from ledger.custody.effects.certified import post
from ledger.custody.effects.claims import claim_marks, move_marks
from ledger.custody.effects.confirming import await_along, await_copies
from ledger.custody.effects.moves import (
    BIRTH_SIZE,
    leave_offer,
    moved,
    next_number,
    on_entry,
    rest_of,
    signers_with,
    split_off,
    stops_drawn,
    without_rule,
)
from ledger.custody.effects.papers import draw_documents, place, settled, spend
from ledger.custody.effects.quotas import draw_quotas
from ledger.custody.effects.recounts import found, measured
from ledger.custody.effects.specimens import end_certificates, end_described
from ledger.custody.effects.stocks import take
from ledger.custody.effects.vouching import vouchers_of
from ledger.custody.effects.yields import count_harvests, count_made, count_transformed
from ledger.custody.goods import NewLot, Part, compress, expand
from ledger.custody.lots import (
    RETURNED,
    Basis,
    LotDeparted,
    LotExported,
    LotFound,
    LotImported,
    LotMeasured,
    LotRegistered,
    LotRetired,
    LotSplit,
    LotState,
    LotStatus,
    LotTransformed,
)
from ledger.custody.rules.control import codes_after
from ledger.custody.rules.dealing import SALES, dealings
from ledger.custody.rules.holding import cut_of
from ledger.custody.rules.leaving import NOT_TOLD, is_told_by
from ledger.custody.rules.placing import departing
from ledger.custody.rules.quotas import draws
from ledger.custody.rules.registration import returning, works_of
from ledger.custody.rules.specimens import is_untraded
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Finding, Kind, Severity, Signer

TRANSFORMED = "transformed"


def registered(signed: Signed, draft: Draft) -> None:
    """Bring lots to life in the hands of the signer; what comes back names where it was."""
    event = signed.event
    if not isinstance(event, LotRegistered):
        return
    passed = draw_documents(signed, draft)
    take(signed, draft)
    count_harvests(signed, draft)
    for work in draft.once(works_of, signed):
        count_made(signed, draft, work)
    counted = draws(signed, draft)
    back = returning(event, draft)
    parents = (event.reference,) if back is not None and event.reference else ()
    for i, lot in enumerate(event.lots):
        code = signed.code_of(i)
        state = _new_state(
            signed,
            draft,
            lot,
            basis=event.basis.value,
            parents=parents,
            passages=passed.get(code, ()),
            vouched=vouchers_of(signed, draft, lot.facility, i),
            country=_born_abroad(draft, lot, signed.party),
        )
        draft.put(Kind.LOT, code, state)
        for parent in parents:
            move_marks(draft, lot.marks, of=parent, to=code)
        claim_marks(draft, lot.marks, to=code, party=signed.party)
    await_copies(signed, draft, event)
    draw_quotas(counted, draft)
    if back is not None and event.reference:
        draft.put(Kind.LOT, event.reference, _returned(back, event.basis))
    party = draft.party(signed.party)
    if event.basis is Basis.OPENING_STOCK and party is not None:
        draft.put(Kind.PARTY, signed.party, replace(party, stocked=True))


def split(signed: Signed, draft: Draft) -> None:
    """Take a part out as a new lot; both stay with the holder."""
    event = signed.event
    if isinstance(event, LotSplit):
        leave_offer(draft, event.lot)
        split_off(signed, draft, code=signed.code_of(0), of=event.lot, part=event.part)
        _move(signed, draft, event.lot)


def transformed(signed: Signed, draft: Draft) -> None:
    """Use inputs up, whole or in part, and bring the outputs to life; marks may move along."""
    event = signed.event
    if not isinstance(event, LotTransformed):
        return
    count_transformed(signed, draft)
    post(signed, draft)
    parents = tuple(sorted(event.inputs))
    first = draft.lot(parents[0])
    drawn: dict[str, str] = {}
    stops: list[Finding] = []
    for code in parents:
        leave_offer(draft, code)
        names, about = _use_up(signed, draft, code, event.inputs[code])
        drawn.update(dict.fromkeys(names, code))
        stops += about
    hands = _hands_of(draft, parents)
    waiting = on_entry(draft, parents)
    for i, lot in enumerate(event.outputs):
        code = signed.code_of(i)
        new = replace(lot, facility=lot.facility or event.facility)
        vouched = vouchers_of(signed, draft, new.facility, i)
        state = _new_state(signed, draft, new, basis=TRANSFORMED, parents=parents, vouched=vouched)
        country = first.country if first is not None else None
        found = (*waiting, *_stops_along(stops, lot, event.outputs))
        state = replace(state, country=country, findings=found, **hands)
        draft.put(Kind.LOT, code, state)
        if waiting:
            await_along(draft, parents, code)
        _carry_marks(draft, lot, drawn, to=code, party=signed.party)


def crossed(signed: Signed, draft: Draft) -> None:
    """Note that lots left for another country or came into one, and under which document."""
    event = signed.event
    if isinstance(event, LotExported | LotImported):
        passed = draw_documents(signed, draft)
        counted = draws(signed, draft)
        for code in event.lots:
            _cross(signed, draft, code, event, passed.get(code))
        draw_quotas(counted, draft)


def departed(signed: Signed, draft: Draft) -> None:
    """End custody of lots or parts whose goods live on elsewhere."""
    event = signed.event
    if isinstance(event, LotDeparted):
        country = {"country": event.country} if event.country else {}
        sold, placed = draft.once(dealings, signed), draft.once(departing, signed)
        _end(signed, draft, event.lots, status=LotStatus.DEPARTED, how=event.how, **country)
        codes = codes_after(signed, event.lots)
        spend(signed, draft, sold, codes=codes)
        place(signed, draft, placed, codes=codes)
        if event.how in SALES:
            end_certificates(signed, draft, codes.values())


def retired(signed: Signed, draft: Draft) -> None:
    """End lots or parts whose goods are no more, or are lost."""
    event = signed.event
    if isinstance(event, LotRetired):
        _end(signed, draft, event.lots, status=LotStatus.RETIRED, how=event.why)
        codes = codes_after(signed, event.lots).values()
        end_certificates(signed, draft, codes)
        end_described(signed, draft, codes)


def _new_state(
    signed: Signed,
    draft: Draft,
    lot: NewLot,
    *,
    basis: str,
    parents: tuple[str, ...],
    passages: tuple[Passage, ...] = (),
    vouched: tuple[Signer, ...] = (),
    country: str | None = None,
) -> LotState:
    return LotState(
        number=next_number(draft),
        birth=signed.id[:BIRTH_SIZE],
        born_at=signed.at,
        basis=basis,
        status=LotStatus.LIVE,
        contents=lot.contents,
        also=lot.also,
        marks=lot.marks,
        year=lot.year,
        claim=lot.claim,
        head=signed.id,
        head_by=signed.party,
        born_by=signed.party,
        holder=signed.party,
        owner=signed.party,
        country=country,
        facility=lot.facility,
        documents=tuple(sorted(set(lot.documents))),
        parents=parents,
        passages=passages,
        signers=signers_with((), signed),
        vouched=vouched,
    )


def _returned(back: LotState, basis: Basis) -> LotState:
    """Return a lot that came back as another one.

    What a State sells begins anew: a final decision settled what had stopped the goods.
    """
    kept = back.findings
    if basis is Basis.STATE_SALE:
        kept = tuple(f for f in kept if f.severity is not Severity.STOP or f.marks)
    return replace(back, how=RETURNED, findings=kept)


def _born_abroad(draft: Draft, lot: NewLot, party: str) -> str | None:
    """Return the country of the place where goods come to life, unless it is that of the party."""
    place = draft.facility(lot.facility) if lot.facility is not None else None
    owner = draft.party(party)
    if place is None or owner is None or place.country == owner.country:
        return None
    return place.country


def _move(signed: Signed, draft: Draft, code: str, **changes: Any) -> None:
    """Move a lot in the sense of `prev`; an offer that had expired no longer names it."""
    leave_offer(draft, code)
    lot = draft.lot(code)
    if lot is not None:
        draft.put(Kind.LOT, code, moved(signed, lot, **changes))


def _use_up(
    signed: Signed, draft: Draft, code: str, part: Part
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Use up a lot or a part of it; return the names of the marks drawn, and the stops about them.

    A lot that is used up whole keeps its own, and what is made of it inherits them.
    """
    lot = draft.lot(code)
    if lot is None:
        raise LookupError(code)
    parted = cut_of(lot, part)
    if isinstance(parted, str):
        raise LookupError(parted)
    if part.is_whole:
        ended = moved(signed, lot, status=LotStatus.USED, ended_at=signed.at)
        draft.put(Kind.LOT, code, ended)
        return expand(parted.taken.marks), ()
    draft.put(Kind.LOT, code, moved(signed, rest_of(draft, lot, parted)))
    return expand(parted.taken.marks), stops_drawn(lot, parted.taken.marks)


def _stops_along(
    stops: Iterable[Finding], lot: NewLot, made: tuple[NewLot, ...]
) -> tuple[Finding, ...]:
    """Return the stops that go with one output: of marks that no output keeps, with every one."""
    if not stops:
        return ()
    own = frozenset(expand(lot.marks))
    elsewhere = {name for one in made for name in expand(one.marks)} - own
    about = (replace(f, marks=tuple(m for m in f.marks if m not in elsewhere)) for f in stops)
    return tuple(f for f in about if f.marks)


def _hands_of(draft: Draft, parents: tuple[str, ...]) -> dict[str, Any]:
    """Return owner, rights and counted quotas that outputs inherit: all inputs have one owner."""
    lots = [lot for lot in map(draft.lot, parents) if lot is not None]
    allowed = set.intersection(*(set(lot.allows) for lot in lots))
    sources = {lot.came_from for lot in lots}
    return {
        "owner": lots[0].owner,
        "allows": tuple(sorted(allowed)),
        "came_from": sources.pop() if len(sources) == 1 else None,
        "accounts": _of_all(tuple(lot.accounts for lot in lots)),
        "arrived": _of_all(tuple(lot.arrived for lot in lots)),
        "untraded": any(is_untraded(draft, lot) for lot in lots) or None,
    }


def _of_all(named: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Return the accounts on which all inputs were counted: what is made of them was, too."""
    return tuple(sorted(set.intersection(*(set(names) for names in named))))


def _carry_marks(
    draft: Draft, lot: NewLot, drawn: Mapping[str, str], *, to: str, party: str
) -> None:
    names = expand(lot.marks)
    for parent in sorted({drawn[name] for name in names if name in drawn}):
        along = compress(name for name in names if drawn.get(name) == parent)
        move_marks(draft, along, of=parent, to=to)
    claim_marks(draft, lot.marks, to=to, party=party)


def _cross(
    signed: Signed,
    draft: Draft,
    code: str,
    event: LotExported | LotImported,
    passages: tuple[Passage, ...] | None,
) -> None:
    """A crossing moves the head but leaves an open offer alone: goods travel while offered."""
    lot = draft.lot(code)
    if lot is not None:
        documents = tuple(sorted({*lot.documents, event.document}))
        country = event.to_country if _is_newest(signed, lot, event) else lot.country
        changes: dict[str, Any] = {"documents": documents, "country": country}
        if lot.findings and is_told_by(draft, lot, to=event.to_country):
            changes["findings"] = without_rule(lot.findings, NOT_TOLD)
        after = moved(signed, lot, **changes)
        draft.put(Kind.LOT, code, after if passages is None else settled(after, passages))


def _is_newest(signed: Signed, lot: LotState, event: LotExported | LotImported) -> bool:
    """Return whether a crossing is the last one: an exporter may tell its own when goods went on.

    Where goods are is said by who has them.
    """
    is_late = isinstance(event, LotExported) and lot.country not in (None, event.from_country)
    return not is_late or signed.party in (lot.holder, lot.owner)


def _end(
    signed: Signed,
    draft: Draft,
    lots: Mapping[str, Part],
    *,
    status: LotStatus,
    how: str,
    **changes: Any,
) -> None:
    ending: dict[str, Any] = {"status": status, "how": how, "ended_at": signed.at, **changes}
    born = 0
    for code, part in sorted(lots.items()):
        leave_offer(draft, code)
        if part.is_whole:
            lot = draft.lot(code)
            findings = without_rule(lot.findings, "transfer.short") if lot is not None else ()
            _move(signed, draft, code, findings=findings, **ending)
            continue
        split_off(signed, draft, code=signed.code_of(born), of=code, part=part, **ending)
        _move(signed, draft, code)
        born += 1


EFFECTS: Mapping[type[Any], Effect] = {
    LotRegistered: registered,
    LotSplit: split,
    LotMeasured: measured,
    LotTransformed: transformed,
    LotExported: crossed,
    LotImported: crossed,
    LotDeparted: departed,
    LotRetired: retired,
    LotFound: found,
}
