"""The scope of a chain-of-custody certificate as people type it."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.custody.certification import CertificateScope, ProductGroup
from ledger.desk.sheet_values import find_term
from ledger.errors import MalformedError
from ledger.reference.tables import load_tables


def read_scope(
    groups: Sequence[str], *, systems: Sequence[str], outsourcing: bool
) -> CertificateScope | None:
    """Return what a certificate covers, or None where nothing was typed.

    A group is typed as `TERM` or `TERM TAXON`; raise MalformedError `certificate.group` for others.
    """
    scope = CertificateScope(
        groups=tuple(read_group(words) for words in sorted(groups)),
        systems=tuple(sorted(set(systems))),
        outsourcing=outsourcing or None,
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
