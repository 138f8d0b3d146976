"""Facilities: farms, plots, mills and tanneries, their events and their state."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.custody.subjects import Finding


@dataclass(frozen=True, slots=True)
class FacilityRegistered:
    """A party registers a place of its own; `facility` is `PARTY/SLUG`.

    A plot is logged as area, country and coarse cells; the exact outline is a disclosure.
    """

    facility: str
    kind: str
    country: str
    area_m2: int | None = None
    cells: tuple[str, ...] = ()
    capacity: int | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class FacilityState:
    """What the ledger holds about a facility; its name is `PARTY/SLUG`."""

    kind: str
    country: str
    status: str
    """`declared` until an officer attests a visit."""
    area_m2: int | None = None
    cells: tuple[str, ...] = ()
    capacity: int | None = None
    licence: str | None = None
    findings: tuple[Finding, ...] = ()
