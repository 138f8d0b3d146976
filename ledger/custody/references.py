"""References: quotas, suspensions, listings, bans and figures as an authority set them.

Owns the dated values that rules look up, the events that set them, and how they stand in the state
map: one record for what a rule asks in one question (`TABLE/KEY`, repeated as `table`), so that no
rule ever walks through all of a table. Days are local dates `YYYY-MM-DD`; first and last day count.
Which trade a value covers is for the rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ledger.custody.blanks import BlankState
from ledger.custody.subjects import Finding


class Quota(Struct, frozen=True):
    """How much of a taxon may be taken or leave a country in a period.

    `amount` and `carried` are in `unit`, one of the ledger's. `terms`, `sources` and `purposes` are
    the sets that it covers, empty: all; `country` `XV` is every country. `counts` says what draws
    on it: `harvest`, `issue` or `endorsement`. `binding` is `mandatory` for quotas of the
    Conference of the Parties, `voluntary` for those of a State.
    """

    quota: str
    country: str
    taxon: str
    amount: int
    unit: str
    from_day: str
    until_day: str
    counts: str
    binding: str
    terms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    region: str | None = None
    conditions: tuple[str, ...] = ()
    carried: int | None = None
    publication: str | None = None
    replaces: str | None = None


class Suspension(Struct, frozen=True):
    """Trade with a country that is suspended from a day on; an empty taxon means all taxa.

    `sources`, `terms` and `purposes` narrow it down (empty: all); the `exempt_` sets are let
    through. Where `imports`, goods may not enter the country either.
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
    imports: bool | None = None


class Listing(Struct, frozen=True):
    """In which Appendix a taxon stands from a day on; `NC` where it stands in none any more.

    `country` is the one whose population it is about, or the one that listed it (Appendix III).
    """

    taxon: str
    appendix: str
    from_day: str
    country: str | None = None
    annotation: str | None = None
    publication: str | None = None


class Ban(Struct, frozen=True):
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


class Figure(Struct, frozen=True):
    """A ratio or number with its source: a yield, a rate, an age, under a `key` of its own.

    The value is `numerator / denominator`. Only a `status` of `confirmed` may keep a statement out.
    """

    key: str
    numerator: int
    denominator: int
    from_day: str
    status: str
    source: str
    unit: str | None = None
    country: str | None = None


class QuotaSet(Struct, frozen=True):
    """Quotas are set, each under an id; one that replaces another takes over what was drawn."""

    quotas: tuple[Quota, ...]


class SuspensionDeclared(Struct, frozen=True):
    """Trade is suspended, or a suspension ends: the same id again, with its last day."""

    suspensions: tuple[Suspension, ...]


class ListingChanged(Struct, frozen=True):
    """Taxa stand in another Appendix from a day on."""

    listings: tuple[Listing, ...]


class BanDeclared(Struct, frozen=True):
    """Dealing in taxa is forbidden from a day on, always or in a season; the same id ends it."""

    bans: tuple[Ban, ...]


class YieldSet(Struct, frozen=True):
    """Figures of yield and biology are set, each with its source."""

    figures: tuple[Figure, ...]


class QuotaCountry(Struct, frozen=True):
    """Which taxa of a country have quotas, and how many: `quota-taxa/CC`."""

    quota_taxa: Mapping[str, int]
    table: str = "quota-taxa"
    findings: tuple[Finding, ...] = ()


class QuotaPeriod(Struct, frozen=True):
    """When a quota applies: enough to find the account that counts."""

    quota: str
    from_day: str
    until_day: str


class QuotaTaxon(Struct, frozen=True):
    """The quotas of one country for one taxon under its last accepted name: `quotas/CC/TAXON`."""

    quota_periods: tuple[QuotaPeriod, ...]
    table: str = "quotas"
    findings: tuple[Finding, ...] = ()


class SuspensionCountry(Struct, frozen=True):
    """The suspensions of one country, by taxon (empty: all taxa): `suspensions/CC`."""

    suspended: Mapping[str, tuple[Suspension, ...]]
    table: str = "suspensions"
    findings: tuple[Finding, ...] = ()


class ListingTaxon(Struct, frozen=True):
    """How one taxon was listed, in the order of days: `listings/TAXON`."""

    listed: tuple[Listing, ...]
    table: str = "listings"
    findings: tuple[Finding, ...] = ()


