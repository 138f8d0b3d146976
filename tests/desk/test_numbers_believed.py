"""A desk's own numbers: no ledger and no file moves them beyond what its key's signatures show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.custody.facilities import FacilityRegistered
from ledger.custody.parties import StatementDropped
from ledger.desk.desk import Desk
from ledger.desk.draft import Act
from ledger.desk.home import Home
from ledger.desk.numbers import check_own
from ledger.desk.outbox import State
from ledger.desk.source_local import LocalSource
from ledger.errors import NotFoundError, ProofError, UnavailableError
from ledger.reader import LiveMoments, Reader
from ledger.registrar import Registrar
from ledger.registrar.outcomes import Refused
from ledger.simulator.world import World
from ledger.statement import parse_statement
from ledger.trust import parse_trust


class Told(LocalSource):
    """A ledger that says of each key that it is some numbers ahead, and may show a statement."""

    def __init__(self, world: World) -> None:
        @contextmanager
        def writing() -> Iterator[Registrar]:
            yield world.ledger.registrar

        moments = LiveMoments(world.ledger.registrar, world.ledger.store)
        super().__init__(Reader(world.ledger.store, moments), writing)
        self.ahead = 0
        self.shown: bytes | None = None
        self.is_silent = False

    def party(self, party: str) -> dict[str, Any]:
        plain = dict(super().party(party))
        said = plain["next_numbers"].items()
        return {**plain, "next_numbers": {kid: number + self.ahead for kid, number in said}}

    def numbered(self, party: str, *, kid: bytes, number: int) -> bytes:
        if self.is_silent:
            raise UnavailableError("remote.offline", "The ledger does not answer.")
        return self.shown or super().numbered(party, kid=kid, number=number)


@pytest.fixture
def world() -> World:
    world = World()
    for name in ("farm", "rival"):
        world.enrol(name, "ranch")
    return world


@pytest.fixture
def source(world: World) -> Told:
    return Told(world)


@pytest.fixture
def desk(world: World, source: Told, tmp_path: Path) -> Desk:
    """A desk whose home lost its memory: it must ask for the number of its key."""
    return Desk(
        home=Home(tmp_path),
        trusted=parse_trust(world.ledger.trust).ledgers[0],
        party="farm",
        signer=world.members["farm"].signer,
        source=source,
        clock=world.clock,
        entropy=world.entropy,
    )


def place(name: str) -> FacilityRegistered:
    return FacilityRegistered(f"farm/{name}", "ranch", "ZW")


def test_what_the_key_signed_is_believed(world: World, desk: Desk) -> None:
    for name in ("a", "b", "c"):
        world.do("farm", place(name))
    assert desk.next_number() == 4


def test_what_was_refused_is_shown_too(world: World, desk: Desk) -> None:
    assert isinstance(world.say("farm", FacilityRegistered("rival/a", "ranch", "ZW")), Refused)
    world.submit(world.sign("rival", FacilityRegistered("rival/b", "ranch", "ZW")))
    assert desk.next_number() == 2


def test_a_number_that_nothing_shows_is_not_believed(
    world: World, desk: Desk, source: Told
) -> None:
    world.do("farm", place("a"))
    source.ahead = 500
    with pytest.raises(ProofError) as caught:
        desk.prepare(Act(place("b")))
    assert caught.value.code == "desk.number-unproved"
    assert caught.value.params == {"number": 501}


@pytest.mark.parametrize("whose", ["another number", "another key", "another ledger", "altered"])
def test_another_statement_proves_nothing(
    world: World, desk: Desk, source: Told, whose: str
) -> None:
    world.do("farm", place("a"))
    abroad = World(seed=7)
    abroad.members["farm"] = world.members["farm"]
    right = world.sign("farm", place("b"), seq=501)
    source.ahead = 500
    source.shown = {
        "another number": world.sign("farm", place("b"), seq=500),
        "another key": world.sign("rival", place("b"), seq=501),
        "another ledger": abroad.sign("farm", place("b"), seq=501),
        "altered": right[:-1] + bytes([right[-1] ^ 1]),
    }[whose]
    with pytest.raises(ProofError) as caught:
        desk.next_number()
    assert caught.value.code == "desk.number-unproved"
    source.shown = right
    assert desk.next_number() == 502


def test_a_ledger_that_is_ahead_and_falls_silent_is_asked_again(desk: Desk, source: Told) -> None:
    source.ahead, source.is_silent = 3, True
    with pytest.raises(UnavailableError):
        desk.next_number()


def test_a_ledger_that_says_less_is_not_believed_either(world: World, desk: Desk) -> None:
    world.do("farm", place("a"))
    desk.keep(desk.prepare(Act(place("b"))), said="signed")
    desk.keep(desk.prepare(Act(place("c"))), said="signed")
    assert desk.number_said(is_known=True) == 2
    assert desk.next_number() == 4


def test_numbers_that_were_given_up_are_taken_on_the_ledgers_word_alone(
    world: World, desk: Desk
) -> None:
    # The statement itself has number 1; what it gives up lies ahead and has no statement.
    world.do("farm", StatementDropped(desk.kid, (2, 3), "the phone fell into the lake"))
    with pytest.raises(ProofError):
        desk.next_number()
    desk.memory.use_number(desk.kid, 3)
    assert desk.next_number() == 4


def test_a_file_with_a_forged_number_of_an_own_key_is_refused(world: World) -> None:
    signer = world.members["farm"].signer
    raw = world.sign("farm", place("a"), seq=9_000)
    check_own(parse_statement(raw), [signer.key])
    forged = parse_statement(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(ProofError):
        check_own(forged, [world.members["rival"].signer.key, signer.key])
    check_own(forged, [world.members["rival"].signer.key])


def test_what_this_desk_gave_up_itself_needs_no_word_of_the_ledger(
    world: World, desk: Desk
) -> None:
    world.do("farm", place("a"))
    entry = desk.keep(
        desk.prepare(Act(StatementDropped(desk.kid, (7, 9), "typed twice"))), said="given up"
    )
    assert desk.last_number() == 2
    (done,) = desk.send()
    assert (done.place, done.state) == (entry.place, State.REGISTERED)
    assert desk.last_number() == 9
    assert desk.next_number() == 10


def test_the_ledger_shows_a_party_what_its_own_key_signed_and_no_more(
    world: World, source: Told
) -> None:
    world.do("farm", place("a"))
    kid = world.members["farm"].signer.kid
    assert source.numbered("farm", kid=kid, number=1) == world.members["farm"].said[-1]
    for party, number in (("farm", 2), ("rival", 1)):
        with pytest.raises(NotFoundError) as caught:
            source.numbered(party, kid=kid, number=number)
        assert caught.value.code == "statement.number"
