"""Nothing is created by what is said: one holder a lot, each mark once, offers end once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trade_world import DAY, World, bred, new_world, skins, tags

from ledger.custody.control import LotHeld, LotReleased, LotSeized, StatementCorrected
from ledger.custody.goods import NewLot, Part, compress, count, expand
from ledger.custody.lots import (
    LotDeparted,
    LotFound,
    LotMeasured,
    LotRetired,
    LotSplit,
    LotState,
    LotStatus,
    LotTransformed,
)
from ledger.custody.parties import ApprovalGiven
from ledger.custody.standing import parcels
from ledger.custody.state import Change, Draft
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import (
    ContainerOpened,
    ContainerPacked,
    ContainerState,
    Moves,
    Short,
    TransferAccepted,
    TransferDeclined,
    TransferOffered,
    TransferWithdrawn,
)

TRADERS = ("farm", "tannery", "maker")
SKINS_IN = {"SKI": 2, "SID": 1}
"""Sides that a term holds: the weight that no step may raise."""
GONE = (LotStatus.USED,)


class Story:
    """One random course of trade; `rng` makes all choices."""

    def __init__(self, rng: Any) -> None:
        self.world = new_world(full=True)
        self.rng = rng
        self.tag = 1
        self.ended: set[bytes] = set()

    def run(self, steps: int) -> None:
        self.register()
        for _ in range(steps):
            act: Callable[[], Any] = self.rng.choice(ACTS)
            before, open_before = weight(self.world), set(self.world.offers)
            outcome = act(self)  # type: ignore[call-arg]
            after = weight(self.world)
            if act not in RAISING:
                assert after <= before, (act, outcome)
            if act in EXACT:
                assert after == before, (act, outcome)
            self.ended |= open_before - set(self.world.offers)
            assert not self.ended & set(self.world.offers)
            check(self.world)

    def say(self, event: Any, *, by: str) -> Any:
        return self.world.say(event, by=by)

    def any_lot(self) -> tuple[str, LotState]:
        return self.rng.choice(sorted(self.world.lots().items()))

    def part(self, lot: LotState) -> Part:
        if self.rng.random() < 0.3:
            return Part()
        if lot.marks:
            names = expand(lot.marks)
            taken = self.rng.sample(names, self.rng.randint(1, len(names)))
            return Part(marks=compress(taken))
        return Part(quantity=self.rng.randint(1, lot.contents[0].quantity))

    def by(self, lot: LotState) -> str:
        return lot.holder if self.rng.random() < 0.9 else self.rng.choice(TRADERS)

    def register(self) -> Any:
        return self.say(bred(skins(self.rng.randint(1, 30))), by="farm")

    def register_marked(self) -> Any:
        size = self.rng.randint(1, 12)
        first, self.tag = self.tag, self.tag + size
        return self.say(bred(skins(size, marks=tags(first, self.tag - 1))), by="farm")

    def split(self) -> Any:
        code, lot = self.any_lot()
        return self.say(LotSplit(code, self.part(lot)), by=self.by(lot))

    def offer(self) -> Any:
        code, lot = self.any_lot()
        other, second = self.any_lot()
        lots = {code: self.part(lot)}
        if second.holder == lot.holder and other != code:
            lots[other] = self.part(second)
        boxes = [s.name for s, c in containers(self.world) if c.holder == lot.holder]
        event = TransferOffered(
            to=self.rng.choice(TRADERS),
            moves=self.rng.choice((Moves.BOTH, Moves.BOTH, Moves.CUSTODY, Moves.TITLE)),
            expires=self.world.at + DAY,
            lots=lots if self.rng.random() < 0.9 else {},
            containers=tuple(self.rng.sample(boxes, min(len(boxes), self.rng.randint(0, 1)))),
        )
        return self.say(event, by=self.by(lot))

    def answer(self) -> Any:
        if not self.world.offers:
            return None
        offer = self.world.offers[self.rng.choice(sorted(self.world.offers))]
        roll = self.rng.random()
        if roll < 0.1:
            return self.say(TransferDeclined(offer.id, "no"), by=offer.event.to)
        if roll < 0.2:
            return self.say(TransferWithdrawn(offer.id, "no"), by=offer.sender)
        short: dict[str, Short] = {}
        refused: list[str] = []
        for parcel in parcels(Draft(self.world), offer):
            choice = self.rng.random()
            if choice < 0.3:
                part = self.part(parcel.lot)
                short[parcel.code] = Short(part.quantity, part.marks)
            elif choice < 0.45:
                refused.append(parcel.code)
        outcome = self.say(TransferAccepted(offer.id, short, tuple(refused)), by=offer.event.to)
        if not isinstance(outcome, Change):
            outcome = self.say(TransferAccepted(offer.id), by=offer.event.to)
        return outcome

    def transform(self) -> Any:
        code, lot = self.any_lot()
        part = self.part(lot)
        row = lot.contents[0]
        drawn = count(part.marks) or part.quantity or row.quantity
        term = self.rng.choice(("SKI", "SID"))
        most = drawn * SKINS_IN[row.term] // SKINS_IN[term]
        made = self.rng.randint(1, most + 1)
        marks = part.marks if count(part.marks) == made else ()
        out = skins(made, term=term, marks=marks, facility=None)
        outputs: tuple[NewLot, ...] = (out,)
        if made > 1 and not marks and self.rng.random() < 0.5:
            halves = (made // 2, made - made // 2)
            outputs = tuple(skins(half, term=term, facility=None) for half in halves)
        return self.say(LotTransformed("cutting", {code: part}, outputs), by=self.by(lot))

    def control(self) -> Any:
        code, lot = self.any_lot()
        act = self.rng.choice((LotSeized, LotHeld))
        return self.say(act({code: self.part(lot)}, "why"), by="officer")

    def release(self) -> Any:
        code, _ = self.any_lot()
        return self.say(LotReleased((code,), "why"), by="officer")

    def approve(self) -> Any:
        if not self.world.acts:
            return None
        act = self.rng.choice(sorted(self.world.acts))
        return self.say(ApprovalGiven(act), by="officer")

    def wait(self) -> Any:
        self.world.at += DAY // 2

    def end(self) -> Any:
        code, lot = self.any_lot()
        event = self.rng.choice((LotDeparted, LotRetired))
        how = "retail" if event is LotDeparted else "lost"
        return self.say(event({code: self.part(lot)}, how), by=self.by(lot))

    def find(self) -> Any:
        code, lot = self.any_lot()
        return self.say(LotFound(code), by=self.by(lot))

    def recount(self) -> Any:
        code, lot = self.any_lot()
        held = lot.contents[0].quantity
        counted = self.rng.randint(1, held + 2)
        missing = expand(lot.marks)[: max(held - counted, 0)]
        event = LotMeasured(code, "recount", (counted,), missing=compress(missing))
        return self.say(event, by=self.by(lot))

    def pack(self) -> Any:
        code, lot = self.any_lot()
        boxes = [s.name for s, c in containers(self.world) if c.holder == lot.holder]
        inner = tuple(self.rng.sample(boxes, min(len(boxes), self.rng.randint(0, 1))))
        return self.say(ContainerPacked((code,), inner), by=lot.holder)

    def unpack(self) -> Any:
        boxes = containers(self.world)
        if not boxes:
            return None
        subject, box = self.rng.choice(boxes)
        return self.say(ContainerOpened(subject.name), by=box.holder)

    def correct(self) -> Any:
        code, lot = self.any_lot()
        row = lot.contents[0]
        fewer = self.rng.randint(1, row.quantity)
        gone = expand(lot.marks)[: row.quantity - fewer]
        event = StatementCorrected(
            of=lot.head,
            lot=code,
            reason="a slip",
            contents=skins(fewer, term=row.term).contents,
            remove=compress(gone),
        )
        return self.say(event, by=self.by(lot))


ACTS = (
    Story.register,
    Story.register_marked,
    Story.split,
    Story.split,
    Story.offer,
    Story.offer,
    Story.offer,
    Story.answer,
    Story.answer,
    Story.answer,
    Story.transform,
    Story.control,
    Story.release,
    Story.end,
    Story.find,
    Story.recount,
    Story.recount,
    Story.pack,
    Story.unpack,
    Story.correct,
    Story.approve,
    Story.wait,
)
RAISING = {Story.register, Story.register_marked, Story.approve}
"""What may raise the weight: goods that enter, and an officer's approval of a correction."""
EXACT = {
    Story.split,
    Story.offer,
    Story.answer,
    Story.control,
    Story.release,
    Story.end,
    Story.find,
    Story.recount,
    Story.pack,
    Story.unpack,
    Story.wait,
}


