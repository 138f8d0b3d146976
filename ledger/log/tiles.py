"""Tiles: the log as static files (C2SP tlog-tiles).

Owns the names and bytes of hash tiles and entry bundles, and which of them exist for a size;
docs/formats/tiles.md. Knows neither files nor HTTP.

    tile/0/x001/x234/067        tile/1/000.p/3        tile/entries/000.p/7
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.errors import MalformedError
from ledger.log.frontier import TILE_LEVEL, TILE_WIDTH, HashReader
from ledger.log.tree import SIZE_MAX
from ledger.wire.text import parse_decimal

ENTRIES = -1
"""The level that stands for entry bundles."""
LEVEL_MAX = 63
ENTRY_SIZE_MAX = 65_535

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<n>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class Tile(NamedTuple):
    """The place of a tile: its level (`ENTRIES` for a bundle), number, and width 1 … 256."""

    level: int
    n: int
    width: int = TILE_WIDTH


def tile_path(level: int, n: int, width: int | None = None) -> str:
    """Return the path below the log's prefix; `width` None or 256 is a full tile.

    MalformedError for a level, number or width that cannot be.
    """
    width = TILE_WIDTH if width is None else width
    if not ENTRIES <= level <= LEVEL_MAX or not 0 <= n <= SIZE_MAX or not 1 <= width <= TILE_WIDTH:
        raise MalformedError("tile.range", f"There is no tile {level}/{n} of width {width}.")
    groups = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        groups.insert(0, f"x{n % 1000:03}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{'entries' if level == ENTRIES else level}/{'/'.join(groups)}{suffix}"


def parse_tile_path(path: str) -> Tile:
    """Return the tile that a path names; MalformedError unless `tile_path` writes it so."""
    match = _PATH.fullmatch(path) if len(path) <= 64 else None
    if match is None:
        raise MalformedError("tile.path", f"{path[:64]!r} is not the path of a tile.")
    level = ENTRIES if match["level"] == "entries" else parse_decimal(match["level"])
    digits = match["n"].replace("x", "").replace("/", "").lstrip("0")
    width = parse_decimal(match["width"]) if match["width"] else TILE_WIDTH
    tile = Tile(level, parse_decimal(digits or "0"), width)
    if tile_path(*tile) != path:
        raise MalformedError("tile.path", f"{path!r} is not the one path of its tile.")
    return tile


def tile_width(*, level: int, n: int, size: int) -> int:
    """Return how many hashes or entries tile `n` of `level` has at `size`, 0 … 256."""
    whole = size >> (TILE_LEVEL * max(level, 0))
    return max(0, min(TILE_WIDTH, whole - n * TILE_WIDTH))


def tiles_of(size: int, *, known: int = 0) -> Iterator[Tile]:
    """Yield every tile that a log of `size` must serve and one of size `known` did not have.

    Hash tiles from level 0 up, each level in order, then the entry bundles; partial tiles have
    their width. Levels above 0 hold the roots of full tiles only.
    """
    levels = range((max(size, 1).bit_length() - 1) // TILE_LEVEL + 1)
    for level in (*levels, ENTRIES):
        shift = TILE_LEVEL * max(level, 0)
        count, first = size >> shift, (known >> shift) // TILE_WIDTH
        for n in range(first, -(-count // TILE_WIDTH)):
            width = tile_width(level=level, n=n, size=size)
            if width != tile_width(level=level, n=n, size=known):
                yield Tile(level, n, width)


def hash_tile(reader: HashReader, tile: Tile) -> bytes:
    """Return the bytes of a hash tile: `width` hashes of 32 bytes, read node by node."""
    start = tile.n * TILE_WIDTH
    nodes = (reader.node(tile.level * TILE_LEVEL, start + slot) for slot in range(tile.width))
    return b"".join(nodes)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: for each entry its length in two bytes, big-endian, and its bytes."""
    if not 1 <= len(entries) <= TILE_WIDTH or any(len(e) > ENTRY_SIZE_MAX for e in entries):
        raise MalformedError(
            "bundle.range", "A bundle has 1 to 256 entries of at most 65,535 bytes."
        )
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, *, width: int) -> list[bytes]:
    """Return the entries of a bundle; MalformedError unless it has exactly `width` of them."""
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < width:
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or len(entries) != width:
        raise MalformedError(
            "bundle.entries",
            f"The bundle does not hold exactly {width} entries.",
            hint="Ask for the bundle again; it was cut or padded.",
        )
    return entries
