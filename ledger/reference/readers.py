"""Reading the data files of this package, byte for byte and row by row.

Owns the step from texts to values; `released.py` reads the texts. Must not know what a row is used
for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import TypeVar

from ledger.errors import DamagedError
from ledger.reference.released import rows_of
from ledger.reference.rows import (
    Biology,
    Claim,
    Conversion,
    Country,
    DocumentKind,
    Intensity,
    IvoryExemption,
    Names,
    Purpose,
    Source,
    Taxon,
    Term,
    Unit,
    Yield,
)

_EPOCH = date(1970, 1, 1).toordinal()
NAME_MAX = 100
"""Longer names than any taxon has are compared, but not remembered."""
_Row = dict[str, str]
_T = TypeVar("_T", Taxon, Term, Unit, Source, Purpose)


def numbered(name: str, make: Callable[[_Row], _T]) -> tuple[_T, ...]:
    """Return the rows of a table whose numbers are 1, 2, 3 and so on; else raise DamagedError."""
    rows = tuple(make(row) for row in rows_of(name))
    if [row.number for row in rows] != list(range(1, len(rows) + 1)):
        raise DamagedError(
            "reference.numbers",
            f"The numbers of table {name} are not 1, 2, 3 and so on.",
            hint="Install this release again.",
            params={"table": name},
        )
    return rows


def name_key(name: str) -> str:
    """Return `name` as it is compared: one case, single spaces, without a final `spp.`."""
    return _name_key(name) if len(name) <= NAME_MAX else _compared(name)


def _compared(name: str) -> str:
    words = name.replace("×", " x ").casefold().split()
    if len(words) > 1 and words[-1] in ("spp.", "spp", "sp.", "sp"):
        words.pop()
    return " ".join(words)


_name_key = lru_cache(maxsize=1_024)(_compared)


def _names(text: str) -> Names:
    return tuple(text.split("|")) if text else ()


def _number(text: str) -> int | None:
    # The files are ours and released; the tests hold every number to plain ASCII digits.
    return int(text) if text else None


def _day(text: str) -> int | None:
    return date.fromisoformat(text).toordinal() - _EPOCH if text else None


def synonyms_by_key() -> Mapping[str, tuple[int, ...]]:
    """Return the numbers of the taxa that each synonym may mean."""
    found: dict[str, tuple[int, ...]] = {}
    for row in rows_of("synonyms"):
        key = name_key(row["synonym"])
        found[key] = (*found.get(key, ()), int(row["taxon"]))
    return found


def make_taxon(row: _Row) -> Taxon:
    """Return one row of its table as a Taxon."""
    return Taxon(
        number=int(row["number"]),
        name=row["name"],
        rank=row["rank"],
        group=row["group"],
        kingdom=row["kingdom"],
        phylum=row["phylum"],
        class_=row["class"],
        order=row["order"],
        family=row["family"],
        en=_names(row["en"]),
        fr=_names(row["fr"]),
        es=_names(row["es"]),
        appendix=row["appendix"],
        annotation=row["annotation"],
        range=_names(row["range"]),
        accepted_from=_day(row["accepted_from"]),
        accepted_until=_day(row["accepted_until"]),
        succeeded_by=_number(row["succeeded_by"]),
        source=row["source"],
    )


def make_term(row: _Row) -> Term:
    """Return one row of its table as a Term."""
    return Term(
        number=int(row["number"]),
        code=row["code"],
        en=row["en"],
        fr=row["fr"],
        es=row["es"],
        unit_preferred=row["unit_preferred"],
        unit_other=row["unit_other"],
        status=row["status"],
        replaced_by=row["replaced_by"],
        source=row["source"],
    )


def make_unit(row: _Row) -> Unit:
    """Return one row of its table as a Unit."""
    return Unit(
        number=int(row["number"]),
        code=row["code"],
        en=row["en"],
        fr=row["fr"],
        es=row["es"],
        symbol=row["symbol"],
        base=row["base"],
        numerator=_number(row["numerator"]) or 0,
        denominator=_number(row["denominator"]) or 1,
        display=row["display"],
        status=row["status"],
        source=row["source"],
    )


def make_source(row: _Row) -> Source:
    """Return one row of its table as a Source."""
    return Source(
        number=int(row["number"]),
        code=row["code"],
        en=row["en"],
        fr=row["fr"],
        es=row["es"],
        short_en=row["short_en"],
        short_fr=row["short_fr"],
        short_es=row["short_es"],
        kingdoms=_names(row["kingdoms"]),
        appendix_only=row["appendix_only"],
        combinable=row["combinable"] == "yes",
    )


def make_purpose(row: _Row) -> Purpose:
    """Return one row of its table as a Purpose."""
    return Purpose(int(row["number"]), row["code"], row["en"], row["fr"], row["es"])


def make_country(row: _Row) -> Country:
    """Return one row of its table as a Country."""
    names = (row["en"], row["fr"], row["es"])
    return Country(row["code"], *names, row["status"], _day(row["party_since"]))


def make_document_kind(row: _Row) -> DocumentKind:
    """Return one row of its table as a DocumentKind."""
    return DocumentKind(
        kind=row["kind"],
        en=row["en"],
        fr=row["fr"],
        es=row["es"],
        act=row["act"],
        months=_number(row["months"]),
        country=row["country"],
        number_form=row["number_form"],
        single=row["single"],
        confirmed=row["status"] == "confirmed",
        source=row["source"],
    )


def make_ivory_exemption(row: _Row) -> IvoryExemption:
    """Return one row of its table as an IvoryExemption."""
    return IvoryExemption(
        section=row["section"],
        kind=row["kind"],
        en=row["en"],
        fr=row["fr"],
        es=row["es"],
        made_before=row["made_before"],
        share_below_percent=_number(row["share_below_percent"]),
        surface_max_cm2=_number(row["surface_max_cm2"]),
        needs_museum=row["needs_museum"] == "yes",
        source=row["source"],
    )


def make_conversion(row: _Row) -> Conversion:
    """Return one row of its table as a Conversion."""
    return Conversion(
        term_in=row["term_in"],
        unit_in=row["unit_in"],
        term_out=row["term_out"],
        unit_out=row["unit_out"],
        numerator=int(row["numerator"]),
        denominator=int(row["denominator"]),
        plausible_numerator=_number(row["plausible_numerator"]),
        plausible_denominator=_number(row["plausible_denominator"]),
        share=row["share"],
        confirmed=row["status"] == "confirmed",
        source=row["source"],
        note=row["note"],
    )


def make_yield(row: _Row) -> Yield:
    """Return one row of its table as a Yield."""
    return Yield(
        term_in=row["term_in"],
        unit_in=row["unit_in"],
        term_out=row["term_out"],
        unit_out=row["unit_out"],
        low_numerator=_number(row["low_numerator"]),
        low_denominator=_number(row["low_denominator"]),
        usual_numerator=_number(row["usual_numerator"]),
        usual_denominator=_number(row["usual_denominator"]),
        confirmed=row["status"] == "confirmed",
        source=row["source"],
        note=row["note"],
    )


def make_biology(row: _Row) -> Biology:
    """Return one row of its table as a Biology."""
    return Biology(
        taxon=row["taxon"],
        clutches_year=int(row["clutches_year"]),
        clutch_max=int(row["clutch_max"]),
        hatch_numerator=int(row["hatch_numerator"]),
        hatch_denominator=int(row["hatch_denominator"]),
        survival_numerator=int(row["survival_numerator"]),
        survival_denominator=int(row["survival_denominator"]),
        slaughter_min_months=int(row["slaughter_min_months"]),
        confirmed=row["status"] == "confirmed",
        source=row["source"],
        note=row["note"],
    )


def make_intensity(row: _Row) -> Intensity:
    """Return one row of its table as an Intensity."""
    confirmed = row["status"] == "confirmed"
    return Intensity(
        taxon=row["taxon"],
        term=row["term"],
        unit=row["unit"],
        quantity_ha=int(row["quantity_ha"]),
        confirmed=confirmed,
        source=row["source"],
        note=row["note"],
    )


def make_claim(row: _Row) -> Claim:
    """Return one row of its table as a Claim."""
    return Claim(
        claim=row["claim"],
        scheme=row["scheme"],
        grade=int(row["grade"]),
        system=row["system"],
        contributes=row["contributes"] == "yes",
        confirmed=row["status"] == "confirmed",
        source=row["source"],
        note=row["note"],
    )
