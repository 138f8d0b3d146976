"""Rules on quotas: who may still take or export how much of a taxon this period.

Owns what draws on which quota. Exporters' and importers' words are summed apart and the larger
counts, but only a party's own side keeps its statement out: what strangers say can never use up the
quota of an honest exporter. Sources: CITES Art. IV; Res. Conf. 14.7; frauds F04, F27, F29, F32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.accounts import QuotaAccount
from ledger.custody.control import StatementCorrected
from ledger.custody.decide import Check
from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    Way,
)
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.references import QuotaCountry, QuotaTaxon
from ledger.custody.rules import papers, quota_corrections
from ledger.custody.rules.days import day_of
from ledger.custody.rules.in_place import counts_on, passage_under
from ledger.custody.rules.offices import EVERYWHERE
from ledger.custody.rules.passing import check_endorsed
from ledger.custody.rules.quota_cover import (
    Pool,
    Side,
    Taking,
    covers,
    current,
    measured,
    pools_of,
)
from ledger.custody.rules.quota_releases import released
from ledger.custody.rules.telling import check_told
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

_EVERYWHERE_TAXA = f"quota-taxa/{EVERYWHERE}"

RULES = (
    Rule(
        "quota.exceeded", "refuse", "No more is taken, exported or permitted than a quota allows."
    ),
    Rule("quota.overrun", "stop, check", "No more arrives than the quota of the exporter allows."),
    Rule("quota.region", "check", "Goods of a region stay within the quota of the region."),
    Rule("quota.mirror", "check", "Importers report no more than the quota of the exporter."),
    Rule("quota.not-measured", "check", "Goods under a quota are counted in the quota's unit."),
)


class Draw(Struct, frozen=True):
    """What a taking adds to an account; `beyond` is what no quota has room for.

    `unmeasured` goods fall under the quota but are not counted in its unit.
    """

    taking: Taking
    account: str
    quantity: int
    beyond: int = 0
    unmeasured: bool = False
    untold: bool = False
    """Whether the quotas are of regions of a country that has one of its own for such goods."""


def check_quotas(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield a refusal where the signer's own side goes beyond a quota, findings where others do."""
    for draw in draws(signed, draft):
        state = draft.account(draw.account, QuotaAccount)
        subject = draw.taking.subject
        if state is None:
            continue
        if draw.unmeasured:
            yield Flag(subject, "quota.not-measured", Severity.CHECK)
        elif draw.beyond and draw.untold:
            yield Flag(subject, "quota.region", Severity.CHECK)
        elif draw.beyond and draw.taking.side is not Side.IMPORTED and not draw.taking.seen:
            left = _room(state, draw.taking.side)
            facts: dict[str, str | int] = {"quota": state.quota.quota, "left": left}
            yield Refusal("quota.exceeded", facts | {"beyond": draw.beyond})
        elif draw.beyond:
            is_mandatory = state.quota.binding == "mandatory"
            severity = Severity.STOP if is_mandatory else Severity.CHECK
            yield Flag(subject, "quota.overrun", severity)
            is_mirror = draw.taking.side is Side.IMPORTED
            if is_mirror and not any(finding.rule == "quota.mirror" for finding in state.findings):
                yield Flag(Subject(Kind.ACCOUNT, draw.account), "quota.mirror", Severity.CHECK)


def draws(signed: Signed, draft: Draft) -> tuple[Draw, ...]:
    """Return what the statement draws on quotas, in the order of its lots.

    Two quotas that no record tells apart (two regions of one country) are drawn on one after the
    other, and are exceeded together.
    """
    # Most countries have no quotas, and most statements are about goods of one country.
    origins = {row.origin for row in rows_counted(signed, draft)}
    if not any(_has_quotas(draft, country) for country in origins):
        return ()
    running = {name: -back for name, back in released(signed, draft).items()}
    found: list[Draw] = []
    for taking in takings(signed, draft):
        pools = _pools(draft, taking)
        whole = any(state.quota.region is None for pool in pools for _, state in pool)
        for pool in pools:
            untold = whole and pool[0][1].quota.region is not None
            found += _fill(taking, pool, running, untold=untold)
    return tuple(found)


