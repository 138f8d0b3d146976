"""Open findings: on what they stand, whom and which countries they concern, and who caused them.

Owns what follows from records and leaves alone. What a finding means in words is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct, field

from ledger.custody.concerning import countries_lain_in, parties_judged
from ledger.custody.subjects import Finding, Kind, Subject
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

    def of(
        self,
        kind: str,
        name: str,
        *,
        seen: Seen | None = None,
        only: Callable[[Finding], bool] | None = None,
    ) -> Iterator[FindingView]:
        """Yield the open findings of one subject, all of them or `only` some."""
        state = self._tracer.record(kind, name).state
        subject = Subject(Kind(kind), name)
        seen = Seen() if seen is None else seen
        known = seen.offices
        parties = tuple(sorted(parties_judged(subject, state)))
        countries = countries_lain_in(subject, state)
        for party in parties:
            if party not in known:
                known[party] = self._tracer.office(party)
            countries.add(known[party][1])
        lies = tuple(sorted(countries - {""}))
        for finding in filter(only, state.findings) if only else state.findings:
            cause = self._cause(finding.cause, seen)
            yield FindingView(kind, name, finding, parties, lies, cause)

    def caused_by(self, statement_id: bytes, seen: Seen) -> str | None:
        """Return the party that signed what caused a finding, None where the log does not know."""
        cause = self._cause(statement_id, seen)
        return cause.party if cause is not None else None

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

    def _cause(self, statement_id: bytes, seen: Seen) -> TimelineEntry | None:
        if statement_id not in seen.causes:
            seen.causes[statement_id] = self.cause(statement_id)
        return seen.causes[statement_id]
