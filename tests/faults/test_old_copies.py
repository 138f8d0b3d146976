"""An older copy of the database put back: never signed from, every time (T08)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.ambient import SettableClock
from ledger.errors import DamagedError
from ledger.wiring import open_ledger

COPIES = 20


def test_no_older_copy_is_ever_signed_from(actors: Any, directory: Path, tmp_path: Path) -> None:
    copies = []
    for number in range(COPIES):
        world, opened = actors.open_world(directory)
        copies.append(tmp_path / f"copy-{number}.db")
        opened.store.backup(str(copies[-1]))
        world.submit(*(world.birth() for _ in range(number % 3 + 1)))
        opened.close()
    newest = tmp_path / "newest.db"
    shutil.copy(directory / "ledger.db", newest)
    signed = {name: (directory / name).read_bytes() for name in ("high-water", "checkpoint")}
    for copy in copies:
        for rest in directory.glob("ledger.db*"):
            rest.unlink()
        shutil.copy(copy, directory / "ledger.db")
        with pytest.raises(DamagedError) as caught:
            open_ledger(directory, clock=SettableClock(actors.START), wait_s=0)
        assert caught.value.code == "store.behind-mark"
        assert "mirror" in caught.value.hint
        assert {name: (directory / name).read_bytes() for name in signed} == signed
    shutil.copy(newest, directory / "ledger.db")
    world, opened = actors.open_world(directory)
    world.submit(world.birth())
    actors.check_log(opened.store, opened.trust)
    opened.close()


def test_copy_of_another_ledger_is_not_signed_from(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    from ledger.wiring import found_ledger

    other = tmp_path / "other"
    found_ledger(
        other, actors.CHARTER, clock=SettableClock(actors.START), entropy=actors.CountedEntropy("x")
    )
    opened = open_ledger(other, clock=SettableClock(actors.START))
    for _ in range(30):
        opened.registrar.heartbeat()
    opened.close()
    shutil.copy(other / "ledger.db", directory / "ledger.db")
    with pytest.raises(DamagedError) as caught:
        open_ledger(directory, clock=SettableClock(actors.START), wait_s=0)
    assert caught.value.code == "store.other-root"
