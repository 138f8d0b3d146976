"""The start-up table of docs/operations.md, a row each: what goes on, what refuses."""

from __future__ import annotations

import shutil
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.ambient import SettableClock
from ledger.errors import (
    DamagedError,
    NotFoundError,
    ProofError,
    UnavailableError,
    UsageError,
)
from ledger.reader.moments import StoredMoments
from ledger.reference.tables import load_tables
from ledger.registrar import Registered
from ledger.registrar.opening import examine
from ledger.storage.highwater import HighWater, HighWaterFile
from ledger.wiring import open_ledger


def grow(actors: Any, directory: Path, count: int = 3) -> bytes:
    world, opened = actors.open_world(directory)
    for _ in range(count):
        world.submit(world.birth())
    note: bytes = world.registrar.newest_checkpoint()
    opened.close()
    return note


def refused(directory: Path) -> str:
    before = {
        p: p.read_bytes() for p in directory.iterdir() if p.name in ("high-water", "checkpoint")
    }
    with pytest.raises(DamagedError) as caught:
        open_ledger(directory, clock=SettableClock(1_750_000_000), wait_s=0)
    assert {path: path.read_bytes() for path in before} == before
    return caught.value.code


def change(directory: Path, *statements: str) -> None:
    connection = sqlite3.connect(directory / "ledger.db")
    for trigger in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {trigger[0]}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_equal_marks_go_on(actors: Any, directory: Path) -> None:
    note = grow(actors, directory)
    world, opened = actors.open_world(directory)
    assert world.registrar.newest_checkpoint() == note
    world.submit(world.birth())
    actors.check_log(opened.store, opened.trust)
    opened.close()


def test_more_leaves_than_the_mark_are_checked_and_signed(actors: Any, directory: Path) -> None:
    for name in ("high-water", "checkpoint"):
        shutil.copy(directory / name, directory / f"old-{name}")
    note = grow(actors, directory)
    for name in ("high-water", "checkpoint"):
        shutil.move(directory / f"old-{name}", directory / name)
    world, opened = actors.open_world(directory)
    assert world.registrar.newest_checkpoint() == note
    assert (directory / "checkpoint").read_bytes() == note
    opened.close()


def test_missing_checkpoint_is_published_again(actors: Any, directory: Path) -> None:
    note = grow(actors, directory)
    (directory / "checkpoint").unlink()
    _, opened = actors.open_world(directory)
    assert (directory / "checkpoint").read_bytes() == note
    opened.close()


def test_old_database_is_refused(actors: Any, directory: Path) -> None:
    shutil.copy(directory / "ledger.db", directory.parent / "old.db")
    grow(actors, directory)
    shutil.copy(directory.parent / "old.db", directory / "ledger.db")
    assert refused(directory) == "store.behind-mark"


def test_changed_leaf_in_the_open_tile_is_refused(actors: Any, directory: Path) -> None:
    grow(actors, directory)
    change(directory, "UPDATE leaves SET raw = zeroblob(length(raw)) WHERE leaf = 2")
    assert refused(directory) == "store.root"


def test_other_root_under_the_mark_is_refused(actors: Any, directory: Path) -> None:
    grow(actors, directory)
    file = HighWaterFile(directory / "high-water")
    mark = file.read()
    file.close()
    (directory / "high-water").unlink()
    from ledger.storage.highwater import create_high_water

    create_high_water(directory / "high-water", HighWater(mark.size - 2, bytes(32), mark.note))
    assert refused(directory) == "store.other-root"


def test_old_mark_beside_a_newer_publication_is_refused(actors: Any, directory: Path) -> None:
    shutil.copy(directory / "high-water", directory.parent / "old-mark")
    grow(actors, directory)
    shutil.copy(directory.parent / "old-mark", directory / "high-water")
    assert refused(directory) == "high-water.old"


def test_two_roots_for_one_size_are_refused(actors: Any, directory: Path) -> None:
    note = grow(actors, directory)
    lines = note.split(b"\n")
    lines[2] = b"A" * 43 + b"="
    (directory / "checkpoint").write_bytes(b"\n".join(lines))
    assert refused(directory) == "high-water.split"


def test_rows_after_the_last_closing_are_refused(actors: Any, directory: Path) -> None:
    grow(actors, directory)
    change(
        directory,
        "INSERT INTO leaves SELECT (SELECT max(leaf) + 1 FROM leaves), hash, zeroblob(32), kid, "
        "999, party, type, raw FROM leaves WHERE leaf = 3",
    )
    assert refused(directory) == "store.rows-after-closing"


def test_head_that_names_another_closing_is_refused(actors: Any, directory: Path) -> None:
    grow(actors, directory)
    change(directory, "UPDATE head SET closing = zeroblob(32)")
    assert refused(directory) == "store.head"


def test_changed_record_is_refused(actors: Any, directory: Path) -> None:
    grow(actors, directory)
    change(
        directory, "UPDATE records SET hash = zeroblob(32) WHERE kind = 'party' AND name = 'farm-a'"
    )
    assert refused(directory) == "store.records"


def test_missing_record_is_refused(actors: Any, directory: Path) -> None:
    grow(actors, directory)
    change(directory, "DELETE FROM records WHERE kind = 'party' AND name = 'farm-a'")
    assert refused(directory) == "store.records"


