"""Tiles: names, which exist, what they hold, and bundles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.log.frontier import LevelStore
from ledger.log.tiles import (
    ENTRIES,
    Tile,
    decode_bundle,
    encode_bundle,
    hash_tile,
    parse_tile_path,
    tile_path,
    tile_width,
    tiles_of,
)
from ledger.log.tree import leaf_hash, root_of


class Folder:
    """Tiles by name, as a directory or a web server has them."""

    def __init__(self, entries: list[bytes], *, partial_of: tuple[int, ...] = ()) -> None:
        self.files: dict[str, bytes] = {}
        for size in (*partial_of, len(entries)):
            self.write(entries[:size])

    def write(self, entries: list[bytes]) -> None:
        hashes = [leaf_hash(entry) for entry in entries]
        levels = LevelStore()
        for start in range(0, len(hashes) - 255, 256):
            levels.append(root_of(hashes[start : start + 256]))
        reader = levels.reader(lambda low, high: hashes[low:high], size=len(hashes))
        for tile in tiles_of(len(entries)):
            start = tile.n * 256
            bundle = entries[start : start + tile.width]
            content = encode_bundle(bundle) if tile.level == ENTRIES else hash_tile(reader, tile)
            self.files[tile_path(*tile)] = content


def some_entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


@pytest.mark.parametrize(
    ("n", "path"),
    [
        (0, "tile/0/000"),
        (999, "tile/0/999"),
        (1_000, "tile/0/x001/000"),
        (1_234_067, "tile/0/x001/x234/067"),
    ],
)
def test_names_of_the_specification(n: int, path: str) -> None:
    assert tile_path(0, n) == path
    assert parse_tile_path(path) == Tile(0, n, 256)
    assert parse_tile_path(f"{path}.p/17") == Tile(0, n, 17)


@given(st.integers(-1, 63), st.integers(0, 2**40), st.integers(1, 256))
def test_names_go_both_ways(level: int, n: int, width: int) -> None:
    assert parse_tile_path(tile_path(level, n, width)) == Tile(level, n, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/001/000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/٠٠٠",
        "tile/data/000",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/../000",
        "tile/0/" + "x999/" * 30 + "000",
    ],
)
def test_other_names_are_refused(path: str) -> None:
    with pytest.raises(MalformedError):
        parse_tile_path(path)


@pytest.mark.parametrize("tile", [(-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_tiles_that_cannot_be_have_no_name(tile: tuple[int, int, int]) -> None:
    with pytest.raises(MalformedError):
        tile_path(*tile)


@pytest.mark.parametrize(
    ("size", "partial", "full"),
    [
        (0, [], 0),
        (1, [Tile(0, 0, 1)], 0),
        (7, [Tile(0, 0, 7)], 0),
        (256, [Tile(1, 0, 1)], 1),
        (65_536, [Tile(2, 0, 1)], 257),
        (70_000, [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)], 274),
    ],
)
def test_which_tiles_exist(size: int, partial: list[Tile], full: int) -> None:
    hashed = [tile for tile in tiles_of(size) if tile.level != ENTRIES]
    assert [tile for tile in hashed if tile.width < 256] == partial
    assert len(hashed) - len(partial) == full
    bundles = [Tile(0, tile.n, tile.width) for tile in tiles_of(size) if tile.level == ENTRIES]
    assert bundles == [tile for tile in hashed if tile.level == 0]


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_only_new_tiles_are_written(one: int, two: int) -> None:
    known, size = sorted((one, two))
    assert set(tiles_of(size, known=known)) == set(tiles_of(size)) - set(tiles_of(known))


def test_widths() -> None:
    assert tile_width(level=0, n=273, size=70_000) == 112
    assert tile_width(level=ENTRIES, n=273, size=70_000) == 112
    assert tile_width(level=1, n=0, size=70_000) == 256
    assert tile_width(level=0, n=274, size=70_000) == 0


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_go_both_ways(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), width=len(entries)) == entries


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x01", 1),
        (b"\x00\x02a", 1),
        (b"\x00\x01ab", 1),
        (b"\x00\x01a", 2),
        (b"\x00\x01a\x00\x01b", 1),
        (b"\x00\x01a\x00", 1),
    ],
)
def test_bundles_of_another_shape_are_refused(data: bytes, width: int) -> None:
    with pytest.raises(MalformedError):
        decode_bundle(data, width=width)


def test_bundles_that_cannot_be_are_refused() -> None:
    assert encode_bundle([b""]) == b"\x00\x00"
    for entries in ([], [b""] * 257, [bytes(65_536)]):
        with pytest.raises(MalformedError):
            encode_bundle(entries)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600, 66_000])
def test_each_tile_holds_the_roots_of_full_tiles_below(size: int) -> None:
    entries = some_entries(size)
    folder = Folder(entries)
    below = [leaf_hash(entry) for entry in entries]
    for level in range(3):
        for start in range(0, len(below), 256):
            hashes = below[start : start + 256]
            assert folder.files[tile_path(level, start // 256, len(hashes))] == b"".join(hashes)
        full = range(0, len(below) - 255, 256)
        below = [root_of(below[start : start + 256]) for start in full]
    assert below == []


def test_tiles_of_the_worked_example(log_example: Path) -> None:
    entries = [b"entry %d" % number for number in range(7)]
    entries[5] = (log_example / "leaf5.cose").read_bytes()
    folder = Folder(entries, partial_of=(3,))
    on_disk = {
        file.relative_to(log_example / "log").as_posix(): file.read_bytes()
        for file in (log_example / "log" / "tile").rglob("*")
        if file.is_file()
    }
    assert folder.files == on_disk
