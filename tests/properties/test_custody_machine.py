"""A state machine over the custody events: whatever parties do, in whatever order, holds together.

No quantity is created, each lot has one holder, offers end once, kept state equals replayed state,
every record is provable, and the whole story replays to the same closings.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from replaying import audit_verifies, replay_equals_kept

from ledger.custody.control import LotHeld, LotReleased, LotSeized
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotRegistered,
    LotRetired,
    LotSplit,
    LotState,
    LotStatus,
    LotTransformed,
)
from ledger.custody.transfers import (
    Moves,
    Short,
    TransferAccepted,
    TransferDeclined,
    TransferOffered,
    TransferWithdrawn,
)
from ledger.registrar.outcomes import Outcome as Answer
from ledger.registrar.outcomes import Registered
from ledger.simulator.world import World, born_in

TRADERS = ("farm", "tannery", "maker")
DAY_S = 86_400
RIGHT = "whoever may"
pick = st.integers(min_value=0, max_value=10_000)
someone = st.sampled_from((RIGHT, RIGHT, RIGHT, *TRADERS))
some = st.none() | st.integers(1, 12)


class Custody(RuleBasedStateMachine):
    """Three traders and an officer act at random; most acts are refused, and that is fine."""

    @initialize(seed=st.integers(min_value=0, max_value=2**32))
    def found(self, seed: int) -> None:
        self.world = World(seed=seed)
        self.world.enrol("parks", "authority")
        for party in TRADERS:
            self.world.enrol(party, "farm", "tannery", "maker", by="parks")
        self.world.do("farm", FacilityRegistered("farm/kariba", "farm", "ZW"))
        self.codes: list[str] = []
        self.offers: list[bytes] = []
        self.ended: set[bytes] = set()
        self.pieces = 0
        for _ in range(3):
            self.register(30)

    @rule(quantity=st.integers(min_value=1, max_value=40))
    def more(self, quantity: int) -> None:
        self.register(quantity)

    def register(self, quantity: int) -> None:
        row = Row("Crocodylus niloticus", "SKI", quantity, "NAR", "C", "ZW")
        lot = NewLot((row,), facility="farm/kariba")
        registered = self.world.do("farm", LotRegistered(Basis.BRED, (lot,)))
        self.codes.append(born_in(registered))
        self.pieces += quantity

    @rule(which=pick, party=someone, taken=st.integers(1, 12))
    def split(self, which: int, party: str, taken: int) -> None:
        if code := self.code(which):
            outcome = self.world.say(self.holder(party, code), LotSplit(code, Part(quantity=taken)))
            if isinstance(outcome, Registered):
                self.codes.append(born_in(outcome))

    @rule(
        which=pick,
        party=someone,
        to=st.sampled_from(TRADERS),
        moves=st.sampled_from(Moves),
        taken=some,
    )
    def offer(self, which: int, party: str, to: str, moves: Moves, taken: int | None) -> None:
        if code := self.code(which):
            event = TransferOffered(
                to=to,
                moves=moves,
                expires=self.world.clock.now_s() + DAY_S,
                lots={code: Part(quantity=taken)},
                allows=("process",) if moves is Moves.CUSTODY else (),
            )
            outcome = self.world.say(self.holder(party, code), event)
            if isinstance(outcome, Registered):
                self.offers.append(outcome.id)

    @rule(which=pick, party=someone, lack=some)
    def accept(self, which: int, party: str, lack: int | None) -> None:
        if self.offers:
            offer_id = self.offers[which % len(self.offers)]
            offer = self.world.ledger.registrar.live.state.offer(offer_id)
            short = {}
            if offer is not None and lack is not None:
                short = {code: Short(quantity=lack) for code in offer.event.lots}
            receiver = self.side(party, offer_id, sends=False)
            outcome = self.world.say(receiver, TransferAccepted(offer_id, short))
            self.answer(offer_id, outcome)

    @rule(which=pick, party=someone)
    def decline(self, which: int, party: str) -> None:
        if self.offers:
            offer_id = self.offers[which % len(self.offers)]
            receiver = self.side(party, offer_id, sends=False)
            outcome = self.world.say(receiver, TransferDeclined(offer_id, "no room"))
            self.answer(offer_id, outcome)

    @rule(which=pick, party=someone)
    def withdraw(self, which: int, party: str) -> None:
        if self.offers:
            offer_id = self.offers[which % len(self.offers)]
            sender = self.side(party, offer_id, sends=True)
            outcome = self.world.say(sender, TransferWithdrawn(offer_id, "sold"))
            self.answer(offer_id, outcome)

    @rule(which=pick, party=someone, drawn=some)
    def transform(self, which: int, party: str, drawn: int | None) -> None:
        if code := self.code(which):
            rows = self.world.lot(code).contents
            if not rows:
                return
            quantity = rows[0].quantity if drawn is None else drawn
            out = NewLot((Row("Crocodylus niloticus", "SKI", quantity, "NAR", "C", "ZW"),))
            event = LotTransformed("tanning", {code: Part(quantity=drawn)}, (out,))
            outcome = self.world.say(self.holder(party, code), event)
            if isinstance(outcome, Registered):
                self.codes.append(born_in(outcome))

    @rule(which=pick, party=someone, taken=some)
    def depart(self, which: int, party: str, taken: int | None) -> None:
        if code := self.code(which):
            self.part_event(
                self.holder(party, code), LotDeparted({code: Part(quantity=taken)}, "retail"), taken
            )

    @rule(which=pick, party=someone, taken=some)
    def retire(self, which: int, party: str, taken: int | None) -> None:
        if code := self.code(which):
            self.part_event(
                self.holder(party, code),
                LotRetired({code: Part(quantity=taken)}, "destroyed"),
                taken,
            )

    @rule(which=pick, taken=some, seize=st.booleans())
    def control(self, which: int, taken: int | None, seize: bool) -> None:
        if code := self.code(which):
            lots = {code: Part(quantity=taken)}
            event = LotSeized(lots, "no papers") if seize else LotHeld(lots, "look")
            self.part_event("parks", event, taken)

    @rule(which=pick)
    def release(self, which: int) -> None:
        if code := self.code(which):
            self.world.say("parks", LotReleased((code,), "in order"))

    @rule(days=st.integers(min_value=1, max_value=3))
    def wait(self, days: int) -> None:
        self.world.clock.advance(days * DAY_S)

    @invariant()
    def no_quantity_is_created(self) -> None:
        if hasattr(self, "codes"):
            kept = [lot for lot in self.lots() if lot.status is not LotStatus.USED]
            assert sum(row.quantity for lot in kept for row in lot.contents) == self.pieces

    @invariant()
    def each_lot_has_one_holder(self) -> None:
        if hasattr(self, "codes"):
            for lot in self.lots():
                assert lot.holder in self.world.members
                assert lot.owner in self.world.members

    def teardown(self) -> None:
        if hasattr(self, "codes"):
            replay_equals_kept(self.world)
            audit_verifies(self.world)

    def code(self, which: int) -> str | None:
        return self.codes[which % len(self.codes)] if self.codes else None

    def holder(self, party: str, code: str) -> str:
        if party is not RIGHT:
            return party
        holder = self.world.lot(code).holder
        return holder if holder in TRADERS else TRADERS[0]

    def side(self, party: str, offer_id: bytes, *, sends: bool) -> str:
        offer = self.world.ledger.registrar.live.state.offer(offer_id)
        if party is not RIGHT or offer is None:
            return TRADERS[0] if party is RIGHT else party
        return offer.sender if sends else offer.event.to

    def lots(self) -> list[LotState]:
        return [self.world.lot(code) for code in sorted(set(self.codes))]

    def answer(self, offer_id: bytes, outcome: Answer) -> None:
        if isinstance(outcome, Registered):
            assert offer_id not in self.ended, "an offer ended twice"
            self.ended.add(offer_id)
            self.note_born(outcome)

    def part_event(self, party: str, event: object, taken: int | None) -> None:
        outcome = self.world.say(party, event)  # type: ignore[arg-type]
        if isinstance(outcome, Registered):
            self.note_born(outcome)

    def note_born(self, registered: Registered) -> None:
        self.codes.extend(code for code in registered.labels if code not in self.codes)


TestCustody = Custody.TestCase
TestCustody.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
