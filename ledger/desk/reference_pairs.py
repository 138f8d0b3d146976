"""Files of pairs (term and unit, term and purpose, taxon and term) against the tables in force.

Owns the comparison alone: pairs are tables of the rule set, and only a new rule set changes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger.desk.reference_columns import csv_rows
from ledger.desk.reference_files import Left
from ledger.errors import MalformedError
from ledger.reference.tables import Tables, load_tables

_FORMS = (("term_code", "unit_code"), ("term_code", "purpose_code"), ("taxon", "term_code"))


def compare_pairs(data: bytes) -> tuple[int, tuple[Left, ...]]:
    """Return how many pairs of a file are in force, and the others with the reason why not."""
    headings, rows = csv_rows(data)
    names = {name.strip().casefold(): name for name in headings}
    form = next((form for form in _FORMS if set(form) <= set(names)), None)
    if form is None:
        raise MalformedError(
            "reference.file",
            "The file has no columns for pairs.",
            hint="Name them TERM_CODE with UNIT_CODE or PURPOSE_CODE, or TAXON with TERM_CODE.",
        )
    tables = load_tables()
    in_force, left = 0, []
    for line, row in enumerate(rows, start=2):
        written = dict(zip(headings, row, strict=False))
        cells = {name: written.get(names[name], "").strip() for name in form}
        reason = next(_reasons(cells, tables), None)
        if reason is None:
            in_force += 1
        else:
            left.append(Left(line, reason))
    return in_force, tuple(left)


def _reasons(cells: Mapping[str, str], tables: Tables) -> Iterator[str]:
    term = cells["term_code"].upper()
    if tables.term(term) is None:
        yield f"{term or 'nothing'} is no term of the tables"
    if "taxon" in cells:
        if not tables.term_listed_for(cells["taxon"], term):
            yield f"{cells['taxon']} with {term} is not in the tables of this rule set"
        return
    if "purpose_code" in cells:
        purpose = cells["purpose_code"].upper()
        if not tables.purpose_allowed(term, purpose):
            yield f"{term} with purpose {purpose} is not in the tables of this rule set"
        return
    unit = cells["unit_code"].upper() or "NAR"
    known = tables.unit(unit)
    if known is None:
        yield f"{unit} is no unit of the tables"
    elif not known.base:
        yield f"{unit} is a package of no fixed size: the ledger counts what is in it"
    elif not tables.pair_allowed(term, unit):
        yield f"{term} in {unit} is not in the tables of this rule set"
