"""Rules on corrections: what may be said anew of a lot, by whom, and who must agree.

Owns the question whether a correction counts at once or waits for an approval. A correction counts
from its own place; nothing judged before is judged again, and the holder never changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec.structs import replace

from ledger.custody.control import StatementCorrected
from ledger.custody.goods import MarkRange, Row, compress, count, expand, pieces, without
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.rules import goods, marks
from ledger.custody.rules.measures import check_fit
from ledger.custody.rules.offices import has_power, in_scope, is_concerned
from ledger.custody.rules.papers import counted_of
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.tables import Tables

RULES = (
    Rule("correction.empty", "refuse", "A correction changes something, and says why."),
    Rule("correction.not-concerned", "refuse", "Who signed for a lot, or an officer, corrects it."),
    Rule("correction.crossed", "check", "What passed a border is not made more afterwards."),
    Rule("correction.ended", "refuse", "What was used up or confiscated stays as it was said."),
)


class Need(StrEnum):
    """Whose approval a correction waits for."""

    NOBODY = "nobody"
    COUNTERPARTY = "counterparty"
    """Another party of the lot, or an officer."""
    OFFICER = "officer"
    HOLDER = "holder"
    """Proposed by an officer: the holder or owner of the lot, or a second officer, agrees."""


def check_corrected(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what is wrong about a correction, whether or not it still waits for an approval."""
    event = signed.event
    if not isinstance(event, StatementCorrected):
        return
    lot = draft.lot(event.lot)
    if lot is None:
        yield Refusal("lot.unknown", {"lot": event.lot})
        return
    if lot.status in (LotStatus.USED, LotStatus.CONFISCATED):
        yield Refusal("correction.ended", {"lot": event.lot, "status": lot.status.value})
    if not _has_office(draft, lot, signed.party) and not is_concerned(draft, lot, signed.party):
        yield Refusal("correction.not-concerned", {"lot": event.lot, "party": signed.party})
    if not event.reason.strip() or not _says_something(event):
        yield Refusal("correction.empty", {"lot": event.lot})
    yield from goods.check_measures(event.also)
    yield from goods.check_year(signed, event.year)
    if event.contents:
        yield from goods.check_rows(signed, draft, rows=event.contents, code=event.lot)
    rows, also = event.contents or lot.contents, event.also or lot.also
    yield from check_fit(draft.tables, rows=rows, also=also, code=event.lot)
    if event.contents and not _passed(draft.tables, lot, event.contents):
        yield Flag(Subject(Kind.LOT, event.lot), "correction.crossed", Severity.CHECK)
    yield from _check_marks(draft, lot, event)


def need_of(signed: Signed, draft: Draft) -> Need:
    """Return whose approval the correction waits for on this state.

    The signer alone while its statement is still the lot's head, and only to say less. More of
    anything, another taxon, term, source or origin, and marks always need an officer.
    """
    event = signed.event
    lot = draft.lot(event.lot) if isinstance(event, StatementCorrected) else None
    if not isinstance(event, StatementCorrected) or lot is None:
        return Need.NOBODY
    if _has_office(draft, lot, signed.party) and not _is_party_of(lot, signed.party):
        return Need.HOLDER
    if event.add or _strips(lot, event) or not _is_less(lot, event):
        return Need.OFFICER
    alone = lot.head == event.of and lot.head_by == signed.party
    year_stays = event.year is None or event.year == lot.year
    return Need.NOBODY if alone and year_stays else Need.COUNTERPARTY


def may_approve(proposal: Signed, draft: Draft, *, party: str) -> bool:
    """Return whether `party` is the one, or one of those, that a proposed correction waits for."""
    event = proposal.event
    lot = draft.lot(event.lot) if isinstance(event, StatementCorrected) else None
    if lot is None or party == proposal.party:
        return False
    need = need_of(proposal, draft)
    if _has_office(draft, lot, party) and not _is_party_of(lot, party):
        return True
    if need is Need.HOLDER:
        return party in (lot.holder, lot.owner)
    return need is Need.COUNTERPARTY and _is_party_of(lot, party)


def marks_after(lot: LotState, event: StatementCorrected) -> tuple[MarkRange, ...]:
    """Return the marks of the lot once corrected, canonical."""
    kept = without(lot.marks, event.remove) if event.remove else lot.marks
    return compress((*expand(kept), *expand(event.add))) if event.add else kept


def _says_something(event: StatementCorrected) -> bool:
    parts = (event.contents, event.also, event.remove, event.add)
    return any(parts) or event.year is not None


def _passed(tables: Tables, lot: LotState, rows: tuple[Row, ...]) -> bool:
    """Return whether as much of such goods passed each border that the lot passed, by any word."""
    ways = {passage.way for passage in lot.passages}
    return all(
        counted_of(tables, lot.passages, way, row) >= row.quantity for way in ways for row in rows
    )


def _is_less(lot: LotState, event: StatementCorrected) -> bool:
    if not event.contents:
        return True
    if len(event.contents) != len(lot.contents):
        return False
    pairs = zip(event.contents, lot.contents, strict=True)
    return all(
        replace(new, quantity=old.quantity) == old and new.quantity <= old.quantity
        for new, old in pairs
    )


def _strips(lot: LotState, event: StatementCorrected) -> bool:
    """Return whether pieces would lose their marks and stay: the marks could go on other goods."""
    fewer = pieces(lot.contents) - pieces(event.contents or lot.contents)
    return pieces(lot.contents) > 0 and count(event.remove) > fewer


def _has_office(draft: Draft, lot: LotState, party: str) -> bool:
    """Return whether `party` corrects as an officer; one of another country only looks."""
    return has_power(draft, party, "corrections") and in_scope(draft, party, lot)


def _is_party_of(lot: LotState, party: str) -> bool:
    return party in (lot.holder, lot.owner, lot.born_by)


def _check_marks(draft: Draft, lot: LotState, event: StatementCorrected) -> Iterator[Remark]:
    yield from marks.check_form(event.remove)
    yield from marks.check_form(event.add)
    if without(event.remove, lot.marks):
        yield Refusal("mark.not-here", {"lot": event.lot})
    again = sorted(set(expand(event.add)) & set(expand(lot.marks)))
    if again:
        yield Refusal("mark.twice", {"mark": again[0]})
    if event.contents or event.remove or event.add:
        yield from marks.check_count(
            rows=event.contents or lot.contents,
            also=event.also or lot.also,
            marks=marks_after(lot, event),
            code=event.lot,
        )
    if event.add:
        yield from marks.check_claims(draft, {event.lot: event.add}, party=lot.holder)