def rows_counted(signed: Signed, draft: Draft) -> Iterator[Row | DocumentRow]:
    """Yield all goods that a statement may count, whatever their country."""
    event = signed.event
    if isinstance(event, LotRegistered):
        yield from (row for lot in event.lots for row in lot.contents)
    elif isinstance(event, LotExported | LotImported):
        lots = (draft.lot(code) for code in event.lots)
        yield from (row for lot in lots if lot is not None for row in lot.contents)
    elif isinstance(event, DocumentIssued | DocumentReplaced):
        yield from event.paper.rows
    elif isinstance(event, StatementCorrected):
        yield from event.contents
    elif isinstance(event, DocumentEndorsed):
        state = draft.document(event.document)
        yield from state.rows if state is not None else ()


def takings(signed: Signed, draft: Draft) -> Iterator[Taking]:
    """Yield the goods of a statement that may draw on quotas, where their country has any."""
    event = signed.event
    match event:
        case LotRegistered():
            yield from _registered(signed, draft, event)
        case LotExported() | LotImported():
            purpose = _purpose(draft, event.document)
            for code in event.lots:
                for taking in _crossing(signed, draft, event, code):
                    yield replace(taking, purpose=purpose)
        case DocumentEndorsed():
            yield from _endorsed(signed, draft, event)
        case DocumentIssued() | DocumentReplaced():
            yield from _issued(signed, draft, event)
        case StatementCorrected():
            yield from quota_corrections.added(draft, event)
        case _:
            return


def quotas_for(draft: Draft, taking: Taking) -> Iterator[tuple[str, QuotaAccount]]:
    """Yield the quotas that cover goods on their day, by account name, nearest taxon first."""
    for filed in places_filed(draft, taking):
        yield from quotas_under(draft, taking, filed)


def places_filed(draft: Draft, taking: Taking) -> Iterator[str]:
    """Yield where quotas of the goods' country and taxon are filed, nearest taxon first."""
    for origin in (taking.row.origin, EVERYWHERE):
        country = draft.reference(f"quota-taxa/{origin}", QuotaCountry)
        if country is None:
            continue
        for name in draft.tables.names_covering(taking.row.taxon):
            if name in country.quota_taxa:
                yield f"quotas/{origin}/{name}"


def quotas_under(draft: Draft, taking: Taking, filed: str) -> Iterator[tuple[str, QuotaAccount]]:
    """Yield the quotas filed under `quotas/CC/TAXON` that count such goods on their day."""
    for account, state in quotas_filed(draft, filed, day=taking.day):
        if covers(state.quota, taking):
            yield account, state


def quotas_filed(draft: Draft, filed: str, *, day: str) -> Iterator[tuple[str, QuotaAccount]]:
    """Yield the quotas filed under `quotas/CC/TAXON` that run on a day, whatever they count."""
    listed = draft.reference(filed, QuotaTaxon)
    for period in listed.quota_periods if listed is not None else ():
        if not period.from_day <= day <= period.until_day:
            continue
        account = f"quota/{period.quota}"
        state = draft.account(account, QuotaAccount)
        if state is not None and state.replaced_by is None:
            yield account, state


def _registered(signed: Signed, draft: Draft, event: LotRegistered) -> Iterator[Taking]:
    if event.basis in (Basis.HARVEST, Basis.BRED):
        side, counts = Side.EXPORTED, "harvest"
    elif event.basis in (Basis.IMPORT, Basis.OTHER_LEDGER):
        side, counts = Side.IMPORTED, "endorsement"
    else:
        return
    day = day_of(signed)
    for i, lot in enumerate(event.lots):
        for row in lot.contents:
            is_known = event.basis is not Basis.OTHER_LEDGER or _came_over(signed, draft, row, lot)
            if is_known and _has_quotas(draft, row.origin):
                subject = Subject(Kind.LOT, signed.code_of(i))
                left = day if side is Side.EXPORTED else _left_by(draft, row, lot.documents, day)
                purpose = _purpose(draft, *lot.documents)
                yield Taking(subject, row, lot.also, side, counts, left, purpose=purpose)


