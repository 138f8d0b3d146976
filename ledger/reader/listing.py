"""Lists of open findings: those that are wanted, in order, from a place on.

Owns the order in which findings are shown (by weight or by age) and the place in it that a page
ends at. Lists come from the store; each row is held to the record of its subject, which the newest
closing binds, and the number of rows to what the records say that there are.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.parties import PartyState
from ledger.custody.subjects import Finding, Kind
from ledger.errors import MalformedError, NotFoundError
from ledger.reader.holding import damaged
from ledger.reader.remarks import Remarks, Seen
from ledger.reader.views import FindingView
from ledger.storage.finding_list import EVERYBODY, FOR_EVER_S, WEIGHTS, FindingRow, Wanted
from ledger.storage.protocol import Head, Store
from ledger.storage.rows import finding_rows, record_of
from ledger.wire import text

Sees = Callable[[FindingView], bool]
"""Whether whoever asks may see a finding."""
_PAGE = 1_000
_AHEAD_MIN = 32
"""Rows that are read at once of each of many lists that are merged."""
_SAME_MOMENT_MAX = 1 << 20


class FindingPage(Struct, frozen=True):
    """Some of a list of findings; `next` is the place to go on from, "" at the end.

    `counts` says how many the whole list has by severity, where that is known without reading it.
    """

    findings: tuple[FindingView, ...]
    next: str = ""
    counts: dict[str, int] | None = None


class Span(Struct, frozen=True):
    """What part of the lists is read: about whom, which weights, counting from when to when.

    `rules` are those alone whose findings are read; None: of every rule.
    """

    about: tuple[str, ...] = (EVERYBODY,)
    weights: tuple[int, ...] = tuple(range(len(WEIGHTS)))
    since: int = 0
    until: int = FOR_EVER_S
    rules: tuple[str, ...] | None = None

    def has(self, finding: Finding) -> bool:
        """Return whether a finding is of these weights and counts from within these times."""
        weight = WEIGHTS.index(finding.severity)
        return weight in self.weights and self.since <= finding.from_at <= self.until


class _Stream(Struct, frozen=True):
    """Rows of one list and weight, of one rule or of all (None); so many are read at once."""

    about: str
    rule: str | None
    weight: int
    at_once: int


class Lists:
    """Reads lists of findings from a store."""

    def __init__(self, store: Store, remarks: Remarks) -> None:
        self._store = store
        self._remarks = remarks
        self._whole: Head | None = None

    def page(
        self, wanted: Wanted, *, now: int, after: str = "", limit: int, sees: Sees | None = None
    ) -> FindingPage:
        """Return the wanted findings after a place, about `limit` of them.

        `now` is the newest closing's time, s; only what one `sees` is told, and no place of
        anything else. What stands in one row is never torn apart: a few more may come.
        """
        if wanted.subject is not None:
            return FindingPage(tuple(filter(sees, self._on_subject(wanted, now=now))))
        span, seen = _span(wanted, now=now), Seen()
        if wanted.rule is not None:
            span = self.of_rules(span, wanted.is_rule)
        start = parse_place(after)
        chosen = self.rows(span, order=wanted.sort, after=start, at_once=min(limit + 1, _PAGE))
        if wanted.party is not None:
            spoken = self.rows(replace(span, about=(wanted.party,)), order=wanted.sort, after=start)
            chosen = self._of_party(chosen, spoken, wanted, seen)
        found: list[FindingView] = []
        last: FindingRow | None = None
        for row in chosen:
            if len(found) >= limit and last is not None and row[2:] != last[2:]:
                return FindingPage(tuple(found), format_place(last), self._counts(wanted, span))
            told = [view for view in self.views(row, seen) if wanted.is_in(view.countries)]
            told = told if sees is None else list(filter(sees, told))
            if told:
                found += told
                last = row
        return FindingPage(tuple(found), counts=self._counts(wanted, span))

    def of_rules(self, span: Span, is_wanted: Callable[[str], bool]) -> Span:
        """Return a span with the rules alone that are wanted, of those that have findings there."""
        found = sorted({rule for about in span.about for rule in self._store.finding_rules(about)})
        rules = tuple(filter(is_wanted, found))
        return span if len(rules) == len(found) else replace(span, rules=rules)

    def rows(
        self, span: Span, *, order: str, after: FindingRow | None = None, at_once: int = _PAGE
    ) -> Iterator[FindingRow]:
        """Yield rows of some lists in an order, each finding once, from a place on.

        Raise DamagedError where a list lost a row.
        """
        self._check_whole()
        if order == "age":
            streams = [self._list(span, w, after, at_once) for w in span.weights]
            yield from _once(heapq.merge(*streams, key=_age))
            return
        for weight in span.weights:
            if after is None or weight >= after.weight:
                start = after if after is not None and weight == after.weight else None
                yield from _once(self._list(span, weight, start, at_once))

    def views(self, row: FindingRow, seen: Seen) -> Iterator[FindingView]:
        """Yield the findings that a row stands for, as the record of its subject has them.

        Raise DamagedError where the row says what no record says.
        """
        told = [
            view
            for view in self._on(row, seen)
            if row.about in (EVERYBODY, *view.countries, *view.parties)
        ]
        if not told:
            self._check_gone(row)
        yield from told

    def counts(self, span: Span) -> dict[str, int] | None:
        """Return how many rows a span has by severity; None where two lists may share some."""
        if len(span.about) != 1:
            return None
        counts = self._store.finding_counts(span.about[0], since=span.since, until=span.until)
        return {WEIGHTS[weight].value: counts[weight] for weight in span.weights}

    def _on(self, row: FindingRow, seen: Seen) -> list[FindingView]:
        try:
            said = partial(_is_of, row)
            return list(self._remarks.of(row.kind, row.name, seen=seen, only=said))
        except NotFoundError as error:
            raise damaged(f"A list names {row.kind}/{row.name}, which has no record.") from error

    def _on_subject(self, wanted: Wanted, *, now: int) -> list[FindingView]:
        kind, _, name = (wanted.subject or "").partition("/")
        span, seen = _span(wanted, now=now), Seen()
        found = [
            (WEIGHTS.index(view.finding.severity), view.finding.from_at, view.finding.rule, view)
            for view in self._remarks.of(kind, name, seen=seen)
            if wanted.is_in(view.countries)
            and wanted.is_rule(view.finding.rule)
            and span.has(view.finding)
            and wanted.is_about(
                view.parties, caused_by=self._remarks.caused_by(view.finding.cause, seen)
            )
        ]
        start = 0 if wanted.sort == "weight" else 1
        return [each[-1] for each in sorted(found, key=lambda each: each[start:-1])]

    def _list(
        self, span: Span, weight: int, after: FindingRow | None, at_once: int
    ) -> Iterator[FindingRow]:
        rules: Sequence[str | None] = (None,) if span.rules is None else span.rules
        # Many streams are merged: what is read ahead of each is less.
        ahead = max(min(at_once, _AHEAD_MIN), at_once // max(len(rules), 1))
        streams = (
            self._read(_Stream(about, rule, weight, ahead), span, after)
            for about in span.about
            for rule in rules
        )
        return heapq.merge(*streams, key=_age)

    def _read(self, of: _Stream, span: Span, after: FindingRow | None) -> Iterator[FindingRow]:
        while True:
            page = self._store.findings(
                of.about,
                weight=of.weight,
                rule=of.rule,
                since=span.since,
                until=span.until,
                after=after,
                limit=of.at_once,
            )
            yield from page
            if len(page) < of.at_once:
                return
            after = page[-1]

    def _of_party(
        self, rows: Iterator[FindingRow], spoken: Iterator[FindingRow], wanted: Wanted, seen: Seen
    ) -> Iterator[FindingRow]:
        """Yield those rows that are among `spoken`, in the same order, or that the party caused."""
        place = _age if wanted.sort == "age" else _weight
        head = next(spoken, None)
        for row in rows:
            while head is not None and place(head) < place(row):
                head = next(spoken, None)
            is_spoken_of = head is not None and head[1:] == row[1:]
            if is_spoken_of or self._remarks.caused_by(row.cause, seen) == wanted.party:
                yield row

    def _counts(self, wanted: Wanted, span: Span) -> dict[str, int] | None:
        if (wanted.rule, wanted.party, wanted.reader) != (None, None, None):
            return None
        return self.counts(span)

    def _check_whole(self) -> None:
        """Raise DamagedError where the lists lost a row, or have one too many, since it was asked.

        A database loses a row of one tree where a disk fails; the records are another tree.
        """
        head = self._store.head()
        if head == self._whole:
            return
        found = self._store.listed()
        rows = next((n for n in (found.by_weight, found.by_rule) if n != found.said), None)
        if rows is not None:
            raise damaged(
                f"The lists of findings have {rows} rows, the records count {found.said}."
            )
        self._whole = head

    def _check_gone(self, row: FindingRow) -> None:
        """Raise DamagedError where a row stands in a list and in no record of the same state."""
        with self._store.snapshot():
            listed = self._store.findings(
                row.about,
                weight=row.weight,
                since=row.from_at,
                until=row.from_at,
                limit=_SAME_MOMENT_MAX,
            )
            stored = self._store.record(kind=row.kind, name=row.name)
            said = record_of(stored) if stored is not None else None
            rows = (
                finding_rows(said.subject, said.state, country_of=self._country_of) if said else ()
            )
            is_said = row in rows
        if row in listed and not is_said:
            raise damaged(f"A list has {row.rule} on {row.kind}/{row.name}, its record has not.")

    def _country_of(self, party: str) -> str:
        row = self._store.record(kind=Kind.PARTY.value, name=party)
        state = record_of(row).state if row is not None else None
        return state.country if isinstance(state, PartyState) else ""


def _is_of(row: FindingRow, finding: Finding) -> bool:
    said = (finding.severity, finding.from_at, finding.rule, finding.cause)
    return said == (WEIGHTS[row.weight], row.from_at, row.rule, row.cause)


def _span(wanted: Wanted, *, now: int) -> Span:
    about = (wanted.reader or wanted.country or EVERYBODY,)
    weights = Span().weights
    if wanted.severity is not None:
        weights = tuple(w for w in weights if WEIGHTS[w].value == wanted.severity)
    since = max(wanted.since or 0, now + 1 if wanted.due is not None else 0)
    return Span(about, weights, since, FOR_EVER_S if wanted.due is None else wanted.due)


def _age(row: FindingRow) -> tuple[int, str, bytes, str, str]:
    return row[2:]


def _weight(row: FindingRow) -> tuple[int, int, str, bytes, str, str]:
    return row[1:]


def _once(rows: Iterator[FindingRow]) -> Iterator[FindingRow]:
    """Yield sorted rows, of those that two lists have the first."""
    last: tuple[object, ...] | None = None
    for row in rows:
        if row[1:] != last:
            yield row
        last = row[1:]


def format_place(row: FindingRow) -> str:
    """Return the place of a row as text: `1:1764000000:mark.cloned:HEX:lot:CODE`."""
    return f"{row.weight}:{row.from_at}:{row.rule}:{row.cause.hex()}:{row.kind}:{row.name}"


def parse_place(place: str) -> FindingRow | None:
    """Return the row after which to go on, None for "": the beginning; raise MalformedError."""
    if not place:
        return None
    parts = place.split(":", 5)
    try:
        weight, from_at, rule, cause, kind, name = parts
        row = FindingRow(
            EVERYBODY,
            text.parse_decimal(weight),
            text.parse_decimal(from_at),
            rule,
            text.decode_hex(cause),
            kind,
            name,
        )
    except (ValueError, MalformedError) as error:
        raise _no_place(place) from error
    if row.weight >= len(WEIGHTS) or row.from_at > FOR_EVER_S:
        raise _no_place(place)
    return row


def _no_place(place: str) -> MalformedError:
    return MalformedError(
        "finding.place",
        f"{place[:64]} is no place in a list of findings.",
        hint="Take the `next` of the page before it, whole.",
        params={"place": place[:64]},
    )
