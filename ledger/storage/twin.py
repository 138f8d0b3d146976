"""A second place that has every block before anybody is told of it (`serve --copy`).

Owns the copy: a directory with a database, a high-water mark and a trust file of its own, whole at
any moment. What is behind is copied anew when the ledger is opened, never patched. Keys are not
copied: who restores must bring them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ledger.errors import DamagedError, NotFoundError, UnavailableError, UsageError
from ledger.storage.durable import make_directory, replace_file, sync_directory, sync_file
from ledger.storage.highwater import HighWater, HighWaterFile, create_high_water
from ledger.storage.protocol import CommitBlock, Derived
from ledger.storage.queries import connect
from ledger.storage.sqlite import SqliteStore

DATABASE, MARK, TRUST = "ledger.db", "high-water", "trust.json"
_INCOMPLETE = {
    DATABASE: "Name the folder of a backup or second copy, a folder of tiles, or an address.",
    MARK: "Say with --high-water where the mark is. Where it is lost found anew, and clients push "
    "again: ringmark init DIR --continues {copy}",
    TRUST: "Everybody who verifies has it: put it into the copy.",
}


class TwinStore(SqliteStore):
    """A SQLite store whose every write is made a second time, in another place, before it returns.

    Reads come from the first. A write that only one of the two took fails as a whole; the copy is
    made anew when the ledger is opened next. Raise DamagedError `copy.ahead` where more was signed
    for in the copy than is here, UsageError `copy.other-ledger` where it is not this ledger's; the
    copy stays as it is then.
    """

    def __init__(self, path: Path, copy: Path) -> None:
        super().__init__(path)
        self._copy = copy
        _check_copy(self, copy)
        if not _is_level(self, copy):
            copy_database(self, copy)
        self._second = SqliteStore(copy / DATABASE)
        self._file = _Place(copy / DATABASE)
        self._disk = _disk_of(copy)

    def commit(self, block: CommitBlock) -> None:
        """Store a block durably in both places."""
        super().commit(block)
        self._second.commit(block)
        # A file that was moved or deleted takes bytes as before, where nobody finds them.
        if not self._file.is_there():
            raise UnavailableError(
                "copy.gone",
                f"The second copy is not in {self._copy} any more.",
                hint="It is made anew there before anything else is registered.",
                params={"path": str(self._copy)},
            )

    def rebuild(self, blocks: Iterable[Derived]) -> None:
        """Replace everything derived in both places."""
        kept = list(blocks)
        super().rebuild(kept)
        self._second.rebuild(kept)

    def settle(self) -> None:
        """Bring the copy level again after a write that only one place took."""
        super().settle()
        self._second.settle()
        if not self._file.is_there() or not _is_level(self, self._copy):
            is_there = (self._copy / DATABASE).is_file()
            if not is_there and _disk_of(self._copy) != self._disk:
                raise not_mounted(self._copy, "Writing goes on by itself then.")
            _check_copy(self, self._copy)
            self._second.close()
            copy_database(self, self._copy)
            self._second = SqliteStore(self._copy / DATABASE)
            self._file, self._disk = _Place(self._copy / DATABASE), _disk_of(self._copy)
            if (trust := self.path.with_name(TRUST)).is_file():
                replace_file(self._copy / TRUST, trust.read_bytes())

    def close(self) -> None:
        """Close both places."""
        self._second.close()
        super().close()


class TwinMark(HighWaterFile):
    """A high-water mark that is moved in two places, the second one after the first."""

    def __init__(self, path: Path, copy: Path) -> None:
        super().__init__(path)
        self._copy = copy / MARK
        self._second, self._place = self._open_second()

    def move(self, *, expected: HighWater, new: HighWater) -> None:
        """Move both marks; the second may be behind and catches up."""
        super().move(expected=expected, new=new)
        self._second.move(expected=self._second.read(), new=new)

    def settle(self) -> None:
        """Make certain that both marks are durable."""
        super().settle()
        if not self._place.is_there():
            self._second.close()
            self._second, self._place = self._open_second()
        self._second.settle()

    def _open_second(self) -> tuple[HighWaterFile, _Place]:
        if not self._copy.exists():
            create_high_water(self._copy, self.read())
        return HighWaterFile(self._copy), _Place(self._copy)

    def close(self) -> None:
        """Let go of both files."""
        self._second.close()
        super().close()


def not_mounted(copy: Path, otherwise: str) -> UnavailableError:
    """Return the error for a second copy that is not where it was; nothing is made in its place."""
    return UnavailableError(
        "copy.not-mounted",
        f"The second copy is not in {copy}, where it was.",
        hint=f"Is its disk mounted? Mount it. {otherwise}",
        params={"path": str(copy)},
    )


def _disk_of(path: Path) -> int:
    """Return the number of the disk that a path, or what there is of it, lies on."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev


