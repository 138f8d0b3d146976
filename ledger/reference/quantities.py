"""Quantities: whole numbers of the smallest unit, and the decimal texts of people.

Owns the arithmetic between units. Must not know lots or rules, and never guesses: a text that could
mean two numbers, or that is not exact in the smallest unit, is refused. No float is ever involved.
"""

from __future__ import annotations

import re
from typing import Final

from ledger.errors import MalformedError
from ledger.reference.tables import LEDGER_UNITS, load_tables

QUANTITY_MAX: Final = 2**53 - 1
"""The largest quantity that a signed byte can carry (docs/formats/statement.md)."""

# decimal = "0" / (1-9 *DIGIT) ["." 1*DIGIT]; no sign, no grouping, no exponent, ASCII only.
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,12}))?", re.ASCII)


def display(quantity: int, unit: str) -> tuple[str, str]:
    """Return `quantity` of a unit of the ledger as exact decimal text and display unit.

    `display(12345000, "CMQ")` is `("12.345", "MTQ")`; trailing zeros are dropped, the point is a
    dot. Raises MalformedError for a unit that is not one of the ledger's or a quantity out of
    range.
    """
    if unit not in LEDGER_UNITS:
        raise MalformedError(
            "unit.not-of-ledger",
            f"The ledger does not count in {unit!r}.",
            hint=f"Use one of {', '.join(LEDGER_UNITS)}.",
            params={"unit": unit},
        )
    _check_range(quantity)
    shown = _display_unit(unit)
    digits = _digits(shown)
    whole, rest = divmod(quantity, 10**digits)
    fraction = f"{rest:0{digits}d}".rstrip("0") if digits else ""
    return (f"{whole}.{fraction}" if fraction else f"{whole}"), shown


def parse_quantity(text: str, unit: str) -> tuple[int, str]:
    """Return the decimal `text` of `unit` as a whole number and unit of the ledger.

    `unit` is any code of the table: `parse_quantity("12.345", "MTQ")` is `(12345000, "CMQ")`. The
    decimal point is a dot and nothing else; a comma, a space, a sign, an exponent or a leading zero
    is refused. Raises MalformedError `quantity.ambiguous` for a comma, `quantity.text` for other
    forms, `quantity.inexact` for digits below the smallest unit, `quantity.range` above 2^53 - 1,
    `unit.unknown`, and `unit.package` for boxes, bags and such.
    """
    found = load_tables().unit(unit)
    if found is None:
        raise MalformedError(
            "unit.unknown",
            f"{unit!r} is not a unit.",
            hint="Use NAR, KGM, MTQ, MTK, MTR or LTR.",
            params={"unit": unit},
        )
    if not found.base:
        raise MalformedError(
            "unit.package",
            f"{found.en} ({unit}) is a package, not a measure.",
            hint="Count the pieces or weigh the goods.",
            params={"unit": unit},
        )
    digits, scale = _decimal(text)
    quantity, rest = divmod(digits * found.numerator, scale * found.denominator)
    if rest:
        raise MalformedError(
            "quantity.inexact",
            f"{text} {unit} is not a whole number of {found.base}.",
            hint=f"Give it in {found.base}, rounded as your papers say.",
            params={"text": text, "unit": unit},
        )
    _check_range(quantity)
    return quantity, found.base


def _decimal(text: str) -> tuple[int, int]:
    """Return digits and scale: the value is digits / scale."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        code = "quantity.ambiguous" if "," in text else "quantity.text"
        raise MalformedError(
            code,
            f"{text!r} is not a number that can be read in one way only.",
            hint="Write digits and a dot, such as 12.345, without thousands separators.",
            params={"text": text[:64]},
        )
    fraction = match[2] or ""
    return int(match[1] + fraction), 10 ** len(fraction)


def _check_range(quantity: int) -> None:
    if not 0 <= quantity <= QUANTITY_MAX:
        raise MalformedError(
            "quantity.range",
            f"{quantity} is outside 0 to {QUANTITY_MAX}.",
            hint="Split the goods into several lots.",
        )


def _display_unit(unit: str) -> str:
    found = load_tables().unit(unit)
    return found.display if found is not None else unit


def _digits(shown: str) -> int:
    """Return how many decimals the display unit needs; its factor is a power of ten."""
    found = load_tables().unit(shown)
    return len(str(found.numerator)) - 1 if found is not None else 0
