"""Quantities and rows of goods, as people read them.

Owns short words for units; what is stored stays in the smallest unit of the ledger.
"""

from __future__ import annotations

from ledger.custody.documents import DocumentRow
from ledger.custody.goods import Row
from ledger.reference.quantities import display

_UNITS = {"NAR": "pieces", "KGM": "kg", "MTQ": "m3", "MTK": "m2", "MTR": "m", "LTR": "L"}


def show_row(row: Row | DocumentRow) -> str:
    """Return one row of goods: `500 pieces SKI of Crocodylus niloticus, source R, from ZW`."""
    amount = show_quantity(row.quantity, row.unit)
    return f"{amount} {row.term} of {row.taxon}, source {row.source}, from {row.origin}"


def show_quantity(quantity: int, unit: str) -> str:
    """Return a quantity of the ledger as people read it."""
    number, shown = display(quantity, unit)
    if (number, shown) == ("1", "NAR"):
        return "1 piece"
    return f"{number} {_UNITS.get(shown, shown)}"
