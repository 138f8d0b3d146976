"""Reading while the ledger moves: every answer is whole and of one moment."""

from __future__ import annotations

import threading
from typing import Any

from trail import Trail, bred, world

from ledger.custody.control import LotHeld, LotReleased
from ledger.custody.goods import Part
from ledger.reader import LiveMoments, Reader, StoredMoments
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.verify.verdict import Outcome


def busy(trail: Trail, code: str, done: threading.Event, seen: set[Any]) -> None:
    try:
        for done_already in range(600):
            if done_already >= 60 and len(seen) == 2:
                return
            trail.tell(LotHeld(lots={code: Part()}, reason="look"), by="parks")
            trail.tell(LotReleased(lots=(code,), reason="in order"), by="parks")
    finally:
        done.set()


def test_cards_and_bundles_made_while_the_ledger_moves_are_verified():
    trail, code = world("moving")
    readers = [
        Reader(trail.store, LiveMoments(trail.registrar, trail.store)),
        Reader(trail.store, StoredMoments(trail.store, note=trail.registrar.newest_checkpoint)),
    ]
    done = threading.Event()
    seen: set[Any] = set()
    writer = threading.Thread(target=busy, args=(trail, code, done, seen))
    writer.start()
    answers = 0
    asked = Asked(code=code)
    while not done.is_set() or answers < 10:
        for reader in readers:
            now_s = trail.clock.now_s()
            card = check_card(reader.card(code), trust=trail.trust, now_s=now_s, asked=asked)
            assert card.outcome is Outcome.VERIFIED, card.params
            bundle = check_bundle(reader.bundle(code), trust=trail.trust, now_s=now_s)
            assert bundle.outcome is Outcome.VERIFIED, bundle.params
            seen |= {card.level, bundle.level}
            answers += 1
    writer.join()
    assert len(seen) == 2, "the hold was seen, and its release"
    last = check_card(readers[0].card(code), trust=trail.trust, now_s=trail.clock.now_s())
    assert last.level.value == "consistent"
    assert last.size == trail.store.head().size


def test_what_was_acknowledged_is_shown_while_the_next_block_is_written():
    trail, code = world("settled")
    reader = Reader(trail.store, LiveMoments(trail.registrar, trail.store))
    sequencer = trail.registrar._sequencer
    assert not reader.lot(code).state.held_by
    held = trail.tell(LotHeld(lots={code: Part()}, reason="look"), by="parks")
    seen: list[Any] = []

    class Watched:
        """The mark, looked through by a reader at the moment when it is about to move."""

        def __getattr__(self, name: str) -> Any:
            return getattr(mark, name)

        def move(self, **more: Any) -> None:
            seen.append((reader.moment().head.size, reader.lot(code).state.held_by))
            mark.move(**more)

    mark, sequencer._mark = sequencer._mark, Watched()
    trail.register(by="farm", lots=(bred(4, 1),))
    assert seen == [(held.index + 2, ("parks",))]
