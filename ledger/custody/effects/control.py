"""What control does to the state: custody and title to an authority, findings closed, facts set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ledger.custody.control import (
    DisclosureWithdrawn,
    EvidenceAttached,
    FindingClosed,
    LotConfiscated,
    LotHeld,
    LotInspected,
    LotReleased,
    LotSeized,
    StatementCorrected,
    StatementDisputed,
)
from ledger.custody.decide import Effect
from ledger.custody.documents import DocumentState
from ledger.custody.effects.claims import (
    claim_marks,
    confirm_marks,
    drop_marks,
    settle_claims,
)
from ledger.custody.effects.moves import (
    leave_container,
    leave_offer,
    moved,
    signers_with,
    split_off,
    touched,
    without_rule,
)
from ledger.custody.effects.quotas import draw_quotas
from ledger.custody.effects.stocks import take
from ledger.custody.effects.vouching import vouched_with
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import MarkRange, Row, without
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.rules import quotas
from ledger.custody.rules.control import STOPS, codes_after, lifts, state_of, subject_of
from ledger.custody.rules.corrections import marks_after
from ledger.custody.rules.entering import ELSEWHERE, is_at_home
from ledger.custody.rules.offices import authority_of
from ledger.custody.rules.tagging import years_shown
from ledger.custody.state import Draft, Signed, with_findings
from ledger.custody.subjects import Finding, Kind


def inspected(signed: Signed, draft: Draft) -> None:
    """Note the officer; goods that match attest opening stock."""
    event = signed.event
    if not isinstance(event, LotInspected):
        return
    lifted = ("basis.not-attested", "basis.not-confirmed") if event.result == "matches" else ()
    for code in event.lots:
        _touch(signed, draft, code, lifted=lifted)


def held(signed: Signed, draft: Draft) -> None:
    """Take parts out as lots of their own, so that the hold is on them alone."""
    event = signed.event
    if not isinstance(event, LotHeld):
        return
    after = codes_after(signed, event.lots)
    authority = authority_of(draft, signed.party) or signed.party
    for code, part in sorted(event.lots.items()):
        lot = draft.lot(code)
        if lot is not None and not part.is_whole:
            # The officer takes it apart, but the goods stay those of the one who brought them in.
            own = {"born_by": lot.born_by}
            split_off(signed, draft, code=after[code], of=code, part=part, **own)
        _touch(signed, draft, code)
        kept = draft.lot(after[code])
        if kept is not None:
            holders = tuple(sorted({*kept.held_by, authority}))
            draft.put(Kind.LOT, after[code], replace(kept, held_by=holders))


def released(signed: Signed, draft: Draft) -> None:
    """Lift holds and differences. A seized lot lives again with the authority, to be given back."""
    event = signed.event
    if not isinstance(event, LotReleased):
        return
    for code in event.lots:
        lot = draft.lot(code)
        if lot is None:
            continue
        status = LotStatus.LIVE if lot.status is LotStatus.SEIZED else lot.status
        if not lifts(signed, draft, lot):
            # It gives back what it took; what another office said still stands.
            draft.put(Kind.LOT, code, replace(lot, status=status))
            _touch(signed, draft, code)
            continue
        draft.put(Kind.LOT, code, replace(lot, status=status, held_by=()))
        _touch(signed, draft, code, lifted=STOPS)


def seized(signed: Signed, draft: Draft) -> None:
    """Give custody to the authority; what is seized leaves its offer and its container."""
    event = signed.event
    authority = authority_of(draft, signed.party)
    if not isinstance(event, LotSeized) or authority is None:
        return
    after = codes_after(signed, event.lots)
    for code, part in sorted(event.lots.items()):
        lot = draft.lot(code)
        if lot is None:
            continue
        taken: dict[str, Any] = {
            "status": LotStatus.SEIZED,
            "holder": authority,
            "allows": (),
            "came_from": lot.holder,
            "born_by": lot.born_by,
            "how": None,
            "ended_at": None,
        }
        if not part.is_whole:
            split_off(signed, draft, code=after[code], of=code, part=part, **taken)
            _touch(signed, draft, code)
            continue
        leave_offer(draft, code)
        leave_container(draft, code)
        free = draft.lot(code) or lot
        # What the authority took is on no road any more.
        findings = without_rule(free.findings, "transfer.overdue")
        draft.put(Kind.LOT, code, moved(signed, free, findings=findings, **taken))


def confiscated(signed: Signed, draft: Draft) -> None:
    """Give title of seized lots to the authority."""
    event = signed.event
    if not isinstance(event, LotConfiscated):
        return
    for code in event.lots:
        lot = draft.lot(code)
        if lot is not None:
            state = moved(signed, lot, status=LotStatus.CONFISCATED, owner=lot.holder)
            draft.put(Kind.LOT, code, state)


def attached(_signed: Signed, _draft: Draft) -> None:
    """Change nothing: the lots are named. Who shows a picture has not signed for the goods.

    Else a stolen key of a laboratory would stop all goods that it ever looked at, and a former
    holder would seem to have them in hand.
    """


def closed(signed: Signed, draft: Draft) -> None:
    """Take the finding off its subject."""
    event = signed.event
    subject = subject_of(event) if isinstance(event, FindingClosed) else None
    if not isinstance(event, FindingClosed) or subject is None:
        return
    state = state_of(draft, subject)
    if state is None:
        return
    same = (event.rule, event.cause)
    left = tuple(f for f in state.findings if (f.rule, f.cause) != same)
    draft.set(subject, with_findings(state, left))
    if isinstance(state, DocumentState):
        # As with a lot: what a stolen key closed must not be gone unseen.
        after = replace(state, findings=left, signers=signers_with(state.signers, signed))
        draft.set(subject, after)
    if isinstance(state, FacilityState):
        vouched = vouched_with(state, signed, event.rule)
        draft.set(subject, replace(state, findings=left, vouched=vouched))
    if subject.kind is Kind.LOT:
        _touch(signed, draft, subject.name)
        if event.rule == "mark.cloned":
            cloned = {m for f in state.findings if (f.rule, f.cause) == same for m in f.marks}
            confirm_marks(draft, tuple(sorted(cloned)), of=subject.name)


def corrected(signed: Signed, draft: Draft) -> None:
    """Set what the correction says of the lot, from here on; holder and head stay."""
    event = signed.event
    if not isinstance(event, StatementCorrected):
        return
    lot = draft.lot(event.lot)
    if lot is not None and event.contents and len(event.contents) != len(lot.contents):
        # An offer of a part names its row: other rows are another offer.
        leave_offer(draft, event.lot)
        lot = draft.lot(event.lot)
    if lot is None:
        return
    counted = quotas.draws(signed, draft)
    take(signed, draft)
    marks = marks_after(lot, event)
    contents = event.contents or lot.contents
    year = lot.year if event.year is None else event.year
    findings = _without_corrected(draft, lot, event)
    lacking, lacking_marks = _still_lacking(lot, contents, event)
    if any(lot.lacking) and not lacking and len(contents) == len(lot.contents):
        findings = without_rule(findings, "quantity.missing")
    state = touched(
        signed,
        lot,
        contents=contents,
        also=event.also or (() if event.contents else lot.also),
        marks=marks,
        year=year,
        findings=findings,
        corrected=(lot.corrected or 0) + 1,
        lacking=lacking,
        lacking_marks=lacking_marks,
    )
    draft.put(Kind.LOT, event.lot, state)
    drop_marks(draft, event.remove, of=event.lot)
    settle_claims(draft, event.remove, of=event.lot)
    claim_marks(draft, event.add, to=event.lot, party=lot.holder)
    draw_quotas(counted, draft)


def disputed(_signed: Signed, _draft: Draft) -> None:
    """Change nothing: the finding opens by itself, and who disputes has signed for no goods."""


def withdrawn(_signed: Signed, _draft: Draft) -> None:
    """Change nothing: disclosures never stood in the log."""


def _without_corrected(
    draft: Draft, lot: LotState, event: StatementCorrected
) -> tuple[Finding, ...]:
    """Return the lot's findings but those of what was typed wrong, and is now as it should be."""
    findings = lot.findings
    if findings and event.year is not None and years_shown(marks_after(lot, event)) == {event.year}:
        findings = without_rule(findings, "mark.other-year")
    if findings and event.contents:
        # Another origin waits for an officer; it is said of all goods that have this finding.
        rows, place = event.contents, lot.facility
        if is_at_home(draft, rows, facility=place, party=lot.born_by):
            findings = without_rule(findings, ELSEWHERE)
    return findings