def _crossing(
    signed: Signed, draft: Draft, event: LotExported | LotImported, code: str
) -> Iterator[Taking]:
    """Goods draw where they leave their own country, and where they come into another one.

    Where an officer's word was first, under whatever document, the trader's draws what it says
    above it.
    """
    lot = draft.lot(code)
    if lot is None:
        return
    leaves = isinstance(event, LotExported)
    country = event.from_country if isinstance(event, LotExported) else event.to_country
    side = Side.EXPORTED if leaves else Side.IMPORTED
    drawn = lot.accounts if leaves else lot.arrived
    way = Way.EXPORT if leaves else Way.IMPORT
    day = day_of(signed)
    left_on = () if leaves else lot.accounts
    was_seen = any(p.way is way and p.seen_by is not None for p in lot.passages)
    for row in lot.contents:
        if (country == row.origin) is not leaves or not _has_quotas(draft, row.origin):
            continue
        left = day if leaves else _left_by(draft, row, lot.documents, day)
        taking = Taking(
            Subject(Kind.LOT, code), row, lot.also, side, "endorsement", left, drawn, left_on
        )
        if was_seen and drawn:
            more = row.quantity - papers.counted_of(draft.tables, lot.passages, way, row)
            taking = replace(taking, row=replace(row, quantity=more), also=(), drawn=())
        if taking.row.quantity > 0:
            yield taking


def _endorsed(signed: Signed, draft: Draft, event: DocumentEndorsed) -> Iterator[Taking]:
    """What an officer saw pass draws as far as no word on the same goods drew it before."""
    leaves = event.way is Way.EXPORT
    side = Side.EXPORTED if leaves else Side.IMPORTED
    for draw in papers.draws(signed, draft):
        if draw.document != event.document:
            # What counts on a document in its place as well is the same goods: they left once.
            continue
        row = _row_of(draw)
        if (
            draw.carried
            or (event.country == row.origin) is not leaves
            or not _has_quotas(draft, row.origin)
        ):
            continue
        lot = draft.lot(draw.code) if draw.code is not None else None
        drawn: tuple[str, ...] = ()
        if lot is not None and any(p.way is event.way for p in lot.passages):
            known = passage_under(draft, lot, draw.document, draw.way)
            own = counts_on(draft, draw.document, known)[draw.line]
            before = papers.counted_of(draft.tables, lot.passages, event.way, row)
            row = replace(row, quantity=draw.quantity + own - before)
        elif lot is not None:
            drawn = lot.accounts if leaves else lot.arrived
        document = Subject(Kind.DOCUMENT, draw.document)
        subject = Subject(Kind.LOT, draw.code) if draw.code is not None else document
        left_on = () if leaves or lot is None else lot.accounts
        documents = (draw.document, *(lot.documents if lot is not None else ()))
        day = day_of(signed)
        left = day if leaves else _left_by(draft, row, documents, day)
        purpose = _purpose(draft, event.document)
        if row.quantity > 0:
            yield Taking(subject, row, (), side, "endorsement", left, drawn, left_on, True, purpose)


def _left_by(draft: Draft, row: Row | DocumentRow, documents: tuple[str, ...], day: str) -> str:
    """Return the day that chooses the quota of goods that arrive: that of their export permit.

    What left in December arrives in January: the permit says of which year's quota it is.
    """
    for name in sorted(documents):
        state = draft.document(name) if name.startswith(f"{row.origin}/") else None
        if state is not None and state.from_day is not None:
            return min(state.from_day, day)
    return day


