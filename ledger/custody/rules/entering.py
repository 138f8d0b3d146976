"""Rules on goods that enter the ledger on a word alone, or far from where they are said to be from.

Owns what is asked of a first statement that no place, permit or older lot of this ledger bears out.
A ledger cannot stop a false first statement; it never lets one pass as if somebody had looked.
Sources: CITES Art. VI and Res. Conf. 12.3 (origin is where the specimen was taken or bred);
FSC-STD-40-004 V3-1 (claims of suppliers); frauds F01, F04, F14, F30, F37.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.documents import DocumentState
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered, LotState
from ledger.custody.rules.certified import is_certified_by, may_lower
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import same_taxon
from ledger.custody.rules.listings import is_listed
from ledger.custody.rules.registration import returning
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

CONFIRMED = frozenset({"issued", "attested", "seized"})
NOT_CONFIRMED, ELSEWHERE = "basis.not-confirmed", "origin.elsewhere"
_ON_A_WORD = frozenset({Basis.OTHER_LEDGER, Basis.RE_ENTRY, Basis.ANTIQUE})
_GROWN = frozenset({Basis.HARVEST, Basis.BRED})
_FROM_ELSEWHERE = frozenset({Basis.IMPORT, Basis.OTHER_LEDGER, Basis.RE_ENTRY})
_HIGH_SEAS = frozenset({"ZZ", "HS"})
_OF_NO_COUNTRY = "X"
"""Source of marine specimens taken where no State has jurisdiction."""
_ON_LAND = frozenset({"Crocodylia", "Sauria", "Serpentes"})
"""Orders of the tables that are not taken on the high seas."""
_UNKNOWN = frozenset({"XX", "XV"})
"""Origins of which nobody knows the country, or of several."""
UNKNOWN = "origin.unknown"
WORKED = "basis.worked"
_ARTICLES = frozenset(
    {"LPS", "LPL", "GAR", "RUG", "FPL", "FPS", "HAP", "CLO", "COS", "MED", "SOU", "JWL"}
    | {"CAR", "BOC", "HOC", "IVC", "IJW", "KEY", "PLY", "TRW", "WPR", "FPT"}
)
"""What is made of something (Reg. (EU) 792/2012, Annex VII): no animal or tree bears it."""

ON_ENTRY = frozenset({"basis.not-attested", NOT_CONFIRMED, "claim.unsupported", ELSEWHERE, WORKED})
"""Checks about how goods entered: they go with every part, and with what is made of them."""

RULES = (
    Rule(
        "basis.not-confirmed",
        "check",
        "What enters on a party's word alone waits until an officer has looked.",
    ),
    Rule("basis.worked", "check", "What is taken or bred is raw: articles are made of it."),
    Rule("origin.elsewhere", "check", "Goods are of the country where they were taken or bred."),
    Rule("origin.unknown", "check", "Listed goods enter with a country of origin, or a reason."),
    Rule("claim.unsupported", "check", "A claim comes in with the certificate of who made it."),
)


def check_entered(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield what nothing in the ledger bears out about goods that enter it, on each lot.

    (1) goods of another ledger, that come back or are old name a confirmed document, or a lot of
    this ledger; (2) what grew is of the country of its place, (3) and no finished article; (4) a
    claim has its certificate; (5) an origin that nobody knows has a reason.
    """
    event = signed.event
    if not isinstance(event, LotRegistered):
        return
    back = returning(event, draft)
    alone = draft.once(words_alone, signed)
    for i, lot in enumerate(event.lots):
        subject = Subject(Kind.LOT, signed.code_of(i))
        if i in alone:
            yield Flag(subject, NOT_CONFIRMED, Severity.CHECK)
        if event.basis in _GROWN and not is_at_home(
            draft, lot.contents, facility=lot.facility, party=signed.party
        ):
            yield Flag(subject, ELSEWHERE, Severity.CHECK)
        if event.basis in _GROWN and any(row.term in _ARTICLES for row in lot.contents):
            yield Flag(subject, WORKED, Severity.CHECK)
        if event.basis in _FROM_ELSEWHERE and back is None and _is_from_nowhere(signed, draft, lot):
            yield Flag(subject, UNKNOWN, Severity.CHECK)
        if event.basis in _FROM_ELSEWHERE:
            yield from _check_claim(signed, draft, lot, subject, back=back)


