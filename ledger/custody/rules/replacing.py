"""Rules on replacing marks: the old one named or declared lost, a reason, and an officer's word.

Owns the question whose approval a replacement waits for, and the rate that is odd. A holder alone
never changes the marks of goods. Sources: CITES Res. Conf. 11.12; French order JORFARTI000023082276
(re-tagging by the processor under conditions); fraud F12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.accounts import AllotmentAccount
from ledger.custody.decide import Check
from ledger.custody.goods import count, expand, without
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.marks import MarkReplaced
from ledger.custody.rules import marks
from ledger.custody.rules.goods import year_of
from ledger.custody.rules.holding import not_live
from ledger.custody.rules.offices import has_power, in_scope
from ledger.custody.rules.specimens import check_facts
from ledger.custody.rules.tagging import Tagged, check_tagged
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

WHYS = ("damaged", "lost", "unreadable")
OFTEN_MIN = 5
"""So many replacements by one party in a year are never odd."""
OFTEN_PER_CENT = 5
"""Above so many per cent of the marks that it put on goods itself they are (a house figure)."""

RULES = (
    Rule("mark.replacement", "refuse", "As many new marks as old ones, and why: damaged, lost, …"),
    Rule("mark.replaced-often", "check", "A party rarely has to replace marks."),
)


def check_replaced(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why marks cannot be replaced; what is odd about the new ones stands on the lot."""
    event = signed.event
    if not isinstance(event, MarkReplaced):
        return
    lot = draft.lot(event.lot)
    if lot is None:
        yield Refusal("lot.unknown", {"lot": event.lot})
        return
    if lot.status is not LotStatus.LIVE:
        yield not_live(event.lot, lot)
    by = replaced_by(signed, draft, lot)
    # What waited for an officer was asked when it was signed; the goods may be another's by now.
    waited = signed.placed is not None
    if by != lot.holder and not waited:
        yield Refusal("custody.not-holder", {"lot": event.lot, "party": signed.party})
    yield from marks.check_form(event.old)
    yield from marks.check_form(event.new)
    sound = bool(event.old) and count(event.old) == count(event.new) and event.why in WHYS
    if not sound or not event.reason.strip():
        yield Refusal("mark.replacement", {"lot": event.lot})
    if without(event.old, lot.marks):
        yield Refusal("mark.not-here", {"lot": event.lot})
    again = sorted(set(expand(event.new)) & set(expand(lot.marks)))
    if again:
        yield Refusal("mark.twice", {"mark": again[0]})
    yield from marks.check_claims(draft, {event.lot: event.new}, party=by)
    tagged = Tagged(event.lot, event.new, (), None, strict=False)
    yield from check_tagged(signed, draft, tagged)
    yield from _check_rate(signed, draft, lot, by=by, replaced=count(event.old))
    yield from check_facts(draft, event.lot, expand(event.old))


def replaced_by(signed: Signed, draft: Draft, lot: LotState) -> str:
    """Return whose replacement it is: the signer's, or where an officer signs the holder's."""
    return lot.holder if _is_officer(draft, lot, signed.party) else signed.party


def is_complete(signed: Signed, draft: Draft, *, approvals: int) -> bool:
    """Return whether a replacement counts: an officer signed it, or one approved it."""
    event = signed.event
    lot = draft.lot(event.lot) if isinstance(event, MarkReplaced) else None
    return approvals > 1 or (lot is not None and _is_officer(draft, lot, signed.party))


def may_approve(proposal: Signed, draft: Draft, *, party: str) -> bool:
    """Return whether `party` is an officer who may approve the replacement."""
    event = proposal.event
    lot = draft.lot(event.lot) if isinstance(event, MarkReplaced) else None
    return lot is not None and party != proposal.party and _is_officer(draft, lot, party)


def count_of(party: str, scheme: str, at: int) -> str:
    """Return the account that counts what a party replaced in a year of log time."""
    return f"allotment/{party}/{scheme}/{year_of(at)}"


def _is_officer(draft: Draft, lot: LotState, party: str) -> bool:
    office = has_power(draft, party, "marks") and in_scope(draft, party, lot)
    # One who looked at the goods before, at a border or a stall, is the right one to ask.
    return office and party not in (lot.holder, lot.owner, lot.born_by)


def _check_rate(
    signed: Signed, draft: Draft, lot: LotState, *, by: str, replaced: int
) -> Iterator[Flag]:
    scheme = lot.marks[0].scheme if lot.marks else ""
    account = draft.account(count_of(by, scheme, signed.at), AllotmentAccount)
    before = account.replaced if account is not None else 0
    total = before + replaced
    spans = [span for own in account.allotted for span in own.used] if account is not None else []
    used = sum(last - first + 1 for first, last in spans)
    if total > OFTEN_MIN and total * 100 > used * OFTEN_PER_CENT:
        yield Flag(Subject(Kind.PARTY, by), "mark.replaced-often", Severity.CHECK)


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {MarkReplaced: (check_replaced,)}
