"""The reference tables: one value that answers questions on codes, taxa and conversions.

Owns how the data files of this package are read. Must not know events, rules or lots. It reads its
own files, once; it reads nothing else. Format:
docs/formats/reference-tables.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct, field

from ledger.reference.readers import (
    NAME_MAX,
    name_key,
    numbered,
    synonyms_by_key,
    table,
)
from ledger.reference.released import rows_of, table_hashes
from ledger.reference.rows import (
    Biology,
    Claim,
    Conversion,
    Country,
    DocumentKind,
    Intensity,
    IvoryExemption,
    Language,
    Names,
    Purpose,
    Source,
    Taxon,
    Term,
    UnionMember,
    Unit,
    Yield,
)

__all__ = [
    "LEDGER_UNITS",
    "Biology",
    "Claim",
    "Conversion",
    "Country",
    "DocumentKind",
    "Intensity",
    "IvoryExemption",
    "Language",
    "Purpose",
    "Source",
    "Tables",
    "Taxon",
    "Term",
    "UnionMember",
    "Unit",
    "Yield",
    "load_tables",
    "table_hashes",
]

LEDGER_UNITS = ("NAR", "GRM", "CMQ", "CMK", "MMT", "MLT")
"""The units in which the ledger counts: pieces, g, cm3, cm2, mm, mL (UN/ECE Recommendation 20)."""

_PERCENT = re.compile(r"(?:100|[1-9][0-9]?)%")

_T = TypeVar("_T", Taxon, Term, Unit, Source, Purpose)


class Tables(Struct, frozen=True, eq=False):
    """All reference tables of one edition; lookups are pure and answer None for the unknown."""

    taxa: tuple[Taxon, ...]
    terms: tuple[Term, ...]
    units: tuple[Unit, ...]
    sources: tuple[Source, ...]
    purposes: tuple[Purpose, ...]
    countries: tuple[Country, ...]
    conversions: tuple[Conversion, ...]
    claims: tuple[Claim, ...]
    document_kinds: Mapping[str, DocumentKind]
    ivory_exemptions: Mapping[str, IvoryExemption]
    synonyms: Mapping[str, tuple[int, ...]]
    _taxon_numbers: Mapping[str, int]
    _predecessors: Mapping[int, int]
    _terms: Mapping[str, Term]
    _units: Mapping[str, Unit]
    _sources: Mapping[str, Source]
    _purposes: Mapping[str, Purpose]
    _countries: Mapping[str, Country]
    _unions: Mapping[str, tuple[UnionMember, ...]]
    _conversions: Mapping[tuple[str, str, str, str], Conversion]
    _yields: Mapping[tuple[str, str, str, str], Yield]
    _yielding: frozenset[tuple[str, str]]
    _biology: Mapping[str, Biology]
    _intensities: Mapping[tuple[str, str, str], Intensity]
    _claims: Mapping[str, Claim]
    _term_units: frozenset[tuple[str, str]]
    _term_purposes: frozenset[tuple[str, str]]
    _taxon_terms: frozenset[tuple[str, str]]
    _terms_with_taxa: frozenset[str]
    _covering: dict[int, Names] = field(default_factory=dict)
    """What `names_covering` found so far, by the number of the taxon: never more than taxa."""

    def taxon(self, name: str, *, day: int | None = None) -> Taxon | None:
        """Return the taxon that `name` means, under the name accepted on `day`.

        `name` is an accepted name or a synonym. Case does not matter, `spp.` after a genus, family
        or order is dropped. Without `day` it is the name accepted last. None for an unknown name
        and for a synonym of two taxa: see `taxa_named`.
        """
        if len(name) <= NAME_MAX:
            return _taxon(self, name, day)
        return self.meant(name, day)

    def meant(self, name: str, day: int | None) -> Taxon | None:
        """Return what `taxon` returns, looked up anew."""
        found = self.taxa_named(name)
        return self._named_on(found[0], day) if len(found) == 1 else None

    def taxa_named(self, name: str) -> tuple[Taxon, ...]:
        """Return every taxon that `name` may mean: more than one where a synonym is ambiguous."""
        key = name_key(name)
        number = self._taxon_numbers.get(key)
        if number is not None:
            return (self.taxa[number - 1],)
        return tuple(self.taxa[n - 1] for n in self.synonyms.get(key, ()))

    def taxon_by_number(self, number: int) -> Taxon | None:
        """Return the taxon with that number (1-based), under the name that was numbered."""
        return _at(self.taxa, number)

    def term(self, code: str) -> Term | None:
        """Return the term with that code, current or historical."""
        return self._terms.get(code)

    def term_by_number(self, number: int) -> Term | None:
        """Return the term with that number (1-based)."""
        return _at(self.terms, number)

    def unit(self, code: str) -> Unit | None:
        """Return the unit with that code: of the ledger, current or historical."""
        return self._units.get(code)

    def unit_by_number(self, number: int) -> Unit | None:
        """Return the unit with that number (1-based)."""
        return _at(self.units, number)

    def source(self, code: str) -> Source | None:
        """Return the source with that code."""
        return self._sources.get(code)

    def source_by_number(self, number: int) -> Source | None:
        """Return the source with that number (1-based)."""
        return _at(self.sources, number)

    def purpose(self, code: str) -> Purpose | None:
        """Return the purpose of transaction with that code."""
        return self._purposes.get(code)

    def country(self, code: str) -> Country | None:
        """Return the country or pseudo-country with that alpha-2 code."""
        return self._countries.get(code)

    def in_one_union(self, country: str, other: str, *, day: str) -> bool:
        """Return whether both countries are members of one union on `day` (`YYYY-MM-DD`)."""
        ours = {row.union for row in self._unions.get(country, ()) if row.has(day)}
        return any(row.union in ours for row in self._unions.get(other, ()) if row.has(day))

    def document_kind(self, name: str) -> DocumentKind | None:
        """Return the kind of the document `CC/KIND/NUMBER`, or None where it is none of ours."""
        return self.document_kinds.get(name.split("/")[1] if name.count("/") > 1 else "")

    def conversion(
        self, term_in: str, unit_in: str, term_out: str, unit_out: str
    ) -> Conversion | None:
        """Return the conversion between two terms in units of the ledger; None means: not possible.

        The same term in the same unit converts one to one, whatever it is.
        """
        found = self._conversions.get((term_in, unit_in, term_out, unit_out))
        if found is None and (term_in, unit_in) == (term_out, unit_out) and term_in in self._terms:
            return self._conversions.get(("*", "*", "=", "="))
        return found

    def yield_of(self, term_in: str, unit_in: str, term_out: str, unit_out: str) -> Yield | None:
        """Return what usually comes out of a step over a year, or None where nobody wrote it."""
        return self._yields.get((term_in, unit_in, term_out, unit_out))

    def has_yields(self, term_in: str, unit_in: str) -> bool:
        """Return whether any yield of this material over a year is known."""
        return (term_in, unit_in) in self._yielding

    def biology(self, taxon: Taxon) -> Biology | None:
        """Return what breeding a taxon can give: its own figures, else those of a taxon above."""
        found = (self._biology.get(name) for name in reversed(_lineage_of(taxon)))
        return next((row for row in found if row is not None), None)

    def intensity(self, taxon: Taxon | None, *, term: str, unit: str) -> Intensity | None:
        """Return the most that a hectare gives of a taxon; without one, of all taxa together."""
        names = ("*",) if taxon is None else tuple(reversed(_lineage_of(taxon)))
        found = (self._intensities.get((name, term, unit)) for name in names)
        return next((row for row in found if row is not None), None)

    def planted(self, *, term: str, unit: str) -> Intensity | None:
        """Return the most that a planted hectare gives in ten years, of all taxa together."""
        return self._intensities.get(("planted", term, unit))

    def claim(self, text: str) -> Claim | None:
        """Return the claim that `text` makes, such as `FSC 100%` or `FSC Mix 70%`, or None."""
        exact = self._claims.get(text)
        if exact is not None:
            return exact if "%" not in text or text.endswith("100%") else None
        head, _, tail = text.rpartition(" ")
        share = _PERCENT.fullmatch(tail)
        return self._claims.get(f"{head} %") if share is not None else None

    def pair_allowed(self, term: str, unit: str) -> bool:
        """Return whether `term` is measured in `unit` or in another unit of the same dimension."""
        found = self._units.get(unit)
        return found is not None and (term, found.base) in self._term_units

    def purpose_allowed(self, term: str, purpose: str) -> bool:
        """Return whether reports use `purpose` with `term` (plausibility)."""
        return (term, purpose) in self._term_purposes

    def term_taxon_plausible(self, taxon: Taxon, term: str) -> bool:
        """Return whether a specimen of `taxon` can be a `term`: no caviar of a python.

        True too for a term that the table binds to no taxon at all.
        """
        if term not in self._terms_with_taxa:
            return term in self._terms
        return any((name, term) in self._taxon_terms for name in _lineage_of(taxon))

    def term_listed_for(self, name: str, term: str) -> bool:
        """Return whether the table of taxa and terms has this very pair; case does not matter."""
        return (name.casefold(), term) in self._taxon_terms_folded()

    def within(self, taxon: Taxon, other: Taxon) -> bool:
        """Return whether `taxon` is `other` or below it, under the names accepted last."""
        mine, theirs = self._named_on(taxon, None), self._named_on(other, None)
        return mine == theirs or theirs.name in lineage(mine) or theirs.name in lineage(taxon)

    def names_covering(self, name: str) -> Names:
        """Return all names under which something may be set that covers `name`, nearest first.

        The name accepted last, the ones before it, and all that stands above any of them: what was
        set for a genus still covers the species that left it. An unknown name covers itself.
        """
        found = self.taxa_named(name)
        if len(found) != 1:
            return (name,)
        number = found[0].number
        if number not in self._covering:
            last = self._named_on(found[0], None)
            before = self._predecessors.get(last.number)
            taxa = [last, found[0], *([self.taxa[before - 1]] if before is not None else [])]
            lines = [name for taxon in taxa for name in reversed(lineage(taxon))]
            self._covering[number] = tuple(dict.fromkeys(lines))
        return self._covering[number]

    def _taxon_terms_folded(self) -> frozenset[tuple[str, str]]:
        return frozenset((taxon.casefold(), term) for taxon, term in self._taxon_terms)

    def _named_on(self, taxon: Taxon, day: int | None) -> Taxon:
        """Follow renamings forward or back to the name accepted on `day`."""
        while taxon.succeeded_by is not None and (
            day is None or (taxon.accepted_until is not None and taxon.accepted_until <= day)
        ):
            taxon = self.taxa[taxon.succeeded_by - 1]
        while day is not None and taxon.accepted_from is not None and day < taxon.accepted_from:
            before = self._predecessors.get(taxon.number)
            if before is None:
                break
            taxon = self.taxa[before - 1]
        return taxon


def lineage(taxon: Taxon) -> Names:
    """Return the names from kingdom down to the taxon itself, without ranks not known."""
    chain = [taxon.kingdom, taxon.phylum, taxon.class_, taxon.order, taxon.family, taxon.genus]
    words = taxon.name.split(" ")
    if taxon.rank == "subspecies":
        chain.append(" ".join(words[:2]))
    chain.append(taxon.name)
    return tuple(dict.fromkeys(name for name in chain if name))


@lru_cache(maxsize=1)
def load_tables() -> Tables:
    """Return the tables of this release, read and indexed once.

    Raises DamagedError when a file of the installed package is not what it was released as.
    """
    taxa = numbered("taxa", Taxon)
    terms = numbered("terms", Term)
    units = numbered("units", Unit)
    sources = numbered("sources", Source)
    purposes = numbered("purposes", Purpose)
    conversions = table("conversions", Conversion)
    yields = table("yields", Yield)
    countries, claims = table("countries", Country), table("claims", Claim)
    taxon_terms = frozenset((row["taxon"], row["term"]) for row in rows_of("taxon_terms"))
    return Tables(
        taxa=taxa,
        terms=terms,
        units=units,
        sources=sources,
        purposes=purposes,
        countries=countries,
        conversions=conversions,
        claims=claims,
        document_kinds=_document_kinds(),
        ivory_exemptions=_ivory_exemptions(),
        synonyms=synonyms_by_key(),
        _taxon_numbers={name_key(t.name): t.number for t in taxa},
        _predecessors={t.succeeded_by: t.number for t in taxa if t.succeeded_by is not None},
        _terms={t.code: t for t in terms},
        _units={u.code: u for u in units},
        _sources={s.code: s for s in sources},
        _purposes={p.code: p for p in purposes},
        _countries={c.code: c for c in countries},
        _unions=_unions(),
        _conversions={(c.term_in, c.unit_in, c.term_out, c.unit_out): c for c in conversions},
        _yields={(y.term_in, y.unit_in, y.term_out, y.unit_out): y for y in yields},
        _yielding=frozenset((y.term_in, y.unit_in) for y in yields),
        _biology={b.taxon: b for b in table("biology", Biology)},
        _intensities={(i.taxon, i.term, i.unit): i for i in table("intensity", Intensity)},
        _claims={c.claim: c for c in claims},
        _term_units=frozenset((row["term"], row["unit"]) for row in rows_of("term_units")),
        _term_purposes=frozenset((row["term"], row["purpose"]) for row in rows_of("term_purposes")),
        _taxon_terms=taxon_terms,
        _terms_with_taxa=frozenset(term for _, term in taxon_terms),
    )


def _document_kinds() -> Mapping[str, DocumentKind]:
    return {kind.kind: kind for kind in table("document_kinds", DocumentKind)}


def _unions() -> Mapping[str, tuple[UnionMember, ...]]:
    found: dict[str, tuple[UnionMember, ...]] = {}
    for row in table("unions", UnionMember):
        found[row.country] = (*found.get(row.country, ()), row)
    return found


def _ivory_exemptions() -> Mapping[str, IvoryExemption]:
    return {e.section: e for e in table("ivory_exemptions", IvoryExemption)}


_taxon = lru_cache(maxsize=4_096)(Tables.meant)
_lineage_of = lru_cache(maxsize=1_024)(lineage)


def _at(rows: tuple[_T, ...], number: int) -> _T | None:
    return rows[number - 1] if 0 < number <= len(rows) else None
