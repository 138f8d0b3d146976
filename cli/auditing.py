"""Where an audit reads from: a ledger's folder, its database, a folder of tiles, or an address.

Owns the choice. A place is opened once in each process that reads from it: a connection to a
database must never be carried over a fork.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from cli.context import read_bytes
from ledger.errors import MalformedError, NotFoundError, RingmarkError, UsageError

if TYPE_CHECKING:
    from ledger.desk.source_remote import Prove
    from ledger.storage.protocol import Store
    from ledger.verify.audit import LeafSource, Stored
    from ledger.verify.ranges import Leaves


_SQLITE = b"SQLite format 3\0"
"""How every database of SQLite begins (its file format, 1.3)."""


class Opened(Struct, frozen=True):
    """A place as one process reads it; where it is a database, `store`, `look` looks it over."""

    source: LeafSource
    look: Stored | None = None
    shut: Callable[[], None] | None = None
    store: Store | None = None

    def size(self) -> int:
        """Return how many leaves are there: as the database has them, or the tiles' own word."""
        if self.store is not None:
            head = self.store.head()
            return head.size if head is not None else 0
        from ledger.log.checkpoint import parse_checkpoint
        from ledger.wire.note import parse_note

        return parse_checkpoint(parse_note(self.source.checkpoint_note()).text).size

    def close(self) -> None:
        """Let go of what was opened."""
        if self.shut is not None:
            self.shut()


class Place(Struct, frozen=True):
    """A place that exists; `open` reads from it anew."""

    open: Callable[[], Opened]
    has_records: bool = False
    cleanup: Callable[[], None] | None = None

    def leaves(self) -> Leaves:
        """Return the leaves for a process of their own."""
        return self.open().source.leaves

    def close(self) -> None:
        """Let go of what all processes shared."""
        if self.cleanup is not None:
            self.cleanup()


def find_place(
    named: str,
    *,
    checkpoint: str | None,
    database: str | None = None,
    prove: Prove | None = None,
) -> Place:
    """Return what `named` names; `checkpoint` is a file with a signed note to hold it to.

    `database` is where the database of a ledger's folder is, if not where the folder says. `prove`
    signs a reading token for a closed ledger.
    """
    note = read_bytes(checkpoint) if checkpoint is not None else None
    _check_named(named)
    if named.startswith(("http://", "https://")):
        return _at_address(named, note, prove)
    if named.startswith(("postgresql://", "postgres://")):
        return Place(lambda: _open_database(named, note), has_records=True)
    path = Path(named)
    if (path / "tile").is_dir() and not (path / "ledger.db").exists():
        return Place(lambda: _open_folder(path, note))
    if path.is_file() and path.name != "ledger.db":
        return Place(lambda: _open_file(path, note), has_records=True)
    folder = path.parent if path.is_file() else path
    return Place(lambda: _open_ledger(folder, note, database), has_records=True)


def _check_named(named: str) -> None:
    """Raise where what was named can hold no ledger, before anything of it is opened."""
    is_address = named.startswith(("http://", "https://", "postgresql://", "postgres://"))
    if "://" in named and not is_address:
        raise UsageError(
            "remote.address",
            f"{named!r} is no address of a ledger.",
            hint="It begins with https:// or http://, or is a folder of this machine.",
        )
    path = Path(named)
    if is_address or not path.is_file() or path.name == "ledger.db":
        return
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise MalformedError(
                "audit.source",
                f"{named} is no ledger: neither a database nor a folder of one.",
                hint="Name a ledger's folder, an export of its log, a mirror, or an address. Cards"
                " and bundles are checked by: ringmark verify",
                params={"source": named},
            )


def _open_folder(folder: Path, note: bytes | None) -> Opened:
    from ledger.desk.leaves import TiledLeaves, read_folder

    return Opened(TiledLeaves(read_folder(folder), note=note))


def _open_file(file: Path, note: bytes | None) -> Opened:
    from ledger.storage.sqlite import SqliteStore

    return _stored(SqliteStore(file), lambda: note or _unsigned(str(file)))


def _open_database(address: str, note: bytes | None) -> Opened:
    from ledger.storage.places import open_address

    store, newest = open_address(address)
    return _stored(store, lambda: note or newest())


def _open_ledger(folder: Path, note: bytes | None, database: str | None) -> Opened:
    from ledger.wiring import open_for_reading

    found = open_for_reading(folder, database=database)
    # The mark's: a host publishes to its own file, and up to a second later.
    return _stored(found.store, lambda: note or found.newest_note(), shut=found.close)


def _stored(
    store: Store, note: Callable[[], bytes | None], shut: Callable[[], None] | None = None
) -> Opened:
    from functools import partial

    from ledger.desk.leaves import StoredLeaves
    from ledger.registrar.inspecting import inspect_deep

    look, end = partial(inspect_deep, store), shut or store.close
    return Opened(StoredLeaves(store, note), look, end, store)


def _unsigned(what: str) -> bytes:
    raise NotFoundError(
        "audit.checkpoint",
        f"{what} alone has no signed checkpoint.",
        hint="Name the ledger's folder, or a checkpoint that you have: --checkpoint FILE",
    )


def _at_address(url: str, note: bytes | None, prove: Prove | None) -> Place:
    from tempfile import TemporaryDirectory

    from ledger.desk.fetching import FetchedTiles, find_log
    from ledger.desk.leaves import TiledLeaves
    from ledger.desk.source_remote import RemoteSource

    remote = RemoteSource(url, prove=prove)
    prefix, newest = find_log(remote.read)
    with contextlib.suppress(RingmarkError):
        # A closed ledger is told here, once, who asks: other processes take the token along.
        remote.about()
    folder = TemporaryDirectory(prefix="ringmark-audit-")

    def opened() -> Opened:
        tiles = FetchedTiles(lambda path: remote.read(prefix + path), Path(folder.name))
        # The one that was found first, for every process, whatever is published meanwhile.
        return Opened(TiledLeaves(tiles.read, note=note or newest), shut=tiles.close)

    return Place(opened, cleanup=folder.cleanup)


def map_bytes(file: str) -> bytes:
    """Return a file as bytes that are read when they are looked at."""
    import mmap

    with Path(file).open("rb") as stream:
        if not os.fstat(stream.fileno()).st_size:
            return b""
        mapped: Any = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    found: bytes = mapped  # sliced and measured like bytes
    return found
