"""Rules on setting references: who may say so, in which form, and that nothing is said twice.

Owns the events of the reference family. What a quota or a suspension does to trade stands in
`quotas` and `suspensions`. Sources: DESIGN of the reference family, docs/events.md; fraud F24.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.custody.accounts import QuotaAccount
from ledger.custody.decide import Check
from ledger.custody.references import (
    Ban,
    BanDeclared,
    Figure,
    Listing,
    ListingChanged,
    Quota,
    QuotaSet,
    Suspension,
    SuspensionDeclared,
    YieldSet,
)
from ledger.custody.rules import goods
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.offices import reaches
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Refusal, Remark, Rule
from ledger.reference.tables import LEDGER_UNITS, Tables

ROWS_MAX = 200
"""The most quotas, suspensions, listings, bans or figures in one statement."""
COUNTS = ("harvest", "issue", "endorsement")
BINDINGS = ("mandatory", "voluntary")
ACTS = ("harvest", "deal", "export", "import")
APPENDICES = ("I", "II", "III", "NC")
STATUSES = ("confirmed", "unconfirmed")
NOTES_MAX = 10
_ID = re.compile(r"[A-Z0-9](?:[A-Z0-9.()-]{0,94}[A-Z0-9)])?")
_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .>/_()-]{0,94}[A-Za-z0-9)])?")
_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_SEASON = re.compile(r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")

RULES = (
    Rule("reference.rows", "refuse", "A statement sets between one and 200 rows, each once."),
    Rule("reference.id", "refuse", "What is set has an id, or a key, in the known form."),
    Rule("reference.other-country", "refuse", "An office sets what holds for its own countries."),
    Rule("reference.days", "refuse", "A first day is a day, and not after the last."),
    Rule("reference.words", "refuse", "Terms, sources and other words are those of the tables."),
    Rule("reference.exists", "refuse", "A quota is set once; a change is a new one in its place."),
    Rule(
        "reference.replaces",
        "refuse",
        "What a quota replaces stands, once, for the same country, taxon, unit and count.",
    ),
)

Row = Quota | Suspension | Listing | Ban | Figure


def rows_of(event: Any) -> tuple[Row, ...]:
    """Return the rows that an event of the family sets."""
    match event:
        case QuotaSet():
            return event.quotas
        case SuspensionDeclared():
            return event.suspensions
        case ListingChanged():
            return event.listings
        case BanDeclared():
            return event.bans
        case YieldSet():
            return event.figures
        case _:
            return ()


def check_set(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the rows cannot be set: (1) how many, (2) each by itself, (3) by whom."""
    rows = rows_of(signed.event)
    names = [name_of(row) for row in rows]
    if not 1 <= len(rows) <= ROWS_MAX or len(set(names)) != len(names):
        yield Refusal("reference.rows", {"rows": len(rows), "rows_max": ROWS_MAX})
    taken = Counter(row.replaces for row in rows if isinstance(row, Quota))
    for row in rows:
        yield from _check_row(draft, row)
        if isinstance(row, Quota) and row.replaces is not None and taken[row.replaces] > 1:
            yield Refusal("reference.replaces", {"id": row.quota, "replaces": row.replaces[:96]})
        country = row.country
        if country is None or reaches(draft, signed.party, country):
            continue
        yield Refusal("reference.other-country", {"country": country, "party": signed.party})


def name_of(row: Row) -> str:
    """Return under which name a row is set: its id, or for a listing what it is about."""
    match row:
        case Quota():
            return row.quota
        case Suspension():
            return row.suspension
        case Ban():
            return row.ban
        case Figure():
            return f"{row.key} {row.from_day}"
        case Listing():
            return f"{row.taxon} {row.country} {row.from_day}"


def filed_under(tables: Tables, name: str) -> str:
    """Return the last accepted name of the one taxon that `name` means, else `name` itself.

    What is set for a taxon is filed under it, so that goods meet it under any name (fraud F32).
    """
    taxon = tables.taxon(name)
    return taxon.name if taxon is not None else name