class _Place:
    """Where an open file stands, so that its going away is seen: the file itself keeps working."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is = self._now()

    def is_there(self) -> bool:
        """Return whether the same file still stands at its path."""
        return self._now() == self._is

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def copy_database(store: SqliteStore, copy: Path) -> None:
    """Put a consistent copy of a store's database into a directory, whole or not at all."""
    make_directory(copy)
    beside = copy / f"{DATABASE}.new"
    beside.unlink(missing_ok=True)
    try:
        store.backup(str(beside))
        sync_file(beside)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    # What the old copy has in its WAL goes into its file first, so that it is whole until the end.
    _let_go(copy / DATABASE)
    for rest in ("-wal", "-shm"):
        (copy / f"{DATABASE}{rest}").unlink(missing_ok=True)
    beside.replace(copy / DATABASE)
    sync_directory(copy)


def restore_copy(copy: Path, directory: Path, *, mark: bool = True) -> None:
    """Make a new directory from a copy with its high-water mark; the keys must be brought to it.

    Without `mark` it is elsewhere, and not copied. Raise NotFoundError for a copy that lacks it:
    such a copy may be older than what was signed. UsageError where the directory is there already.
    """
    names = check_copy(copy, mark=mark)
    if directory.exists():
        raise UsageError("ledger.exists", f"{directory} is there already.", hint="Name a new one.")
    building = directory.with_name(f".{directory.name}.restoring-{os.getpid()}")
    try:
        building.mkdir(parents=True, mode=0o700)
        store = SqliteStore(copy / DATABASE)
        copy_database(store, building)
        store.close()
        for name in names[1:]:
            shutil.copy2(copy / name, building / name)
            sync_file(building / name)
        (building / "keys").mkdir(mode=0o700)
        sync_directory(building)
        building.rename(directory)
        sync_directory(directory.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def check_copy(copy: Path, *, mark: bool) -> tuple[str, ...]:
    """Return the names of the files that are restored from a copy, its database first.

    Raise NotFoundError `copy.incomplete` for the first that is missing.
    """
    names = (DATABASE, MARK, TRUST) if mark else (DATABASE, TRUST)
    for name in names:
        if not (copy / name).is_file():
            raise NotFoundError(
                "copy.incomplete",
                f"The copy {copy} has no {name}.",
                hint=_INCOMPLETE[name].format(copy=copy),
                params={"path": str(copy), "name": name},
            )
    return names


def _let_go(database: Path) -> None:
    """Move the WAL of a database that nobody has open into its file, as far as it can be read."""
    if database.is_file():
        with suppress(sqlite3.Error):
            connection = connect(database, read_only=False)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()


def _check_copy(store: SqliteStore, copy: Path) -> None:
    """Raise unless the copy may be made anew from `store`: nothing newer is ever written over."""
    head = store.head()
    if (copy / MARK).is_file() and head is not None:
        mark = HighWaterFile(copy / MARK)
        signed = mark.read()
        mark.close()
        if signed.size > head.size:
            raise DamagedError(
                "copy.ahead",
                f"{signed.size} leaves were signed for in the copy {copy}, {head.size} are here.",
                hint="This folder is the older one: go on from the copy, with `ringmark restore`.",
                params={"path": str(copy), "copy": signed.size, "size": head.size},
            )
    if (copy / DATABASE).is_file():
        second = SqliteStore(copy / DATABASE)
        theirs, ours = second.leaf(0), store.leaf(0)
        second.close()
        if theirs is not None and ours is not None and theirs.raw != ours.raw:
            raise UsageError(
                "copy.other-ledger",
                f"The copy in {copy} is of another ledger.",
                hint="Name another folder with --copy.",
                params={"path": str(copy)},
            )


def _is_level(store: SqliteStore, copy: Path) -> bool:
    if not (copy / DATABASE).is_file():
        return False
    second = SqliteStore(copy / DATABASE)
    try:
        return second.head() == store.head()
    finally:
        second.close()
