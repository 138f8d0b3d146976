"""A party's accounts of credit as it reads them: what is left, month by month, and when it lapses.

Owns the reading of `credit/PARTY/PRODUCT/CLAIM`; the arithmetic is `custody.rules.credits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody.rules.credits import LIFE_MONTHS, month_of


def credit_account(entry: Mapping[str, Any], *, now_s: int) -> dict[str, Any]:
    """Return one account: product, claim, what is left at `now_s` (s) in smallest units, months.

    Months are `YYYY-MM`, the oldest first; `last` is the last one in which that credit is used. The
    ledger drops what has lapsed when it next posts: until then it is still shown, as lapsed.
    """
    _, party, product, claim = entry["name"].split("/", 3)
    term, unit = product.split(" ")
    now = month_of(now_s)
    months = [
        {
            "earned": _month(row["month"]),
            "last": _month(row["month"] + LIFE_MONTHS - 1),
            "quantity": row["quantity"],
            "lapsed": now - row["month"] >= LIFE_MONTHS,
        }
        for row in entry["months"]
    ]
    return {
        "account": entry["name"],
        "party": party,
        "term": term,
        "unit": unit,
        "claim": claim,
        "left": sum(row["quantity"] for row in months if not row["lapsed"]),
        "months": months,
    }


def _month(number: int) -> str:
    """Return a month that is counted from year 0 as `YYYY-MM`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
