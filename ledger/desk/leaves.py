"""Leaves of a log for an audit: from a store of this machine, from tiles in a folder, or by HTTP.

Owns how leaves are fetched, not whether they are true: the audit proves that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger.errors import NotFoundError
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.tiles import ENTRIES, decode_bundle, tile_path, tile_width
from ledger.storage.protocol import Store
from ledger.wire.note import parse_note

WIDTH = 256
Read = Callable[[str], bytes]
"""Returns the bytes of a path below the log's prefix; raises NotFoundError."""


class StoredLeaves:
    """The leaves of a store, under its published checkpoint."""

    def __init__(self, store: Store, note: Callable[[], bytes | None]) -> None:
        self._store = store
        self._note = note
        self._checkpoint: bytes | None = None

    def checkpoint_note(self) -> bytes:
        """Return the checkpoint as it was when it was first asked for."""
        self._checkpoint = self._checkpoint or self._note()
        if self._checkpoint is None:
            raise NotFoundError("checkpoint.missing", "No checkpoint was published yet.")
        return self._checkpoint

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop, as many as there are."""
        return self._store.raws(start, stop)


class TiledLeaves:
    """The leaves of a log that is served as tiles (C2SP tlog-tiles)."""

    def __init__(self, read: Read, *, note: bytes | None = None) -> None:
        """Read by `read`; with `note` the leaves are held to that checkpoint, not to their own."""
        self._read = read
        self._checkpoint = note
        self._kept: tuple[int, list[bytes]] = (-1, [])

    def checkpoint_note(self) -> bytes:
        """Return the checkpoint as it was when it was first asked for."""
        if self._checkpoint is None:
            self._checkpoint = self._read("checkpoint")
        return self._checkpoint

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop, as many as the checkpoint counts."""
        size = parse_checkpoint(parse_note(self.checkpoint_note()).text).size
        found: list[bytes] = []
        for n in range(start // WIDTH, -(-min(stop, size) // WIDTH)):
            first = n * WIDTH
            found += self._bundle(n, size)[max(start - first, 0) : stop - first]
        return found

    def _bundle(self, n: int, size: int) -> list[bytes]:
        if self._kept[0] != n:
            width = tile_width(level=ENTRIES, n=n, size=size)
            try:
                data = self._read(tile_path(ENTRIES, n, width))
                entries = decode_bundle(data, width=width)
            except NotFoundError:
                if width == WIDTH:
                    raise
                # A partial bundle gives way to the full one once that exists.
                data = self._read(tile_path(ENTRIES, n))
                entries = decode_bundle(data, width=WIDTH)[:width]
            self._kept = (n, entries)
        return self._kept[1]


def read_folder(folder: Path) -> Read:
    """Return a reader of the files below `folder`."""

    def read(path: str) -> bytes:
        file = folder / path
        if not file.is_file():
            raise NotFoundError("tile.unknown", f"There is no file {file}.")
        return file.read_bytes()

    return read
