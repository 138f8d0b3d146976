"""A statement counts as registered only with a receipt for these very bytes under a trusted key."""

from __future__ import annotations

import pytest
from msgspec import structs

from ledger.custody.facilities import FacilityRegistered
from ledger.desk.outbox import Entry, State
from ledger.desk.sending import settle
from ledger.desk.source import Taken
from ledger.registrar import Registered
from ledger.simulator.world import World
from ledger.statement import parse_statement
from ledger.trust import TrustedLedger, parse_trust


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.enrol("farm", "ranch")
    return world


@pytest.fixture(scope="module")
def trusted(world: World) -> TrustedLedger:
    return parse_trust(world.ledger.trust).ledgers[0]


def register(world: World, slug: str) -> tuple[Entry, Taken]:
    raw = world.sign("farm", FacilityRegistered(f"farm/{slug}", "ranch", "ZW"))
    (outcome,) = world.ledger.registrar.submit([raw])
    assert isinstance(outcome, Registered)
    entry = Entry(place=1, raw=raw, id=parse_statement(raw).id, state=State.SENT)
    return entry, Taken(outcome.id, outcome.index, outcome.receipt, {})


def test_a_true_receipt_is_believed(world: World, trusted: TrustedLedger) -> None:
    entry, taken = register(world, "a")
    settled = settle(entry, taken, trusted)
    assert settled.state is State.REGISTERED
    assert settled.index == taken.index


def test_no_other_answer_is(world: World, trusted: TrustedLedger) -> None:
    entry, taken = register(world, "b")
    other, other_taken = register(world, "c")
    damaged = taken.receipt.replace(b"index ", b"index 1", 1)
    false = {
        "another place": structs.replace(taken, index=taken.index + 1),
        "the receipt of another statement": structs.replace(taken, receipt=other_taken.receipt),
        "another statement with its receipt": structs.replace(
            other_taken, id=entry.id, raw=other.raw
        ),
        "another id": structs.replace(taken, id=other.id),
        "no receipt": structs.replace(taken, receipt=b""),
        "a damaged receipt": structs.replace(taken, receipt=damaged),
    }
    for name, answer in false.items():
        settled = settle(entry, answer, trusted)
        assert (settled.state, settled.untrue) == (State.SENT, True), name
        assert settled.receipt == b""
