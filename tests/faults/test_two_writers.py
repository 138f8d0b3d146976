"""Two processes on one directory: one waits or is turned away, and nothing forks (T07)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lengths import times

from ledger.ambient import SettableClock
from ledger.errors import UnavailableError
from ledger.registrar import Failed, Registered
from ledger.wiring import open_ledger
from web import serving

ROUNDS = times(10)


def in_processes(*works: Callable[[], None]) -> list[int]:
    """Run each in a process of its own; return their exit codes."""
    children = []
    for work in works:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_second_server_refuses_to_start(actors: Any, directory: Path) -> None:
    _, opened = actors.open_world(directory)

    def second() -> None:
        try:
            open_ledger(directory, clock=SettableClock(actors.START), wait_s=0.1)
        except UnavailableError as error:
            os._exit(75 if error.code == "store.locked" else 1)

    assert in_processes(second) == [75]
    opened.close()


def test_programs_that_append_in_turn_give_one_log(actors: Any, directory: Path) -> None:
    def append() -> None:
        for _ in range(ROUNDS):
            world, opened = actors.open_world(directory, wait_s=120)
            world.submit(world.birth(), world.birth())
            opened.close()

    _, before = actors.open_world(directory)
    size = before.store.size()
    before.close()
    assert in_processes(append, append, append) == [0, 0, 0]
    _, opened = actors.open_world(directory)
    assert actors.check_log(opened.store, opened.trust) == size + 3 * ROUNDS * 3
    opened.close()


def test_second_server_says_in_one_sentence_why_it_does_not_start(
    actors: Any, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, opened = actors.open_world(directory)
    monkeypatch.setenv(serving.DIRECTORY, str(directory))
    with pytest.raises(SystemExit) as caught:
        serving.application()
    assert str(caught.value).startswith("error (store.locked): Another process writes in ")
    assert "stop it first" in str(caught.value)
    opened.close()


def test_without_the_lock_compare_and_swap_still_keeps_one_log(
    actors: Any, directory: Path
) -> None:
    one, first = actors.open_world(directory)
    (directory / "lock").unlink()
    two, second = actors.open_world(directory)
    one.submit(one.birth())
    raw = two.sign("ma-zw", two.enrol("ma-zw", "maker-c", "maker"))
    (outcome,) = two.registrar.submit([raw])
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "store.conflict"
    (again,) = two.registrar.submit([raw])
    assert isinstance(again, Registered)
    (late,) = one.registrar.submit([one.birth()])
    assert isinstance(late, Failed)
    actors.check_log(first.store, first.trust)
    second.close()
    first.close()
