"""Rules on borders closed by a decision: suspended trade, and Appendix I for commerce.

Owns the question whether goods may cross on a day, by where they come from. What cannot be told
(no purpose, no country of export) leaves a check, never a stop. Sources: Notifications to the
Parties on recommendations to suspend trade; CITES Art. III; fraud F27.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ledger.custody.documents import DocumentIssued, DocumentReplaced, DocumentRow, Way
from ledger.custody.goods import Row
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered, LotState
from ledger.custody.references import Suspension, SuspensionCountry
from ledger.custody.rules.days import day_of, log_day
from ledger.custody.rules.goods import country_of, is_wide
from ledger.custody.rules.listings import listing_on
from ledger.custody.rules.offices import EVERYWHERE
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

COMMERCE = "T"
WILD = "W"
_FROM_ABROAD = frozenset({Basis.IMPORT, Basis.OTHER_LEDGER, Basis.RE_ENTRY})
"""Goods of another ledger, and those that come back, crossed a border where a paper says so."""
_SEEN = ""
"""When goods left that this ledger saw leave: before any suspension, they were judged then."""

RULES = (
    Rule("suspension.in-force", "stop, check", "Trade that is suspended does not cross a border."),
    Rule("listing.commercial", "stop", "Wild specimens of Appendix I are not traded for commerce."),
)


class Crossing(NamedTuple):
    """Goods that cross a border, or a document that would let them; `country` is where they leave.

    None where nobody said: then their origin is asked, and the answer is a check at most.
    """

    subject: Subject
    row: Row | DocumentRow
    country: str | None
    purpose: str | None
    day: str
    permitted: str | None = None
    """First day of the document of goods whose leaving this ledger did not see."""
    to: str | None = None
    """The country that they enter, or are bound for."""
    left_origin: str | None = None
    """By which day at the latest goods from a third country had left their origin."""


class _Said(NamedTuple):
    """What documents say of a crossing: purpose, country of export, first day."""

    purpose: str | None
    country: str | None
    from_day: str | None


def check_crossings(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield findings on lots and documents: (1) suspended trade, (2) Appendix I for commerce."""
    flagged: set[Subject] = set()
    for crossing in crossings(signed, draft):
        severity = _suspended(draft, crossing)
        if severity is not None and crossing.subject not in flagged:
            flagged.add(crossing.subject)
            yield Flag(crossing.subject, "suspension.in-force", severity)
        if crossing.row.source == WILD and crossing.purpose == COMMERCE:
            listing = listing_on(draft, crossing.row.taxon, crossing.row.origin, crossing.day)
            if listing is not None and listing.appendix == "I":
                yield Flag(crossing.subject, "listing.commercial", Severity.STOP)


def crossings(signed: Signed, draft: Draft) -> Iterator[Crossing]:
    """Yield each row of goods that the statement says crosses a border."""
    event = signed.event
    if isinstance(event, LotExported | LotImported):
        yield from _crossed(signed, draft, event)
    elif isinstance(event, LotRegistered) and event.basis in _FROM_ABROAD:
        day, to = day_of(signed), _home(draft, signed)
        for i, new in enumerate(event.lots):
            said = _said(draft, *sorted(new.documents))
            home = to if event.basis is not Basis.IMPORT else None
            named = {said.country} if said.country else set(map(country_of, new.documents))
            if named <= {home}:
                continue
            subject = Subject(Kind.LOT, signed.code_of(i))
            for row in (row for row in new.contents if row.origin != home):
                left = _origin_day(draft, new.documents, row)
                yield Crossing(
                    subject, row, said.country, said.purpose, day, said.from_day, to, left
                )
    elif isinstance(event, DocumentIssued | DocumentReplaced):
        subject = Subject(Kind.DOCUMENT, event.document)
        paper, day = event.paper, day_of(signed)
        to = paper.to_country or _entered(draft, event.document)
        for own in paper.rows:
            left = own.origin_day
            yield Crossing(subject, own, paper.from_country, paper.purpose, day, None, to, left)


def _crossed(signed: Signed, draft: Draft, event: LotExported | LotImported) -> Iterator[Crossing]:
    said = _said(draft, event.document)
    leaves = isinstance(event, LotExported)
    country = event.from_country if isinstance(event, LotExported) else said.country
    day = day_of(signed)
    for code in event.lots:
        lot = draft.lot(code)
        if lot is None or (not leaves and _has_left(lot)):
            continue
        subject = Subject(Kind.LOT, code)
        for row in lot.contents:
            left = _SEEN if _has_left(lot) else _origin_day(draft, (event.document,), row)
            left = log_day(lot.born_at) if left is None else left
            to = event.to_country
            yield Crossing(subject, row, country, said.purpose, day, None, to, left)


def suspensions_on(
    draft: Draft, row: Row | DocumentRow, *, country: str, day: str
) -> Iterator[Suspension]:
    """Yield the suspensions of a country that concern the goods on a day, purposes apart."""
    for where in (country, EVERYWHERE):
        state = draft.reference(f"suspensions/{where}", SuspensionCountry)
        if state is None:
            continue
        for name in ("", *draft.tables.names_covering(row.taxon)):
            for suspension in state.suspended.get(name, ()):
                if _is_in_force(suspension, day) and _concerns(suspension, row):
                    yield suspension


