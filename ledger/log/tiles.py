"""Tiles: the log as static files (C2SP tlog-tiles).

Owns the names and bytes of hash tiles and entry bundles, which of them exist for a size, and
reading proofs from tiles that are authenticated first; docs/formats/tiles.md. Knows neither files
nor HTTP: a TileSource brings the bytes.

    tile/0/x001/x234/067        tile/1/000.p/3        tile/entries/000.p/7
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from ledger.errors import MalformedError, NotFoundError, ProofError
from ledger.log.frontier import TILE_LEVEL, TILE_WIDTH, HashReader, fold
from ledger.log.tree import HASH_SIZE, SIZE_MAX, leaf_hash, root_of
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


def parse_hash_tile(data: bytes, *, width: int) -> list[bytes]:
    """Return the hashes of a tile; MalformedError unless it has exactly `width` of them."""
    if len(data) != width * HASH_SIZE:
        raise MalformedError(
            "tile.size", f"The tile has {len(data)} bytes instead of {width * HASH_SIZE}."
        )
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


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


class TileSource(Protocol):
    """Where tiles come from: a directory, a web server, a store."""

    def tile(self, tile: Tile) -> bytes:
        """Return the bytes of a tile or bundle; NotFoundError when it is not there."""
        ...


class TileLog:
    """A log read from tiles, each authenticated against a signed root before it is used.

    It is a HashReader for proofs. `size` and `root` come from a checkpoint that the caller opened.
    Upper tiles, the right edge and the last leaf tile stay in memory: 8 KiB for 65,536 leaves.
    """

    def __init__(self, source: TileSource, *, size: int, root: bytes) -> None:
        self._source = source
        self._size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._leaf_tile: tuple[int, list[bytes]] = (-1, [])
        self._open(root)

    def node(self, level: int, index: int) -> bytes:
        """Return the root of complete subtree `index` at `level`, 32 bytes.

        ProofError when a tile does not fit the checkpoint, NotFoundError when one is missing.
        """
        tile_level, height = divmod(level, TILE_LEVEL)
        start = index << height
        hashes = self._hashes(tile_level, start // TILE_WIDTH)
        slot = start % TILE_WIDTH
        taken = hashes[slot : slot + (1 << height)]
        if len(taken) != 1 << height:
            raise NotFoundError(
                "tree.node", f"There is no complete subtree {index} at level {level}."
            )
        return root_of(taken)

    def entries(self, n: int) -> list[bytes]:
        """Return the entries of bundle `n`, each checked against its leaf hash."""
        width = tile_width(level=ENTRIES, n=n, size=self._size)
        hashes = self._hashes(0, n)
        entries = decode_bundle(self._read(Tile(ENTRIES, n, width)), width=width)
        if [leaf_hash(entry) for entry in entries] != hashes:
            raise _contradiction(Tile(ENTRIES, n, width))
        return entries

    def _open(self, root: bytes) -> None:
        """Authenticate the right edge: its hashes alone make up the root."""
        edge: list[bytes] = []
        for level in range(LEVEL_MAX // TILE_LEVEL, -1, -1):
            count = self._size >> (TILE_LEVEL * level)
            width = count % TILE_WIDTH
            if not width:
                continue
            tile = Tile(level, count // TILE_WIDTH, width)
            hashes = parse_hash_tile(self._read(tile), width=width)
            self._tiles[level, tile.n] = hashes
            edge.extend(_complete(hashes))
        if fold(edge) != root:
            raise ProofError(
                "tile.root",
                f"The tiles at the right edge do not lead to the root of size {self._size}.",
                hint="Keep checkpoint and tiles as evidence, then ask the log again.",
            )

    def _hashes(self, level: int, n: int) -> list[bytes]:
        """Return the hashes of a tile; a full one must be the child that its parent names."""
        if (level, n) in self._tiles:
            return self._tiles[level, n]
        if level == 0 and self._leaf_tile[0] == n:
            return self._leaf_tile[1]
        if tile_width(level=level, n=n, size=self._size) != TILE_WIDTH:
            raise NotFoundError("tile.range", f"The log has no tile {level}/{n}.")
        hashes = parse_hash_tile(self._read(Tile(level, n)), width=TILE_WIDTH)
        parent = self._hashes(level + 1, n // TILE_WIDTH)
        if root_of(hashes) != parent[n % TILE_WIDTH]:
            raise _contradiction(Tile(level, n))
        if level == 0:
            self._leaf_tile = (n, hashes)
        else:
            self._tiles[level, n] = hashes
        return hashes

    def _read(self, tile: Tile) -> bytes:
        """Return a tile; a partial one may have given way to the full one (C2SP tlog-tiles)."""
        try:
            return self._source.tile(tile)
        except NotFoundError:
            if tile.width == TILE_WIDTH:
                raise
        full = self._source.tile(Tile(tile.level, tile.n))
        if tile.level == ENTRIES:
            return encode_bundle(decode_bundle(full, width=TILE_WIDTH)[: tile.width])
        return full[: tile.width * HASH_SIZE]


def _complete(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the roots of the complete subtrees over some hashes, largest first."""
    roots, at = [], 0
    for bit in range(TILE_LEVEL, -1, -1):
        if len(hashes) >> bit & 1:
            roots.append(root_of(hashes[at : at + (1 << bit)]))
            at += 1 << bit
    return roots


def _contradiction(tile: Tile) -> ProofError:
    return ProofError(
        "tile.contradiction",
        f"{tile_path(*tile)} does not fit the signed root.",
        hint="Keep the tile and the checkpoint as evidence, then ask the log again.",
    )