def _check_claim(
    signed: Signed, draft: Draft, lot: NewLot, subject: Subject, *, back: LotState | None
) -> Iterator[Flag]:
    """A claim that no certificate bears out: of what comes back, none higher than it left with."""
    if lot.claim is None or (back and may_lower(draft.tables, back.claim, lot.claim)):
        return
    day, papers = day_of(signed), lot.documents
    if is_certified_by(draft, papers, lot.claim, day=day, but=signed.party):
        return
    if back is not None and back.claim is not None:
        yield Flag(subject, "claim.upgrade", Severity.STOP)
    else:
        yield Flag(subject, "claim.unsupported", Severity.CHECK)


def words_alone(signed: Signed, draft: Draft) -> frozenset[int]:
    """Return the places of the lots that a registration brings in on its party's word alone."""
    event = signed.event
    if not isinstance(event, LotRegistered) or returning(event, draft) is not None:
        return frozenset()
    every = event.basis in _ON_A_WORD
    return frozenset(
        i
        for i, lot in enumerate(event.lots)
        if (every or _comes_home(signed, draft, event, lot)) and not _is_confirmed(draft, lot)
    )


def _is_confirmed(draft: Draft, lot: NewLot) -> bool:
    states = map(draft.document, lot.documents)
    return any(
        state is not None and state.status in CONFIRMED and lists(draft, state, lot)
        for state in states
    )


def lists(draft: Draft, state: DocumentState, lot: NewLot) -> bool:
    """Return whether a document speaks of goods of each taxon of the lot, in whatever form.

    The registration of a farm, or a permit for something else, bears no goods out.
    """
    return all(
        any(same_taxon(draft.tables, own.taxon, row.taxon) for own in state.rows)
        for row in lot.contents
    )


def _comes_home(signed: Signed, draft: Draft, event: LotRegistered, lot: NewLot) -> bool:
    """Return whether goods are imported into their own country though none of them left here."""
    party = draft.party(signed.party)
    here = party.country if party is not None else None
    return event.basis is Basis.IMPORT and any(row.origin == here for row in lot.contents)


def is_at_home(draft: Draft, rows: tuple[Row, ...], *, facility: str | None, party: str) -> bool:
    """Return whether all rows are of the country of the place, or of the party without one.

    Who takes or breeds something knows where: only the high seas are no country.
    """
    place = draft.facility(facility) if facility is not None else None
    owner = draft.party(party)
    here = place.country if place is not None else (owner.country if owner is not None else None)
    return all(
        row.origin == here
        or (
            (row.source == _OF_NO_COUNTRY or (place is None and row.origin in _HIGH_SEAS))
            and not _lives_on_land(draft, row.taxon)
        )
        for row in rows
    )


def _lives_on_land(draft: Draft, name: str) -> bool:
    taxon = draft.tables.taxon(name)
    return taxon is not None and (taxon.kingdom == "Plantae" or taxon.order in _ON_LAND)


def _is_from_nowhere(signed: Signed, draft: Draft, lot: NewLot) -> bool:
    """Return whether listed goods enter without a country of origin, and no paper says why.

    What is of no country is under no quota, no suspension and in no range.
    """
    rows = tuple(row for row in lot.contents if row.origin in _UNKNOWN)
    if not rows or not is_listed(draft, rows, day=day_of(signed)):
        return False
    states = [state for state in map(draft.document, lot.documents) if state is not None]
    explained = [
        own
        for state in states
        if state.status in CONFIRMED
        for own in state.rows
        if own.origin in _UNKNOWN and (own.origin_unknown or "").strip()
    ]
    return not all(
        any(same_taxon(draft.tables, own.taxon, row.taxon) for own in explained) for row in rows
    )
