"""T13–T15 on cards: what is changed, left out or taken from elsewhere is never verified.

Bits, lengths and parts of other lots are tried one by one in test_tampering.py.
"""

from __future__ import annotations

import pytest
from proof_files import rebuilt, unpacked
from trail import Trail, trade

from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.verify.verdict import Outcome


@pytest.fixture(scope="module")
def traded() -> tuple[Trail, str]:
    return trade("tampering", roots=2)


@pytest.fixture(scope="module")
def card(traded: tuple[Trail, str]) -> bytes:
    trail, code = traded
    return trail.reader.card(code)


def is_verified(trail: Trail, data: bytes, code: str | None = None) -> bool:
    asked = Asked(code=code)
    verdict = check_card(data, trust=trail.trust, now_s=trail.clock.now_s(), asked=asked)
    return verdict.outcome is Outcome.VERIFIED


def test_the_card_itself_is_verified(traded, card):
    assert is_verified(traded[0], card, traded[1])


def test_no_part_flipped_inside_a_fresh_frame_is_verified(traded, card):
    """The frame's hash only finds accidents: whoever forges computes it anew."""
    trail = traded[0]
    body = unpacked(card)
    for path, value in leaves_of(body):
        for changed in variants(value):
            forged = rebuilt(card, path, changed)
            assert not is_verified(trail, forged, traded[1]), path


def test_records_dropped_doubled_and_swapped_are_refused(traded, card):
    trail = traded[0]
    body = unpacked(card)
    records = body["records"]
    track = body["head"]["track"]
    for changed in (records[:-1], [*records, records[-1]], records[::-1], []):
        assert not is_verified(trail, rebuilt(card, ("records",), changed), traded[1])
    for changed in ([], track[::-1], [*track, track[0]]):
        assert not is_verified(trail, rebuilt(card, ("head", "track"), changed), traded[1])


def test_nothing_of_one_ledger_serves_another(traded, card):
    trail, code = traded
    other, other_code = trade("elsewhere")
    foreign = other.reader.card(other_code)
    assert not is_verified(trail, foreign)
    for member in ("ledger", "checkpoint", "closing", "own", "track"):
        moved = rebuilt(card, ("head", member), unpacked(foreign)["head"][member])
        assert not is_verified(trail, moved, code)
    assert not is_verified(trail, rebuilt(card, ("head",), unpacked(foreign)["head"]))


def test_an_old_checkpoint_serves_no_newer_record(traded):
    trail, code = trade("older")
    old = trail.reader.card(code)
    trail.clock.advance(3_600)
    trail.hand_over(code, by="tannery", to="maker")
    new = trail.reader.card(code)
    for member in ("checkpoint", "closing", "path", "own", "track"):
        body = unpacked(old)["head"][member]
        if body != unpacked(new)["head"][member]:
            assert not is_verified(trail, rebuilt(new, ("head", member), body), code)
    assert not is_verified(trail, rebuilt(new, ("head",), unpacked(old)["head"]), code)


def leaves_of(value, path=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves_of(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves_of(item, (*path, place))
    else:
        yield path, value


def variants(value):
    if isinstance(value, bytes):
        for place in range(0, len(value), max(1, len(value) // 8)):
            flipped = bytearray(value)
            flipped[place] ^= 1 << (place % 8)
            yield bytes(flipped)
        yield value[:-1]
        yield value + b"\x00"
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
    elif isinstance(value, str):
        yield value[::-1] + "0"
