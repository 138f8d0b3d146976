"""Every step of the write path fails in two ways: not done, and done but reported as failed (T06b).

After each the client tries again, also on a fresh process: nothing is lost, doubled or forked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from failing import Faulty

from ledger.errors import UnavailableError
from ledger.registrar import Failed, Registered
from ledger.registrar.intake import Place, read_entry
from ledger.registrar.registrar import Registrar

STEPS = [("store", "commit"), ("store", "reread"), ("mark", "move")]


def faulty_registrar(
    world: Any, made: Any, step: tuple[str, str], *, done: bool
) -> tuple[Any, Faulty]:
    """Return a second registrar on the world's ledger, one of whose parts can be armed to fail."""
    sequencer = made.registrar._sequencer
    parts = {
        "store": made.store, "mark": sequencer._mark, "published": made.published,
    }  # fmt: skip
    part, method = step
    fault = Faulty(parts[part], method, done=done)
    parts[part] = fault
    registrar = Registrar(
        parts["store"], parts["mark"], parts["published"], signers=made.signers,
        tables=sequencer._tables, clock=world.clock, clock_ok=True,
    )  # fmt: skip
    return registrar, fault


@pytest.mark.parametrize("done", [False, True], ids=["not-done", "done"])
@pytest.mark.parametrize("step", STEPS, ids=[".".join(step) for step in STEPS])
def test_failed_step_loses_doubles_and_forks_nothing(
    memory: Any, step: tuple[str, str], done: bool
) -> None:
    world, made = memory
    registrar, fault = faulty_registrar(world, made, step, done=done)
    raws = [world.birth() for _ in range(3)]
    world.clock.advance(1)
    fault.armed = True
    first = registrar.submit(raws)
    assert not fault.armed
    assert all(isinstance(outcome, Failed) for outcome in first)
    assert {outcome.error.code for outcome in first} == {"registrar.unknown"}
    second = registrar.submit(raws)
    assert all(isinstance(outcome, Registered) for outcome in second)
    stored = step != ("store", "commit") or done
    assert [outcome.again for outcome in second] == [stored] * 3
    third = registrar.submit(raws)
    assert [o.index for o in third] == [o.index for o in second]
    assert [o.receipt for o in third] == [o.receipt for o in second]
    world.registrar = made.registrar
    made.registrar._sequencer._live = None
    assert made.registrar.submit([world.birth()])[0].index == made.store.size() - 2


def test_broken_disk_answers_unavailable_until_it_is_whole_again(memory: Any) -> None:
    world, made = memory
    registrar, fault = faulty_registrar(world, made, ("store", "commit"), done=False)
    raw = world.birth()
    for _ in range(3):
        fault.armed = True
        (outcome,) = registrar.submit([raw])
        assert isinstance(outcome, Failed)
        assert isinstance(outcome.error, UnavailableError)
    assert isinstance(registrar.submit([raw])[0], Registered)
    made.registrar._sequencer._live = None


def test_fault_of_a_rule_takes_nothing_else_along(memory: Any) -> None:
    world, made = memory
    good, bad, more = world.birth(), world.birth(), world.birth()
    state = made.registrar._sequencer.live().state
    real = state.key_use
    calls: list[bytes] = []

    def fail_second(kid: bytes) -> Any:
        calls.append(kid)
        if len(calls) == 4:
            raise KeyError("a fault of ours")
        return real(kid)

    state.key_use = fail_second
    outcomes = made.registrar.submit([good, bad, more])
    state.key_use = real
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    assert len(failed) <= 1
    assert sum(isinstance(outcome, Registered) for outcome in outcomes) >= 2


def test_stored_bytes_that_differ_from_what_was_judged_are_never_signed(memory: Any) -> None:
    world, made = memory
    registrar, _ = faulty_registrar(world, made, ("store", "none"), done=False)
    mark = registrar._sequencer._mark.read()
    raws = made.store.raws
    made.store.raws = lambda start, stop: [b"rot" for _ in raws(start, stop)]
    raw = world.birth()
    codes = [registrar.submit([raw])[0].error.code for _ in range(2)]
    # It stands in the log, and whoever sent it is told that nobody knows; the next one is told why.
    assert codes[0] == "registrar.unknown"
    assert codes[1] in ("store.no-closing", "store.root")
    assert registrar._sequencer._mark.read() == mark
    made.store.raws = raws
    (outcome,) = registrar.submit([raw])
    assert isinstance(outcome, Registered)
    made.registrar._sequencer._live = None


