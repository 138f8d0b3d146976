"""The scope of a chain-of-custody certificate as people type it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import astuple

from ledger.custody.certification import CertificateScope, CreditOpening, ProductGroup
from ledger.desk.sheet_values import find_term, find_unit
from ledger.errors import MalformedError
from ledger.reference.quantities import parse_quantity
from ledger.reference.tables import load_tables


def read_scope(
    groups: Sequence[str],
    *,
    systems: Sequence[str],
    outsourcing: bool,
    openings: Sequence[str] = (),
) -> CertificateScope | None:
    """Return what a certificate covers, or None where nothing was typed.

    A group is typed as `TERM` or `TERM TAXON`, credit from before the ledger as `TERM QUANTITY UNIT
    YYYY-MM`; raise MalformedError `certificate.group` or `certificate.opening` for others.
    """
    scope = CertificateScope(
        groups=tuple(read_group(words) for words in sorted(groups)),
        systems=tuple(sorted(set(systems))),
        outsourcing=outsourcing or None,
        opening=tuple(sorted(map(read_opening, openings), key=astuple)),
    )
    return None if scope == CertificateScope() else scope


def read_group(words: str) -> ProductGroup:
    """Return a product group typed as `SAW` or `SAW Swietenia macrophylla`."""
    first, _, name = words.strip().partition(" ")
    term = find_term(first)
    taxon = load_tables().taxon(name) if name else None
    if term is None or (name and taxon is None):
        raise MalformedError(
            "certificate.group",
            f"{words!r} is no product group.",
            hint="Write a term and, if it is of one taxon, its name: 'SAW Swietenia macrophylla'.",
            params={"typed": words[:64]},
        )
    return ProductGroup(term, taxon.name if taxon is not None else None)


def read_opening(words: str) -> CreditOpening:
    """Return credit typed as `SAW 12.5 m3 2026-03`: of which product, how much, earned when."""
    parts = words.split()
    term = find_term(parts[0]) if len(parts) == 4 else None
    unit = find_unit(parts[2]) if len(parts) == 4 else None
    if term is None or unit is None:
        raise MalformedError(
            "certificate.opening",
            f"{words!r} is no credit.",
            hint="Write term, quantity, unit and the month that earned it: 'SAW 12.5 m3 2026-03'.",
            params={"typed": words[:64]},
        )
    quantity, base = parse_quantity(parts[1], unit)
    return CreditOpening(term, base, quantity, parts[3])