def test_missing_mark_is_not_made_up(actors: Any, directory: Path) -> None:
    (directory / "high-water").unlink()
    with pytest.raises(NotFoundError) as caught:
        open_ledger(directory, clock=SettableClock(1), wait_s=0)
    assert caught.value.code == "high-water.missing"


def test_missing_closing_key_takes_nothing(actors: Any, directory: Path) -> None:
    (directory / "keys/closing.plain-key").unlink()
    world, opened = actors.open_world(directory)
    (outcome,) = world.registrar.submit([world.birth()])
    assert outcome.error.code == "registrar.no-key"
    assert "closing key" in outcome.error.message
    opened.close()


def test_missing_checkpoint_key_stores_nothing_that_it_could_not_sign(
    actors: Any, directory: Path
) -> None:
    key = directory / "keys/checkpoint.plain-key"
    key.rename(directory / "kept")
    world, opened = actors.open_world(directory)
    size, raw = opened.store.size(), world.birth()
    (outcome,) = world.registrar.submit([raw])
    assert outcome.error.code == "registrar.no-key"
    assert opened.store.size() == size
    opened.close()
    (directory / "kept").rename(key)
    world, opened = actors.open_world(directory)
    assert isinstance(world.registrar.submit([raw])[0], Registered)
    opened.close()


def test_reader_that_comes_before_the_signature_is_told_to_wait(
    actors: Any, directory: Path
) -> None:
    world, opened = actors.open_world(directory)
    signed = opened.newest_note()
    world.submit(world.birth())
    moments = StoredMoments(opened.store, note=lambda: signed)
    with pytest.raises(UnavailableError) as caught:
        moments.newest(None)
    assert caught.value.code == "reader.unsigned"
    opened.close()


def test_second_writer_is_turned_away(actors: Any, directory: Path) -> None:
    _, opened = actors.open_world(directory)
    with pytest.raises(UnavailableError) as caught:
        open_ledger(directory, clock=SettableClock(1), wait_s=0.05)
    assert caught.value.code == "store.locked"
    opened.close()
    _, again = actors.open_world(directory, wait_s=0)
    again.close()


def test_sealed_keys_open_with_their_passphrase(actors: Any, tmp_path: Path) -> None:
    actors.found_directory(tmp_path / "sealed", passphrase="a long passphrase")
    with pytest.raises(UsageError) as caught:
        open_ledger(tmp_path / "sealed", clock=SettableClock(actors.START), wait_s=0)
    assert caught.value.code == "key.passphrase-needed"
    assert "RINGMARK_PASSPHRASE" in caught.value.hint
    opened = open_ledger(
        tmp_path / "sealed", clock=SettableClock(actors.START), passphrase="a long passphrase"
    )
    opened.registrar.heartbeat()
    opened.close()


def test_founding_never_writes_over_anything(actors: Any, directory: Path) -> None:
    with pytest.raises(UsageError) as caught:
        actors.found_directory(directory)
    assert caught.value.code == "ledger.exists"


def test_failed_founding_leaves_nothing(actors: Any, tmp_path: Path) -> None:
    from ledger.ambient import SettableClock
    from ledger.registrar.founding import Charter
    from ledger.wiring import found_ledger

    with pytest.raises(UsageError):
        found_ledger(
            tmp_path / "x", Charter("o.example", ("h.example",), thresholds="none"),
            clock=SettableClock(1), entropy=actors.CountedEntropy(),
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_directory_without_a_ledger_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_ledger(tmp_path, clock=SettableClock(1))
    assert caught.value.code == "ledger.missing"


class _Standing:
    """A mark that stands where it stood, and nothing published."""

    def __init__(self, mark: HighWater | None) -> None:
        self._mark = mark

    def read(self) -> Any:
        return self._mark


@pytest.mark.parametrize("place", [3, 999, 1_000, 1_001, 1_299])
def test_every_block_above_the_mark_is_looked_at(memory: Any, place: int) -> None:
    """Whoever falls behind by more blocks than one look takes reads on to the last."""
    _, made = memory
    mark = made.registrar._sequencer._mark.read()
    for _ in range(1_300):
        made.registrar.heartbeat()
    look = partial(examine, made.store, _Standing(mark), _Standing(None), tables=load_tables())
    assert look().head == made.store.head()
    leaves, row = made.store._leaves, made.store._leaves[mark.size + place]
    changed = row.raw[:-1] + bytes((row.raw[-1] ^ 1,))
    leaves[row.leaf] = row._replace(raw=changed)
    try:
        # The newest leaves are hashed again too, and tell that they changed.
        with pytest.raises((DamagedError, ProofError)) as caught:
            look()
    finally:
        leaves[row.leaf] = row
    is_newest = row.leaf >= made.store.size() // 256 * 256
    assert caught.value.code == ("store.root" if is_newest else "signature.wrong")


def test_blocks_that_do_not_lead_to_the_last_closing_are_damage(memory: Any) -> None:
    _, made = memory
    mark = made.registrar._sequencer._mark.read()
    for _ in range(3):
        made.registrar.heartbeat()
    last = made.store._blocks.pop()
    try:
        with pytest.raises(DamagedError) as caught:
            examine(made.store, _Standing(mark), _Standing(None), tables=load_tables())
    finally:
        made.store._blocks.append(last)
    assert caught.value.code == "store.tail"
