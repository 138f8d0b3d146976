"""The rows of the reference tables, as frozen values.

Owns the shape of a row and nothing else: where rows come from is `tables.py`, what a rule makes of
them is `ledger.custody.rules`. Columns are described in docs/formats/reference-tables.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

Names = tuple[str, ...]
Day = Annotated[int, Meta(extra={"unit": "day"})]
"""Days since 1970-01-01; written as a date in the files."""


class Language(StrEnum):
    """A language in which names are kept."""

    EN = "en"
    FR = "fr"
    ES = "es"


class Taxon(Struct, frozen=True):
    """One accepted name and what is known of it.

    `number` is 1-based and never changes: labels carry it. `en`, `fr`, `es` are common names, the
    usual one first, perhaps none. `appendix` is `I`, `II`, `III`, a split such as `I/II` or
    `II/NC`, or empty where the taxon is not listed. `range` holds alpha-2 codes, a hint only.
    `accepted_from` and `accepted_until` are days since 1970-01-01 (first day, first day no longer);
    None means always. `succeeded_by` is the number of the name that replaced this one.
    """

    number: int
    name: str
    rank: str
    group: str
    kingdom: str
    phylum: str
    class_: str = field(name="class")
    order: str
    family: str
    en: Names
    fr: Names
    es: Names
    appendix: str
    annotation: str
    range: Names
    accepted_from: Day | None
    accepted_until: Day | None
    succeeded_by: int | None
    source: str

    @property
    def genus(self) -> str:
        """Return the genus, or nothing for ranks above it."""
        return "" if self.rank in ("family", "order") else self.name.split(" ", 1)[0]

    def common_name(self, language: str) -> str:
        """Return the usual common name in `language`, else in English, else the scientific one."""
        names: Names = {"fr": self.fr, "es": self.es}.get(language, self.en)
        return (names or self.en or (self.name,))[0]


class Term(Struct, frozen=True):
    """What a specimen is, such as SKI (skin); `number` is what labels carry.

    `replaced_by` is the code of the current term for a historical one, where a source names it.
    """

    number: int
    code: str
    en: str
    fr: str
    es: str
    unit_preferred: str
    unit_other: str
    status: str
    replaced_by: str
    source: str


class Unit(Struct, frozen=True, kw_only=True):
    """A unit of measure; `number` is what labels carry.

    One of it is exactly `numerator/denominator` of `base`, which is one of the six units of the
    ledger; `base` is empty (and the ratio 0/1) for packages such as boxes. `display` is set for
    units of the ledger only.
    """

    number: int
    code: str
    en: str
    fr: str
    es: str
    symbol: str
    base: str
    numerator: int = 0
    denominator: int = 1
    display: str
    status: str
    source: str


class Source(Struct, frozen=True):
    """Where a specimen comes from, such as W (wild); `number` is what labels carry.

    `kingdoms` names to which kingdoms it may be applied, `appendix_only` the one Appendix to which
    it is bound, `combinable` whether it stands beside another source (I and O).
    """

    number: int
    code: str
    en: str
    fr: str
    es: str
    short_en: str
    short_fr: str
    short_es: str
    kingdoms: Names
    appendix_only: str
    combinable: bool


class Purpose(Struct, frozen=True):
    """Why specimens cross a border, such as T (commercial)."""

    number: int
    code: str
    en: str
    fr: str
    es: str


class Country(Struct, frozen=True):
    """A country or pseudo-country by its alpha-2 code.

    `status` is `iso`, `user-assigned`, `former` or `code` (XX unknown, XV various, ZZ and HS the
    sea); `party_since` is the day on which CITES entered into force there, None where it did not.
    """

    code: str
    en: str
    fr: str
    es: str
    status: str
    party_since: Day | None


class UnionMember(Struct, frozen=True):
    """A country's time in a union within which no border is passed.

    `from_day` is the first day, `until_day` the first day no longer (`YYYY-MM-DD`), empty while it
    is a member.
    """

    union: str
    country: str
    from_day: str
    until_day: str
    source: str
    note: str

    def has(self, day: str) -> bool:
        """Return whether it is a member on `day` (`YYYY-MM-DD`)."""
        return self.from_day <= day and (not self.until_day or day < self.until_day)


class DocumentKind(Struct, frozen=True):
    """What is known of a kind of document, the middle part of a document's name.

    `act` is `export`, `re-export`, `import` or `travel`, empty where it crosses no border. It is
    used within `months` of its issue, None where no limit is confirmed. `country` is the one that
    alone issues it; `number_form` a regular expression for its number, whose first group, where
    there is one, is the issuing country. `single` is `shipment` or `dealing` where it is used once.
    `boxes` says which fields it has beside those of all: `cites`, `certificate`, `diligence` or
    `ivory`, empty where none. Only a `confirmed` row may keep a statement out.
    """

    kind: str
    en: str
    fr: str
    es: str
    act: str
    months: int | None
    country: str
    number_form: str
    single: str
    boxes: str
    confirmed: bool = field(name="status")
    source: str


class IvoryExemption(Struct, frozen=True):
    """A section of the Ivory Act 2018 under which an item with ivory may be dealt in.

    `kind` is the kind of document that says so. The item was made before `made_before` (a day),
    has less than `share_below_percent` of its volume in ivory, and at most `surface_max_cm2` of
    visible ivory; None where the section does not ask.
    """

    section: str
    kind: str
    en: str
    fr: str
    es: str
    made_before: str
    share_below_percent: int | None
    surface_max_cm2: int | None
    needs_museum: bool
    source: str


class Conversion(Struct, frozen=True):
    """The most that may come out of one step, both sides in units of the ledger.

    `quantity_out * denominator <= quantity_in * numerator`. Above
    `plausible_numerator/plausible_denominator`, where there is one, the step is unusual but
    possible. Outputs of one input with the same `share` compete for it; those with different shares
    (the skin and the meat of one animal) do not. Only a `confirmed` ratio may keep a statement out.
    """

    term_in: str
    unit_in: str
    term_out: str
    unit_out: str
    numerator: int
    denominator: int
    plausible_numerator: int | None
    plausible_denominator: int | None
    share: str
    confirmed: bool = field(name="status")
    source: str
    note: str


class Yield(Struct, frozen=True):
    """What usually comes out of one step over a year, both sides in units of the ledger.

    Below `low` the step is unusually poor, above `usual` unusually rich; either may be unknown.
    """

    term_in: str
    unit_in: str
    term_out: str
    unit_out: str
    low_numerator: int | None
    low_denominator: int | None
    usual_numerator: int | None
    usual_denominator: int | None
    confirmed: bool = field(name="status")
    source: str
    note: str


class Biology(Struct, frozen=True):
    """The most that breeding a taxon can give: rates are exact ratios, the age is in months."""

    taxon: str
    clutches_year: int
    clutch_max: int
    hatch_numerator: int
    hatch_denominator: int
    survival_numerator: int
    survival_denominator: int
    slaughter_min_months: int
    confirmed: bool = field(name="status")
    source: str
    note: str


class Intensity(Struct, frozen=True):
    """The most of a product that a hectare gives in one cycle of felling; `*` is all taxa.

    `planted` is all that was planted, in ten years.
    """

    taxon: str
    term: str
    unit: str
    quantity_ha: int
    confirmed: bool = field(name="status")
    source: str
    note: str


class Claim(Struct, frozen=True):
    """A claim of a certification scheme; `%` in its name stands for a percentage.

    A claim of a higher `grade` may be lowered to one of a lower grade of its scheme, never raised.
    `system` is transfer, percentage or credit; `contributes` says whether it earns credit.
    """

    claim: str
    scheme: str
    grade: int
    system: str
    contributes: bool
    confirmed: bool = field(name="status")
    source: str
    note: str
