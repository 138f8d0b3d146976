"""Both shelves keep packed records alike; one of them on disk, where room may end."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ledger.errors import UnavailableError
from ledger.storage.shelf import CACHE_KIB, DiskShelf
from ledger.verify.packed import MemoryShelf, Shelf, ShelfRow

BOTH = pytest.mark.parametrize("make", [MemoryShelf, DiskShelf])
ROWS = [
    ShelfRow("lot", "b", False, b"1"),
    ShelfRow("party", "a", False, b"2"),
    ShelfRow("lot", "é", True, b"3"),
    ShelfRow("lot", "a", False, b"4"),
    ShelfRow("lot", "Z", True, b"5"),
]


@BOTH
def test_rows_come_in_the_order_of_their_bytes(make: Callable[[], Shelf]):
    shelf = make()
    shelf.put(ROWS)
    names = [(row.kind, row.name) for row in shelf.rows()]
    assert names == sorted(names, key=lambda name: (name[0], name[1].encode()))
    assert set(shelf.rows()) == set(ROWS)


@BOTH
def test_a_row_stands_in_the_place_of_the_earlier_one(make: Callable[[], Shelf]):
    shelf = make()
    shelf.put(ROWS)
    shelf.put([ShelfRow("lot", "a", True, b"later")])
    assert shelf.get("lot", "a") == b"later"
    assert shelf.get("lot", "missing") is None
    assert shelf.get("party", "b") is None
    assert shelf.count() == len(ROWS)


@BOTH
def test_lots_are_counted_by_whether_they_have_ended(make: Callable[[], Shelf]):
    shelf = make()
    shelf.put(ROWS)
    assert shelf.count("lot", is_ended=False) == 2
    assert shelf.count("lot", is_ended=True) == 2
    assert shelf.count("party") == 1
    shelf.put([ShelfRow("lot", "b", True, b"1")])
    assert (shelf.count("lot", is_ended=False), shelf.count("lot", is_ended=True)) == (1, 3)


def test_more_than_its_cache_lies_on_disk_and_comes_back():
    shelf = DiskShelf()
    for start in range(0, 40_000, 1_000):
        shelf.put(
            ShelfRow("lot", f"{i:012}", False, i.to_bytes(4, "big") * 250)
            for i in range(start, start + 1_000)
        )
    assert shelf.count() * 1_000 > 2 * CACHE_KIB * 1_024
    for i in (0, 17_171, 39_999):
        assert shelf.get("lot", f"{i:012}") == i.to_bytes(4, "big") * 250
    shelf.close()


@contextmanager
def _no_room_for_files() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_without_room_says_what_to_do():
    shelf = DiskShelf()
    rows = [ShelfRow("lot", f"{i:012}", False, bytes(1_000)) for i in range(30_000)]
    with _no_room_for_files(), pytest.raises(UnavailableError) as caught:
        shelf.put(rows)
    assert caught.value.code == "audit.room"
    assert "SQLITE_TMPDIR" in (caught.value.hint or "")
    shelf.close()


def test_no_error_of_its_database_escapes():
    shelf = DiskShelf()
    shelf.put(ROWS)
    shelf._connection.execute("DROP TABLE shelf")
    for ask in (
        lambda: shelf.get("lot", "a"),
        lambda: list(shelf.rows()),
        shelf.count,
        lambda: shelf.put(ROWS),
    ):
        with pytest.raises(UnavailableError) as caught:
            ask()
        assert caught.value.code == "audit.room"
    shelf.close()
