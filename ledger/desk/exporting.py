"""A log written out as static files (C2SP tlog-tiles): what any web server can hand out.

Owns the order: full tiles first, the checkpoint last and whole, so that a folder is a log at every
moment. An export that was cut short, or an older one, is gone on with: a full tile never changes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from ledger.errors import UsageError
from ledger.log.checkpoint import Checkpoint, parse_checkpoint
from ledger.log.frontier import TILE_WIDTH
from ledger.log.tiles import Tile, tile_path, tile_width, tiles_of
from ledger.reader import Reader
from ledger.wire.note import parse_note

CHECKPOINT = "checkpoint"
_BESIDE = ".new"


class Exported(Struct, frozen=True):
    """What an export did: the size of the log, files written, files that stood there already."""

    size: int
    written: int
    kept: int


def export_log(reader: Reader, folder: Path, progress: Callable[[int, int], None]) -> Exported:
    """Write what a folder lacks of the published log, and its checkpoint at the very end.

    Raise UsageError where the folder holds another log, or one that this log does not extend.
    """
    note = reader.checkpoint_note()
    now = parse_checkpoint(parse_note(note).text)
    known = _known(reader, folder, now)
    tiles = list(tiles_of(now.size, known=known))
    written = kept = 0
    for done, tile in enumerate(tiles, start=1):
        place = folder / tile_path(*tile)
        if place.is_file():
            kept += 1
        else:
            body = reader.tile(level=tile.level, n=tile.n, width=tile.width, size=now.size)
            _write(place, body)
            written += 1
        progress(done, len(tiles))
    _write(folder / CHECKPOINT, note)
    for old in _outgrown(known, now.size):
        (folder / tile_path(*old)).unlink(missing_ok=True)
    return Exported(now.size, written + 1, kept)


def _known(reader: Reader, folder: Path, now: Checkpoint) -> int:
    """Return the size of the log that the folder holds whole, 0 for none."""
    place = folder / CHECKPOINT
    if not place.is_file():
        return 0
    old = parse_checkpoint(parse_note(place.read_bytes()).text)
    same = old.origin == now.origin and old.size <= now.size
    if not same or reader.root(old.size) != old.root:
        raise UsageError(
            "export.other-log",
            f"{folder} holds another log: {old.origin} at size {old.size}.",
            hint="Name an empty folder. If this should be the same log, keep it: it proves a fork.",
            params={"folder": str(folder)},
        )
    return old.size


def _outgrown(known: int, size: int) -> Iterator[Tile]:
    """Yield the partial tiles of a smaller log whose full tile now stands beside them."""
    for tile in tiles_of(known):
        if (
            tile.width < TILE_WIDTH
            and tile_width(level=tile.level, n=tile.n, size=size) == TILE_WIDTH
        ):
            yield tile


def _write(place: Path, body: bytes) -> None:
    """Write a file that anyone may read, whole or not at all, durably."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(place.name + _BESIDE)
    # Made anew: in the folder of a web server a link may lie there, which would be followed.
    beside.unlink(missing_ok=True)
    with beside.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)
