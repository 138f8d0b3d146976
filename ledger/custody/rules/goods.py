"""Rules on goods: rows against the tables, and the papers and places that a lot names.

Owns what makes a row of contents acceptable, wherever it comes from: registration, transformation,
correction. Knows no holder and no offer. Sources: docs/formats/reference-tables.md; CITES Res.
Conf. 12.3 (codes); UNEP-WCMC's published validation rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.decide import Check
from ledger.custody.documents import DocumentState
from ledger.custody.goods import Measure, NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.rules import measures
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.rows import Source, Taxon
from ledger.reference.tables import LEDGER_UNITS, Tables

QUANTITY_MAX = 2**53 - 1
"""The largest quantity that a signed integer can carry (docs/formats/statement.md)."""
ROWS_MAX = 100
DAY_S = 86_400
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_YEAR_MIN = 1700
_IN_FORCE = ("issued", "recorded", "attested")
NOWHERE = frozenset({"XX", "XV", "ZZ", "HS"})
"""Origins that are no country: unknown, various, the high seas."""
_SPECIES = frozenset({"species", "subspecies"})
"""Ranks at which a name says which species it is."""
_WORDS_MAX = 160
"""Longer words than any table has are looked up, but not remembered."""

CHECKS: Mapping[type[Any], tuple[Check, ...]] = {}
"""The family has no events of its own; its checks are called by those that name goods."""

RULES = (
    Rule("goods.empty", "refuse", "A lot has at least one row of contents."),
    Rule("goods.too-many-rows", "refuse", "A lot has at most 100 rows of contents."),
    Rule("goods.year", "refuse", "The year of production lies in the past or is this one."),
    Rule("quantity.zero", "refuse", "A quantity is at least one smallest unit."),
    Rule("quantity.range", "refuse", "A quantity is at most 2^53 - 1."),
    Rule("quantity.unit", "refuse", "Quantities are in one of the six units of the ledger."),
    Rule("taxon.unknown", "refuse", "The taxon is one that the tables know."),
    Rule("taxon.ambiguous", "refuse", "A synonym of two taxa names neither."),
    Rule("taxon.synonym", "refuse", "The taxon is named by the name accepted on the day."),
    Rule("term.unknown", "refuse", "The term is one of the CITES trade terms."),
    Rule("term.historical", "refuse", "A term that another one replaced is not used any more."),
    Rule("source.unknown", "refuse", "The source is one of the CITES source codes."),
    Rule("country.unknown", "refuse", "A country is an alpha-2 code that the tables know."),
    Rule("pair.source-kingdom", "refuse", "A source applies to the kingdom of the taxon."),
    Rule("pair.term-unit", "refuse", "A term is measured in a unit that suits it."),
    Rule("pair.term-taxon", "check", "The taxon can yield what the term names."),
    Rule("source.appendix", "check", "Source D stands for Appendix I taxa."),
    Rule("source.unexplained", "check", "Sources U and I need an officer's look."),
    Rule("origin.outside-range", "check", "Wild goods come from a range State of the taxon."),
    Rule("facility.unknown", "refuse", "A facility that a lot names is registered."),
    Rule("facility.not-own", "refuse", "A facility that a lot names is the signer's own."),
    *measures.RULES,
    Rule("document.unknown", "refuse", "A document that is named stands in the ledger."),
    Rule("document.not-in-force", "refuse", "A cancelled or replaced document covers nothing."),
)


def check_rows(
    signed: Signed, draft: Draft, *, rows: tuple[Row, ...], code: str
) -> Iterator[Remark]:
    """Yield what is wrong or odd about the rows of lot `code`; findings open on that lot."""
    if not rows:
        yield Refusal("goods.empty", {"lot": code})
    if len(rows) > ROWS_MAX:
        yield Refusal("goods.too-many-rows", {"rows": len(rows), "rows_max": ROWS_MAX})
    lot = Subject(Kind.LOT, code)
    for row in rows:
        yield from _check_quantity(row.quantity, row.unit)
        known = _known_of(draft.tables, row, day=signed.at // DAY_S)
        yield from known.wrong
        yield from (Flag(lot, rule, Severity.CHECK) for rule in known.odd)


def check_new_lot(signed: Signed, draft: Draft, *, lot: NewLot, code: str) -> Iterator[Remark]:
    """Yield what is wrong or odd about a lot to be born, but for its marks and its basis."""
    yield from check_rows(signed, draft, rows=lot.contents, code=code)
    yield from check_measures(lot.also)
    yield from measures.check_fit(draft.tables, rows=lot.contents, also=lot.also, code=code)
    yield from check_year(signed, lot.year)
    basis = signed.event.basis if isinstance(signed.event, LotRegistered) else None
    more = ("seized",) if basis is Basis.STATE_SALE else ()
    # Goods that came in before their permit was replaced came in under it, as with LotImported.
    passed = signed.day if basis is Basis.IMPORT else None
    yield from check_documents(draft, lot.documents, more=more, passed=passed)
    yield from check_facility(signed, draft, lot.facility)


def check_measures(also: Iterable[Measure]) -> Iterator[Refusal]:
    """Yield what is wrong about other measures of the same goods."""
    for measure in also:
        yield from _check_quantity(measure.quantity, measure.unit)


def check_year(signed: Signed, year: int | None) -> Iterator[Refusal]:
    """Yield a refusal for a year of production that cannot be."""
    if year is not None and not _YEAR_MIN <= year <= year_of(signed.at):
        yield Refusal("goods.year", {"year": year})


def check_documents(
    draft: Draft, names: Iterable[str], *, more: tuple[str, ...] = (), passed: str | None = None
) -> Iterator[Refusal]:
    """Yield a refusal for each named document that is unknown or no longer in force.

    `more` are further states that will do here: a State sells what its seizure record names.
    `passed` is the day on which goods passed under it: until it was replaced or cancelled, they
    did so, however late that is told.
    """
    for name in names:
        state = draft.document(name)
        if state is None:
            yield Refusal("document.unknown", {"document": name})
        elif state.status not in (*_IN_FORCE, *more) and not is_told_late(state, passed):
            facts: dict[str, str | int] = {"document": name, "status": state.status}
            if state.replaced_by is not None:
                facts["instead"] = state.replaced_by
            yield Refusal("document.not-in-force", facts)


def is_gone(state: DocumentState) -> bool:
    """Return whether the document was cancelled or replaced."""
    return state.gone_day is not None


def is_told_late(state: DocumentState, passed: str | None) -> bool:
    """Return whether goods that passed on that day did so before the document was replaced.

    Or cancelled: the day itself counts.
    """
    return passed is not None and state.gone_day is not None and passed <= state.gone_day


def check_facility(signed: Signed, draft: Draft, name: str | None) -> Iterator[Refusal]:
    """Yield a refusal unless the facility, where one is named, is the signer's own."""
    if name is None:
        return
    if draft.facility(name) is None:
        yield Refusal("facility.unknown", {"facility": name})
    elif name.partition("/")[0] != signed.party:
        yield Refusal("facility.not-own", {"facility": name, "party": signed.party})


