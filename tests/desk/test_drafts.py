"""From an event to signed bytes: numbers, days, heads, hidden values, and back from JSON."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from ledger.custody.control import LotHeld
from ledger.custody.events import EVENTS, Event
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotSplit
from ledger.custody.rules.roles import MOVING
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.desk.disclosures import check_disclosure, make_disclosure, parse_disclosure
from ledger.desk.draft import Act, Numbering, Writer, sign_act
from ledger.desk.enrolment import format_request, make_request, parse_request
from ledger.desk.event_json import event_json, parse_event, statement_json
from ledger.desk.heads import Heads, heads_of, moved_codes, seen_codes
from ledger.errors import MalformedError, ProofError
from ledger.keys import ED25519, ESP256, PrivateKey
from ledger.simulator.world import SeededEntropy
from ledger.statement import parse_statement, verify_statement
from ledger.wire import text

CODE = "7K3M9QXF2W50"
HEAD = bytes(range(32))
SIGNER = PrivateKey.from_seed(ED25519, bytes(32))
WRITER = Writer("farm", SIGNER, bytes(32))
NUMBERING = Numbering(seq=4, salt=bytes(16), iat=1_796_100_000)
ROW = Row("Crocodylus niloticus", "SKI", 2, "NAR", "R", "ZW")
REGISTERED = LotRegistered(
    Basis.BRED, (NewLot((ROW,), marks=(MarkRange("TAG", "A-", 1, 2, 1, ""),)),)
)
NO_HEADS = Heads({}, {})


def test_a_draft_has_its_number_and_the_codes_of_what_is_born() -> None:
    drafted = sign_act(Act(REGISTERED), WRITER, numbering=NUMBERING, heads=NO_HEADS)
    statement = parse_statement(drafted.raw)
    verify_statement(statement, SIGNER.key)
    assert statement.seq == 4
    assert drafted.born == (statement.sub,)
    assert statement.day == "2026-12-01"
    assert statement.when == NUMBERING.iat


def test_what_has_no_day_states_none() -> None:
    event = TransferAccepted(offer=HEAD)
    statement = sign_act(Act(event), WRITER, numbering=NUMBERING, heads=NO_HEADS).statement
    assert statement.day is None
    assert statement.when is None


def test_what_moves_lots_names_their_heads_and_what_looks_says_what_it_saw() -> None:
    split = LotSplit(CODE, Part(1))
    assert heads_of(split, lambda _: HEAD) == Heads({CODE: HEAD}, {})
    held = LotHeld({CODE: Part()}, "a reason")
    assert heads_of(held, lambda _: HEAD) == Heads({}, {CODE: HEAD})


def test_the_desk_and_the_rules_agree_on_what_moves() -> None:
    """Every event that the rules want a `prev` of has codes here, and no other has."""
    for kind in get_args(Event):
        moves = kind in MOVING
        names = {field.name for field in structs.fields(kind)}
        values = {
            "lot": CODE,
            "lots": {CODE: Part()} if "part" not in names else (CODE,),
            "inputs": {CODE: Part()},
            "container": CODE,
        }
        event = kind(**{name: values.get(name, ()) for name in names})
        assert bool(moved_codes(event)) is moves, kind.__name__
        if moves:
            assert seen_codes(event) == ()


def test_a_hidden_value_is_checked_against_its_statement() -> None:
    hidden = make_disclosure(field=f"lots/{CODE}/price", value=4_200, entropy=SeededEntropy())
    act = Act(REGISTERED, disclosures=(hidden,))
    drafted = sign_act(act, WRITER, numbering=NUMBERING, heads=NO_HEADS)
    (beside,) = drafted.disclosures
    assert beside not in drafted.raw
    assert check_disclosure(beside, hidden=drafted.statement.hidden) == hidden
    other = make_disclosure(field="x", value="y", entropy=SeededEntropy(1)).encode()
    with pytest.raises(ProofError):
        check_disclosure(other, hidden=drafted.statement.hidden)


@pytest.mark.parametrize("data", [b"\x80", b"\x83\x01\x02\x03", b"\x83\x40\x61a\x01", b""])
def test_a_disclosure_has_one_form(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_disclosure(data)


@pytest.mark.parametrize("alg", [ED25519, ESP256])
def test_a_request_to_be_enrolled_goes_round(alg: int) -> None:
    signer = PrivateKey.from_seed(alg, bytes([7] * 32))
    request = make_request(signer, ledger=bytes(32), party="farm")
    assert parse_request(format_request(request).encode()) == request


def test_a_request_for_another_party_is_refused() -> None:
    request = make_request(SIGNER, ledger=bytes(32), party="farm")
    other = format_request(request).replace('"farm"', '"barn"')
    with pytest.raises(ProofError):
        parse_request(other.encode())


OFFERED = TransferOffered(
    to="tannery", moves=Moves.BOTH, expires=1_796_200_000, lots={CODE: Part(quantity=1)}
)


@pytest.mark.parametrize(
    "event", [REGISTERED, OFFERED, TransferAccepted(HEAD), LotHeld({CODE: Part()}, "x")]
)
def test_an_event_goes_through_json_and_back(event: Event) -> None:
    assert parse_event(text.json_loads(text.json_dumps(event_json(event)))) == event


def test_json_says_what_is_wrong() -> None:
    for plain, code in (
        ([], "event.json"),
        ({"type": "LotEaten"}, "event.unknown"),
        ({"type": "LotSplit", "lot": CODE}, "field.missing"),
        ({"type": "LotSplit", "lot": CODE, "part": {}, "more": 1}, "field.unknown"),
        ({"type": "TransferAccepted", "offer": "xyz"}, "text.hex"),
    ):
        with pytest.raises(MalformedError) as caught:
            parse_event(plain)
        assert caught.value.code == code


def test_a_statement_is_shown_whole() -> None:
    drafted = sign_act(Act(REGISTERED), WRITER, numbering=NUMBERING, heads=NO_HEADS)
    plain = statement_json(drafted.statement)
    assert plain["event"]["type"] == "LotRegistered"
    assert text.json_loads(text.json_dumps(plain)) == plain


def test_every_event_has_a_name_that_json_knows() -> None:
    assert {name for name, _ in EVENTS} == {kind.__name__ for kind in get_args(Event)}


@given(st.binary(max_size=80))
@settings(max_examples=200)
def test_no_bytes_make_a_disclosure_but_its_own(data: bytes) -> None:
    try:
        found = parse_disclosure(data)
    except MalformedError:
        return
    assert found.encode() == data
