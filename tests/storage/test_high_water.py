"""The high-water mark: it only rises, survives a torn write, and one signer moves it."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from ledger.errors import DamagedError, NotFoundError, UnavailableError, UsageError
from ledger.storage.highwater import (
    NOTE_MAX,
    SLOT_SIZE,
    HighWater,
    HighWaterFile,
    create_high_water,
    decode_slot,
    encode_slot,
)


def mark(size: int) -> HighWater:
    return HighWater(size, bytes([size % 256]) * 32, b"note %d" % size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_high_water(tmp_path / "high-water", mark(1))
    return tmp_path / "high-water"


def test_slot_comes_back_as_it_went(path: Path) -> None:
    slot = encode_slot(7, mark(9))
    assert len(slot) == SLOT_SIZE
    assert decode_slot(slot) == (7, mark(9))


@pytest.mark.parametrize("place", [0, 15, 16, 24, 40, 64, 70, 2_000, 4_063, 4_064, 4_095])
def test_slot_with_any_flipped_bit_is_none(place: int) -> None:
    slot = bytearray(encode_slot(7, mark(9)))
    slot[place] ^= 1
    assert decode_slot(bytes(slot)) is None


def test_mark_rises_and_is_read_again(path: Path) -> None:
    file = HighWaterFile(path)
    for size in range(2, 9):
        file.move(expected=mark(size - 1), new=mark(size))
        assert file.read() == mark(size)
    file.close()
    again = HighWaterFile(path)
    assert again.read() == mark(8)
    again.close()
    assert path.stat().st_size == 2 * SLOT_SIZE


def test_mark_made_certain_says_the_same(path: Path) -> None:
    file = HighWaterFile(path)
    file.move(expected=mark(1), new=mark(2))
    before = path.read_bytes()
    file.settle()
    assert (path.read_bytes(), file.read()) == (before, mark(2))
    file.close()


def test_disk_that_takes_no_mark_is_said(path: Path) -> None:
    file = HighWaterFile(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for act in (file.settle, lambda: file.move(expected=mark(1), new=mark(2))):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        try:
            with pytest.raises(UnavailableError) as caught:
                act()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert caught.value.code == "high-water.failed"
        assert file.read() == mark(1)
    file.close()


def test_other_mark_than_expected_is_a_conflict(path: Path) -> None:
    one, two = HighWaterFile(path), HighWaterFile(path)
    one.move(expected=mark(1), new=mark(2))
    with pytest.raises(UnavailableError) as caught:
        two.move(expected=mark(1), new=mark(3))
    assert caught.value.code == "high-water.conflict"
    assert two.read() == mark(2)
    one.close()
    two.close()


@pytest.mark.parametrize("size", [0, 1])
def test_mark_never_stands_still_or_falls(path: Path, size: int) -> None:
    file = HighWaterFile(path)
    with pytest.raises(UsageError):
        file.move(expected=mark(1), new=HighWater(size, bytes(32), b""))
    assert file.read() == mark(1)
    file.close()


@pytest.mark.parametrize("written", [0, 1, 100, 2_048, 4_095])
def test_torn_write_of_the_newer_slot_leaves_the_older(path: Path, written: int) -> None:
    file = HighWaterFile(path)
    file.move(expected=mark(1), new=mark(2))
    file.move(expected=mark(2), new=mark(3))
    slot = encode_slot(4, mark(4))
    with path.open("r+b") as raw:
        raw.seek(SLOT_SIZE * (4 % 2))
        raw.write(slot[:written])
    assert file.read() == mark(3)
    file.close()


def test_both_slots_torn_is_damage(path: Path) -> None:
    path.write_bytes(bytes(2 * SLOT_SIZE))
    file = HighWaterFile(path)
    with pytest.raises(DamagedError) as caught:
        file.read()
    assert caught.value.code == "high-water.damaged"
    file.close()


def test_missing_mark_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        HighWaterFile(tmp_path / "none")
    assert caught.value.code == "high-water.missing"
    (tmp_path / "name").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotFoundError, match=f"which leads to {tmp_path / 'elsewhere'}"):
        HighWaterFile(tmp_path / "name")


def test_mark_is_never_started_anew(path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        create_high_water(path, mark(1))
    assert caught.value.code == "high-water.exists"


def test_note_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError):
        encode_slot(0, HighWater(1, bytes(32), bytes(NOTE_MAX + 1)))
