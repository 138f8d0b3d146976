"""Write decision_table.json: who may say what, for every state of lot, offer and document.

Each cell is an event type in one situation, judged by the whole rule set: `allowed`, `waits` (for
an approval), or the rule that refuses. `python tests/vectors/generate_decision_table.py` rewrites.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

FILE = Path(__file__).with_suffix("").parent / "decision_table.json"
sys.path.insert(0, str(FILE.parent.parent / "custody_lots"))
sys.path.insert(0, str(FILE.parent))

from office_events import (  # noqa: E402
    MARKED,
    PAPERS,
    REFERENCE,
    SETTLED,
    SKINS,
    STAMP,
    furnish,
)
from trade_world import DAY, World, bred, new_world, skins  # noqa: E402

from ledger.custody import control, transfers  # noqa: E402
from ledger.custody import lots as lot_events  # noqa: E402
from ledger.custody.documents import (  # noqa: E402
    DocumentEndorsed,
    DocumentRow,
    DocumentState,
    Passed,
    ReferenceEnd,
    SuspendedDays,
    Way,
    Withdrawal,
)
from ledger.custody.goods import MarkRange, Measure, Part  # noqa: E402
from ledger.custody.lots import Basis, LotRegistered  # noqa: E402
from ledger.custody.parties import PartyState  # noqa: E402
from ledger.custody.rules.endorsements import account_of  # noqa: E402
from ledger.custody.state import Change, with_findings  # noqa: E402
from ledger.custody.subjects import Finding, Kind, Refusal, Severity, Subject  # noqa: E402

PAPER = "ZW/EXPORT/77"
CAUSE = bytes([7]) * 32
ROWS = (DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW"),)
LOTS = (
    "live",
    "held",
    "packed",
    "used",
    "departed",
    "lost",
    "destroyed",
    "seized",
    "confiscated",
)
OFFERS = ("none", "open", "dispatched", "expired")
DOCUMENTS = ("issued", "recorded", "cancelled", "unknown")
STATUSES = (*DOCUMENTS, "attested", "replaced", "suspended", "seized", "withdrawn")
SIGNERS = (
    "holder",
    "holder-suspended",
    "owner-not-holder",
    "holder-not-owner",
    "receiver",
    "stranger",
    "officer",
    "officer-without-power",
    "authority",
    "auditor",
)


@dataclass
class Case:
    """One situation: the world, the lot in it, who signs, and what the offer and the box are."""

    world: World
    lot: str
    by: str
    offer: bytes
    box: str


def part(_case: Case) -> dict[str, Part]:
    return {_case.lot: Part()}


EVENTS: dict[str, Callable[[Case], Any]] = {
    "LotRegistered": lambda c: LotRegistered(
        Basis.IMPORT, (skins(1, facility=None, documents=(PAPER,)),)
    ),
    "LotSplit": lambda c: lot_events.LotSplit(c.lot, Part(quantity=1)),
    "LotMeasured": lambda c: lot_events.LotMeasured(c.lot, "recount", (100,)),
    "LotTransformed": lambda c: lot_events.LotTransformed(
        "cutting", part(c), (skins(100, facility=None),)
    ),
    "LotExported": lambda c: lot_events.LotExported((c.lot,), PAPER, "ZW", "FR"),
    "LotImported": lambda c: lot_events.LotImported((c.lot,), PAPER, "FR"),
    "DocumentEndorsed": lambda c: DocumentEndorsed(
        PAPER, Way.EXPORT, "ZW", (Passed(0, 100, c.lot),)
    ),
    "LotDeparted": lambda c: lot_events.LotDeparted(part(c), "retail"),
    "LotRetired": lambda c: lot_events.LotRetired(part(c), "lost"),
    "LotFound": lambda c: lot_events.LotFound(c.lot),
    "TransferOffered": lambda c: transfers.TransferOffered(
        "mill", transfers.Moves.BOTH, c.world.at + DAY, part(c), documents=(PAPER,)
    ),
    "TransferReturned": lambda c: transfers.TransferOffered(
        "farm", transfers.Moves.CUSTODY, c.world.at + DAY, part(c)
    ),
    "TransferDispatched": lambda c: transfers.TransferDispatched(c.offer, c.world.at + 60),
    "TransferAccepted": lambda c: transfers.TransferAccepted(c.offer),
    "TransferDeclined": lambda c: transfers.TransferDeclined(c.offer, "no"),
    "TransferWithdrawn": lambda c: transfers.TransferWithdrawn(c.offer, "no"),
    "ContainerPacked": lambda c: transfers.ContainerPacked((c.lot,)),
    "ContainerOpened": lambda c: transfers.ContainerOpened(c.box),
    "LotInspected": lambda c: control.LotInspected((c.lot,), "matches"),
    "LotHeld": lambda c: control.LotHeld(part(c), "why"),
    "LotReleased": lambda c: control.LotReleased((c.lot,), "why"),
    "LotSeized": lambda c: control.LotSeized(part(c), "why"),
    "LotConfiscated": lambda c: control.LotConfiscated((c.lot,), "why"),
    "EvidenceAttached": lambda c: control.EvidenceAttached(
        bytes(32), 1, "image/png", (c.lot,), PAPER
    ),
    "FindingClosed": lambda c: control.FindingClosed(f"lot/{c.lot}", "dispute.open", CAUSE, "why"),
    "StatementCorrected": lambda c: control.StatementCorrected(
        c.world.lot(c.lot).head, c.lot, "a slip", also=(Measure(5, "GRM"),)
    ),
    "StatementDisputed": lambda c: control.StatementDisputed(CAUSE, (c.lot,), "why"),
    "DisclosureWithdrawn": lambda c: control.DisclosureWithdrawn(CAUSE, (CAUSE,), "why"),
}
PAPERED = frozenset(
    {"LotRegistered", "LotExported", "LotImported", "TransferOffered", "DocumentEndorsed"}
)
"""Events whose outcome the state of a document decides; the others are judged with it issued."""


def situations() -> Iterator[tuple[str, str, str]]:
    """Yield every lot state, offer state and signer that can be."""
    for lot in LOTS:
        offers = OFFERS if lot in ("live", "held", "packed") else ("none",)
        for offer in offers:
            for signer in SIGNERS:
                lent = signer in ("owner-not-holder", "holder-not-owner")
                if (signer == "receiver" and offer == "none") or (lent and offer != "none"):
                    continue
                yield lot, offer, signer


def case_of(lot: str, *, offer: str, signer: str, marks: tuple[MarkRange, ...] = ()) -> Case:
    """Build the world of one situation, by statements that are all admitted."""
    world = new_world(full=True)
    furnish(world)
    world.states[Subject(Kind.DOCUMENT, PAPER)] = DocumentState(
        status="issued", rows=ROWS, by="parks"
    )
    (code,) = world.tell(bred(skins(100, marks=marks)), by="farm")
    holder = "farm"
    if signer in ("owner-not-holder", "holder-not-owner"):
        lent = transfers.TransferOffered(
            "tannery", transfers.Moves.CUSTODY, world.at + DAY, {code: Part()}
        )
        world.tell(lent, by="farm")
        world.tell(transfers.TransferAccepted(world.last_offer()), by="tannery")
        holder = "tannery"
    box = ""
    if lot == "packed":
        packed = world.signed(transfers.ContainerPacked((code,)), by=holder)
        world.tell(packed.event, by=holder)
        box = packed.code_of(0)
    offer_id = _open_offer(world, code, box, holder=holder, offer=offer)
    _bring_to(world, code, lot=lot, holder=holder)
    finding = Finding("dispute.open", Severity.CHECK, world.at, CAUSE)
    state = world.lot(code)
    world.states[Subject(Kind.LOT, code)] = with_findings(state, (*state.findings, finding))
    return Case(world, code, _signer(world, signer, holder=holder), offer_id, box or "0" * 12)


def _open_offer(world: World, code: str, box: str, *, holder: str, offer: str) -> bytes:
    if offer == "none":
        return bytes(32)
    named: dict[str, Any] = {"containers": (box,)} if box else {"lots": {code: Part()}}
    event = transfers.TransferOffered("maker", transfers.Moves.BOTH, world.at + DAY, **named)
    world.tell(event, by=holder)
    offer_id = world.last_offer()
    if offer == "dispatched":
        world.tell(transfers.TransferDispatched(offer_id, world.at + 60), by=holder)
    if offer == "expired":
        world.at += DAY + 1
    return offer_id


def _bring_to(world: World, code: str, *, lot: str, holder: str) -> None:
    """Bring the lot into its state. What only an owner may do is set where the holder is none."""
    state, whole = world.lot(code), {code: Part()}
    if lot in ("used", "departed") and holder != "farm":
        status = lot_events.LotStatus(lot)
        world.states[Subject(Kind.LOT, code)] = replace(state, status=status)
    elif lot == "used":
        out = skins(100, facility=None)
        world.tell(lot_events.LotTransformed("cutting", whole, (out,)), by=holder)
    elif lot == "departed":
        world.tell(lot_events.LotDeparted(whole, "retail"), by=holder)
    elif lot in ("lost", "destroyed"):
        world.tell(lot_events.LotRetired(whole, lot), by=holder)
    elif lot == "held":
        world.tell(control.LotHeld(whole, "why"), by="officer")
    elif lot in ("seized", "confiscated"):
        world.tell(control.LotSeized(whole, "why"), by="officer")
        if lot == "confiscated":
            world.tell(control.LotConfiscated((code,), "why"), by="officer")


def _signer(world: World, signer: str, *, holder: str) -> str:
    if signer == "holder-suspended":
        _change_party(world, holder, status="suspended")
    if signer == "officer-without-power":
        _change_party(world, "officer", scope=None)
    return {
        "owner-not-holder": "farm",
        "receiver": "maker",
        "stranger": "carrier",
        "officer": "officer",
        "officer-without-power": "officer",
        "authority": "parks",
        "auditor": "auditor",
    }.get(signer, holder)


def _change_party(world: World, name: str, **changes: Any) -> None:
    subject = Subject(Kind.PARTY, name)
    party = world.states[subject]
    assert isinstance(party, PartyState)
    world.states[subject] = replace(party, **changes)


def outcome(case: Case, event: Any) -> str:
    """Return what becomes of the event: `allowed`, `waits`, or the rule that refuses."""
    found = case.world.judge(case.world.signed(event, by=case.by))
    if isinstance(found, Refusal):
        return found.rule
    assert isinstance(found, Change)
    return "waits" if found.acts else "allowed"


def table() -> dict[str, dict[str, str]]:
    """Return event type -> `lot/offer/document/signer` -> outcome."""
    found: dict[str, dict[str, str]] = {name: {} for name in (*EVENTS, *PAPERS, *SETTLED, *MARKED)}
    for lot, offer, signer in situations():
        case = case_of(lot, offer=offer, signer=signer)
        for name, make in EVENTS.items():
            for document in DOCUMENTS if name in PAPERED else ("issued",):
                _set_document(case.world, document)
                where = f"{lot}/{offer}/{document}/{signer}"
                found[name][where] = outcome(case, make(case))
        _set_document(case.world, "issued")
        if (lot, offer) == ("live", "none"):
            _add_settled(found, case, signer)
        marked = case_of(lot, offer=offer, signer=signer, marks=SKINS)
        for name, make in MARKED.items():
            found[name][f"{lot}/{offer}/issued/{signer}"] = outcome(marked, make(marked))
    return found


def _add_settled(found: dict[str, dict[str, str]], case: Case, signer: str) -> None:
    """Add what is said of papers, in each of their states, and what asks nothing of lots."""
    for name, make in PAPERS.items():
        for document in STATUSES:
            _set_document(case.world, document)
            found[name][f"live/none/{document}/{signer}"] = outcome(case, make(case))
    _set_document(case.world, "issued")
    for name, make in SETTLED.items():
        found[name][f"live/none/issued/{signer}"] = outcome(case, make(case))


def _set_document(world: World, status: str) -> None:
    names = (PAPER, REFERENCE)
    if status == "unknown":
        for name in names:
            world.states.pop(Subject(Kind.DOCUMENT, name), None)
        return
    stamp = Subject(Kind.ACCOUNT, account_of(PAPER, STAMP.id))
    world.states[stamp] = STAMP
    is_suspended, is_withdrawn = status == "suspended", status == "withdrawn"
    gone = Withdrawal("2026-01-01", ReferenceEnd.WITHDRAWN)
    state = DocumentState(
        status="issued" if is_suspended or is_withdrawn else status,
        rows=ROWS,
        by="farm" if status == "recorded" else "parks",
        suspended=(SuspendedDays("2026-01-01"),) if is_suspended else (),
        withdrawn=gone if is_withdrawn else None,
        withdrawn_by="parks" if is_withdrawn else None,
    )
    world.states.update({Subject(Kind.DOCUMENT, name): state for name in names})


def render(found: dict[str, dict[str, str]]) -> str:
    """Return the table as JSON text, one line for each event and situation."""
    return json.dumps(found, indent=0, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(render(table()), encoding="utf-8")