class BanCountry(Struct, frozen=True):
    """The bans and closed seasons of one country, by taxon: `bans/CC`."""

    banned: Mapping[str, tuple[Ban, ...]]
    table: str = "bans"
    findings: tuple[Finding, ...] = ()


class FigureHistory(Struct, frozen=True):
    """The values of one figure, in the order of days: `figures/KEY`."""

    values: tuple[Figure, ...]
    table: str = "figures"
    findings: tuple[Finding, ...] = ()

    def on(self, day: str) -> Figure | None:
        """Return the value in force on `day`, or None before the first."""
        return next((v for v in reversed(self.values) if v.from_day <= day), None)


class MarkRun(Struct, frozen=True):
    """Serials from `first` to `last` that stand in one allotment account."""

    first: int
    last: int
    account: str


class MarkRegister(Struct, frozen=True):
    """Who may use marks that differ in their serial alone: `marks/SCHEME/BEFORE#DIGITS#AFTER`."""

    mark_runs: tuple[MarkRun, ...]
    """Sorted by serial; no two of them meet."""
    early: tuple[tuple[int, int], ...] = ()
    """Spans that hold all serials put on goods before anybody was allotted them, and others."""
    table: str = "marks"
    findings: tuple[Finding, ...] = ()


class AllottingCountry(Struct, frozen=True):
    """Since which year a country's marks of a scheme are allotted here: `allotting/SCHEME/CC`."""

    first_year: int
    table: str = "allotting"
    findings: tuple[Finding, ...] = ()


class NumberedPapers(Struct, frozen=True):
    """Documents in force whose numbers are read as one: `numbers/CC/KEY`.

    The first 20 that were issued or confirmed, and copies, the first 20 of at most 5 by one party.
    `numbers/CC/ORIGIN/KEY` has the re-exports of one country, issued or confirmed, that name the
    permit of origin of that number: the first 100.
    """

    numbered: tuple[str, ...]
    table: str = "numbers"
    findings: tuple[Finding, ...] = ()


class CountedFarm(Struct, frozen=True):
    """On which day an officer last counted the animals of a farm."""

    facility: str
    day: str


class CountedFarms(Struct, frozen=True):
    """When the farms of a party were counted, by taxon: `counts/CC/PARTY/TAXON`.

    Each farm's last count, in the order of days, the newest 200.
    """

    counted: tuple[CountedFarm, ...]
    table: str = "counts"
    findings: tuple[Finding, ...] = ()


class PartyPlaces(Struct, frozen=True):
    """The places of a party, `places/PARTY`: the first 100, in the order of registration."""

    places: tuple[str, ...]
    table: str = "places"
    findings: tuple[Finding, ...] = ()


class PermitRun(Struct, frozen=True):
    """Serials from `first` to `last` that stand on a line of a document."""

    first: int
    last: int
    document: str


class PermitRegister(Struct, frozen=True):
    """Which documents in force of one country and kind name marks of a hundred serials.

    `permits/CC/KIND/BLOCK/SCHEME/BEFORE#DIGITS#AFTER`; the block holds the serials from
    100 × BLOCK on.
    """

    permit_runs: tuple[PermitRun, ...]
    table: str = "permits"
    findings: tuple[Finding, ...] = ()


ReferenceState = (
    QuotaCountry
    | QuotaTaxon
    | SuspensionCountry
    | ListingTaxon
    | BanCountry
    | FigureHistory
    | MarkRegister
    | AllottingCountry
    | PermitRegister
    | NumberedPapers
    | BlankState
    | CountedFarms
    | PartyPlaces
)


REFERENCES: Mapping[str, type[ReferenceState]] = {
    "quota-taxa": QuotaCountry,
    "quotas": QuotaTaxon,
    "suspensions": SuspensionCountry,
    "listings": ListingTaxon,
    "bans": BanCountry,
    "figures": FigureHistory,
    "marks": MarkRegister,
    "allotting": AllottingCountry,
    "permits": PermitRegister,
    "numbers": NumberedPapers,
    "blanks": BlankState,
    "counts": CountedFarms,
    "places": PartyPlaces,
}
"""The state of each table, by the first segment of a reference's name."""
