"""Claims of certification schemes: the scope of a certificate, and accounts of credit."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.custody.subjects import Finding


@dataclass(frozen=True, slots=True)
class ProductGroup:
    """Products that a certificate covers: a term, of one taxon or of all."""

    term: str
    taxon: str | None = None


@dataclass(frozen=True, slots=True)
class CertificateScope:
    """What a chain-of-custody certificate covers; nothing named: all products, transfer only."""

    groups: tuple[ProductGroup, ...] = ()
    systems: tuple[str, ...] = ()
    """Systems of control beside transfer: `percentage`, `credit`."""
    outsourcing: bool | None = None
    """Whether contractors may process under it."""


@dataclass(frozen=True, slots=True)
class CreditMonth:
    """Credit that was earned in one month (counted from year 0) and is not used yet."""

    month: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CreditAccount:
    """The account `credit/PARTY/PRODUCT/CLAIM`: what may still be sold as certified.

    PRODUCT is `TERM UNIT`, CLAIM the credit claim of the scheme. Credit lives 24 months.
    """

    claim: str
    months: tuple[CreditMonth, ...]
    """Oldest first."""
    account: str = "credit"
    findings: tuple[Finding, ...] = ()
