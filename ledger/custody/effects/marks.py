"""What allotting, returning and replacing marks does to registers, accounts and lots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.accounts import AllotmentAccount, AllottedRange, Span
from ledger.custody.decide import Effect
from ledger.custody.effects.claims import (
    NOT_RETURNED,
    claim_marks,
    confirm_marks,
    end_marks,
    put_ranges,
    without_marks,
)
from ledger.custody.goods import MarkRange, compress, count, expand, without
from ledger.custody.lots import LotState
from ledger.custody.marks import MarkReplaced, MarksAllotted, MarksReturned
from ledger.custody.references import AllottingCountry, MarkRegister, MarkRun
from ledger.custody.rules.allotments import (
    account_of,
    allotting_of,
    early_marks,
    order_of,
    range_in,
    register_of,
    with_runs,
    with_span,
    with_spans,
)
from ledger.custody.rules.replacing import count_of, replaced_by
from ledger.custody.rules.tagging import tag_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Finding, Kind

OUTSIDE = "mark.outside-allotment"


def allotted(signed: Signed, draft: Draft) -> None:
    """Open or extend the allotment, and file its ranges so that each mark is found in one step."""
    event = signed.event
    if not isinstance(event, MarksAllotted):
        return
    name = account_of(event)
    state = draft.account(name, AllotmentAccount) or AllotmentAccount(())
    new = tuple(
        AllottedRange(m.before, m.first, m.last, m.digits, m.after, event.from_day)
        for m in event.ranges
    )
    # A later day of return takes the place of the one before.
    kept = tuple(f for f in state.findings if f.rule != NOT_RETURNED or event.due is None)
    due = event.due if event.due is not None else state.due
    ranges = tuple(sorted((*state.allotted, *new), key=order_of))
    draft.put(Kind.ACCOUNT, name, replace(state, allotted=ranges, due=due, findings=kept))
    runs: dict[str, list[MarkRun]] = {}
    for marks in event.ranges:
        run = MarkRun(marks.first, marks.last, name)
        runs.setdefault(register_of(marks), []).append(run)
    for register, more in runs.items():
        known = draft.reference(register, MarkRegister) or MarkRegister(())
        draft.put(Kind.REFERENCE, register, with_runs(known, more))
    for marks in event.ranges:
        _settle_early_use(draft, event.party, marks, account=name)
    _note_country(draft, event)


def _note_country(draft: Draft, event: MarksAllotted) -> None:
    """Note since which year the party's country allots marks that show it: others show nothing."""
    party = draft.party(event.party)
    shown = {tag.country[:2] for tag in map(tag_of, event.ranges) if tag is not None}
    if party is None or party.country not in shown:
        return
    name = allotting_of(event.scheme, party.country)
    known = draft.reference(name, AllottingCountry)
    if known is None or event.year < known.first_year:
        draft.put(Kind.REFERENCE, name, AllottingCountry(event.year))


def _settle_early_use(draft: Draft, party: str, marks: MarkRange, *, account: str) -> None:
    """Let marks that the party put on goods before its allotment was entered rest on it.

    Offices hand tags out first and enter them later.
    """
    early: dict[str, set[str]] = {}
    for one in early_marks(draft, marks):
        (name,) = expand((one,))
        state = draft.mark(name)
        for code in state.lots if state is not None else ():
            lot = draft.lot(code)
            if lot is not None and lot.born_by == party:
                early.setdefault(code, set()).add(name)
                _use_early(draft, one, account=account)
    for code, names in early.items():
        confirm_marks(draft, tuple(sorted(names)), of=code)
        lot = draft.lot(code)
        if lot is not None and lot.findings:
            left = tuple(_without(f, names) for f in lot.findings)
            draft.put(Kind.LOT, code, replace(lot, findings=tuple(f for f in left if f)))


def _use_early(draft: Draft, one: MarkRange, *, account: str) -> None:
    state = draft.account(account, AllotmentAccount)
    own = range_in(state, one) if state is not None else None
    if own is not None:
        spans = with_span(own.used, one.first, one.last)
        put_ranges(draft, account, {own: replace(own, used=spans)})


def _without(finding: Finding, names: set[str]) -> Finding | None:
    """Return a finding on marks outside an allotment without some of them, None without any."""
    return without_marks(finding, names) if finding.rule == OUTSIDE else finding


def returned(signed: Signed, draft: Draft) -> None:
    """Note which unused marks came back; once all are settled, nothing is owed."""
    event = signed.event
    if not isinstance(event, MarksReturned):
        return
    name = f"allotment/{event.account}"
    state = draft.account(name, AllotmentAccount)
    back: dict[AllottedRange, list[Span]] = {}
    for marks in event.ranges:
        own = range_in(state, marks) if state is not None else None
        if own is not None:
            back.setdefault(own, []).append((marks.first, marks.last))
    after = {
        own: replace(own, returned=with_spans(own.returned, spans)) for own, spans in back.items()
    }
    put_ranges(draft, name, after)


def replaced(signed: Signed, draft: Draft) -> None:
    """Take the old marks off the lot for good and put the new ones on; the head stays."""
    event = signed.event
    lot = draft.lot(event.lot) if isinstance(event, MarkReplaced) else None
    if not isinstance(event, MarkReplaced) or lot is None:
        return
    kept = without(lot.marks, event.old)
    marks = compress((*expand(kept), *expand(event.new)))
    findings = _with_new(lot.findings, event) if lot.findings else ()
    draft.put(Kind.LOT, event.lot, replace(lot, marks=marks, findings=findings))
    end_marks(draft, event.old, of=event.lot, how="replaced")
    by = replaced_by(signed, draft, lot)
    claim_marks(draft, event.new, to=event.lot, party=by)
    _count_replaced(signed, draft, lot, by=by, replaced=count(event.old))


def _with_new(findings: tuple[Finding, ...], event: MarkReplaced) -> tuple[Finding, ...]:
    """Return findings about old marks as findings about the new ones, too, each in its place."""
    new = dict(zip(expand(event.old), expand(event.new), strict=True))
    return tuple(
        replace(f, marks=tuple(sorted({*f.marks, *(new[m] for m in f.marks if m in new)})))
        for f in findings
    )


def _count_replaced(signed: Signed, draft: Draft, lot: LotState, *, by: str, replaced: int) -> None:
    scheme = lot.marks[0].scheme if lot.marks else ""
    name = count_of(by, scheme, signed.at)
    state = draft.account(name, AllotmentAccount) or AllotmentAccount(())
    draft.put(Kind.ACCOUNT, name, replace(state, replaced=state.replaced + replaced))


EFFECTS: Mapping[type[Any], Effect] = {
    MarksAllotted: allotted,
    MarksReturned: returned,
    MarkReplaced: replaced,
}
