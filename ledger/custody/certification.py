"""Claims of certification schemes: the scope of a certificate, and accounts of credit."""

from __future__ import annotations

from msgspec import Struct

from ledger.custody.subjects import Finding


class ProductGroup(Struct, frozen=True):
    """Products that a certificate covers: a term, of one taxon or of all."""

    term: str
    taxon: str | None = None


class CreditOpening(Struct, frozen=True):
    """Credit of a product that the holder had before it joined, by the month that earned it."""

    term: str
    unit: str
    quantity: int
    month: str
    """`YYYY-MM`."""


class CertificateScope(Struct, frozen=True):
    """What a chain-of-custody certificate covers; nothing named: all products, transfer only."""

    groups: tuple[ProductGroup, ...] = ()
    systems: tuple[str, ...] = ()
    """Systems of control beside transfer: `percentage`, `credit`."""
    outsourcing: bool | None = None
    """Whether contractors may process under it."""
    opening: tuple[CreditOpening, ...] = ()
    """What its issuer found in the holder's accounts of credit, once for each product."""


class CreditMonth(Struct, frozen=True):
    """Credit that was earned in one month (counted from year 0) and is not used yet."""

    month: int
    quantity: int


class CreditAccount(Struct, frozen=True):
    """The account `credit/PARTY/PRODUCT/CLAIM`: what may still be sold as certified.

    PRODUCT is `TERM UNIT`, CLAIM the credit claim of the scheme. Credit lives 24 months.
    """

    claim: str
    months: tuple[CreditMonth, ...]
    """Oldest first."""
    opening: str | None = None
    """The certificate whose issuer stated what there was before this ledger."""
    account: str = "credit"
    findings: tuple[Finding, ...] = ()


class ShareMonth(Struct, frozen=True):
    """What was made in a month (counted from year 0) of which a percentage was claimed.

    `certified` is how much of it certified material made, `claimed` how much was claimed: both in
    hundredths of the smallest unit, so that no percentage is ever rounded.
    """

    month: int
    made: int
    certified: int
    claimed: int


class ShareAccount(Struct, frozen=True):
    """The account `share/PARTY/PRODUCT/CLAIM`: what percentages of the last 12 months rest on.

    PRODUCT is `TERM UNIT`, CLAIM as in the table of claims, such as `FSC Mix %`.
    """

    claim: str
    shares: tuple[ShareMonth, ...]
    """Oldest first."""
    account: str = "share"
    findings: tuple[Finding, ...] = ()
