"""What a ledger was told of quotas, suspensions, listings, bans and allotments, as lines to read.

Owns the words of `ringmark reference list|show` for the tables that stand in a ledger and not in
this release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.context import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = {
    "quotas": ("account", "quota/"),
    "allotments": ("account", "allotment/"),
    "suspensions": ("reference", "suspensions/"),
    "listings": ("reference", "listings/"),
    "bans": ("reference", "bans/"),
    "figures": ("reference", "figures/"),
}
"""Each table that stands in the ledger: the kind of its records, and how their names begin."""


def list_kept(session: Session, table: str, beginning: str | None) -> None:
    """List what the ledger keeps of a table; `beginning` is how a name begins: a country, an id."""
    kind, prefix = KEPT[table]
    entries = list(session.source.entries(kind, prefix + (beginning or "")))
    lines = [line for entry in entries for line in entry_lines(table, entry)]
    session.output.result({"table": table, "rows": entries}, lines or ["nothing"])


def show_kept(session: Session, table: str, name: str) -> None:
    """Show one record of a table with all that it says."""
    kind, prefix = KEPT[table]
    entry = session.source.entry(kind, prefix + name)
    lines = [*entry_lines(table, entry), *conditions_of(entry)]
    lines += [f"  {f['severity']}: {f['rule']}" for f in entry.get("findings", ())]
    session.output.result({"table": table, "rows": [entry]}, lines)


def entry_lines(table: str, entry: dict[str, Any]) -> list[str]:
    """Return one record in short lines."""
    if table == "quotas":
        return [quota_line(entry)]
    if table == "allotments":
        return list(_allotment(entry))
    rows = entry.get("listed") or entry.get("values") or _by_taxon(entry)
    return [_row_line(row) for row in rows]


def quota_line(entry: dict[str, Any]) -> str:
    """Return a quota with what is left of it: `… 200 of 10,800 pieces left until 2011-12-31`."""
    from ledger.desk.amounts import show_quantity

    quota = entry["quota"]
    total = quota["amount"] + quota.get("carried", 0)
    used = max(entry["exported"], entry["imported"])
    used = entry["reserved"] if quota["counts"] == "issue" else used
    left = show_quantity(max(total - used, 0), quota["unit"])
    whole = show_quantity(total, quota["unit"])
    about = f"{quota['country']} {quota['taxon']} {' '.join(quota.get('terms', ()))}".rstrip()
    replaced = f", replaced by {entry['replaced_by']}" if entry.get("replaced_by") else ""
    days = f"{quota['from_day']} to {quota['until_day']}"
    return f"{quota['quota']}  {about}  {left} of {whole} left, {days}{replaced}"


def _allotment(entry: dict[str, Any]) -> Iterator[str]:
    name = entry["name"].partition("/")[2]
    for own in entry.get("allotted", ()):
        texts = [f"{own['before']}{n:0{own['digits']}d}{own['after']}" for n in _ends(own)]
        used = sum(last - first + 1 for first, last in own.get("used", ()))
        back = sum(last - first + 1 for first, last in own.get("returned", ()))
        count = own["last"] - own["first"] + 1
        yield f"{name}  {texts[0]}..{texts[1]}  {count} marks, {used} used, {back} returned"


def _ends(own: dict[str, Any]) -> tuple[int, int]:
    return own["first"], own["last"]


def _by_taxon(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for member in ("suspended", "banned"):
        for rows in entry.get(member, {}).values():
            yield from rows


def _row_line(row: dict[str, Any]) -> str:
    named = ("suspension", "ban", "key", "country", "taxon", "appendix", "from_day", "until_day")
    words = [str(row[name]) for name in named if row.get(name)]
    if "numerator" in row:
        words.append(f"{row['numerator']}/{row['denominator']} ({row['status']})")
    sets = ("acts", "terms", "sources", "purposes", "season")
    words += [f"{name} {' '.join(row[name])}" for name in sets if row.get(name)]
    exempt = ("exempt_terms", "exempt_sources", "exempt_purposes", "exempt_kinds")
    words += [f"but {name[7:]} {' '.join(row[name])}" for name in exempt if row.get(name)]
    words += ["imports too"] if row.get("imports") else []
    return "  ".join(words)


def conditions_of(entry: dict[str, Any]) -> Iterator[str]:
    """Yield what an authority asks with a quota or a ban, and where it was published."""
    rows = [entry["quota"]] if "quota" in entry else list(_by_taxon(entry))
    for row in rows:
        yield from (f"  condition: {note}" for note in row.get("conditions", ()))
        if row.get("publication"):
            yield f"  published: {row['publication']}"
