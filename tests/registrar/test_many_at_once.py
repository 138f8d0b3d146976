"""Many threads and a disk that fails now and then: nobody hangs, nothing is lost or doubled."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import UnavailableError
from ledger.registrar import Failed, Refused, Registered
from ledger.registrar.intake import read_entry
from ledger.registrar.waiting import Submission

THREADS, EACH = 6, 15
FAIL_EVERY = 7


class Flaky:
    """A part whose chosen method fails every few calls, by turns before and after its work."""

    def __init__(self, real: Any, method: str) -> None:
        self._real, self._method = real, method
        self._calls = itertools.count(1)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name != self._method:
            return found

        def sometimes(*args: Any, **more: Any) -> Any:
            call = next(self._calls)
            if call % FAIL_EVERY:
                return found(*args, **more)
            if call % (2 * FAIL_EVERY) == 0:
                found(*args, **more)
            raise OSError("a bad day")

        return sometimes


def push(registrar: Any, raws: list[bytes], done: dict[bytes, int]) -> None:
    """Send statements, each until it is registered, as a client's outbox does."""
    for raw in raws:
        for _ in range(50):
            try:
                (outcome,) = registrar.submit([raw])
            except UnavailableError:
                continue
            if isinstance(outcome, Registered):
                assert done.setdefault(outcome.id, outcome.index) == outcome.index
                break
            assert isinstance(outcome, Failed), outcome
        else:
            raise AssertionError("never registered")


def test_outboxes_get_through_a_flaky_disk(actors: Any) -> None:
    for part, method in (("_store", "commit"), ("_mark", "move")):
        world, made = actors.memory_world()
        sequencer = made.registrar._sequencer
        setattr(sequencer, part, Flaky(getattr(sequencer, part), method))
        piles = [[world.birth() for _ in range(EACH)] for _ in range(THREADS)]
        done: dict[bytes, int] = {}
        threads = [
            threading.Thread(target=push, args=(made.registrar, pile, done)) for pile in piles
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        assert len(done) == THREADS * EACH
        assert {made.store.index_of(name) for name in done} == set(done.values())
        setattr(sequencer, part, getattr(sequencer, part)._real)
        made.registrar.heartbeat()
        actors.check_log(made.store, made.trust, published=made.published.read())


@pytest.mark.parametrize("other", ["dry_run", "heartbeat", "tick"])
def test_who_comes_while_something_else_is_done_is_written_afterwards(
    actors: Any, other: str
) -> None:
    world, made = actors.memory_world()
    registrar, sequencer = made.registrar, made.registrar._sequencer
    held, go_on = threading.Event(), threading.Event()

    def hold(*_: Any, **__: Any) -> int:
        held.set()
        go_on.wait(30)
        return 1 << 40

    births = [world.birth() for _ in range(3)]
    work = {
        "dry_run": lambda: registrar.dry_run(births[2]),
        "heartbeat": registrar.heartbeat,
        "tick": registrar.tick,
    }[other]
    registrar.submit(births[:1])
    setattr(sequencer, "publish" if other == "tick" else "_room", hold)
    first = threading.Thread(target=work, daemon=True)
    first.start()
    assert held.wait(30)
    found: list[Any] = []
    second = threading.Thread(
        target=lambda: found.extend(registrar.submit(births[1:2])), daemon=True
    )
    second.start()
    while not is_asleep(registrar):
        pass
    go_on.set()
    second.join(30)
    assert [type(outcome) for outcome in found] == [Registered]


def is_asleep(registrar: Any) -> bool:
    """Whether who stands first in the line sleeps until somebody wakes it."""
    first = registrar._waiting.first()
    return first is not None and bool(first.wake._cond._waiters)


def test_answers_do_not_wait_for_the_published_checkpoint(actors: Any) -> None:
    world, made = actors.memory_world()
    sequencer = made.registrar._sequencer
    reached, go_on = threading.Event(), threading.Event()

    class Stuck:
        """A disk that takes the published file only after a while."""

        def write(self, note: bytes) -> None:
            reached.set()
            assert go_on.wait(30)
            made.published.write(note)

    births = [world.birth() for _ in range(2)]
    sequencer._published = Stuck()
    world.clock.advance(1)
    lines = [Submission([read_entry(raw)]) for raw in births]
    for line in lines:
        made.registrar._waiting.join(line)
    writer = threading.Thread(target=made.registrar._write_block, daemon=True)
    writer.start()
    assert reached.wait(30)
    assert [type(line.outcomes[0]) for line in lines if line.done] == [Registered] * 2
    go_on.set()
    writer.join(30)
    assert made.published.read() == made.registrar.newest_checkpoint()


def test_fault_before_a_block_leaves_nobody_waiting(actors: Any) -> None:
    world, made = actors.memory_world()

    def broken() -> int:
        raise OSError("no such disk")

    made.registrar._sequencer._room = broken
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda raw=raw: found.extend(made.registrar.submit([raw])))
        for raw in [world.birth() for _ in range(4)]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 4
    assert all(isinstance(outcome, Failed) for outcome in found)
    made.registrar._sequencer._room = None
    assert isinstance(made.registrar.submit([world.birth()])[0], Registered)


