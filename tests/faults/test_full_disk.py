"""A full disk: clean answers, nothing lost, nothing half-written, and on it goes (T05)."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import power
import pytest
from lengths import times

from ledger.errors import UnavailableError
from ledger.reader import LiveMoments, Reader
from ledger.registrar import Failed, Registered
from ledger.registrar.registrar import Registrar
from ledger.wiring import open_for_reading

BATCH, PIECE = 50, 768 << 10


def fill(world: Any, registrar: Registrar) -> tuple[list[Registered], list[bytes], Failed]:
    """Submit batches until one fails; return what was registered, the batch, and the failure."""
    done: list[Registered] = []
    for _ in range(400):
        raws = [world.birth() for _ in range(BATCH)]
        outcomes = registrar.submit(raws)
        failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
        if failed:
            assert len(failed) == BATCH
            return done, raws, failed[0]
        done += [outcome for outcome in outcomes if isinstance(outcome, Registered)]
    raise AssertionError("the disk never filled up")


def resize(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


@pytest.fixture
def ballast(small_disk: Path) -> Path:
    path = small_disk / "ballast"
    path.write_bytes(bytes(2 << 20))
    return path


def test_disk_is_given_up_before_it_is_full(actors: Any, small_disk: Path, ballast: Path) -> None:
    place = small_disk / "ledger"
    actors.found_directory(place)
    world, opened = actors.open_world(place, settle=True)
    done, waiting, failed = fill(world, world.registrar)
    assert failed.error.code == "store.full"
    assert "Free some space" in failed.error.hint
    shown = Reader(opened.store, LiveMoments(world.registrar, opened.store))
    code = next(iter(done[-1].labels))
    assert (shown.lot(code).code, len(shown.card(code)) > 500) == (code, True)
    reading = open_for_reading(place)
    assert reading.store.size() == opened.store.size()
    assert all(reading.store.index_of(item.id) == item.index for item in done)
    reading.store.close()
    ballast.unlink()
    assert all(isinstance(o, Registered) and not o.again for o in world.registrar.submit(waiting))
    actors.check_log(opened.store, opened.trust)
    opened.close()


def test_disk_that_fills_inside_a_commit_loses_nothing(actors: Any, small_disk: Path) -> None:
    pieces = [small_disk / f"ballast-{number}" for number in range(times(3))]
    size = (6 << 20) + len(pieces) * PIECE
    resize(small_disk, size)
    for piece in pieces:
        piece.write_bytes(bytes(PIECE))
    place = small_disk / "ledger"
    actors.found_directory(place)
    world, opened = actors.open_world(place, settle=True)
    world.registrar._sequencer._room = None
    told: list[Registered] = []
    for piece in pieces:
        done, waiting, failed = fill(world, world.registrar)
        assert isinstance(failed.error, UnavailableError)
        assert failed.error.code in ("store.full", "registrar.unknown")
        told += done
        assert all(opened.store.index_of(item.id) == item.index for item in told)
        piece.unlink()
        told += world.submit(*waiting)
    opened.close()
    # Closing moves the WAL into the database, which may fill the disk once more.
    resize(small_disk, 2 * size)
    world, opened = actors.open_world(place)
    actors.check_log(opened.store, opened.trust)
    assert [opened.store.index_of(item.id) for item in told] == [item.index for item in told]
    opened.close()
    power.audit_clean(place)
