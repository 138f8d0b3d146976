"""Rules on farm stock: no more skins than animals, no more animals than the females can hatch.

Owns what a farm declares, what an officer counts, and what registrations take out of it; what can
grow up is in `cohorts`. Unconfirmed figures leave a check at most. Sources: frauds F01 and F03;
CITES Res. Conf. 10.16.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.decide import Check
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import PIECES, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.rules import by_products, counting
from ledger.custody.rules.by_products import is_beyond, is_contradicted
from ledger.custody.rules.cohorts import MONTHS, biology_of, grown_up, may_hatch
from ledger.custody.rules.days import day_of
from ledger.custody.rules.envelope import LATE_AFTER_S
from ledger.custody.rules.facilities import check_judge
from ledger.custody.rules.farm_takings import (
    BREEDING,
    Taking,
    account_name,
    lots_at,
    takings,
    tells_of_animals,
)
from ledger.custody.rules.figures import Spot, spot_of
from ledger.custody.rules.goods import DAY_S, QUANTITY_MAX
from ledger.custody.rules.places import account_year
from ledger.custody.state import Draft, Signed
from ledger.custody.stocks import (
    Cohort,
    ShortLot,
    SizeClass,
    StockAccount,
    StockAttested,
    StockDeclared,
)
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.rows import Biology

COHORTS_MAX = 10
"""The most years of hatchlings that an account keeps apart."""
CLASSES_MAX = 30
"""The most classes of size in one inventory."""
SHORT_MAX = 1_000
"""Of how many lots a stock remembers that it was short of animals for them."""
STOCKS_MAX = 100
"""Of how many taxa a farm says which it declared."""
FIRST_MONTHS_S = 180 * DAY_S
"""How long a farm may sell before it says what animals it has (ours)."""
COUNTED_WITHIN_S = 365 * DAY_S
"""How long animals may stand in a stock by word alone: inventories are yearly."""
BELOW_ZERO, UNDECLARED, UNSEEN = "stock.below-zero", "stock.undeclared", "stock.unseen"
BY_PRODUCTS = by_products.BEYOND
RESULTS = ("matches", "differs")
_SKINS = ("SKI", "NAR")
_COUNTED_IN: Mapping[str, str] = {
    **dict.fromkeys(("LIV", "BOD", "SKI", "SID", "SKU"), PIECES),
    "MEA": "GRM",
}
"""In which unit products of an animal tell how many animals they need."""
_SECOND = frozenset("CD")

RULES = (
    Rule("stock.facility", "refuse", "Stock is declared for a farm or ranch of one's own."),
    Rule("stock.taxon", "refuse", "Stock is declared of an animal, by its accepted name."),
    Rule("stock.empty", "refuse", "A declaration of stock says something."),
    Rule("stock.numbers", "refuse", "Numbers of animals are not negative, classes stand once."),
    Rule("stock.negative", "refuse", "No more animals leave a stock than are in it."),
    Rule("stock.unknown", "refuse", "An officer counts a stock that was declared."),
    Rule("stock.attestation", "refuse", "A count says matches or differs, and what differs."),
    Rule("stock.differs", "stop", "An officer counted another stock than was declared."),
    Rule("stock.unexplained", "check", "An inventory finds no more animals than were declared."),
    Rule("stock.beyond-clutches", "check, stop", "No more hatches than the females can lay."),
    Rule("stock.below-zero", "check, stop", "No more skins come of a farm than it has animals."),
    Rule("stock.beyond-biology", "check, stop", "No more skins come of a farm than grew up there."),
    Rule("stock.second-generation", "check", "Source C needs a farm of two generations."),
    Rule("stock.group-name", "check", "A farm names its skins as it declares its animals."),
    Rule("stock.not-counted", "check", "Skins of a farm that counts its animals are counted too."),
    Rule("stock.undeclared", "check", "A farm declares the animals of which it sells skins."),
    Rule("stock.unseen", "check", "An officer counts within a year what came by word alone."),
    *by_products.RULES,
    *counting.RULES,
)


def check_declared(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why a declaration of stock cannot stand, and what it finds on the farm."""
    event = signed.event
    if not isinstance(event, StockDeclared):
        return
    yield from _check_place(signed, draft, event.facility)
    yield from _check_taxon(draft, event.taxon)
    moves = (event.eggs, event.hatched, event.bought, event.sold, event.died)
    if all(move is None for move in (*moves, event.females)) and not event.counts:
        yield Refusal("stock.empty", {"facility": event.facility})
    numbers = [move for move in (*moves, event.females) if move is not None]
    yield from _check_numbers(event.facility, numbers, event.counts)
    state = draft.account(account_name(event.facility, event.taxon), StockAccount)
    before = state.count if state is not None else 0
    after = declared(signed, state, event)
    moved = before + _in(event) - (event.sold or 0) - (event.died or 0)
    opens = state is None and bool(event.counts)
    if moved < min(0, before) and not opens:
        yield Refusal("stock.negative", {"facility": event.facility, "animals": max(before, 0)})
    place = Subject(Kind.FACILITY, event.facility)
    if event.counts and state is not None and _total(event.counts) > moved:
        yield Flag(place, "stock.unexplained", Severity.CHECK)
    if (state is None or event.bought) and not _is_open(draft, event.facility, UNSEEN):
        yield Flag(place, UNSEEN, Severity.CHECK, from_at=signed.at + COUNTED_WITHIN_S)
    spot = spot_of(draft, event.facility, day=day_of(signed))
    yield from _check_sold(draft, event.facility, after, event.counts, spot)
    known = biology_of(draft, event.taxon, spot)
    if known is not None and not may_hatch(known, after.cohorts):
        yield Flag(place, "stock.beyond-clutches", _weight(known))