def _check_row(draft: Draft, row: Row) -> Iterator[Refusal]:
    name = name_of(row)
    if isinstance(row, Figure):
        yield from _check_figure(row)
    elif not isinstance(row, Listing) and _ID.fullmatch(name) is None:
        yield Refusal("reference.id", {"id": name[:96]})
    if row.country is not None:
        yield from goods.check_country(draft, row.country)
    days = [row.from_day, getattr(row, "until_day", None) or row.from_day]
    if any(_DAY.fullmatch(day) is None for day in days) or sorted(days) != days:
        yield Refusal("reference.days", {"id": name[:96]})
    taxon = getattr(row, "taxon", None)
    if taxon is not None:
        yield from _check_taxon(draft, taxon)
    for word in _unknown_words(draft, row):
        yield Refusal("reference.words", {"id": name[:96], "word": word[:64]})
    if isinstance(row, Quota):
        yield from _check_quota(draft, row)


def _check_taxon(draft: Draft, name: str) -> Iterator[Refusal]:
    found = draft.tables.taxa_named(name)
    if len(found) != 1:
        yield Refusal("taxon.ambiguous" if found else "taxon.unknown", {"taxon": name})


def _check_figure(row: Figure) -> Iterator[Refusal]:
    if _KEY.fullmatch(row.key) is None:
        yield Refusal("reference.id", {"id": row.key[:96]})
    if row.numerator < 0 or row.denominator < 1 or not row.source.strip():
        yield Refusal("reference.words", {"id": row.key[:96], "word": str(row.numerator)})


def _check_quota(draft: Draft, row: Quota) -> Iterator[Refusal]:
    if not 0 <= row.amount <= QUANTITY_MAX or not 0 <= (row.carried or 0) <= QUANTITY_MAX:
        yield Refusal("quantity.range", {"quantity": row.amount})
    if draft.account(f"quota/{row.quota}", QuotaAccount) is not None:
        yield Refusal("reference.exists", {"id": row.quota})
    if row.replaces is None:
        return
    old = draft.account(f"quota/{row.replaces}", QuotaAccount)
    if old is None or old.replaced_by is not None or not _takes_over(draft, old.quota, row):
        yield Refusal("reference.replaces", {"id": row.quota, "replaces": row.replaces[:96]})


def _takes_over(draft: Draft, old: Quota, new: Quota) -> bool:
    """Return whether what was drawn on the old quota means the same on the new one."""
    same = (old.country, old.unit, old.counts) == (new.country, new.unit, new.counts)
    mine, theirs = draft.tables.taxon(new.taxon), draft.tables.taxon(old.taxon)
    if mine is None or theirs is None:
        return False
    return same and (draft.tables.within(mine, theirs) or draft.tables.within(theirs, mine))


def _unknown_words(draft: Draft, row: Row) -> Iterator[str]:
    """Yield the words of a row that no table knows."""
    tables = draft.tables
    known: tuple[tuple[Iterable[str], Any], ...] = (
        (getattr(row, "terms", ()), tables.term),
        (getattr(row, "exempt_terms", ()), tables.term),
        (getattr(row, "sources", ()), tables.source),
        (getattr(row, "exempt_sources", ()), tables.source),
        (getattr(row, "purposes", ()), tables.purpose),
        (getattr(row, "exempt_purposes", ()), tables.purpose),
    )
    for words, look_up in known:
        yield from (word for word in words if look_up(word) is None)
    choices: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("unit", LEDGER_UNITS if isinstance(row, Quota) else ()),
        ("counts", COUNTS),
        ("binding", BINDINGS),
        ("status", STATUSES),
    )
    for field, allowed in choices:
        word = getattr(row, field, None)
        if isinstance(word, str) and allowed and word not in allowed:
            yield word
    if isinstance(row, Listing) and not set(row.appendix.split("/")) <= set(APPENDICES):
        yield row.appendix
    if isinstance(row, Ban):
        yield from _unknown_acts(row)
    notes = getattr(row, "conditions", ())
    if len(notes) > NOTES_MAX or any(not note.strip() or len(note) > 2_000 for note in notes):
        yield "conditions"


def _unknown_acts(row: Ban) -> Iterator[str]:
    if not row.acts:
        yield ""
    yield from (act for act in row.acts if act not in ACTS)
    if len(row.season) not in (0, 2):
        yield " ".join(row.season)
    yield from (day for day in row.season if _SEASON.fullmatch(day) is None)


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    QuotaSet: (check_set,),
    SuspensionDeclared: (check_set,),
    ListingChanged: (check_set,),
    BanDeclared: (check_set,),
    YieldSet: (check_set,),
}
