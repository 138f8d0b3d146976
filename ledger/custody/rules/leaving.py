"""Rules on goods that change country without a word about the border between.

Owns where goods are, and the question whether anybody said how they came from there to where they
are now: the trader, or an officer at the border alone. Within a union of countries no border is
passed: a table says which they are on the day of the act (docs/formats/reference-tables.md,
Unions). Sources: CITES Art. III to V; Reg. (EC) 338/97 Art. 9 (movement within the Union needs no
permit); frauds F04, F14 and F27.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ledger.custody.documents import DocumentEndorsed, Endorsement, Way
from ledger.custody.lots import LotDeparted, LotExported, LotState, LotStatus
from ledger.custody.rules.days import day_of
from ledger.custody.rules.endorsements import endorsement_of
from ledger.custody.rules.goods import DAY_S
from ledger.custody.rules.in_place import names_before, passage_under
from ledger.custody.rules.listings import is_listed
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject
from ledger.custody.transfers import Moves, Offer

TOLD_WITHIN_S = 30 * DAY_S
"""How long after goods were taken over abroad their crossing may still be told."""
NOT_TOLD = "border.not-told"

RULES = (
    Rule(
        "border.not-told",
        "check",
        "Listed goods that change country pass a border under a document.",
    ),
)


def check_left(signed: Signed, draft: Draft, codes: Mapping[str, str]) -> Iterator[Flag]:
    """Yield a check on listed goods that leave for a country to which nobody said they went.

    `codes` are the codes of what leaves, by the codes of the lots.
    """
    event = signed.event
    if not isinstance(event, LotDeparted) or event.country is None:
        return
    for code in event.lots:
        lot = draft.lot(code)
        if lot is not None and _is_across(signed, draft, lot, to=event.country):
            yield Flag(Subject(Kind.LOT, codes.get(code, code)), NOT_TOLD, Severity.CHECK)


def check_taken_over(
    signed: Signed, draft: Draft, offer: Offer, codes: Mapping[str, str]
) -> Iterator[Flag]:
    """Yield a check, due in 30 days, on listed goods that a party of another country took over.

    `codes` are the codes under which the receiver has the lots, by the codes as offered.
    """
    receiver = draft.party(signed.party)
    if offer.event.moves is Moves.TITLE or receiver is None:
        return
    for code, own in codes.items():
        lot = draft.lot(code)
        if lot is None or _is_home(draft, lot, receiver.country):
            continue
        if _is_across(signed, draft, lot, to=receiver.country):
            due = signed.at + TOLD_WITHIN_S
            yield Flag(Subject(Kind.LOT, own), NOT_TOLD, Severity.CHECK, from_at=due)


def place_of(draft: Draft, lot: LotState) -> str | None:
    """Return the country where goods are: as a crossing last said, else that of their holder."""
    if lot.country is not None:
        return lot.country
    holder = draft.party(lot.holder)
    return holder.country if holder is not None else None


def may_leave(draft: Draft, lot: LotState, country: str, *, day: str) -> bool:
    """Return whether goods are known to be in that country, or nobody said where they are.

    Then they are with their holder, their owner, or still where they entered the ledger.
    """
    if lot.country is not None:
        return lot.country == country
    return _is_with_party(draft, lot, country, day=day)


def may_enter(draft: Draft, lot: LotState, country: str, *, day: str) -> bool:
    """Return whether goods are known to come to that country, or nobody said where they are.

    What is on its way to one country of a union may be cleared in another one of it.
    """
    if lot.country in (None, country):
        return True
    told = Counter(passage.way for passage in lot.passages if passage.said_by is not None)
    is_on_way = told[Way.EXPORT] > told[Way.IMPORT]
    return is_on_way and draft.tables.in_one_union(lot.country, country, day=day)


def told_afterwards(draft: Draft, lot: LotState, event: LotExported, *, day: str) -> bool:
    """Return whether an export is told after the import at its other end: one journey, not two.

    The goods came in where it says that they went, more often than anybody said that they left, and
    left the country of a party of theirs.
    """
    if lot.country != event.to_country:
        return False
    told = Counter(passage.way for passage in lot.passages if passage.said_by is not None)
    arrived = told[Way.IMPORT] > told[Way.EXPORT]
    return arrived and _is_with_party(draft, lot, event.from_country, day=day)


def left_untold(draft: Draft, lot: LotState, event: LotExported, *, party: str) -> bool:
    """Return whether the party tells the export of goods that were taken over before it spoke.

    (1) The document names it, (2) it had the goods, (3) nobody told that export yet, and (4) they
    passed under that document or came to another country, as others say: so it speaks once.
    """
    state = draft.document(event.document)
    paper = state.paper if state is not None else None
    if paper is None or paper.holder != party or not _had(draft, lot, party):
        return False
    ways = {way: passage_under(draft, lot, event.document, way) for way in Way}
    told = ways[Way.EXPORT]
    if told is not None and told.said_by is not None:
        return False
    return is_asked(lot) or any(passage is not None for passage in ways.values())


def came_from(draft: Draft, lot: LotState, party: str | None) -> bool:
    """Return whether goods came abroad out of the hands of the party, and nobody told how yet.

    Then whoever took them over tells their arrival under the document of that party.
    """
    return party is not None and is_asked(lot) and _had(draft, lot, party)


def is_asked(lot: LotState) -> bool:
    """Return whether somebody abroad took the goods over and their crossing is to be told."""
    return any(finding.rule == NOT_TOLD for finding in lot.findings)


def _had(draft: Draft, lot: LotState, party: str) -> bool:
    """Return whether the party signed for the goods, or for those that they are a part of."""
    return any(
        known.born_by == party or any(signer.party == party for signer in known.signers)
        for known in _taken_from(draft, lot)
    )


def _taken_from(draft: Draft, lot: LotState) -> Iterator[LotState]:
    """Yield a lot, and those that it is a part of, the newest first."""
    known: LotState | None = lot
    while known is not None:
        yield known
        known = draft.lot(known.parents[0]) if known.taken_index is not None else None


def _is_with_party(draft: Draft, lot: LotState, country: str, *, day: str) -> bool:
    born_by = (known.born_by for known in _taken_from(draft, lot))
    parties = map(draft.party, (lot.holder, lot.owner, *born_by))
    known = [party.country for party in parties if party is not None]
    one = draft.tables.in_one_union
    return any(here == country or one(here, country, day=day) for here in known)


def _is_across(signed: Signed, draft: Draft, lot: LotState, *, to: str) -> bool:
    here, day = place_of(draft, lot), day_of(signed)
    if here is None or here == to or draft.tables.in_one_union(here, to, day=day):
        return False
    listed = is_listed(draft, lot.contents, day=day)
    return listed and not _was_seen(draft, lot, here=here, to=to, day=day)


def _was_seen(draft: Draft, lot: LotState, *, here: str, to: str, day: str) -> bool:
    """Return whether an officer saw the goods pass from here to there, whatever traders said."""
    for passage in lot.passages:
        at = here if passage.way is Way.EXPORT else to
        seen_by = passage.seen_by
        for name in names_before(draft, passage.document) if seen_by is not None else ():
            known = endorsement_of(draft, name, seen_by or b"")
            is_there = known is not None and known.country == at
            if is_there and _leads(draft, name, passage.way, to=to, day=day):
                return True
    return False


def _leads(draft: Draft, document: str, way: Way, *, to: str, day: str) -> bool:
    """Return whether goods that leave under a document may be bound for that country."""
    state = draft.document(document)
    paper = state.paper if state is not None else None
    named = paper.to_country if paper is not None else None
    if way is Way.IMPORT or named in (None, to):
        return True
    return named is not None and draft.tables.in_one_union(named, to, day=day)


def _is_home(draft: Draft, lot: LotState, country: str) -> bool:
    """Return whether goods come back to where they were born, and no crossing was ever told.

    What asked for the crossing there asks still; the way back is no second one.
    """
    born_by = draft.party(lot.born_by)
    return lot.country is None and born_by is not None and born_by.country == country


def asks_again(draft: Draft, lot: LotState, document: str, known: Endorsement) -> bool:
    """Return whether an endorsement that was taken back alone said how goods came where they are.

    `lot` is without the words of that endorsement, which is of `document`.
    """
    here, to = _journey(draft, lot)
    if (
        here is None
        or to is None
        or here == to
        or not is_listed(draft, lot.contents, day=known.day)
    ):
        return False
    if draft.tables.in_one_union(here, to, day=known.day):
        return False
    told = known.country == (here if known.way is Way.EXPORT else to)
    leads = told and _leads(draft, document, known.way, to=to, day=known.day)
    return leads and not _was_seen(draft, lot, here=here, to=to, day=known.day)


def _journey(draft: Draft, lot: LotState) -> tuple[str | None, str | None]:
    """Return where goods were, as traders said or where they entered, and where they are now."""
    holder = draft.party(lot.holder)
    held_in = holder.country if holder is not None else None
    if lot.status is LotStatus.DEPARTED:
        return held_in, lot.country
    if lot.status is not LotStatus.LIVE:
        return None, None
    *_, first = _taken_from(draft, lot)
    born_by = draft.party(first.born_by)
    return lot.country or (born_by.country if born_by is not None else None), held_in


def is_told_by(draft: Draft, lot: LotState, *, to: str) -> bool:
    """Return whether a crossing `to` a country says how goods came to their holder's."""
    holder = draft.party(lot.holder)
    return holder is not None and holder.country == to


def is_seen_by(draft: Draft, lot: LotState, event: DocumentEndorsed, *, day: str) -> bool:
    """Return whether an officer's word says how goods came to where they are now."""
    holder = draft.party(lot.holder)
    there = lot.country if lot.status is LotStatus.DEPARTED else None
    to = there or (holder.country if holder is not None else None)
    if to is None:
        return False
    if event.way is Way.IMPORT:
        return event.country == to
    return event.country != to and _leads(draft, event.document, event.way, to=to, day=day)
