"""Log time never falls, and the published checkpoint moves at most once a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.errors import UnavailableError
from ledger.registrar import Failed, Registered
from ledger.registrar.registrar import HEARTBEAT_S
from ledger.registrar.sequencer import block_time
from web.serving import warn_unless_ready


@pytest.mark.parametrize(
    ("now", "last", "at"),
    [(1_000, 900, 1_000), (900, 900, 900), (899, 900, 900), (300, 900, 900), (10**9, 0, 10**9)],
)
def test_block_time_never_falls(now: int, last: int, at: int) -> None:
    assert block_time(now, last=last, clock_ok=False) == at


@pytest.mark.parametrize(
    ("now", "clock_ok", "code"),
    [
        (100_000 - 601, False, "clock.behind"),
        (100_000 - 601, True, "clock.behind"),
        (186_401, False, "clock.ahead"),
    ],
)
def test_wrong_clock_takes_nothing(now: int, clock_ok: bool, code: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        block_time(now, last=100_000, clock_ok=clock_ok)
    assert caught.value.code == code


def test_server_that_would_take_nothing_says_so_at_its_start(
    actors: Any, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(**more: Any) -> str:
        _, opened = actors.open_world(directory, **more)
        opened.registrar._sequencer.clock.advance(wrong_by)
        warn_unless_ready(opened.registrar)
        opened.registrar._sequencer.clock.advance(-wrong_by)
        opened.close()
        return capsys.readouterr().err

    wrong_by = 0
    assert said() == ""
    wrong_by = 366 * 86_400
    assert "(clock.ahead): nothing is registered for now." in said()
    assert said(clock_ok=True) == ""
    wrong_by = -wrong_by
    assert "(clock.behind)" in said(clock_ok=True)
    wrong_by = 0
    for purpose in ("closing", "checkpoint"):
        key = directory / "keys" / f"{purpose}.plain-key"
        key.rename(directory / "kept")
        warned = said()
        assert "(registrar.no-key)" in warned
        assert f"The registrar's {purpose} key" in warned
        assert "Put its file into the keys folder" in warned
        (directory / "kept").rename(key)


def test_clock_that_somebody_vouches_for_may_be_ahead() -> None:
    assert block_time(10**9, last=100_000, clock_ok=True) == 10**9


def test_clock_far_ahead_needs_a_word_and_then_goes_on(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    raw = world.birth()
    world.clock.advance(3 * 86_400)
    (outcome,) = world.registrar.submit([raw])
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "clock.ahead"
    opened.close()
    world, opened = actors.open_world(directory, clock_ok=True)
    world.clock.advance(3 * 86_400)
    assert isinstance(world.registrar.submit([raw])[0], Registered)
    opened.close()


@pytest.mark.parametrize(("step_s", "blocks"), [(0, 1), (1, 6)])
def test_a_block_is_not_open_for_long(memory: Any, step_s: int, blocks: int) -> None:
    world, made = memory
    births = [world.birth() for _ in range(6)]
    before = made.registrar.head()

    class Passing:
        """A clock that goes on whenever somebody looks at it, as where judging takes long."""

        def now_s(self) -> int:
            world.clock.advance(step_s)
            return int(world.clock.now_s())

    made.registrar._sequencer.clock = Passing()
    outcomes = made.registrar.submit(births)
    assert [type(outcome) for outcome in outcomes] == [Registered] * 6
    after = made.registrar.head()
    assert after.height - before.height == blocks
    assert after.size - before.size == 6 + blocks


def test_clock_that_fell_back_keeps_the_time_for_a_while(memory: Any) -> None:
    world, _ = memory
    (first,) = world.submit(world.birth())
    world.clock.advance(-300)
    (second,) = world.submit(world.birth())
    assert second.at == first.at
    world.clock.advance(-301)
    (third,) = world.registrar.submit([world.birth()])
    assert isinstance(third, Failed)
    assert third.error.code == "clock.behind"
    world.clock.advance(601)


def test_published_checkpoint_moves_once_a_second(memory: Any) -> None:
    world, made = memory
    world.clock.advance(1)
    world.submit(world.birth())
    first = made.published.read()
    assert first == world.registrar.newest_checkpoint()
    world.submit(world.birth())
    assert made.published.read() == first != world.registrar.newest_checkpoint()
    world.registrar.tick()
    assert made.published.read() == first
    world.clock.advance(1)
    world.registrar.tick()
    assert made.published.read() == world.registrar.newest_checkpoint()


def test_heartbeat_comes_when_nothing_else_does(memory: Any) -> None:
    world, made = memory
    size = made.store.size()
    # At least hourly, for whoever calls it once a second on a busy machine.
    assert HEARTBEAT_S <= 3_540
    world.clock.advance(HEARTBEAT_S - 1)
    world.registrar.tick()
    assert made.store.size() == size
    world.clock.advance(1)
    world.registrar.tick()
    world.registrar.tick()
    assert made.store.size() == size + 1


def test_closing_a_ledger_publishes_its_last_checkpoint(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    for _ in range(3):
        world.submit(world.birth())
    newest = world.registrar.newest_checkpoint()
    opened.close()
    assert (directory / "checkpoint").read_bytes() == newest