def containers(world: World) -> list[tuple[Subject, ContainerState]]:
    found = [(s, v) for s, v in world.states.items() if isinstance(v, ContainerState)]
    return sorted((s, v) for s, v in found if v.status == "packed")


def weight(world: World) -> int:
    """All goods that ever entered and were not used up, in sides; what a count lacks included."""
    total = 0
    for lot in world.lots().values():
        if lot.status in GONE:
            continue
        total += sum(row.quantity * SKINS_IN[row.term] for row in lot.contents)
        pairs = zip(lot.contents, lot.lacking, strict=bool(lot.lacking))
        total += sum(lack * SKINS_IN[row.term] for row, lack in pairs)
    return total


def check(world: World) -> None:
    """Assert what is true after every statement."""
    lots = world.lots()
    assert sorted(lot.number for lot in lots.values()) == list(range(1, world.lots_born + 1))
    claims: Counter[str] = Counter()
    for code, lot in lots.items():
        assert lot.holder
        assert lot.owner
        assert all(row.quantity >= 1 for row in lot.contents)
        if lot.marks:
            assert count(lot.marks) == sum(row.quantity for row in lot.contents)
        if lot.offer is not None:
            assert code in world.offers[lot.offer].event.lots
            assert lot.status is LotStatus.LIVE
        if lot.container is not None:
            box = world.container(lot.container)
            assert code in box.lots
            assert box.holder == lot.holder
            assert lot.status is LotStatus.LIVE
        if lot.status not in GONE:
            claims.update(expand(lot.marks))
            for name in expand(lot.marks):
                mark = world.states[Subject(Kind.MARK, name)]
                assert mark.lots == (code,)  # type: ignore[union-attr]
        assert not any(f.rule == "mark.cloned" for f in lot.findings)
    assert all(times == 1 for times in claims.values())
    for offer_id, offer in world.offers.items():
        standing: list[Any] = [lots[code] for code in offer.event.lots]
        standing += [world.container(code) for code in offer.event.containers]
        assert any(state.offer == offer_id for state in standing)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False))
def test_nothing_is_created(rng: Any) -> None:
    Story(rng).run(40)


@settings(max_examples=200)
@given(quantity=st.integers(1, 10**9), parts=st.lists(st.integers(1, 10**9), max_size=6))
def test_splits_add_up(quantity: int, parts: list[int]) -> None:
    world = new_world()
    (code,) = world.tell(bred(skins(quantity)), by="farm")
    for part in parts:
        outcome = world.say(LotSplit(code, Part(quantity=part)), by="farm")
        left = world.lot(code).contents[0].quantity
        assert isinstance(outcome, Change) or part >= left
    assert sum(lot.contents[0].quantity for lot in world.lots().values()) == quantity
