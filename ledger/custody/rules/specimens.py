"""Rules on certificates of one specimen, which end with it, and on what comes in for oneself.

Owns the kinds that end when their specimen changes hands or is lost, those that end when what they
describe is no longer so, and how often a consignee brings in what is no trade, or sells it.
Sources: EU Reference Guide 8.2, Reg. (EC) 865/2006 Art. 10; fraud F26 (the figure of three a year
is a house figure).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ledger.custody.documents import Way
from ledger.custody.goods import expand
from ledger.custody.lots import LotState
from ledger.custody.parties import PersonalUse
from ledger.custody.rules.days import day_of, days_between
from ledger.custody.rules.papers import Use, uses
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

OF_SPECIMENS = frozenset({"EXHIBITION", "OWNERSHIP", "INSTRUMENT"})
WHILE_TRUE = frozenset({"HOLDER-COPY", "EU-CERT"})
"""Kinds without a last day, that end once their goods are gone or no longer as described."""
NO_TRADE = frozenset("PH")
"""Purposes personal and hunting trophy."""
NOT_SOLD = NO_TRADE | frozenset("SZ")
"""Nor is what came in for science, or for a zoo, a ware."""
YEAR_DAYS = 365
PERSONAL_MAX = 3
KEPT_MAX = 10

RULES = (
    Rule(
        "document.facts-changed",
        "check",
        "A holder's copy or an EU certificate describes the goods as they are.",
    ),
    Rule("purpose.repeated", "check", "What comes in for oneself, or as a trophy, comes seldom."),
    Rule("purpose.sold", "check", "What came in for oneself, or as a trophy, is not sold."),
)


def check_repeated(signed: Signed, draft: Draft, use: Use) -> Iterator[Flag]:
    """Yield a check where a party brings in goods for itself for the fourth time in a year."""
    if use.way is not Way.IMPORT or not _is_no_trade(draft, use.document):
        return
    party, day = draft.party(signed.party), day_of(signed)
    before = {
        known.document
        for known in (party.personal if party is not None else ())
        if abs(days_between(known.day, day)) <= YEAR_DAYS
    }
    if len(before | {use.document}) > PERSONAL_MAX:
        yield Flag(Subject(Kind.LOT, use.code), "purpose.repeated", Severity.CHECK)


def check_facts(draft: Draft, code: str, gone: Iterable[str]) -> Iterator[Flag]:
    """Yield a check on a lot whose papers describe it by marks that it no longer bears."""
    lot, lost = draft.lot(code), frozenset(gone)
    for name in lot.documents if lot is not None else ():
        kind = draft.tables.document_kind(name)
        state = draft.document(name) if kind is not None and kind.kind in WHILE_TRUE else None
        rows = state.rows if state is not None else ()
        if not lost.isdisjoint(mark for row in rows for mark in expand(row.marks)):
            yield Flag(Subject(Kind.LOT, code), "document.facts-changed", Severity.CHECK)
            return


def check_sold(draft: Draft, codes: Mapping[str, str]) -> Iterator[Flag]:
    """Yield a check on goods of which title passes though they crossed a border for no trade.

    `codes` are the codes under which they go on, by the codes of the lots.
    """
    for code, own in codes.items():
        lot = draft.lot(code)
        if lot is not None and is_untraded(draft, lot):
            yield Flag(Subject(Kind.LOT, own), "purpose.sold", Severity.CHECK)


def is_untraded(draft: Draft, lot: LotState) -> bool:
    """Return whether goods, or what they were made of, crossed a border for no trade."""
    papers = map(draft.document, lot.documents)
    return bool(lot.untraded) or any(p is not None and p.purpose in NOT_SOLD for p in papers)


def personal_uses(signed: Signed, draft: Draft) -> tuple[PersonalUse, ...]:
    """Return the documents under which the signer brings goods in for itself, each once."""
    names = {
        use.document
        for use in uses(signed, draft)
        if use.way is Way.IMPORT and _is_no_trade(draft, use.document)
    }
    return tuple(PersonalUse(name, day_of(signed)) for name in sorted(names))


def _is_no_trade(draft: Draft, document: str) -> bool:
    state = draft.document(document)
    return state is not None and state.purpose in NO_TRADE