def _came_over(signed: Signed, draft: Draft, row: Row, lot: NewLot) -> bool:
    """Return whether goods of another ledger left their country under a permit that says when.

    Else nobody knows on which quota they count: they may have come years ago.
    """
    party = draft.party(signed.party)
    if party is None or party.country == row.origin:
        return False
    states = (draft.document(n) for n in lot.documents if n.startswith(f"{row.origin}/"))
    return any(state is not None and state.from_day is not None for state in states)


def _row_of(draw: papers.Draw) -> Row:
    taxon, term, unit, source, origin = draw.line
    return Row(taxon, term, draw.quantity, unit, source, origin)


def _issued(
    signed: Signed, draft: Draft, event: DocumentIssued | DocumentReplaced
) -> Iterator[Taking]:
    paper = event.paper
    day = paper.from_day or paper.issued_day or day_of(signed)
    name, left = event.document, paper.from_country
    for row in paper.rows:
        own = papers.is_export_of(draft.tables, name, row.origin, from_country=left)
        if own and _has_quotas(draft, row.origin):
            subject = Subject(Kind.DOCUMENT, name)
            yield Taking(subject, row, (), Side.RESERVED, "issue", day, purpose=paper.purpose)


def _has_quotas(draft: Draft, country: str) -> bool:
    own = draft.reference(f"quota-taxa/{country}", QuotaCountry)
    return own is not None or draft.reference(_EVERYWHERE_TAXA, QuotaCountry) is not None


def _purpose(draft: Draft, *names: str) -> str | None:
    states = (draft.document(name) for name in names)
    return next((state.purpose for state in states if state is not None and state.purpose), None)


def _pools(draft: Draft, taking: Taking) -> list[list[tuple[str, QuotaAccount]]]:
    """Return the quotas that a taking draws on; those that nothing tells apart stand together."""
    candidates = tuple(_candidates(draft, taking))
    pools: dict[Pool, list[tuple[str, QuotaAccount]]] = {}
    keys = pools_of([state.quota for _, state in candidates])
    for pool, candidate in zip(keys, candidates, strict=True):
        pools.setdefault(pool, []).append(candidate)
    drawn = {current(draft, account) for account in taking.drawn}
    return [pool for pool in pools.values() if drawn.isdisjoint(account for account, _ in pool)]


def _candidates(draft: Draft, taking: Taking) -> Iterator[tuple[str, QuotaAccount]]:
    """Yield the quotas on which goods were counted when they left, else those of their day."""
    left = False
    for account in dict.fromkeys(current(draft, name) for name in taking.left_on):
        state = draft.account(account, QuotaAccount)
        if state is not None and covers(state.quota, taking):
            left = True
            yield account, state
    if not left:
        yield from quotas_for(draft, taking)


def _fill(
    taking: Taking,
    pool: list[tuple[str, QuotaAccount]],
    running: dict[str, int],
    *,
    untold: bool,
) -> Iterator[Draw]:
    """Draw on the quotas of a pool in their order; the last one takes what none has room for.

    Those of regions take no more than they have room for where the country's own counts the goods:
    what is beyond may be of a region without a quota.
    """
    left = measured(taking, pool[0][1].quota)
    if left is None:
        yield Draw(taking, pool[0][0], 0, unmeasured=True)
        return
    for account, state in pool:
        before = running.get(account, 0)
        last = account == pool[-1][0] and not untold
        room = max(_room(state, taking.side) - before, 0)
        quantity = left if last else min(left, room)
        if quantity:
            running[account] = before + quantity
            yield Draw(taking, account, quantity, beyond=max(quantity - room, 0))
        left -= quantity
    if untold and left:
        yield Draw(taking, pool[-1][0], 0, beyond=left, untold=True)


def _room(state: QuotaAccount, side: Side) -> int:
    """Return how much a side may still add, by its own sum."""
    allowed = state.quota.amount + (state.quota.carried or 0)
    return max(allowed - int(getattr(state, side.value)), 0)


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    DocumentEndorsed: (check_endorsed, check_quotas, check_told)
}
"""An endorsement is judged by the rules of passing first; other events name this check."""