@pytest.mark.parametrize("done", [False, True], ids=["not-done", "done"])
def test_checkpoint_that_cannot_be_published_stays_due(memory: Any, done: bool) -> None:
    world, made = memory
    registrar, fault = faulty_registrar(world, made, ("published", "write"), done=done)
    world.clock.advance(1)
    fault.armed = True
    assert isinstance(registrar.submit([world.birth()])[0], Registered)
    assert not fault.armed
    world.clock.advance(1)
    registrar.tick()
    assert made.published.read() == registrar.newest_checkpoint()
    made.registrar._sequencer._live = None


def test_second_registrar_on_one_store_is_a_conflict_not_a_fork(memory: Any) -> None:
    world, made = memory
    other, _ = faulty_registrar(world, made, ("store", "none"), done=False)
    world.submit(world.birth())
    raw = world.birth()
    (outcome,) = other.submit([raw])
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "store.conflict"
    assert isinstance(other.submit([raw])[0], Registered)
    made.registrar._sequencer._live = None


def test_directory_survives_a_failed_commit(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    raw = world.birth()
    world.submit(raw)
    connection = opened.store._writer
    connection.execute("PRAGMA query_only = ON")
    (failed,) = world.registrar.submit([world.birth()])
    assert isinstance(failed, Failed)
    (again,) = world.submit(world.birth())
    assert again.index == opened.store.size() - 2
    actors.check_log(opened.store, opened.trust)
    opened.close()


def test_a_leaf_that_cannot_be_told_again_takes_nothing_else_along(memory: Any) -> None:
    """What is sent again rests on rows of long ago: their damage is not the block's."""
    world, made = memory
    old = world.birth()
    (first,) = made.registrar.submit([old])
    for _ in range(300):
        made.registrar.heartbeat()
    row = made.store._leaves[first.index + 1]
    made.store._leaves[first.index + 1] = row._replace(hash=bytes(32))
    new = world.birth()
    again, fresh = made.registrar.submit([old, new])
    assert isinstance(fresh, Registered)
    assert isinstance(again, Failed)
    assert again.error.code == "tile.leaf-hashes"
    made.store._leaves[first.index + 1] = row
    (told,) = made.registrar.submit([old])
    assert isinstance(told, Registered)
    assert (told.index, told.receipt) == (first.index, first.receipt)


def test_no_head_is_signed_over_hashes_that_changed(memory: Any) -> None:
    """The newest tile has no root of its own yet: its hashes are held to the root of the head."""
    world, made = memory
    old = world.birth()
    (first,) = made.registrar.submit([old])
    made.registrar.submit([world.birth()])
    row = made.store._leaves[first.index]
    made.store._leaves[first.index] = row._replace(hash=bytes(32))
    (again,) = made.registrar.submit([old])
    made.store._leaves[first.index] = row
    assert isinstance(again, Failed)
    assert again.error.code == "tile.leaf-hashes"


def test_a_receipt_that_damage_keeps_back_keeps_no_other_answer_back(memory: Any) -> None:
    world, made = memory
    old = world.birth()
    (first,) = made.registrar.submit([old])
    for _ in range(1_800):
        made.registrar.heartbeat()
    live = made.registrar.live
    entry = read_entry(old)
    entry.place = Place(first.index, first.at, live.head.size, live.mark.note, None)
    row = made.store._leaves[first.index + 1]
    made.store._leaves[first.index + 1] = row._replace(hash=bytes(32))
    answer = made.registrar._answering.outcome(entry)
    made.store._leaves[first.index + 1] = row
    assert isinstance(answer, Failed)
    assert (answer.error.code, answer.id) == ("tile.leaf-hashes", first.id)
