"""Lots from statements: the custody line of a bundle, replayed with the ledger's own rules.

Owns which part of a record can be recomputed from the statements of a bundle alone. What would need
subjects that the bundle does not hold is left open and said so, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ledger.block import ledger_subject
from ledger.custody.decide import open_flags
from ledger.custody.events import BlockClosed, Event, lots_named
from ledger.custody.lots import LotMeasured, LotState
from ledger.custody.parties import ApprovalGiven
from ledger.custody.rules import approvals
from ledger.custody.rules.ruleset import CHECKS, EFFECTS
from ledger.custody.state import Act, Draft, KeyUse, Signed, State
from ledger.custody.subjects import Flag, Kind, Refusal, Subject
from ledger.custody.transfers import Offer, TransferAccepted
from ledger.errors import ProofError
from ledger.reference.tables import Tables, load_tables
from ledger.statement import Statement, as_signed
from ledger.verify.head import Opened
from ledger.verify.replay import FAULTS
from ledger.verify.steps import Steps
from ledger.verify.traced import Traced

# What depends on the rest of the log: the order of births, the block's time, findings, accounts.
_NOT_HERE = frozenset(
    {"number", "born_at", "ended_at", "pending", "findings", "corrected", "accounts", "arrived"}
    | {"untraded"}
)
_CONSERVED = ("quantity.", "conversion.", "custody.")
_STANDING = frozenset({"transfer.short"})
"""Findings that later rules on quantities look at: what is waited for may be counted again."""


def check_lines(traced: Sequence[Traced], opened: Opened, steps: Steps) -> None:
    """Raise ProofError where statements and records of the bundle's lots contradict each other.

    Three named checks: `custody.chain` (each `prev` is the head left before),
    `quantities.conserved` (no rule on quantities or custody refuses), `records.recomputed`.
    """
    line = _Line(traced, opened)
    order = sorted({p.index: p.statement for item in traced for p in item.track}.items())
    with steps.step("custody.chain"):
        for index, statement in order:
            line.step(index, statement)
    steps.detail(f"{line.moves} moves")
    with steps.step("quantities.conserved"):
        line.check_refusals()
    with steps.step("records.recomputed"):
        compared = line.compare(traced)
    steps.detail(f"{compared} lots")
    if line.unknown:
        steps.open(
            "records.left-open", f"{len(line.unknown)} lots also need other lots' statements"
        )


class _Line:
    """A view of the ledger that holds the bundle's subjects alone, moved on by their statements."""

    def __init__(self, traced: Sequence[Traced], opened: Opened) -> None:
        self.ledger = opened.ledger
        self.tables: Tables = load_tables()
        self.lots_born = 0
        self.moves = 0
        self.unknown: set[str] = set()
        self._born = {item.subject.name: item.track[0].index for item in traced if item.track}
        self._all = {item.subject.name for item in traced if item.subject.kind is Kind.LOT}
        self._refusals: list[tuple[int, Refusal]] = []
        self._states: dict[Subject, State] = {ledger_subject(): opened.state}
        self._offers: dict[bytes, Offer] = {}
        self._touched: dict[int, set[str]] = {}
        """For each leaf index the lots whose tracks name it."""
        for item in traced:
            if item.subject.kind is Kind.LOT:
                for placed in item.track:
                    self._touched.setdefault(placed.index, set()).add(item.subject.name)
            if item.subject.kind in (Kind.PARTY, Kind.DOCUMENT, Kind.FACILITY):
                self._states[item.subject] = item.full.state if item.full else item.record.state

    # -- the view that rules and effects look at

    def state(self, subject: Subject) -> State | None:
        """Return the state of a subject as far as it is known here."""
        return self._states.get(subject)

    def offer(self, offer_id: bytes) -> Offer | None:
        """Return the open offer of that id."""
        return self._offers.get(offer_id)

    def act(self, act_id: bytes) -> Act | None:
        """Return None: pending acts are not replayed here."""
        del act_id
        return None

    def key_use(self, kid: bytes) -> KeyUse:
        """Return nothing used: numbers are the whole log's matter."""
        del kid
        return KeyUse()

    def key_owner(self, kid: bytes) -> str | None:
        """Return None: keys were checked with the signatures."""
        del kid
        return None

    # -- the replay

    def step(self, index: int, statement: Statement) -> None:
        """Move the lots on by one statement, or mark as unknown those that it leaves unclear."""
        event = statement.event
        if isinstance(event, BlockClosed) or type(event) not in EFFECTS:
            return
        self._check_prev(index, statement)
        touched = self._touched.get(index, set())
        signed = as_signed(statement, index=index, at=statement.iat)
        draft = Draft(self)
        if isinstance(event, ApprovalGiven):
            return
        is_complete = approvals.is_complete(signed, (approvals.approver(signed),), draft)
        if not is_complete or self._draws_on_others(event):
            # What waits for approvals, other statements tell when it took effect.
            self._forget(touched)
            return
        try:
            flags = self._check_rules(index, signed, draft)
            EFFECTS[type(event)](signed, draft)
            open_flags(signed, draft, (flag for flag in flags if flag.rule in _STANDING))
        except FAULTS:
            self._forget(touched)
            return
        changed = {s.name for s in draft.states if s.kind is Kind.LOT}
        flagged = {flag.subject.name for flag in flags}
        # What the tracks say of this statement must be what it did here, else others had a part.
        self._forget(touched - changed - flagged - set(lots_named(event)))
        self._forget((changed & self._all) - touched)
        if isinstance(event, TransferAccepted) and not self._is_whole(event, draft):
            # The place of each birth counts all parts of the offer, also those of other lots.
            self._forget({code for code in touched if self._born.get(code) == index})
        for subject, state in draft.states.items():
            # A lot beside the bundle's is dropped again: its later statements are not here.
            is_ours = subject.name in self._all and subject.name not in self.unknown
            if is_ours or subject.kind in (Kind.CONTAINER, Kind.MARK):
                self._states[subject] = state
        for offer_id, offer in draft.offers.items():
            if offer is None:
                self._offers.pop(offer_id, None)
            else:
                self._offers[offer_id] = offer

    def check_refusals(self) -> None:
        """Raise ProofError for the first statement that a rule of conservation keeps out."""
        for index, refusal in self._refusals:
            raise ProofError("bundle.rule", f"Statement {index} breaks the rule {refusal.rule}.")

    def compare(self, traced: Sequence[Traced]) -> int:
        """Raise ProofError where a replayed lot is not what its record says; return how many."""
        compared = 0
        for item in traced:
            code = item.subject.name
            if item.subject.kind is not Kind.LOT or item.full is None or code in self.unknown:
                continue
            mine = self._states.get(item.subject)
            if not isinstance(mine, LotState) or not isinstance(item.full.state, LotState):
                self.unknown.add(code)
                continue
            _check_same(code, mine, item.full.state, left_out=self._left_out(item.full.state))
            compared += 1
        return compared

    def _left_out(self, lot: LotState) -> frozenset[str]:
        """Return the members of a lot that its statements do not tell.

        Which registration a dealing spent follows from what stood on each of them on that day.
        """
        kinds = (self.tables.document_kind(name) for name in lot.documents)
        is_dealt = any(kind is not None and kind.single == "dealing" for kind in kinds)
        return _NOT_HERE | {"documents"} if is_dealt else _NOT_HERE

    def _is_whole(self, event: TransferAccepted, draft: Draft) -> bool:
        offer = self._offers.get(event.offer)
        return offer is not None and all(draft.lot(code) is not None for code in offer.event.lots)

    def _check_prev(self, index: int, statement: Statement) -> None:
        for code, head in statement.prev.items():
            lot = self._states.get(Subject(Kind.LOT, code))
            if code in self.unknown or not isinstance(lot, LotState):
                continue
            if lot.head != head:
                raise ProofError(
                    "bundle.chain", f"Statement {index} does not follow the head of lot {code}."
                )
            self.moves += 1

    def _draws_on_others(self, event: Event) -> bool:
        """Return whether a count found more, perhaps out of lots that are not in the bundle."""
        if not isinstance(event, LotMeasured):
            return False
        lot = self._states.get(Subject(Kind.LOT, event.lot))
        if not isinstance(lot, LotState) or len(lot.contents) != len(event.quantities):
            return False
        rows = zip(lot.contents, event.quantities, strict=True)
        grown = any(quantity > row.quantity for row, quantity in rows)
        return grown and any(Subject(Kind.LOT, code) not in self._states for code in lot.missing)

    def _check_rules(self, index: int, signed: Signed, draft: Draft) -> list[Flag]:
        """Note refusals of conservation; return the findings that the rules leave."""
        flags: list[Flag] = []
        named = set(lots_named(signed.event))
        known = all(Subject(Kind.LOT, code) in self._states for code in named)
        if not known or named & self.unknown:
            return flags
        for check in CHECKS.get(type(signed.event), ()):
            for remark in check(signed, draft):
                if isinstance(remark, Refusal):
                    if remark.rule.startswith(_CONSERVED):
                        self._refusals.append((index, remark))
                else:
                    flags.append(remark)
        return flags

    def _forget(self, codes: Iterable[str]) -> None:
        for code in codes:
            self.unknown.add(code)
            self._states.pop(Subject(Kind.LOT, code), None)


def _check_same(code: str, mine: LotState, recorded: LotState, *, left_out: frozenset[str]) -> None:
    mine, recorded = _as_told(mine), _as_told(recorded)
    for name in LotState.__struct_fields__:
        if name not in left_out and getattr(mine, name) != getattr(recorded, name):
            raise ProofError(
                "bundle.recomputed",
                f"The record of lot {code} says another {name} than statements.",
            )


def _as_told(lot: LotState) -> LotState:
    """Return the lot without what an officer's word brought: quotas of that day have a part."""
    return replace(lot, passages=tuple(replace(p, by_officer=()) for p in lot.passages))
