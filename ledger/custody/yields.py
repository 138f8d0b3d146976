"""Running accounts of places: what went in of a material and what came out of it, year by year."""

from __future__ import annotations

from msgspec import Struct

from ledger.custody.subjects import Finding

YEARS_MAX = 10
"""The most years that an account keeps apart; older ones are added to the oldest kept."""


class Made(Struct, frozen=True):
    """How much of one product came out, smallest unit."""

    term: str
    unit: str
    quantity: int


class YieldYear(Struct, frozen=True):
    """One calendar year of an account: `batches` drew `drawn` of the material in all."""

    year: int
    batches: int
    drawn: int
    made: tuple[Made, ...] = ()
    waste: int | None = None
    """What of it was stated as waste in the unit of the material; absent where none was."""


class YieldAccount(Struct, frozen=True):
    """The account `yield/FACILITY/PRODUCT/CLAIM`: one material at one place under one claim.

    PRODUCT is `TERM UNIT TAXON` of the material, CLAIM `-` where it has none. At a plot nothing is
    drawn: what grew there is made.
    """

    taxon: str
    term: str
    unit: str
    years: tuple[YieldYear, ...]
    """Oldest first."""
    account: str = "yield"
    findings: tuple[Finding, ...] = ()
