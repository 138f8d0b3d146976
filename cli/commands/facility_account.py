"""How the running accounts of a place look in a terminal: one line a year, with a bar.

Owns layout only: what the sums mean is the ledger's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

BAR_WIDTH = 30


def account_lines(name: str, account: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one yield account: its product, then each year with what was made."""
    from ledger.desk.amounts import show_quantity

    product = name.split("/", 3)[3]
    yield f"  {product}"
    for year in account["years"]:
        drawn, unit = year["drawn"], account["unit"]
        yield f"    {year['year']}  {year['batches']} batch(es), {show_quantity(drawn, unit)} drawn"
        for made in year["made"]:
            amount = f"{made['term']} {show_quantity(made['quantity'], made['unit'])}"
            share = ratio(made, drawn, unit)
            yield f"          {amount:<24} {share}".rstrip()


def stock_lines(name: str, account: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one stock account: what lives there, what was taken, each cohort."""
    counted = "counted by an officer" if account.get("attested_at") else "by the farm's own word"
    yield f"  {name.split('/', 3)[3]}: {account['count']} animals, {counted}"
    yield f"    {account['taken']} taken, {account['sold']} sold, {account['grown']} came grown"
    for cohort in account["cohorts"]:
        yield f"    {cohort['year']}  {cohort['females']} females, {cohort['hatched']} hatched"


def ratio(made: Mapping[str, Any], drawn: int, unit: str) -> str:
    """Return a bar of how much of what was drawn came out, where both are in one unit."""
    if made["unit"] != unit or not drawn:
        return ""
    full = min(made["quantity"] * BAR_WIDTH // drawn, BAR_WIDTH)
    tenths = made["quantity"] * 1_000 // drawn
    return f"[{'#' * full}{'.' * (BAR_WIDTH - full)}] {tenths // 10}.{tenths % 10} %"


def throughput_lines(plain: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a place made in each year, beside what it may make."""
    from ledger.desk.amounts import show_quantity

    terms = plain.get("terms") or {}
    allowed = {(row["term"], row["unit"]): row["quantity"] for row in terms.get("capacity", ())}
    for row in plain.get("throughput", ()):
        amount = show_quantity(row["quantity"], row["unit"])
        largest = allowed.get((row["term"], row["unit"]))
        of = f" of {show_quantity(largest, row['unit'])} a year" if largest else ""
        share = ratio(row, largest, row["unit"]) if largest else ""
        yield f"  {row['year']}  {row['term']} {amount}{of}  {share}".rstrip()


LINES: Mapping[str, Callable[[str, Mapping[str, Any]], Iterator[str]]] = {
    "yield": account_lines,
    "stock": stock_lines,
}
"""How each type of account is shown."""
