"""A party's accounts of claims as it reads them: credit that is left, and percentages of a year.

Owns the reading of `credit/PARTY/PRODUCT/CLAIM` and `share/PARTY/PRODUCT/CLAIM`; the arithmetic is
in `custody.rules`, credits and percentages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody.rules.credits import LIFE_MONTHS, month_of
from ledger.custody.rules.percentages import PERIOD_MONTHS


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
        "opening": entry.get("opening"),
    }


def share_account(entry: Mapping[str, Any], *, now_s: int) -> dict[str, Any]:
    """Return what percentages may rest on at `now_s` (s): the months that count, the oldest first.

    `made` is in smallest units, `certified` and `claimed` in hundredths of them; `percent` is the
    average of the period, rounded down, None where nothing was made in it.
    """
    _, party, product, claim = entry["name"].split("/", 3)
    term, unit = product.split(" ")
    rows = [row for row in entry["shares"] if month_of(now_s) - row["month"] < PERIOD_MONTHS]
    made, certified = (sum(row[field] for row in rows) for field in ("made", "certified"))
    return {
        "account": entry["name"],
        "party": party,
        "term": term,
        "unit": unit,
        "claim": claim,
        "made": made,
        "percent": certified // made if made else None,
        "months": [{**row, "month": _month(row["month"])} for row in rows],
    }


def _month(number: int) -> str:
    """Return a month that is counted from year 0 as `YYYY-MM`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
