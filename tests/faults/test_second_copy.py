"""The second copy has every block before anybody is told of it, and a ledger goes on from it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ledger.ambient import SettableClock
from ledger.errors import DamagedError, NotFoundError, UnavailableError, UsageError
from ledger.registrar import Failed, Registered
from ledger.storage.highwater import HighWaterFile
from ledger.storage.sqlite import SqliteStore
from ledger.storage.twin import restore_copy
from ledger.wiring import found_ledger


def test_copy_has_every_acknowledged_block(actors: Any, directory: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    world, opened = actors.open_world(directory, copy=copy)
    for _ in range(5):
        (done,) = world.submit(world.birth())
        second = SqliteStore(copy / "ledger.db")
        assert second.index_of(done.id) == done.index
        assert (second.head(), second.dump()) == (opened.store.head(), opened.store.dump())
        second.close()
    opened.close()


def test_copy_that_fell_behind_is_made_level(actors: Any, directory: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    _, opened = actors.open_world(directory, copy=copy)
    opened.close()
    world, opened = actors.open_world(directory)
    world.submit(world.birth())
    opened.close()
    world, opened = actors.open_world(directory, copy=copy)
    world.submit(world.birth())
    second = SqliteStore(copy / "ledger.db")
    assert second.dump() == opened.store.dump()
    second.close()
    opened.close()


def test_block_that_only_one_place_took_is_acknowledged_after_both_have_it(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    world, opened = actors.open_world(directory, copy=copy)
    world.submit(world.birth())
    opened.store._second._writer.execute("PRAGMA query_only = ON")
    raw = world.birth()
    (failed,) = world.registrar.submit([raw])
    assert isinstance(failed, Failed)
    assert failed.error.code == "registrar.unknown"
    (again,) = world.registrar.submit([raw])
    assert isinstance(again, Registered)
    second = SqliteStore(copy / "ledger.db")
    assert second.index_of(again.id) == again.index
    second.close()
    opened.close()


def test_copy_that_is_deleted_under_a_server_is_made_anew(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    world, opened = actors.open_world(directory, copy=copy)
    world.submit(world.birth())
    shutil.rmtree(copy)
    raw = world.birth()
    # Nobody is told of a block that is in no second place.
    (failed,) = world.registrar.submit([raw])
    assert isinstance(failed, Failed)
    (again,) = world.registrar.submit([raw])
    assert isinstance(again, Registered)
    (more,) = world.submit(world.birth())
    opened.close()
    second = SqliteStore(copy / "ledger.db")
    assert [second.index_of(one.id) for one in (again, more)] == [again.index, more.index]
    assert (copy / "trust.json").read_bytes() == (directory / "trust.json").read_bytes()
    mark = HighWaterFile(copy / "high-water")
    assert mark.read() == HighWaterFile(directory / "high-water").read()
    mark.close()
    second.close()


def test_copy_that_is_not_mounted_is_not_made_on_another_disk(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    _, opened = actors.open_world(directory, copy=copy)
    opened.close()
    copy.rename(tmp_path / "unmounted")
    copy.mkdir()
    with pytest.raises(UnavailableError) as caught:
        actors.open_world(directory, copy=copy)
    assert caught.value.code == "copy.not-mounted"
    assert list(copy.iterdir()) == []
    # Mounted again it goes on; another place is a new copy; what is said to be lost is made anew.
    copy.rmdir()
    (tmp_path / "unmounted").rename(copy)
    for place in (copy, tmp_path / "other"):
        _, opened = actors.open_world(directory, copy=place)
        opened.close()
    shutil.rmtree(tmp_path / "other")
    (directory / "second-copy").unlink()
    _, opened = actors.open_world(directory, copy=tmp_path / "other")
    opened.close()
    assert (tmp_path / "other" / "ledger.db").is_file()


def test_copy_whose_disk_goes_away_under_a_server_is_not_made_on_another(
    actors: Any, directory: Path, small_disk: Path, tmp_path: Path
) -> None:
    copy = small_disk / "copy"
    world, opened = actors.open_world(directory, copy=copy)
    world.submit(world.birth())
    shutil.copytree(copy, tmp_path / "disk-kept")
    subprocess.run(["umount", "-l", str(small_disk)], check=True)
    raw = world.birth()
    for _ in range(2):
        (failed,) = world.registrar.submit([raw])
        assert isinstance(failed, Failed)
    assert failed.error.code == "copy.not-mounted"
    assert list(small_disk.iterdir()) == []
    # With its disk it goes on by itself, from the last block that both have.
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(small_disk)], check=True)
    shutil.copytree(tmp_path / "disk-kept", copy)
    (again,) = world.registrar.submit([raw])
    assert isinstance(again, Registered)
    opened.close()
    second = SqliteStore(copy / "ledger.db")
    assert second.index_of(again.id) == again.index
    second.close()


def test_ledger_goes_on_from_its_copy(actors: Any, directory: Path, tmp_path: Path) -> None:
    copy, anew = tmp_path / "copy", tmp_path / "anew"
    world, opened = actors.open_world(directory, copy=copy)
    (done,) = world.submit(world.birth())
    note = world.registrar.newest_checkpoint()
    opened.close()
    restore_copy(copy, anew)
    shutil.copytree(directory / "keys", anew / "keys", dirs_exist_ok=True)
    shutil.rmtree(directory)
    world, opened = actors.open_world(anew)
    assert world.registrar.newest_checkpoint() == note
    assert opened.store.index_of(done.id) == done.index
    world.submit(world.birth())
    actors.check_log(opened.store, opened.trust)
    opened.close()


def test_newer_copy_is_never_written_over(actors: Any, directory: Path, tmp_path: Path) -> None:
    copy, old = tmp_path / "copy", tmp_path / "old"
    shutil.copytree(directory, old)
    world, opened = actors.open_world(directory, copy=copy)
    (done,) = world.submit(world.birth())
    opened.close()
    with pytest.raises(DamagedError) as caught:
        actors.open_world(old, copy=copy)
    assert caught.value.code == "copy.ahead"
    second = SqliteStore(copy / "ledger.db")
    assert second.index_of(done.id) == done.index
    second.close()


def test_copy_of_another_ledger_is_never_written_over(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    found_ledger(
        other, actors.CHARTER, clock=SettableClock(actors.START), entropy=actors.CountedEntropy("x")
    )
    (other / "high-water").unlink()
    before = (other / "ledger.db").read_bytes()
    with pytest.raises(UsageError) as caught:
        actors.open_world(directory, copy=other)
    assert caught.value.code == "copy.other-ledger"
    assert (other / "ledger.db").read_bytes() == before


def test_copy_without_its_mark_is_not_restored(
    actors: Any, directory: Path, tmp_path: Path
) -> None:
    (directory / "high-water").unlink()
    with pytest.raises(NotFoundError) as caught:
        restore_copy(directory, tmp_path / "anew")
    assert caught.value.code == "copy.incomplete"
    assert not (tmp_path / "anew").exists()


def test_copy_is_no_place_to_write_into(actors: Any, directory: Path, tmp_path: Path) -> None:
    _, opened = actors.open_world(directory, copy=tmp_path / "copy")
    connection = sqlite3.connect(tmp_path / "copy/ledger.db")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("DELETE FROM leaves")
    connection.close()
    opened.close()
