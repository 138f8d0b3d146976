"""Open findings: on what they stand, whom and which countries they concern, and who caused them.

Owns what follows from records and leaves alone. What a finding means in words is not here.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import DocumentState
from ledger.custody.facilities import FacilityState
from ledger.custody.lots import LotState
from ledger.custody.parties import PartyState
from ledger.custody.state import State
from ledger.custody.subjects import Kind
from ledger.custody.transfers import ContainerState
from ledger.reader.tracing import Tracer
from ledger.reader.views import FindingView, TimelineEntry
from ledger.storage.protocol import Store


class Seen(Struct, frozen=True):
    """What was looked up while many findings were read: offices by party, causes by statement id.

    One statement may cause hundreds of them, and is read from the log once.
    """

    offices: dict[str, tuple[str, str]] = field(default_factory=dict)
    causes: dict[bytes, TimelineEntry | None] = field(default_factory=dict)


class Remarks:
    """Reads open findings from a store."""

    def __init__(self, store: Store, tracer: Tracer) -> None:
        self._store = store
        self._tracer = tracer

    def open(self, *, after: str = "", limit: int, seen: Seen | None = None) -> list[FindingView]:
        """Return the open findings of the subjects after `after` (`kind/name`), sorted by subject.

        A subject's findings are never torn apart: a few more than `limit` may come. Who reads
        several pages hands on what was `seen`.
        """
        found: list[FindingView] = []
        seen = Seen() if seen is None else seen
        for kind, name in self._store.flagged():
            if (kind, name) <= tuple(after.partition("/")[::2]):
                continue
            found.extend(self.of(kind, name, seen=seen))
            if len(found) >= limit:
                break
        return found

    def of(self, kind: str, name: str, *, seen: Seen | None = None) -> Iterator[FindingView]:
        """Yield the open findings of one subject."""
        state = self._tracer.record(kind, name).state
        seen = Seen() if seen is None else seen
        known = seen.offices
        parties = tuple(sorted(judged(kind, name, state)))
        countries = {country for country in countries_of(name, state) if country}
        for party in parties:
            if party not in known:
                known[party] = self._tracer.office(party)
            countries.add(known[party][1])
        lies = tuple(sorted(countries - {""}))
        for finding in state.findings:
            if finding.cause not in seen.causes:
                seen.causes[finding.cause] = self.cause(finding.cause)
            cause = seen.causes[finding.cause]
            yield FindingView(kind, name, finding, parties, lies, cause)

    def cause(self, statement_id: bytes) -> TimelineEntry | None:
        """Return who said what and when, by statement id; None where the log does not know it."""
        index = self._store.index_of(statement_id)
        if index is not None:
            return self._tracer.entry(self._tracer.statement_at(index))
        refused = self._store.refusal(statement_id)
        # A ledger restored from its leaves knows that one was refused, not what it said.
        if refused is None or not refused.raw:
            return None
        return self._tracer.refused_entry(refused)


def judged(kind: str, name: str, state: State) -> set[str]:
    """Return the parties that a finding on the subject speaks of."""
    found: set[str | None] = set()
    match state:
        case LotState():
            found = {state.holder, state.owner, state.born_by}
        case ContainerState():
            found = {state.holder}
        case DocumentState():
            found = {state.by, state.paper.holder if state.paper is not None else None}
        case FacilityState():
            found = {name.partition("/")[0]}
        case PartyState():
            found = {name}
        case QuotaAccount():
            pass
        case _ if kind == Kind.ACCOUNT.value:
            # Every other account is a party's: allotment, stock, yield, credit.
            found = {name.split("/")[1]}
        case _:
            pass
    return {party for party in found if party}


def countries_of(name: str, state: State) -> tuple[str | None, ...]:
    """Return the countries in which a subject lies, as its own record says."""
    match state:
        case LotState() | PartyState() | FacilityState():
            return (state.country,)
        case QuotaAccount():
            return (state.quota.country,)
        case DocumentState():
            to = state.paper.to_country if state.paper is not None else None
            return (name.partition("/")[0], to)
        case _:
            return ()
