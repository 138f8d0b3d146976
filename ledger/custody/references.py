"""References: quotas, suspensions, listings and bans as an authority set them, and their state.

Owns the dated values that rules look up and how they stand in the state map: one record for what a
rule asks in one question (`TABLE/KEY`, repeated as `table`), so that no rule ever walks through all
of a table. Days are local dates `YYYY-MM-DD`; first and last day count. Which trade a value covers
is for the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.custody.subjects import Finding


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a taxon may be taken or leave a country in a period.

    `amount` and `carried` are in `unit`, a unit of the ledger. `terms` and `sources` are the sets
    that the quota covers, empty: all. `counts` says what draws on it: `harvest`, `issue` or
    `endorsement`. `mandatory` quotas were set by the Conference of the Parties, others by a State.
    """

    quota: str
    country: str
    taxon: str
    amount: int
    unit: str
    from_day: str
    until_day: str
    counts: str
    mandatory: bool
    terms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    region: str | None = None
    conditions: tuple[str, ...] = ()
    carried: int | None = None
    publication: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """Trade with a country that is suspended from a day on; an empty taxon means all taxa.

    `sources`, `terms` and `purposes` narrow it down (empty: all); the `exempt_` sets are let
    through.
    """

    suspension: str
    country: str
    from_day: str
    taxon: str | None = None
    until_day: str | None = None
    sources: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    exempt_sources: tuple[str, ...] = ()
    exempt_terms: tuple[str, ...] = ()
    exempt_purposes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    publication: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """In which Appendix a taxon stands from a day on; `NC` where it stands in none any more.

    `country` is the one whose population it is about, or the one that listed it (Appendix III).
    """

    taxon: str
    appendix: str
    from_day: str
    country: str | None = None
    annotation: str | None = None
    publication: str | None = None


@dataclass(frozen=True, slots=True)
class Ban:
    """Dealing that a country forbids from a day on, but for the documents that exempt from it.

    `exempt_kinds` are the kinds of document (`CC/KIND/NUMBER`) under which dealing stays possible.
    `season` is a part of each year, `MM-DD` to `MM-DD`, where the ban is a closed season; `acts`
    are what it forbids: `harvest`, `deal`, `export`, `import`.
    """

    ban: str
    country: str
    taxon: str
    from_day: str
    acts: tuple[str, ...]
    until_day: str | None = None
    season: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    exempt_kinds: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    publication: str | None = None


@dataclass(frozen=True, slots=True)
class QuotaCountry:
    """Which taxa of a country have quotas, and how many: `quota-taxa/CC`."""

    quota_taxa: Mapping[str, int]
    table: str = "quota-taxa"
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class QuotaPeriod:
    """When a quota applies: enough to find the account that counts."""

    quota: str
    from_day: str
    until_day: str


@dataclass(frozen=True, slots=True)
class QuotaTaxon:
    """The quotas of one country for one taxon under its last accepted name: `quotas/CC/TAXON`."""

    quota_periods: tuple[QuotaPeriod, ...]
    table: str = "quotas"
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SuspensionCountry:
    """The suspensions of one country, by taxon (empty: all taxa): `suspensions/CC`."""

    suspended: Mapping[str, tuple[Suspension, ...]]
    table: str = "suspensions"
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingTaxon:
    """How one taxon was listed, in the order of days: `listings/TAXON`."""

    listed: tuple[Listing, ...]
    table: str = "listings"
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class BanCountry:
    """The bans and closed seasons of one country, by taxon: `bans/CC`."""

    banned: Mapping[str, tuple[Ban, ...]]
    table: str = "bans"
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class MarkRun:
    """Serials from `first` to `last` that stand in one allotment account."""

    first: int
    last: int
    account: str


@dataclass(frozen=True, slots=True)
class MarkRegister:
    """Who may use marks that differ in their serial alone: `marks/SCHEME/BEFORE#DIGITS#AFTER`."""

    mark_runs: tuple[MarkRun, ...]
    """Sorted by serial; no two of them meet."""
    table: str = "marks"
    findings: tuple[Finding, ...] = ()


ReferenceState = (
    QuotaCountry | QuotaTaxon | SuspensionCountry | ListingTaxon | BanCountry | MarkRegister
)


REFERENCES: Mapping[str, type[ReferenceState]] = {
    "quota-taxa": QuotaCountry,
    "quotas": QuotaTaxon,
    "suspensions": SuspensionCountry,
    "listings": ListingTaxon,
    "bans": BanCountry,
    "marks": MarkRegister,
}
"""The state of each table, by the first segment of a reference's name."""
