"""The list of open findings, by weight: its rows, what may be wanted of it, what a store answers.

Owns the order: whom a finding is about, how much it weighs, since when it counts. A list of any
length is read from any place on, and each page costs the same. What a row says is held to the
record of its subject by whoever shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from msgspec import Struct

from ledger.custody.subjects import Severity

EVERYBODY = ""
"""The list that has every finding once; others are a country's or a party's."""
WEIGHTS = tuple(Severity)
"""Severities by weight, the heaviest first: the number of a weight is its place here."""
FOR_EVER_S = (1 << 53) - 1
"""Later than any time that the ledger writes, s."""


ORDERS = ("weight", "age")
"""The heaviest first and then the oldest, or the oldest first."""


class FindingRow(NamedTuple):
    """An open finding in one list; rows compare in the order in which they are listed.

    `about` is a country (two capitals), a party, or EVERYBODY. `from_at` is when it counts from, s,
    `cause` a statement id. Findings that differ in their scope alone (marks, keys) share a row.
    """

    about: str
    weight: int
    from_at: int
    rule: str
    cause: bytes
    kind: str
    name: str


class Listed(NamedTuple):
    """How many rows the lists have, counted by weight and by rule, and how many records say."""

    by_weight: int
    by_rule: int
    said: int


def place_in_rule(
    rule: str, *, since: int, after: FindingRow | None
) -> tuple[int, bytes, str, str]:
    """Return the place behind which the rows of one rule lie that come after `after`.

    It is `(from_at, cause, kind, name)`; `after` may be of another rule.
    """
    if after is None or after.from_at < since:
        return (since, b"", "", "")
    if after.rule == rule:
        return (after.from_at, after.cause, after.kind, after.name)
    return (after.from_at + (rule < after.rule), b"", "", "")


class Wanted(Struct, frozen=True):
    """Which findings are wanted, in which order; what is None filters nothing. Times are seconds.

    `party` is one that the finding speaks of or that caused it. `since`: counts from then or later.
    `due`: a deadline that lies ahead of the newest closing, but not after `due`.
    """

    subject: str | None = None
    rule: str | None = None
    severity: str | None = None
    party: str | None = None
    country: str | None = None
    since: int | None = None
    due: int | None = None
    sort: str = "weight"
    reader: str | None = None
    """A party that is told only of those that speak of it; None: whoever may read everything."""

    def is_in(self, countries: Sequence[str]) -> bool:
        """Return whether what lies in these countries is wanted."""
        return self.country is None or self.country in countries

    def is_about(self, parties: Sequence[str], *, caused_by: str | None) -> bool:
        """Return whether a finding that speaks of these parties is of the wanted one."""
        if self.reader is not None and self.reader not in parties:
            return False
        return self.party is None or self.party in (*parties, caused_by)

    def is_rule(self, rule: str) -> bool:
        """Return whether a rule is the wanted one, or of the wanted family (`mark.*`)."""
        wanted = self.rule
        if wanted is None:
            return True
        return rule == wanted or (wanted.endswith(".*") and rule.startswith(wanted[:-1]))


class FindingLists(Protocol):
    """What a store answers about open findings."""

    def findings(
        self,
        about: str,
        *,
        weight: int,
        rule: str | None = None,
        since: int = 0,
        until: int = FOR_EVER_S,
        after: FindingRow | None = None,
        limit: int = 1_000,
    ) -> list[FindingRow]:
        """Return rows of one list and weight that count from `since` to `until`, oldest first.

        `after` is the last row seen; it need not be there any more. Of one `rule`, others cost
        nothing.
        """
        ...

    def finding_rules(self, about: str) -> list[str]:
        """Return the rules of which a list has findings, sorted."""
        ...

    def finding_counts(
        self, about: str, *, since: int = 0, until: int = FOR_EVER_S
    ) -> Sequence[int]:
        """Return how many rows a list has of each weight, that count from `since` to `until`."""
        ...

    def every_finding(self) -> Iterator[FindingRow]:
        """Yield the rows of all lists, in no order."""
        ...

    def listed(self) -> Listed:
        """Return how many rows all lists have, and how many the records say that they have."""
        ...
