"""What papers, references, offices and places say, fact by fact, before it is signed.

Whoever signs must read all that counts: a permit without its holder or a quota without its sources
is another one. Owns those lines alone; the first sentence of an event is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.custody.documents import DocumentRow, Paper
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import count
from ledger.custody.parties import Scope
from ledger.custody.references import (
    Ban,
    BanDeclared,
    Listing,
    ListingChanged,
    Quota,
    QuotaSet,
    Suspension,
    SuspensionDeclared,
)
from ledger.desk.amounts import show_quantity, show_row
from ledger.desk.portions import show_marks
from ledger.reference.quantities import display
from ledger.wire import fields

_MARKS_MAX = 3
_COUNTED = {
    "harvest": "when they are taken",
    "issue": "when permits are issued",
    "endorsement": "when they cross the border",
}
_BOXES = (
    ("appendix", "Appendix"),
    ("quota_used", "quota used"),
    ("quota_total", "quota of the year"),
    ("origin_permit", "permit of origin"),
    ("origin_day", "of"),
    ("origin_unknown", "origin unknown"),
    ("last_country", "last re-export"),
    ("last_permit", "its permit"),
    ("last_day", "its day"),
    ("operation", "operation"),
    ("acquired", "acquired"),
)
_PAPER = (
    ("holder", "holder"),
    ("purpose", "purpose"),
    ("from_country", "from"),
    ("to_country", "to"),
    ("issued_day", "issued on"),
    ("retrospective", "issued after the act"),
    ("conditions", "conditions"),
    ("stamp", "stamp"),
    ("verification", "verification number"),
)


def paper_lines(paper: Paper) -> list[str]:
    """Return what a document says, a line for each row of goods and for each fact."""
    lines = [f"  {show_row(row)}{_boxes(row)}" for row in paper.rows]
    said = [(word, getattr(paper, name)) for name, word in _PAPER]
    said += [("rests on", ", ".join(paper.rests_on)), ("plots", ", ".join(paper.plots))]
    lines += [f"  {word}: {value}" for word, value in said if value]
    if paper.exemption is not None:
        own = paper.exemption
        facts = [own.section, own.made_before and f"made before {own.made_before}"]
        facts.append(None if own.share_percent is None else f"{own.share_percent} % ivory")
        facts.append(None if own.surface_cm2 is None else f"{own.surface_cm2} cm2 of ivory")
        lines.append(f"  exempt by {', '.join(f for f in (*facts, own.museum) if f)}")
    if paper.scope is not None:
        lines += _scope(paper)
    return lines


def office_lines(scope: Scope | None, acts_for: str | None) -> list[str]:
    """Return for whom an office acts, what it may do, and for which countries."""
    lines = [f"  acts for {acts_for}"] if acts_for else []
    if scope is not None and scope.powers:
        lines.append(f"  may decide on: {', '.join(scope.powers)}")
    if scope is not None and scope.countries:
        lines.append(f"  for: {', '.join(scope.countries)}")
    return lines


def place_lines(event: FacilityRegistered) -> list[str]:
    """Return area, cells and terms of a place."""
    lines = []
    if event.area_m2 is not None:
        lines.append(f"  area: {event.area_m2 / 10_000:.12g} ha")
    if event.cells:
        lines.append(f"  cells: {', '.join(event.cells)}")
    terms = event.terms
    if terms is None:
        return lines
    if terms.licence or terms.from_day or terms.until_day:
        days = f"from {terms.from_day or '…'} until {terms.until_day or '…'}"
        lines.append(f"  licence: {terms.licence or 'no number'}, {days}")
    for limit in terms.capacity:
        lines.append(f"  at most {show_quantity(limit.quantity, limit.unit)} {limit.term} a year")
    lines += [f"  closed from {s.from_day} to {s.until_day}" for s in terms.closed]
    lines += [f"  {s.taxon}: widest belly {s.width_mm} mm" for s in terms.sizes]
    return [*lines, *([f"  works since {terms.since}"] if terms.since is not None else [])]


def reference_lines(
    event: QuotaSet | SuspensionDeclared | ListingChanged | BanDeclared, limit: int
) -> list[str]:
    """Return what is set, one line a row; more than `limit` are counted instead."""
    match event:
        case QuotaSet():
            lines = [_quota(row) for row in event.quotas]
        case SuspensionDeclared():
            lines = [_suspension(row) for row in event.suspensions]
        case ListingChanged():
            lines = [_listing(row) for row in event.listings]
        case BanDeclared():
            lines = [_ban(row) for row in event.bans]
    more = [f"  … and {len(lines) - limit} more"] if len(lines) > limit else []
    return [f"  {line}" for line in lines[:limit]] + more


def _boxes(row: DocumentRow) -> str:
    facts = [f"{word} {getattr(row, name)}" for name, word in _BOXES if getattr(row, name)]
    if row.marks:
        shown = show_marks(row.marks[:_MARKS_MAX]) + (", …" if row.marks[_MARKS_MAX:] else "")
        number = count(row.marks)
        facts.insert(0, f"{number} marks {shown}" if number > 1 else f"mark {shown}")
    return f" ({'; '.join(facts)})" if facts else ""


def _scope(paper: Paper) -> Iterator[str]:
    own = paper.scope
    if own is None:
        return
    groups = [f"{g.term} of {g.taxon}" if g.taxon else g.term for g in own.groups]
    yield f"  covers: {', '.join(groups) or 'all products'}"
    yield f"  systems: {', '.join(('transfer', *own.systems))}"
    if own.outsourcing:
        yield "  contractors may process under it"
    for opening in own.opening:
        amount = show_quantity(opening.quantity, opening.unit)
        yield f"  credit before this ledger: {amount} {opening.term} of {opening.month}"


def _quota(row: Quota) -> str:
    words = [f"{row.quota}: {show_quantity(row.amount, row.unit)}"]
    words.append(f"{' '.join(row.terms) or 'of all terms'} of {row.taxon} from {_where(row)}")
    if row.carried is not None:
        words[0] += f" and {display(row.carried, row.unit)[0]} carried over"
    facts = [f"{row.from_day} to {row.until_day}", f"counted {_COUNTED.get(row.counts, '')}"]
    facts += [row.binding, *_sets(row)]
    return f"{' '.join(words)}; {'; '.join(fact for fact in facts if fact)}"


def _suspension(row: Suspension) -> str:
    until = f" to {row.until_day}" if row.until_day else " on"
    head = f"{row.suspension}: {row.taxon or 'all taxa'} from {row.country}"
    return "; ".join([head, f"{row.from_day}{until}", *_sets(row)])


def _listing(row: Listing) -> str:
    where = f" in {row.country}" if row.country else ""
    noted = f"; {row.annotation}" if row.annotation else ""
    return f"{row.taxon}{where}: Appendix {row.appendix} from {row.from_day}{noted}"


def _ban(row: Ban) -> str:
    until = f" to {row.until_day}" if row.until_day else " on"
    head = f"{row.ban}: {row.taxon} in {row.country}, no {', '.join(row.acts)}"
    season = [f"each year from {' to '.join(row.season)}"] if row.season else []
    return "; ".join([head, f"{row.from_day}{until}", *season, *_sets(row)])


def _where(row: Quota) -> str:
    return f"{row.country} ({row.region})" if row.region else row.country


def _sets(row: Quota | Suspension | Ban) -> Iterator[str]:
    """Yield what narrows a row down, or lets through, and what the officer is told."""
    plain = fields.to_plain(row)
    said = plain if isinstance(plain, dict) else {}
    terms = () if isinstance(row, Quota) else ("terms",)
    for name in (*terms, "sources", "purposes"):
        if said.get(name):
            yield f"{name} {' '.join(said[name])}"
    for name in ("exempt_terms", "exempt_sources", "exempt_purposes", "exempt_kinds"):
        if said.get(name):
            yield f"but not {name[7:]} {' '.join(said[name])}"
    if said.get("imports"):
        yield "imports too"
    if said.get("replaces"):
        yield f"in place of {said['replaces']}"
    yield from row.conditions