def check_attested(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why an officer's count cannot stand; one that differs stops the farm."""
    event = signed.event
    if not isinstance(event, StockAttested):
        return
    yield from check_judge(signed, draft, event.facility)
    place = draft.facility(event.facility)
    if place is None:
        return
    state = draft.account(account_name(event.facility, event.taxon), StockAccount)
    if state is None:
        yield Refusal("stock.unknown", {"facility": event.facility, "taxon": event.taxon})
        return
    females = [] if event.females is None else [event.females]
    yield from _check_numbers(event.facility, females, event.counts)
    explained = event.result == "matches" or bool((event.reason or "").strip())
    if event.result not in RESULTS or not event.counts or not explained:
        yield Refusal("stock.attestation", {"facility": event.facility})
    if event.result == "differs":
        yield Flag(Subject(Kind.FACILITY, event.facility), "stock.differs", Severity.STOP)
    elif state.counts and _total(event.counts) > max(state.count, 0):
        yield Flag(Subject(Kind.FACILITY, event.facility), "stock.unexplained", Severity.CHECK)
    spot = spot_of(draft, event.facility, day=day_of(signed))
    after = attested(signed, state, event)
    yield from _check_sold(draft, event.facility, after, event.counts, spot)
    yield from counting.check_apart(signed, draft, place)


def _check_sold(
    draft: Draft, facility: str, after: StockAccount, counts: tuple[SizeClass, ...], spot: Spot
) -> Iterator[Flag]:
    """Yield a check on a farm whose count shows that animals live of which it sold the meat."""
    if not counts or _is_open(draft, facility, BY_PRODUCTS):
        return
    if is_contradicted(draft, after, spot):
        yield Flag(Subject(Kind.FACILITY, facility), BY_PRODUCTS, Severity.CHECK)


def check_taken(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield what the stocks find about what bred goods take out of them, on each lot."""
    for taking in draft.once(takings, signed):
        state = draft.account(taking.account, StockAccount)
        for rule, severity in _broken(signed, draft, state, taking):
            # What happened before may still arrive: a purchase, a hatch. Until then it is a check.
            is_early = rule == BELOW_ZERO and severity is Severity.STOP
            named = taking.places or taking.made_at
            for lot in (Subject(Kind.LOT, code) for code in lots_at(signed, named)):
                if is_early:
                    yield Flag(lot, rule, Severity.CHECK)
                from_at = signed.at + LATE_AFTER_S if is_early else None
                yield Flag(lot, rule, severity, from_at=from_at)
        yield from _check_stated(signed, draft, state, taking)
        yield from _check_made(signed, draft, state, taking)
    yield from _check_counted(signed, draft)


def _check_made(
    signed: Signed, draft: Draft, state: StockAccount | None, taking: Taking
) -> Iterator[Flag]:
    """Yield a check on meat, skulls and the like that no animals of the stock can have given."""
    spot = spot_of(draft, taking.facility, day=day_of(signed))
    if state is not None and taking.made and is_beyond(draft, state, taking, spot):
        for code in lots_at(signed, taking.made_at):
            yield Flag(Subject(Kind.LOT, code), BY_PRODUCTS, Severity.CHECK)


def is_new_to(place: FacilityState, state: StockAccount | None, taking: Taking) -> bool:
    """Return whether a farm sells for the first time what it declared no stock of."""
    return state is None and not taking.by_group and taking.taxon not in place.undeclared


def _check_stated(
    signed: Signed, draft: Draft, state: StockAccount | None, taking: Taking
) -> Iterator[Flag]:
    """Yield a check on a farm that nobody visits, due in 180 days, where it declares no stock."""
    place = draft.facility(taking.facility)
    if place is None or place.status == "attested" or not is_new_to(place, state, taking):
        return
    if not _is_open(draft, taking.facility, UNDECLARED):
        due = signed.at + FIRST_MONTHS_S
        yield Flag(Subject(Kind.FACILITY, taking.facility), UNDECLARED, Severity.CHECK, due)


def _is_open(draft: Draft, facility: str, rule: str) -> bool:
    place = draft.facility(facility)
    return place is not None and any(finding.rule == rule for finding in place.findings)


def _check_counted(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on skins by weight, or goods made of skins, from a stock that is declared."""
    event = signed.event
    if not isinstance(event, LotRegistered) or event.basis is not Basis.BRED:
        return
    for i, lot in enumerate(event.lots):
        for row in lot.contents if lot.facility is not None else ():
            taxon = draft.tables.taxon(row.taxon)
            if taxon is None or not _is_uncounted(draft, row):
                continue
            account = account_name(lot.facility or "", taxon.name)
            if draft.account(account, StockAccount) is not None:
                yield Flag(
                    Subject(Kind.LOT, signed.code_of(i)), "stock.not-counted", Severity.CHECK
                )
                break


def _is_uncounted(draft: Draft, row: Row) -> bool:
    """Return whether a row tells of skins, in a measure that tells of no number of animals."""
    if tells_of_animals(draft.tables, row):
        return False
    of_skins = draft.tables.conversion(*_SKINS, row.term, row.unit) is not None
    return of_skins or row.unit != _COUNTED_IN.get(row.term, row.unit)


def declared(signed: Signed, state: StockAccount | None, event: StockDeclared) -> StockAccount:
    """Return the account after a declaration; an inventory sets the count."""
    year = account_year(signed)
    opening = _total(event.counts) if state is None else 0
    if state is None:
        # What lived there before the first word counts as grown: nobody knows how old it is.
        grown = max(opening - _in(event) + (event.sold or 0) + (event.died or 0), 0)
        state = StockAccount(event.taxon, year, grown, grown, 0, 0, (), unseen=True)
    count = state.count + _in(event) - (event.sold or 0) - (event.died or 0)
    found = _total(event.counts) if event.counts else count
    return replace(
        state,
        unseen=True if event.bought else state.unseen,
        count=found,
        ended=ended(state, count=count, found=found, died=event.died or 0),
        grown=state.grown + (event.bought or 0),
        sold=state.sold + (event.sold or 0),
        cohorts=_with_cohort(
            state.cohorts,
            Cohort(year, event.hatched or 0, event.females or 0, event.eggs or 0),
        ),
        counts=event.counts or state.counts,
    )


def attested(signed: Signed, state: StockAccount, event: StockAttested) -> StockAccount:
    """Return the account after an officer's count, which is the stock from then on."""
    counted = _total(event.counts)
    return replace(
        state,
        count=counted,
        ended=ended(state, count=state.count, found=counted),
        counts=event.counts,
        attested_at=signed.at,
        unseen=None,
    )


def ended(state: StockAccount, *, count: int, found: int, died: int = 0) -> int | None:
    """Return how many animals ended: those that died, and those that a count did not find."""
    return (state.ended or 0) + died + max(count - found, 0) or None


def explained(signed: Signed, state: StockAccount, event: StockDeclared) -> tuple[str, ...]:
    """Return the lots for which the stock was short until this word came, in time for late ones.

    An inventory explains nothing: animals that nobody saw come are found by it (`unexplained`).
    """
    moved = state.count + _in(event) - (event.sold or 0) - (event.died or 0)
    waiting = (short.lot for short in state.short if signed.at < short.until)
    return tuple(waiting) if moved >= 0 else ()


def with_short(signed: Signed, state: StockAccount, taking: Taking) -> tuple[ShortLot, ...]:
    """Return the lots that wait for late word, with those of a taking that goes below zero."""
    waiting = [short for short in state.short if signed.at < short.until]
    if state.count < taking.animals:
        until = signed.at + LATE_AFTER_S
        waiting += (ShortLot(code, until) for code in lots_at(signed, taking.places))
    return tuple(waiting[-SHORT_MAX:])


def _broken(
    signed: Signed, draft: Draft, state: StockAccount | None, taking: Taking
) -> Iterator[tuple[str, Severity]]:
    place = draft.facility(taking.facility)
    since = place.terms.since if place is not None and place.terms is not None else None
    if taking.by_group:
        yield "stock.group-name", Severity.CHECK
    known = None
    if state is not None or since is not None:
        spot = spot_of(draft, taking.facility, day=day_of(signed))
        known = biology_of(draft, taking.taxon, spot)
    if known is not None and since is not None and taking.sources & _SECOND:
        months = (account_year(signed) - since + 1) * MONTHS
        if months < 2 * known.slaughter_min_months:
            yield "stock.second-generation", Severity.CHECK
    if state is not None:
        yield from _overdrawn(signed, state, known, taking)
    elif place is not None and place.status == "attested":
        # Where officers visit farms, farms declare; elsewhere nobody asks for an inventory.
        yield UNDECLARED, Severity.CHECK


def _overdrawn(
    signed: Signed, state: StockAccount, known: Biology | None, taking: Taking
) -> Iterator[tuple[str, Severity]]:
    if not taking.animals:
        return
    if state.count < taking.animals:
        counted = state.attested_at is not None
        yield BELOW_ZERO, Severity.STOP if counted else Severity.CHECK
    day = day_of(signed)
    month = int(day[:4]) * MONTHS + int(day[5:7]) - 1
    if known is None:
        return
    if state.taken + state.sold + taking.animals > grown_up(known, state, month=month):
        yield "stock.beyond-biology", _weight(known)


def _weight(known: Biology) -> Severity:
    return Severity.STOP if known.confirmed else Severity.CHECK


def _with_cohort(cohorts: tuple[Cohort, ...], new: Cohort) -> tuple[Cohort, ...]:
    same = next((c for c in cohorts if c.year == new.year), Cohort(new.year, 0, 0, 0))
    joined = Cohort(
        new.year,
        same.hatched + new.hatched,
        max(same.females, new.females),
        same.eggs + new.eggs,
    )
    rows = sorted((*(c for c in cohorts if c.year != new.year), joined), key=lambda c: c.year)
    while len(rows) > COHORTS_MAX:
        old, next_ = rows[0], rows[1]
        hatched, eggs = old.hatched + next_.hatched, old.eggs + next_.eggs
        rows[:2] = [Cohort(next_.year, hatched, max(old.females, next_.females), eggs)]
    return tuple(rows)


def _in(event: StockDeclared) -> int:
    return (event.hatched or 0) + (event.bought or 0)


def _total(counts: tuple[SizeClass, ...]) -> int:
    return sum(size.count for size in counts)


def _check_place(signed: Signed, draft: Draft, name: str) -> Iterator[Refusal]:
    place = draft.facility(name)
    if place is None:
        yield Refusal("facility.unknown", {"facility": name})
    elif place.kind not in BREEDING or name.partition("/")[0] != signed.party:
        yield Refusal("stock.facility", {"facility": name, "party": signed.party})


def _check_taxon(draft: Draft, name: str) -> Iterator[Refusal]:
    taxon = draft.tables.taxon(name)
    if taxon is None or taxon.kingdom != "Animalia" or taxon.name != name:
        yield Refusal("stock.taxon", {"taxon": name[:96]})


def _check_numbers(
    facility: str, numbers: list[int], counts: tuple[SizeClass, ...]
) -> Iterator[Refusal]:
    names = [size.name for size in counts]
    sound = len(set(names)) == len(names) <= CLASSES_MAX and all(0 < len(n) <= 40 for n in names)
    counted = [*numbers, *(size.count for size in counts)]
    if not sound or any(not 0 <= number <= QUANTITY_MAX for number in counted):
        yield Refusal("stock.numbers", {"facility": facility})


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    StockDeclared: (check_declared,),
    StockAttested: (check_attested,),
}
