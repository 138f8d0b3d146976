"""The fast decoder and the reference take the same inputs and give the same values."""

from __future__ import annotations

import random  # noqa: TID251 - seeded

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants import SEED, mutate, seeds, verdict

from ledger.wire import cbor
from ledger.wire.cbor_profile import decode_reference

MUTANTS = 60_000


def test_both_decoders_agree_on_mutated_inputs() -> None:
    dice = random.Random(SEED)
    sources = seeds()
    taken = 0
    for _ in range(MUTANTS):
        data = mutate(dice.choice(sources), dice)
        fast, reference = verdict(cbor.decode, data), verdict(decode_reference, data)
        assert repr(fast) == repr(reference), data.hex()
        if fast[0] == "taken":
            taken += 1
            assert cbor.encode(fast[1]) == data
    # Both ways out are walked: a test where everything is refused would show nothing.
    assert MUTANTS // 100 < taken < MUTANTS


@settings(max_examples=1_000)
@given(st.binary(max_size=40))
def test_both_decoders_agree_on_any_bytes(data: bytes) -> None:
    assert repr(verdict(cbor.decode, data)) == repr(verdict(decode_reference, data))


@pytest.mark.parametrize("depth", range(14, 20))
@pytest.mark.parametrize("inmost", ["00", "80", "a0", "40", "f6"])
@pytest.mark.parametrize("opened", ["81", "a100"])
def test_both_decoders_agree_on_depth(depth: int, inmost: str, opened: str) -> None:
    data = bytes.fromhex(opened * depth + inmost)
    fast = verdict(cbor.decode, data)
    assert repr(fast) == repr(verdict(decode_reference, data))
    assert fast[0] == ("taken" if depth <= 16 else "refused")
    if fast[0] == "taken":
        assert cbor.encode(fast[1]) == data
    else:
        assert fast[1] == "cbor.depth"


def test_the_fast_decoder_takes_every_taken_input_by_itself() -> None:
    # If the fast way refused what the reference takes, decode would say cbor.malformed.
    for data in seeds():
        assert verdict(cbor.decode, data)[0] == "taken"
