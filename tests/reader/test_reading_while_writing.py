"""Reading while the ledger moves: every answer is whole and of one moment."""

from __future__ import annotations

import threading

from trail import Trail, world

from ledger.custody.control import LotHeld, LotReleased
from ledger.custody.goods import Part
from ledger.reader import LiveMoments, Reader, StoredMoments
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.verify.verdict import Outcome


def busy(trail: Trail, code: str, done: threading.Event) -> None:
    try:
        for _ in range(60):
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
    writer = threading.Thread(target=busy, args=(trail, code, done))
    writer.start()
    seen = set()
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
