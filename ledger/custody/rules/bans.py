"""Rules on bans: what a country forbids from a day on, and its closed seasons.

Owns the acts that a ban may forbid and the documents that exempt from it. Sources: Ivory Act 2018
(United Kingdom); national closed seasons and moratoria; fraud F33.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotImported,
    LotRegistered,
)
from ledger.custody.references import Ban, BanCountry
from ledger.custody.rules.days import day_of
from ledger.custody.rules.dealing import SALES
from ledger.custody.rules.goods import names_below
from ledger.custody.rules.leaving import place_of
from ledger.custody.standing import within
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject
from ledger.custody.transfers import Moves, TransferOffered

CONFIRMED = frozenset({"issued", "attested"})

RULES = (
    Rule("ban.in-force", "stop, check", "What a country forbids is not done there."),
    Rule("ban.closed-season", "stop, check", "Nothing is taken in its closed season."),
)


class Deed(Struct, frozen=True):
    """Something done with a lot that a country may forbid."""

    act: str
    country: str
    code: str
    contents: tuple[Row, ...]
    documents: tuple[str, ...]


def check_banned(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a finding for each lot with which something forbidden is done."""
    for deed in deeds(signed, draft):
        worst: Flag | None = None
        for ban in bans_on(draft, deed, day=day_of(signed)):
            rule = "ban.closed-season" if ban.season else "ban.in-force"
            severity = _severity(draft, ban, deed)
            if severity is None:
                continue
            flag = Flag(Subject(Kind.LOT, deed.code), rule, severity)
            if worst is None or severity is Severity.STOP:
                worst = flag
        worst = worst or _below(draft, deed, day=day_of(signed))
        if worst is not None:
            yield worst


def deeds(signed: Signed, draft: Draft) -> Iterator[Deed]:
    """Yield what the statement does that a country may forbid, where the country forbids anything.

    Goods that are only born are looked at by their payload, others by their state.
    """
    event = signed.event
    match event:
        case LotRegistered():
            yield from _registered(signed, draft, event)
        case LotExported():
            yield from _known(draft, "export", event.from_country, event.lots)
        case LotImported():
            yield from _known(draft, "import", event.to_country, event.lots)
        case TransferOffered() if event.moves is not Moves.CUSTODY:
            packed = [code for name in event.containers for code in within(draft, name)[0]]
            codes, papers = (*event.lots, *packed), event.documents
            receiver = draft.party(event.to)
            sides = {_home(draft, signed), receiver.country if receiver is not None else ""}
            # Who buys deals as well as who sells, wherever an agent stands between them.
            for country in sorted(sides - {""}):
                yield from _known(draft, "deal", country, codes, papers=papers)
        case LotDeparted():
            yield from _departed(draft, signed, event)
        case _:
            return


def _departed(draft: Draft, signed: Signed, event: LotDeparted) -> Iterator[Deed]:
    """Goods that leave are dealt in where they are sold, and exported where nobody said it yet."""
    if event.how in SALES:
        country = event.country or _home(draft, signed)
        yield from _known(draft, "deal", country, event.lots, papers=event.documents)
        return
    for code in sorted(event.lots) if event.country is not None else ():
        lot = draft.lot(code)
        here = place_of(draft, lot) if lot is not None else None
        if here is not None and here != event.country:
            yield from _known(draft, "export", here, (code,), papers=event.documents)


def bans_on(draft: Draft, deed: Deed, *, day: str) -> Iterator[Ban]:
    """Yield the bans that forbid the deed on a day, exemptions apart."""
    state = draft.reference(f"bans/{deed.country}", BanCountry)
    if state is None:
        return
    for row in deed.contents:
        for name in draft.tables.names_covering(row.taxon):
            for ban in state.banned.get(name, ()):
                if deed.act in ban.acts and _covers(ban, row) and _is_on(ban, day):
                    yield ban


def _below(draft: Draft, deed: Deed, *, day: str) -> Flag | None:
    """Return a check where goods are named by a group, and a species of it is banned."""
    state = draft.reference(f"bans/{deed.country}", BanCountry)
    banned = state.banned if state is not None else {}
    for row in deed.contents if banned else ():
        for ban in (
            b for name in names_below(draft.tables, row.taxon, banned) for b in banned[name]
        ):
            forbidden = deed.act in ban.acts and _covers(ban, row) and _is_on(ban, day)
            if forbidden and _severity(draft, ban, deed) is not None:
                rule = "ban.closed-season" if ban.season else "ban.in-force"
                return Flag(Subject(Kind.LOT, deed.code), rule, Severity.CHECK)
    return None


def _registered(signed: Signed, draft: Draft, event: LotRegistered) -> Iterator[Deed]:
    if event.basis not in (Basis.HARVEST, Basis.IMPORT):
        return
    is_harvest = event.basis is Basis.HARVEST
    for i, lot in enumerate(event.lots):
        for country in _countries(draft, signed, lot, is_harvest=is_harvest):
            if draft.reference(f"bans/{country}", BanCountry) is not None:
                act = "harvest" if is_harvest else "import"
                own = tuple(r for r in lot.contents if not is_harvest or r.origin == country)
                yield Deed(act, country, signed.code_of(i), own, lot.documents)


def _countries(draft: Draft, signed: Signed, lot: NewLot, *, is_harvest: bool) -> list[str]:
    if is_harvest:
        return sorted({row.origin for row in lot.contents})
    return [_home(draft, signed)]


def _known(
    draft: Draft, act: str, country: str, codes: Iterable[str], *, papers: tuple[str, ...] = ()
) -> Iterator[Deed]:
    if draft.reference(f"bans/{country}", BanCountry) is None:
        return
    for code in sorted(set(codes)):
        lot = draft.lot(code)
        if lot is not None:
            yield Deed(act, country, code, lot.contents, (*lot.documents, *papers))


def _home(draft: Draft, signed: Signed) -> str:
    party = draft.party(signed.party)
    return party.country if party is not None else ""


def _severity(draft: Draft, ban: Ban, deed: Deed) -> Severity | None:
    """Return how heavy the ban is for a deed: a document may exempt from it, confirmed or not."""
    exempting = [
        state
        for name in deed.documents
        if name.split("/")[1] in ban.exempt_kinds and (state := draft.document(name)) is not None
    ]
    if any(state.status in CONFIRMED for state in exempting):
        return None
    # A copy that nobody confirmed may be true: an officer looks at it.
    recorded = any(state.status == "recorded" for state in exempting)
    return Severity.CHECK if recorded else Severity.STOP


def _covers(ban: Ban, row: Row) -> bool:
    by_term = not ban.terms or row.term in ban.terms
    return by_term and (not ban.sources or row.source in ban.sources)


def _is_on(ban: Ban, day: str) -> bool:
    if not ban.from_day <= day <= (ban.until_day or day):
        return False
    if len(ban.season) != 2:
        return True
    first, last = ban.season
    today = day[5:]
    if first <= last:
        return first <= today <= last
    # A season over the turn of the year.
    return today >= first or today <= last
