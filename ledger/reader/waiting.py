"""What waits for an authority: acts to approve, goods to decide on, findings, deadlines, quotas.

Owns the sections of `ringmark waiting` and of its page, listed as data: each yields rows from what
the store holds now, and nothing where the ledger has nothing of the kind. What a row is called in
words is decided by whoever shows it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.accounts import AllotmentAccount, AllottedRange, QuotaAccount
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.parties import PartyState
from ledger.custody.rules.days import log_day
from ledger.custody.rules.offices import EVERYWHERE, countries_of
from ledger.custody.subjects import Kind
from ledger.reader.listing import Lists, Span, format_place, parse_place
from ledger.reader.remarks import Seen
from ledger.reader.tracing import Tracer
from ledger.reader.views import Errand, FindingView, WaitingView
from ledger.reference.explaining import commands
from ledger.storage.finding_list import EVERYBODY, FOR_EVER_S, FindingRow
from ledger.storage.protocol import Store
from ledger.storage.rows import act_index, act_of

ROWS_MAX = 200
"""The most rows that one section shows."""
RUNS_MAX = 50
"""The most ranges of unused marks that one command names; the next look shows the rest."""
NOT_ENDORSED = "document.not-endorsed"
OWN_SECTION = frozenset({NOT_ENDORSED, "mark.not-returned"})
"""Deadlines that have a section of their own."""
_PAGE = 1_000
LATE_S = 31 * 86_400
"""How long late words may still come for the days of a quota (`time.told-late`)."""


class Desk(Struct, frozen=True):
    """Whose errands are asked: an authority, and its countries (None: anybody's, all of them).

    `now` is the newest closing's time, seconds. Findings are read from the place `after` on.
    `country` is one that alone was asked for: then even what the authority itself has is narrowed.
    """

    authority: str | None
    countries: frozenset[str] | None
    now: int
    after: str = ""
    country: str | None = None

    def concerns(self, *countries: str) -> bool:
        """Return whether something that lies in `countries` is this desk's to settle."""
        return self.countries is None or not self.countries.isdisjoint(countries)

    def narrowed(self, country: str | None) -> Desk:
        """Return this desk, of one country alone where one is asked for."""
        if country is None:
            return self
        return replace(self, country=country, countries=frozenset({country}))

    def asks_for(self, country: str | None) -> bool:
        """Return whether what is the authority's own, and lies in a country, is asked for."""
        return self.country in (None, country)

    def span(self, *, since: int = 0, until: int = FOR_EVER_S) -> Span:
        """Return the lists of its countries, of what counts from `since` to `until`."""
        about = (EVERYBODY,) if self.countries is None else tuple(sorted(self.countries))
        return Span(about, since=since, until=until)


class Waiting:
    """Reads what waits from a store."""

    def __init__(self, store: Store, tracer: Tracer, lists: Lists) -> None:
        self._store = store
        self._tracer = tracer
        self._lists = lists

    def for_desk(self, desk: Desk, *, section: str | None = None) -> WaitingView:
        """Return every section that has rows, in the order of SECTIONS, each cut at 200 rows.

        With `section` only that one.
        """
        sections: dict[str, tuple[Errand, ...]] = {}
        cut: list[str] = []
        for name, read in SECTIONS.items():
            if section not in (None, name):
                continue
            rows, is_cut = _first_rows(read(self, desk))
            if is_cut:
                cut.append(name)
            if rows:
                sections[name] = rows
        found = sections.get("findings", ())
        return WaitingView(
            authority=desk.authority,
            countries=tuple(sorted(desk.countries or ())),
            at=desk.now,
            sections=sections,
            cut=tuple(cut),
            counts=self._lists.counts(desk.span(until=desk.now)),
            next=found[-1].place if "findings" in cut else "",
        )

    def desk_of(self, party: str | None, *, now: int) -> Desk:
        """Return the desk of an authority or of an officer's authority; None: the whole ledger."""
        row = self._store.record(kind=Kind.PARTY.value, name=party) if party else None
        state = self._tracer.record(row.kind, row.name).state if row else None
        if not isinstance(state, PartyState):
            return Desk(None, None, now)
        own, is_authority = countries_of(state), "authority" in state.roles
        decides = is_authority or "officer" in state.roles
        countries = own if decides and EVERYWHERE not in own else None
        return Desk(party if is_authority else (state.acts_for or party), countries, now)

    # -- sections

    def approvals(self, desk: Desk) -> Iterator[Errand]:
        """Yield the acts that wait for one more approval, those that lapse first first."""
        found = []
        for act_id, body in self._store.acts():
            view = self._tracer.statement_at(act_index(act_id, body))
            act = act_of(act_id, body, view.raw)
            step = self._tracer.entry(view)
            if act.lapses_at < desk.now or not desk.concerns(*filter(None, (step.country,))):
                continue
            errand = Errand(
                kind=Kind.PARTY.value,
                name=view.party,
                about=view.type,
                at=view.at,
                due=act.lapses_at,
                party=view.party,
                commands=(
                    f"ringmark statement decode {view.id.hex()}",
                    f"ringmark approve {view.id.hex()}",
                ),
            )
            found.append(errand)
        yield from sorted(found, key=lambda errand: (errand.due or 0, errand.name))

    def seized(self, desk: Desk) -> Iterator[Errand]:
        """Yield the goods in the authority's custody that wait for a decision."""
        for code, lot in self._lots_of(desk.authority):
            if lot.status is not LotStatus.SEIZED or not desk.asks_for(self._lies_in(lot)):
                continue
            step = self._last_step(code)
            yield Errand(
                kind=Kind.LOT.value,
                name=code,
                about="LotSeized",
                at=step,
                party=lot.owner,
                commands=(
                    f'ringmark confiscate {code} --reason "…"',
                    f'ringmark release {code} --reason "…"',
                ),
            )

    def offers(self, desk: Desk) -> Iterator[Errand]:
        """Yield the open offers of goods to the authority."""
        if desk.authority is None:
            return
        for row in self._store.offers(party=desk.authority):
            if row.receiver == desk.authority and desk.asks_for(self._country(row.sender)):
                view = self._tracer.statement(row.id)
                yield Errand(
                    kind=Kind.PARTY.value,
                    name=row.sender,
                    about=view.type,
                    at=view.at,
                    due=int(view.event["expires"]),
                    party=row.sender,
                    commands=(f"ringmark transfer accept {row.id.hex()}",),
                )

    def endorsements(self, desk: Desk) -> Iterator[Errand]:
        """Yield the crossings that a trader stated and no officer confirmed, the oldest first."""
        span = replace(desk.span(), rules=(NOT_ENDORSED,))
        for _, view in self._listed(span, order="age"):
            stated = self._tracer.statement(view.finding.cause)
            leaves = stated.type == "LotExported"
            country = str(stated.event["from_country" if leaves else "to_country"])
            side = "--export" if leaves else "--import"
            document = str(stated.event["document"])
            yield Errand(
                kind=view.kind,
                name=view.name,
                about=stated.type,
                at=stated.at,
                due=view.finding.from_at,
                party=stated.party,
                document=document,
                commands=(
                    f"ringmark document endorse {shlex.quote(document)} {view.name}"
                    f" {side} {shlex.quote(country)}",
                ),
            )

    def findings(self, desk: Desk) -> Iterator[Errand]:
        """Yield the findings that count now, the heaviest and then the oldest first."""
        span, start = desk.span(until=desk.now), parse_place(desk.after)
        for row, view in self._listed(span, order="weight", after=start):
            yield replace(_of_finding(view), place=format_place(row))

    def deadlines(self, desk: Desk) -> Iterator[Errand]:
        """Yield what becomes a finding if nothing happens until then, the nearest first."""
        ahead = desk.span(since=desk.now + 1)
        span = self._lists.of_rules(ahead, lambda rule: rule not in OWN_SECTION)
        for _, view in self._listed(span, order="age"):
            yield _of_finding(view)

    def returns(self, desk: Desk) -> Iterator[Errand]:
        """Yield the allotments with marks that are neither used nor returned, by due date."""
        found = []
        for name in self._accounts("allotment/"):
            state = self._tracer.record(Kind.ACCOUNT.value, name).state
            party = name.split("/")[1]
            if not isinstance(state, AllotmentAccount) or state.due is None:
                continue
            left, total = _unused(state.allotted)
            if left and desk.concerns(self._tracer.office(party)[1]):
                errand = Errand(
                    kind=Kind.ACCOUNT.value,
                    name=name,
                    about="MarksAllotted",
                    due=state.due,
                    party=party,
                    used=total - left,
                    amount=total,
                    unit="NAR",
                    commands=(f"ringmark --as {party} mark return {_free(name, state)}",),
                )
                found.append(errand)
        yield from sorted(found, key=lambda errand: (errand.due or 0, errand.name))

    def quotas(self, desk: Desk) -> Iterator[Errand]:
        """Yield the quotas that run or are to come, with what was used of each, the fullest first.

        Those that ended wait for late words a month more; one that was replaced waits for nothing.
        """
        found = []
        since = log_day(desk.now - LATE_S)
        for name in self._accounts("quota/"):
            state = self._tracer.record(Kind.ACCOUNT.value, name).state
            if not isinstance(state, QuotaAccount) or not desk.concerns(state.quota.country):
                continue
            if state.replaced_by is None and state.quota.until_day >= since:
                found.append(_of_quota(name, state))
        yield from sorted(found, key=_fullness)

    # -- reading

    def _listed(
        self, span: Span, *, order: str, after: FindingRow | None = None
    ) -> Iterator[tuple[FindingRow, FindingView]]:
        seen = Seen()
        for row in self._lists.rows(span, order=order, after=after, at_once=ROWS_MAX + 1):
            yield from ((row, view) for view in self._lists.views(row, seen))

    def _accounts(self, prefix: str) -> Iterator[str]:
        after, kind = "", Kind.ACCOUNT.value
        while page := self._store.names(kind=kind, prefix=prefix, after=after, limit=_PAGE):
            yield from page
            after = page[-1]

    def _lots_of(self, party: str | None) -> Iterator[tuple[str, LotState]]:
        after, kind = "", Kind.LOT.value
        while party and (page := self._store.held_by(party, kind=kind, after=after, limit=_PAGE)):
            for code in page:
                state = self._tracer.record(kind, code).state
                if isinstance(state, LotState):
                    yield code, state
            after = page[-1]

    def _lies_in(self, lot: LotState) -> str | None:
        """Return the country where goods are: as a crossing last said, else that of their owner."""
        return lot.country or (self._country(lot.owner) if lot.owner else None)

    def _country(self, party: str) -> str | None:
        return self._tracer.office(party)[1]

    def _last_step(self, code: str) -> int:
        record = self._tracer.record(Kind.LOT.value, code)
        history = self._tracer.history(Kind.LOT.value, code, after=record.n - 1)
        return history[-1].at if history else 0


def _first_rows(found: Iterator[Errand]) -> tuple[tuple[Errand, ...], bool]:
    """Return the rows that a section shows, and whether it has more.

    Findings of one place in their list are not torn apart: the next page starts behind it.
    """
    rows = list(islice(found, ROWS_MAX))
    for errand in found:
        if not errand.place or errand.place != rows[-1].place:
            return tuple(rows), True
        rows.append(errand)
    return tuple(rows), False


def _of_finding(view: FindingView) -> Errand:
    finding = view.finding
    facts = {
        "subject": f"{view.kind}/{view.name}",
        "name": view.name,
        "rule": finding.rule,
        "cause": finding.cause.hex(),
        "key": finding.kid.hex() if finding.kid else "",
    }
    return Errand(
        kind=view.kind,
        name=view.name,
        about=finding.rule,
        at=_caused_at(view),
        due=finding.from_at,
        severity=finding.severity.value,
        party=view.parties[0] if view.parties else "",
        marks=finding.marks,
        commands=commands(finding.rule, facts),
    )


def _of_quota(name: str, state: QuotaAccount) -> Errand:
    quota = state.quota
    return Errand(
        kind=Kind.ACCOUNT.value,
        name=name,
        about="QuotaSet",
        party=quota.country,
        taxon=quota.taxon,
        terms=quota.terms,
        period=(quota.from_day, quota.until_day),
        used=state.used,
        reserved=state.reserved,
        amount=quota.amount + (quota.carried or 0),
        unit=quota.unit,
        conditions=quota.conditions,
    )


def _fullness(errand: Errand) -> tuple[int, str]:
    """Return the share that is used in parts of a million, negative: the fullest first."""
    used = max(errand.used or 0, errand.reserved or 0)
    amount = errand.amount or 0
    share = used * 1_000_000 // amount if amount else (1_000_000 if used else 0)
    return (-share, errand.name)


def _caused_at(view: FindingView) -> int:
    return view.caused.at if view.caused is not None else view.finding.from_at


def _unused(ranges: tuple[AllottedRange, ...]) -> tuple[int, int]:
    """Return how many marks of an allotment are neither used nor returned, and how many it has."""
    total = sum(each.last - each.first + 1 for each in ranges)
    gone = sum(b - a + 1 for each in ranges for a, b in (*each.used, *each.returned))
    return total - gone, total


def _free(name: str, state: AllotmentAccount) -> str:
    """Return what `mark return` is told of the unused marks: the account and their ranges."""
    runs = [run for own in state.allotted for run in _free_runs(own)]
    shown = runs[:RUNS_MAX]
    return f"{shlex.quote(name.partition('/')[2])} {shlex.quote(','.join(shown))}"


def _free_runs(own: AllottedRange) -> Iterator[str]:
    ahead = own.first
    for first, last in sorted((*own.used, *own.returned)):
        if ahead < first:
            yield _run(own, ahead, first - 1)
        ahead = max(ahead, last + 1)
    if ahead <= own.last:
        yield _run(own, ahead, own.last)


def _run(own: AllottedRange, first: int, last: int) -> str:
    texts = [f"{own.before}{n:0{own.digits}d}{own.after}" for n in dict.fromkeys((first, last))]
    return "..".join(texts)


Read = Callable[[Waiting, Desk], Iterator[Errand]]
SECTIONS: Mapping[str, Read] = {
    "approvals": Waiting.approvals,
    "seized": Waiting.seized,
    "offers": Waiting.offers,
    "endorsements": Waiting.endorsements,
    "findings": Waiting.findings,
    "deadlines": Waiting.deadlines,
    "returns": Waiting.returns,
    "quotas": Waiting.quotas,
}
"""Every section in the order in which it is shown; one without rows is not shown at all."""
