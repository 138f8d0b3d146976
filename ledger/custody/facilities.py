"""Facilities: farms, plots, mills and tanneries, their events and their state."""

from __future__ import annotations

from msgspec import Struct

from ledger.custody.subjects import Digest, Finding, Inner, Signer


class Capacity(Struct, frozen=True):
    """The most of one product that a place may make in a calendar year, smallest unit."""

    term: str
    quantity: int
    unit: str


class ClosedSeason(Struct, frozen=True):
    """Days of every year, `MM-DD`, on which a place must not work; first and last day count.

    One whose first day is after its last runs over the turn of the year.
    """

    from_day: str
    until_day: str


class SizeLimit(Struct, frozen=True):
    """The widest belly, in mm, that a skin of a taxon can have at the age of slaughter there."""

    taxon: str
    width_mm: int


class Terms(Struct, frozen=True):
    """On which terms a place works: its licence, its calendar and the bounds of its work.

    Said by its party it is a declaration; said by an officer it is what the authority knows.
    """

    licence: str | None = None
    """Name of the licence, `CC/KIND/NUMBER`."""
    from_day: str | None = None
    """First day of the licence, `YYYY-MM-DD`."""
    until_day: str | None = None
    closed: tuple[ClosedSeason, ...] = ()
    capacity: tuple[Capacity, ...] = ()
    sizes: tuple[SizeLimit, ...] = ()
    since: int | None = None
    """The year in which the place began to work."""


class FacilityRegistered(Struct, frozen=True):
    """A party registers a place of its own; `facility` is `PARTY/SLUG`.

    A plot is logged as area, country and coarse cells; the exact outline is a disclosure.
    """

    facility: str
    kind: str
    country: str
    area_m2: int | None = None
    cells: tuple[str, ...] = ()
    terms: Terms | None = None


class FacilityAttested(Struct, frozen=True):
    """An officer says what a visit, or the exact outline of a plot against others, showed."""

    facility: str
    how: str
    """`visit` or `outline`."""
    result: str
    """`matches` or `differs`."""
    reason: str | None = None
    area_m2: int | None = None
    terms: Terms | None = None
    """What the authority knows of licence, calendar and bounds: it replaces what was declared."""
    outline: Digest | None = None
    """SHA-256 of the outline's file that was compared."""
    against: tuple[bytes, ...] = ()
    """SHA-256 of each file that it was compared with."""
    overlaps: tuple[str, ...] = ()
    """Places of other parties, `PARTY/SLUG`, that it overlaps."""
    protected: tuple[str, ...] = ()
    """Names of the protected areas that it overlaps."""


class Throughput(Struct, frozen=True):
    """What of one product a place made in one calendar year so far, smallest unit."""

    year: int
    term: str
    unit: str
    quantity: int
    planted: int | None = None
    """How much of it was of planted trees."""


class Vouch(Struct, frozen=True):
    """Who stands for what is known of a place, with which key, and at which leaf."""

    what: str
    """`visit` or `outline`, the taxon of the animals counted, or the rule of a finding closed."""
    by: Signer


class FacilityState(Struct, frozen=True):
    """What the ledger holds about a facility; its name is `PARTY/SLUG`."""

    kind: str
    country: str
    status: str
    """`declared` until an officer attests it."""
    area_m2: int | None = None
    cells: tuple[str, ...] = ()
    terms: Terms | None = None
    attested_at: int | None = None
    """Log time of the last attestation, seconds."""
    stocks: tuple[str, ...] = ()
    """Taxa of which it declared animals, sorted, the first 100."""
    undeclared: tuple[str, ...] = ()
    """Taxa of which it registered skins or animals and declared no stock, sorted, the first 100."""
    findings: tuple[Finding, ...] = ()
    vouched: Inner[tuple[Vouch, ...]] = ()
    """Officers whose word on it stands, sorted by what they vouched for."""
    throughput: Inner[tuple[Throughput, ...]] = ()
    """What it made in the last years, newest year last."""
