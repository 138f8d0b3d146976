"""From a document's view to what is printed of it.

Owns the words on the paper: the ledger's values, line by line, and the link that shows them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ledger.desk.telling import show_quantity
from ledger.printing_document import PrintedDocument, PrintedRow
from ledger.reference.tables import load_tables
from ledger.wire.label import format_label_url

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


def printed(
    plain: Mapping[str, Any], *, host: str, labels: Iterable[Mapping[str, str]]
) -> PrintedDocument:
    """Return the printed form of a document's view; `labels` are those that came to this desk.

    Without a label of its own it bears the bare link: the page says what the ledger holds.
    """
    name = str(plain["name"])
    own = [known[name] for known in labels if name in known]
    url = own[-1] if own else format_label_url(host=host, name=name, signed=None, kind="d")
    paper = plain.get("paper") or {}
    said = {**paper, **{key: plain[key] for key in ("issued_day",) if plain.get(key)}}
    facts = [("Status", str(plain["status"]))]
    facts += [(words, str(said[key])) for key, words in _FACTS if said.get(key)]
    rows = tuple(_row(row) for row in plain.get("rows", ()))
    return PrintedDocument(url=url, name=name, facts=tuple(facts), rows=rows)


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