def check_country(draft: Draft, code: str) -> Iterator[Refusal]:
    """Yield a refusal unless the tables know the country."""
    if draft.tables.country(code) is None:
        yield Refusal("country.unknown", {"country": code})


def country_of(document: str) -> str:
    """Return the country in the name of a document, `CC/KIND/NUMBER`."""
    return document.partition("/")[0]


def year_of(at: int) -> int:
    """Return the year (UTC) of a time in seconds."""
    return _year_of_day(at // DAY_S)


@lru_cache(maxsize=1_024)
def _year_of_day(day: int) -> int:
    return date.fromordinal(_EPOCH_ORDINAL + day).year


def same_taxon(tables: Tables, first: str, second: str) -> bool:
    """Return whether two names mean one taxon, a renaming in between included."""
    if first == second:
        return True
    mine, theirs = tables.taxon(first), tables.taxon(second)
    return mine is not None and mine == theirs


def is_group(tables: Tables, name: str) -> bool:
    """Return whether a name is that of a genus or above; one that no table knows is none."""
    taxon = tables.taxon(name)
    return taxon is not None and taxon.rank not in _SPECIES


def is_wide(tables: Tables, name: str) -> bool:
    """Return whether a name may mean one of several: a group, or a species with subspecies."""
    taxon = tables.taxon(name)
    return taxon is not None and (taxon.rank not in _SPECIES or taxon.name in _parted(tables))


def names_below(tables: Tables, name: str, others: Iterable[str]) -> Iterator[str]:
    """Yield those of `others` that lie below the wide name `name`: its goods may be of those.

    A species that left a genus counts as below it still, as what is set for the genus covers it.
    """
    if is_wide(tables, name):
        yield from (o for o in others if o != name and name in tables.names_covering(o))


@lru_cache(maxsize=4)
def _parted(tables: Tables) -> frozenset[str]:
    """Return the species of which the tables know subspecies."""
    below = (taxon.name for taxon in tables.taxa if taxon.rank == "subspecies")
    above = {name for own in below for name in tables.names_covering(own)}
    found = (tables.taxon(name) for name in above)
    return frozenset(t.name for t in found if t is not None and t.rank == "species")


class _Known(Struct, frozen=True):
    """What the tables say of goods of a kind, whatever their quantity: errors, and odd things."""

    wrong: tuple[Refusal, ...]
    odd: tuple[str, ...] = ()


def _known_of(tables: Tables, row: Row, *, day: int) -> _Known:
    """Return what the tables say of a row on `day`: many lots are alike, and it is asked once."""
    words = row.taxon, row.term, row.unit, row.source, row.origin
    ask = _ask_once if sum(map(len, words)) <= _WORDS_MAX else _ask
    return ask(tables, replace(row, quantity=0), day)


def _ask(tables: Tables, row: Row, day: int) -> _Known:
    taxon, source = tables.taxon(row.taxon, day=day), tables.source(row.source)
    if taxon is None:
        several = len(tables.taxa_named(row.taxon)) > 1
        rule = "taxon.ambiguous" if several else "taxon.unknown"
        return _Known((Refusal(rule, {"taxon": row.taxon}),))
    wrong: list[Refusal] = []
    if taxon.name != row.taxon:
        wrong.append(Refusal("taxon.synonym", {"taxon": row.taxon, "accepted": taxon.name}))
    if source is None:
        wrong.append(Refusal("source.unknown", {"source": row.source}))
        return _Known(tuple(wrong))
    if tables.country(row.origin) is None:
        wrong.append(Refusal("country.unknown", {"country": row.origin}))
    wrong += _wrong_pairs(tables, row, taxon=taxon, source=source)
    return _Known(tuple(wrong), tuple(_oddities(tables, row, taxon=taxon, source=source)))


_ask_once = lru_cache(maxsize=4_096)(_ask)


def _check_quantity(quantity: int, unit: str) -> Iterator[Refusal]:
    if unit not in LEDGER_UNITS:
        yield Refusal("quantity.unit", {"unit": unit})
    if quantity < 1:
        yield Refusal("quantity.zero", {"quantity": quantity})
    if quantity > QUANTITY_MAX:
        yield Refusal("quantity.range", {"quantity": quantity})


def _wrong_pairs(tables: Tables, row: Row, *, taxon: Taxon, source: Source) -> Iterator[Refusal]:
    term = tables.term(row.term)
    if term is None:
        yield Refusal("term.unknown", {"term": row.term})
    elif term.replaced_by:
        yield Refusal("term.historical", {"term": row.term, "term_now": term.replaced_by})
    if taxon.kingdom not in source.kingdoms:
        yield Refusal("pair.source-kingdom", {"source": row.source, "taxon": row.taxon})
    if not tables.pair_allowed(row.term, row.unit):
        yield Refusal("pair.term-unit", {"term": row.term, "unit": row.unit})


def _oddities(tables: Tables, row: Row, *, taxon: Taxon, source: Source) -> Iterator[str]:
    if not tables.term_taxon_plausible(taxon, row.term):
        yield "pair.term-taxon"
    if source.appendix_only and source.appendix_only not in taxon.appendix.split("/"):
        yield "source.appendix"
    if source.code in ("U", "I"):
        yield "source.unexplained"
    wild_elsewhere = bool(taxon.range) and row.origin not in taxon.range
    if source.code == "W" and wild_elsewhere and row.origin not in NOWHERE:
        yield "origin.outside-range"
