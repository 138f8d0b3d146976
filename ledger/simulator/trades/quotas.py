"""What States set before a year begins: quotas with room for all, and one suspension in spring."""

from __future__ import annotations

from ledger.custody.references import Quota, QuotaSet, Suspension, SuspensionDeclared
from ledger.simulator.honest import AUTHORITY, HonestWorld

SUSPENDED_FROM = "2027-04-01"
_YEARS = (("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31"), ("2028-01-01", "2028-12-31"))
_CAVIAR_YEARS = (("2026-03-01", "2027-02-28"), ("2027-03-01", "2028-02-29"))


def set_quotas(
    honest: HonestWorld,
    country: str,
    taxon: str,
    *,
    amount: int,
    unit: str,
    terms: tuple[str, ...],
    is_caviar: bool = False,
) -> None:
    """Set the mandatory quotas of a country for a taxon, once, for every year of the world."""
    if not honest.is_first(f"quota {country} {taxon}"):
        return
    quotas = tuple(
        Quota(
            quota=f"{country}-{first[:4]}-{unit}-{len(taxon)}",
            country=country,
            taxon=taxon,
            amount=amount,
            unit=unit,
            from_day=first,
            until_day=last,
            counts="endorsement",
            binding="mandatory",
            terms=terms,
        )
        for first, last in (_CAVIAR_YEARS if is_caviar else _YEARS)
    )
    honest.at_once(AUTHORITY[country], QuotaSet(quotas))


def suspend(honest: HonestWorld, country: str, taxon: str) -> None:
    """Announce that trade in wild specimens of a taxon is suspended from spring on, once."""
    if honest.is_first(f"suspension {country} {taxon}"):
        row = Suspension(f"{country}-SPRING", country, SUSPENDED_FROM, taxon=taxon, sources=("W",))
        honest.at_once(AUTHORITY[country], SuspensionDeclared((row,)))