def test_batches_and_refusals_of_many_threads_keep_their_own_answers(memory: Any) -> None:
    world, made = memory
    from ledger.custody.parties import PartySuspended

    piles = [
        [
            world.birth(),
            world.sign("farm-a", PartySuspended("maker-b", f"no power {n}")),
            b"no statement",
            world.birth(),
        ]
        for n in range(8)
    ]
    answers: dict[int, list[Any]] = {}

    def send(number: int) -> None:
        answers[number] = made.registrar.submit(piles[number])

    threads = [threading.Thread(target=send, args=(n,)) for n in range(len(piles))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, outcomes in answers.items():
        kinds = [type(outcome) for outcome in outcomes]
        assert kinds == [Registered, Refused, Failed, Registered]
        assert outcomes[0].raw == piles[number][0]
        assert outcomes[3].raw == piles[number][3]


def test_mark_on_another_disk_is_found_from_the_directory(actors: Any, tmp_path: Path) -> None:
    mark = tmp_path / "elsewhere" / "mark"
    mark.parent.mkdir()
    actors.found_directory(tmp_path / "ledger", high_water=mark)
    world, opened = actors.open_world(tmp_path / "ledger", settle=True)
    world.submit(world.birth())
    opened.close()
    assert (tmp_path / "ledger" / "high-water").resolve() == mark
    world, opened = actors.open_world(tmp_path / "ledger", high_water=mark)
    world.submit(world.birth())
    opened.close()


def test_clock_far_ahead_is_told_in_hours(memory: Any) -> None:
    world, made = memory
    assert made.registrar.hours_ahead() == 0
    world.clock.advance(86_400)
    assert made.registrar.hours_ahead() == 0
    world.clock.advance(3_600)
    assert made.registrar.hours_ahead() == 25


def test_one_lot_offered_two_hundred_times_at_once_is_offered_once(memory: Any) -> None:
    world, made = memory
    (born,) = world.submit(world.birth())
    (code,) = born.labels
    offers = [world.offer(code, born.id) for _ in range(200)]
    found: list[Any] = []

    def push_some(raws: list[bytes]) -> None:
        for raw in raws:
            found.extend(made.registrar.submit([raw]))

    threads = [threading.Thread(target=push_some, args=(offers[n::10],)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 200
    won = [outcome for outcome in found if isinstance(outcome, Registered)]
    lost = [outcome for outcome in found if isinstance(outcome, Refused)]
    assert (len(won), len(lost)) == (1, 199)
    assert {(outcome.rule, outcome.params["by"]) for outcome in lost} == {
        ("custody.head-moved", "farm-a")
    }
    assert [row.id for row in made.store.offers()] == [won[0].id]
