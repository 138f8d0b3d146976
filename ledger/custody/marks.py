"""Marks: tags, security seals and hammer numbers, one record for each mark."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.custody.parties import HIDDEN
from ledger.custody.subjects import Finding


@dataclass(frozen=True, slots=True)
class MarkState:
    """What the ledger holds about a mark; its name is `SCHEME/TEXT`, in canonical form."""

    claims: int
    """How many live or ended lots claim it; more than one is a clone until an officer closes it."""
    findings: tuple[Finding, ...] = ()
    lots: tuple[str, ...] = field(default=(), metadata=HIDDEN)
    """Codes of the lots that claim it, first claim first."""