def _still_lacking(
    lot: LotState, contents: tuple[Row, ...], event: StatementCorrected
) -> tuple[tuple[int, ...], tuple[MarkRange, ...]]:
    """Return what the lot still lacks: what a correction says is there is not found once more."""
    units = [row.unit for row in lot.contents]
    if not lot.lacking or [row.unit for row in contents] != units:
        return (), ()
    rows = zip(lot.lacking, contents, lot.contents, strict=True)
    left = tuple(max(lack - max(new.quantity - old.quantity, 0), 0) for lack, new, old in rows)
    if not any(left):
        return (), ()
    return left, without(lot.lacking_marks, event.add)


def _touch(signed: Signed, draft: Draft, code: str, *, lifted: tuple[str, ...] = ()) -> None:
    lot = draft.lot(code)
    if lot is not None:
        findings = without_rule(lot.findings, *lifted) if lifted else lot.findings
        draft.put(Kind.LOT, code, touched(signed, lot, findings=findings))


EFFECTS: Mapping[type[Any], Effect] = {
    LotInspected: inspected,
    LotHeld: held,
    LotReleased: released,
    LotSeized: seized,
    LotConfiscated: confiscated,
    EvidenceAttached: attached,
    FindingClosed: closed,
    StatementCorrected: corrected,
    StatementDisputed: disputed,
    DisclosureWithdrawn: withdrawn,
}