def narrower_on(
    draft: Draft, row: Row | DocumentRow, *, country: str, day: str
) -> Iterator[Suspension]:
    """Yield suspensions of taxa below one that is named by a higher rank: the goods may be those.

    Nothing for goods that name their species, where the tables know no subspecies of it.
    """
    mine = draft.tables.taxon(row.taxon)
    if mine is None or not is_wide(draft.tables, row.taxon):
        return
    for where in (country, EVERYWHERE):
        state = draft.reference(f"suspensions/{where}", SuspensionCountry)
        for name, listed in state.suspended.items() if state is not None else ():
            taxon = draft.tables.taxon(name) if name else None
            if taxon is None or not draft.tables.within(taxon, mine):
                continue
            for suspension in listed:
                if _is_in_force(suspension, day) and _concerns(suspension, row):
                    yield suspension


def _suspended(draft: Draft, crossing: Crossing) -> Severity | None:
    """Return how heavy a suspension is for the goods, or None where none concerns them."""
    country = crossing.country or crossing.row.origin
    heaviest: Severity | None = None
    for found in suspensions_on(draft, crossing.row, country=country, day=crossing.day):
        narrowed = bool(found.purposes or found.exempt_purposes)
        if crossing.purpose is None and narrowed:
            heaviest = heaviest or Severity.CHECK
        elif not narrowed or _meets_purpose(found, crossing.purpose):
            # A permit from before the suspension may have been used before it too.
            before = crossing.permitted is not None and crossing.permitted < found.from_day
            if crossing.country is not None and not before:
                return Severity.STOP
            heaviest = Severity.CHECK
    entry = _entry_suspended(draft, crossing)
    if entry is Severity.STOP:
        return entry
    if heaviest is None and (entry is not None or _is_by_way_of_another(draft, crossing)):
        return Severity.CHECK
    below = narrower_on(draft, crossing.row, country=country, day=crossing.day)
    purpose = crossing.purpose
    if heaviest is None and any(purpose is None or _meets_purpose(s, purpose) for s in below):
        return Severity.CHECK
    return heaviest


def _entry_suspended(draft: Draft, crossing: Crossing) -> Severity | None:
    """Return how heavy it is that the country where goods are bound for lets none of them in.

    What this ledger saw leave was judged when it left.
    """
    if crossing.to is None or crossing.to == crossing.country:
        return None
    heaviest: Severity | None = None
    for found in suspensions_on(draft, crossing.row, country=crossing.to, day=crossing.day):
        if not found.imports:
            continue
        if crossing.purpose is None and (found.purposes or found.exempt_purposes):
            heaviest = heaviest or Severity.CHECK
        elif _meets_purpose(found, crossing.purpose):
            return Severity.STOP
    return heaviest


def _is_by_way_of_another(draft: Draft, crossing: Crossing) -> bool:
    """Return whether goods of a suspended origin cross from a third country that lets them.

    What had left its origin before the suspension is free to go on.
    """
    origin, purpose = crossing.row.origin, crossing.purpose
    if crossing.country in (None, origin):
        return False
    for found in suspensions_on(draft, crossing.row, country=origin, day=crossing.day):
        if purpose is not None and not _meets_purpose(found, purpose):
            continue
        if crossing.left_origin is None or crossing.left_origin >= found.from_day:
            return True
    return False


def _origin_day(draft: Draft, names: tuple[str, ...], row: Row) -> str | None:
    """Return the day of the permit of origin, as a document says for such goods."""
    for state in map(draft.document, names):
        for own in state.rows if state is not None else ():
            if (own.term, own.origin) == (row.term, row.origin) and own.origin_day is not None:
                return own.origin_day
    return None


def _is_in_force(suspension: Suspension, day: str) -> bool:
    return suspension.from_day <= day <= (suspension.until_day or day)


def _concerns(suspension: Suspension, row: Row | DocumentRow) -> bool:
    if row.term in suspension.exempt_terms or row.source in suspension.exempt_sources:
        return False
    by_term = not suspension.terms or row.term in suspension.terms
    return by_term and (not suspension.sources or row.source in suspension.sources)


def _meets_purpose(suspension: Suspension, purpose: str | None) -> bool:
    if purpose in suspension.exempt_purposes:
        return False
    return not suspension.purposes or purpose in suspension.purposes


def _said(draft: Draft, *names: str) -> _Said:
    """Return what the named documents say, the first of them that says it."""
    purpose, country, day = None, None, None
    for name in names:
        state = draft.document(name)
        if state is None:
            continue
        purpose = purpose or state.purpose
        country = country or (state.paper.from_country if state.paper is not None else None)
        day = day or state.from_day
    return _Said(purpose, country, day)


def _entered(draft: Draft, document: str) -> str | None:
    """Return the country that lets goods in by an import permit, None for other documents."""
    kind = draft.tables.document_kind(document)
    return country_of(document) if kind is not None and kind.act == "import" else None


def _home(draft: Draft, signed: Signed) -> str | None:
    party = draft.party(signed.party)
    return party.country if party is not None else None


def _has_left(lot: LotState) -> bool:
    """Return whether the ledger saw the goods leave: that was judged on the day when they did."""
    return any(passage.way is Way.EXPORT for passage in lot.passages)
