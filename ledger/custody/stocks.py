"""Stocks of farms: live animals by what was declared, cohort by cohort, and their events."""

from __future__ import annotations

from msgspec import Struct

from ledger.custody.subjects import Finding, Inner
from ledger.custody.yields import Made


class SizeClass(Struct, frozen=True):
    """How many live animals of one class of size there are, such as `over 120 cm`."""

    name: str
    count: int


class StockDeclared(Struct, frozen=True):
    """A farm says what became of its animals of a taxon since it last said so.

    `counts` is an inventory: all live animals, by class of size.
    """

    facility: str
    taxon: str
    females: int | None = None
    """Breeding females there are now."""
    eggs: int | None = None
    """Eggs that were taken from the wild under a licence, for ranches."""
    hatched: int | None = None
    bought: int | None = None
    sold: int | None = None
    """Animals that left alive without a lot of this ledger."""
    died: int | None = None
    counts: tuple[SizeClass, ...] = ()


class StockAttested(Struct, frozen=True):
    """An officer counted the animals of a farm; the count is the stock from then on."""

    facility: str
    taxon: str
    result: str
    """`matches` or `differs`."""
    counts: tuple[SizeClass, ...]
    females: int | None = None
    reason: str | None = None


class Cohort(Struct, frozen=True):
    """What hatched in one year, and what it came of: the most females, and eggs from the wild."""

    year: int
    hatched: int
    females: int
    eggs: int


class ShortLot(Struct, frozen=True):
    """A lot that took more animals than a stock had; word of others may come `until` then (s)."""

    lot: str
    until: int


class StockAccount(Struct, frozen=True):
    """The account `stock/FACILITY/TAXON`: one farm's animals of one taxon.

    `count` is what should live there; it lies below zero where more skins were registered than
    animals were declared. `grown` came as animals, at the beginning or bought; `taken` was
    registered as skins, bodies or live animals.
    """

    taxon: str
    since: int
    """The year of the first declaration."""
    count: int
    grown: int
    taken: int
    sold: int
    cohorts: tuple[Cohort, ...]
    """Oldest first; beyond ten years the oldest are one."""
    counts: tuple[SizeClass, ...] = ()
    """The last inventory."""
    attested_at: int | None = None
    """Log time of the last count by an officer, seconds."""
    unseen: bool | None = None
    """Whether animals came by the farm's own word alone since then: at first, or bought."""
    ended: int | None = None
    """How many animals are known to have ended here: skins, deaths, what a count did not find."""
    products: tuple[Made, ...] = ()
    """What was registered of them beside skins and bodies: meat, skulls, teeth; sorted."""
    short: Inner[tuple[ShortLot, ...]] = ()
    """Lots that were registered below zero, for as long as late word may explain them."""
    account: str = "stock"
    findings: tuple[Finding, ...] = ()
