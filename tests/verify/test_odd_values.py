"""Verifiers answer whatever the bytes are: no odd value raises, none is verified."""

from __future__ import annotations

import pytest
from proof_files import packed, rebuilt, unpacked
from trail import Trail, world

from ledger.verify.file import verify_bytes
from ledger.verify.verdict import Outcome, verdict_json

ODD = (
    None,
    True,
    False,
    0,
    -1,
    2**53 - 1,
    "",
    "x",
    "é" * 40,
    b"",
    b"\x00" * 32,
    [],
    {},
    [[]],
    {"a": 1},
)


@pytest.fixture(scope="module")
def files() -> tuple[Trail, dict[str, bytes]]:
    trail, code = world("odd-values")
    trail.hand_over(code, by="farm", to="tannery")
    return trail, {"card": trail.reader.card(code), "bundle": trail.reader.bundle(code)}


def every_place(value, path=()):
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from every_place(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from every_place(item, (*path, place))


def outcome(trail: Trail, data: bytes) -> Outcome:
    verdict = verify_bytes(data, trust=trail.trust, now_s=trail.clock.now_s())
    assert verdict_json(verdict)["outcome"] == verdict.outcome.value
    return verdict.outcome


@pytest.mark.parametrize("kind", ["card", "bundle"])
def test_no_odd_value_anywhere_raises_or_is_verified(files, kind):
    trail, data = files[0], files[1][kind]
    body = unpacked(data)
    assert outcome(trail, data) is Outcome.VERIFIED
    places = list(every_place(body))
    step = 1 if kind == "card" else 3
    for number, path in enumerate(places[::step]):
        for odd in ODD[number % 2 :: 2] if kind == "bundle" else ODD:
            forged = rebuilt(data, path, odd) if path else packed(data, odd)
            if forged != data:
                assert outcome(trail, forged) is not Outcome.VERIFIED, (path, odd)


@pytest.mark.parametrize("kind", ["card", "bundle"])
def test_no_member_can_be_left_out_or_added(files, kind):
    trail, data = files[0], files[1][kind]
    body = unpacked(data)
    for path in every_place(body):
        place = body
        for key in path:
            place = place[key]
        if isinstance(place, dict):
            for key in place:
                less = {name: item for name, item in place.items() if name != key}
                forged = rebuilt(data, path, less) if path else packed(data, less)
                assert outcome(trail, forged) is not Outcome.VERIFIED, (path, key)
            more = {**place, "more": 1}
            forged = rebuilt(data, path, more) if path else packed(data, more)
            assert outcome(trail, forged) is not Outcome.VERIFIED, path


@pytest.mark.parametrize(
    "data", [b"", b"\x84", b"\x84\x6d", bytes(64), b"{}", b"\xff" * 9, b"\x84mringmark.card"]
)
def test_bytes_of_no_kind_cannot_be_told(files, data):
    assert outcome(files[0], data) is Outcome.UNDECIDED
