"""Rules on taking an endorsement back: an officer's slip at the border, undone by an event.

Owns who may do so, and how many it takes: the officer alone who wrote it, within three days and
while nobody has signed for the lots since; later, or by another officer, it takes two where the
thresholds say so, for what is taken back may be used again. Sources: CoP15 Doc. 18 (endorsement);
frauds F05 and F24; the 72 hours are a house figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.decide import Check
from ledger.custody.documents import Endorsement, EndorsementWithdrawn, Way
from ledger.custody.lots import LotState
from ledger.custody.rules import offices
from ledger.custody.rules.goods import DAY_S
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject

ALONE_S = 3 * DAY_S
"""How long the officer who wrote an endorsement may take it back alone."""

OVERDRAWN = "document.overdrawn"

RULES = (
    Rule("endorsement.not-there", "refuse", "An endorsement is of that document, and ends once."),
    Rule("endorsement.lots", "refuse", "Who takes an endorsement back names all of its lots."),
    Rule("endorsement.settled", "refuse", "What is settled with it was too much for its document."),
    Rule("endorsement.withdrawn", "note", "An officer took an endorsement back."),
)


def check_withdrawn(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why an endorsement cannot be taken back.

    (1) it is the document's, and stands, (2) the officer acts in the country where it was written,
    (3) says why, (4) and names every lot of it once, (5) and beside them only what was too much.
    """
    event = signed.event
    if not isinstance(event, EndorsementWithdrawn):
        return
    if draft.document(event.document) is None:
        yield Refusal("document.unknown", {"document": event.document})
        return
    known = endorsement_of(draft, event.document, event.endorsement)
    if known is None:
        yield Refusal("endorsement.not-there", {"document": event.document})
        return
    if not offices.reaches(draft, signed.party, known.country):
        yield Refusal("office.other-country", {"lot": event.document, "party": signed.party})
    if not event.reason.strip():
        yield Refusal("document.reason", {"document": event.document})
    yield from _check_lots(draft, event, known)
    for code in event.settled:
        lot = draft.lot(code)
        if lot is None:
            yield Refusal("lot.unknown", {"lot": code})
        elif code in event.lots or not any(overdrawn_by(lot, event.document, known.way)):
            yield Refusal("endorsement.settled", {"lot": code, "document": event.document})
    paper = Subject(Kind.DOCUMENT, event.document)
    yield Flag(paper, "endorsement.withdrawn", Severity.NOTE)


def account_of(document: str, statement: bytes) -> str:
    """Return the name of the account of an endorsement, by its statement id (32 bytes)."""
    return f"endorsement/{document}/{statement.hex()}"


def endorsement_of(draft: Draft, document: str, statement: bytes) -> Endorsement | None:
    """Return the document's endorsement of that statement id (32 bytes), None once it ended."""
    known = draft.account(account_of(document, statement), Endorsement)
    return None if known is None or known.withdrawn else known


def overdrawn_by(lot: LotState, document: str, way: Way) -> Iterator[bytes]:
    """Yield the statements by which the lot was found too much for the document on that side."""
    for passage in lot.passages:
        if (passage.document, passage.way) == (document, way):
            words = (passage.said_by, passage.seen_by)
            own = (f for f in lot.findings if f.rule == OVERDRAWN and f.cause in words)
            yield from (finding.cause for finding in own)


def is_relied_on(proposal: Signed, draft: Draft) -> bool:
    """Return whether more than the word of the officer who wrote it hangs on an endorsement."""
    event = proposal.event
    if not isinstance(event, EndorsementWithdrawn):
        return False
    known = endorsement_of(draft, event.document, event.endorsement)
    if known is None:
        return False
    lots = (lot for lot in map(draft.lot, event.lots) if lot is not None)
    is_late = proposal.at - known.at > ALONE_S
    return is_late or proposal.party != known.by or any(_is_signed_since(known, x) for x in lots)


def _is_signed_since(known: Endorsement, lot: LotState) -> bool:
    return any(signer.last > known.index for signer in lot.signers)


def _check_lots(draft: Draft, event: EndorsementWithdrawn, known: Endorsement) -> Iterator[Refusal]:
    """A part that was split off later says the same; only whole lots are counted."""
    lots = {code: draft.lot(code) for code in event.lots}
    for code, lot in lots.items():
        if lot is None:
            yield Refusal("lot.unknown", {"lot": code})
    facts: dict[str, str | int] = {"document": event.document, "lots": known.lots}
    of_it = [lot for lot in lots.values() if lot is not None and _saw(known, lot)]
    first = [lot for lot in of_it if not any(_saw(known, p) for p in _parents(draft, lot))]
    if len(of_it) != len(event.lots) or len(first) < known.lots:
        yield Refusal("endorsement.lots", facts)


def _parents(draft: Draft, lot: LotState) -> Iterator[LotState]:
    return (parent for parent in map(draft.lot, lot.parents) if parent is not None)


def _saw(known: Endorsement, lot: LotState) -> bool:
    return any(passage.seen_by == known.id for passage in lot.passages)


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {EndorsementWithdrawn: (check_withdrawn,)}
