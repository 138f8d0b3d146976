"""From a document's view to what is printed of it.

Owns the words on the paper: the ledger's values, line by line, and the link that shows them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.desk.amounts import show_quantity
from ledger.printing_document import PrintedDocument, PrintedRow
from ledger.reference.tables import load_tables
from ledger.wire import text
from ledger.wire.label import DocumentPayload, format_label_url

_FACTS = (
    ("holder", "Holder (box 3, 4)"),
    ("issued_day", "Issued on (box 13)"),
    ("from_day", "First day (box 2)"),
    ("until_day", "Last day (box 2)"),
    ("purpose", "Purpose (box 5a)"),
    ("from_country", "From (box 4)"),
    ("to_country", "To (box 3a)"),
    ("conditions", "Special conditions (box 5)"),
    ("stamp", "Security stamp (box 5b)"),
    ("retrospective", "ISSUED RETROSPECTIVELY, because"),
    ("verification", "Verification number"),
)
_BOXES = (
    ("appendix", "Appendix (box 10)"),
    ("origin_permit", "Permit of origin (box 12)"),
    ("origin_day", "of"),
    ("origin_unknown", "Permit of origin not named, because"),
    ("last_country", "Last re-export (box 12a)"),
    ("last_permit", "certificate"),
    ("last_day", "of"),
    ("operation", "Breeding operation (box 12b)"),
    ("acquired", "Acquired (box 12b)"),
)


def printed(plain: Mapping[str, Any], *, host: str, link: str) -> PrintedDocument:
    """Return the printed form of a document's view; `link` is that of its label.

    With no label, "", it bears the bare link: the page says what the ledger holds.
    """
    name = str(plain["name"])
    url = link or format_label_url(host=host, name=name, signed=None, kind="d")
    paper = plain.get("paper") or {}
    days = {"issued_day": plain.get("issued_day"), "until_day": plain.get("last_day")}
    said = {**paper, **{key: day for key, day in days.items() if day}}
    facts = [("Status", str(plain["status"]))]
    facts += [(words, str(said[key])) for key, words in _FACTS if said.get(key)]
    for days in plain.get("suspended", ()):
        period = f"{days['from_day']} to {days.get('until_day') or 'further notice'}"
        facts.insert(1, ("SUSPENDED", period))
    rows = tuple(_row(row) for row in plain.get("rows", ()))
    return PrintedDocument(url=url, name=name, facts=tuple(facts), rows=rows)


def label_values(payload: DocumentPayload) -> dict[str, Any]:
    """Return what a document's label says as JSON-able values, in the ledger's codes."""
    until = payload.until_day
    return {
        "name": payload.name,
        "statement": payload.statement.hex(),
        "until_day": text.format_day(until) if until is not None else None,
        "rows": [_row_said(row) for row in payload.rows],
    }


def label_lines(payload: DocumentPayload) -> list[str]:
    """Return what a document's label says, in capitals, to be compared with the paper."""
    said = label_values(payload)
    lines = ["", f"    {said['name'].upper()}", f"    LAST DAY  {said['until_day'] or 'NONE'}"]
    for row in said["rows"]:
        quantity, unit = row["quantity"], row["unit"]
        amount = show_quantity(quantity, unit) if unit != "?" else f"{quantity} ?"
        goods = f"{amount}  {row['term']}  {row['taxon']}  SOURCE {row['source']}"
        lines += ["", f"    {goods.upper()}"]
    return [*lines, ""]


def _row_said(row: tuple[int, int, int, int, int]) -> dict[str, Any]:
    tables = load_tables()
    taxon, term = tables.taxon_by_number(row[0]), tables.term_by_number(row[1])
    source, unit = tables.source_by_number(row[2]), tables.unit_by_number(row[4])
    return {
        "taxon": taxon.name if taxon is not None else "?",
        "term": term.code if term is not None else "?",
        "source": source.code if source is not None else "?",
        "quantity": row[3],
        "unit": unit.code if unit is not None else "?",
    }


def _row(row: Mapping[str, Any]) -> PrintedRow:
    taxon = load_tables().taxon(row["taxon"])
    common = f" ({taxon.common_name('en')})" if taxon is not None else ""
    amount = show_quantity(row["quantity"], row["unit"])
    goods = f"{amount}  {row['term']}  {row['taxon']}{common}"
    facts = [f"Source {row['source']}, origin {row['origin']}"]
    if row.get("quota_total") is not None or row.get("quota_used") is not None:
        figures = (row.get("quota_used"), row.get("quota_total"))
        used, total = (show_quantity(n, row["unit"]) if n else "?" for n in figures)
        facts.append(f"Exported / quota of the year (box 11a): {used} / {total}")
    boxes = [f"{words} {row[key]}" for key, words in _BOXES if row.get(key)]
    return PrintedRow(goods, tuple(facts + ([", ".join(boxes)] if boxes else [])))
