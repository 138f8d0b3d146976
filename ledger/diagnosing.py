"""What is wrong with a ledger's folder, and what to do: the checks of `ringmark doctor`.

Owns the list of checks and what is advice, not fault. Each check raises the very error that a start
would raise, so that nothing is judged a second way. Reads, signs nothing, changes nothing, and
stands beside a server that runs.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from msgspec import Struct

from ledger.ambient import Clock
from ledger.errors import (
    DamagedError,
    MalformedError,
    ProofError,
    RingmarkError,
    UnavailableError,
)
from ledger.reference.tables import load_tables
from ledger.registrar.inspecting import inspect_store
from ledger.registrar.opening import damaged_checkpoint, examine, key_in_force
from ledger.registrar.sequencer import ROOM_MIN, block_time
from ledger.storage.highwater import HighWaterFile
from ledger.storage.keyfiles import key_kid, key_names
from ledger.storage.places import Places, open_mark, read_places, second_copy
from ledger.storage.published import PublishedFile
from ledger.storage.sqlite import SqliteStore
from ledger.storage.state import StoredState
from ledger.storage.trustfile import parsed_trust
from ledger.storage.twin import DATABASE, MARK
from ledger.trust import TrustedLedger
from ledger.wiring import KEYS, PUBLISHED, PURPOSES, ReadLedger, open_for_reading

LOW_DISK = 256 << 20
"""Free bytes below which the doctor advises to make room; blocks are refused far below that."""
WAL_BUG_FIRST, WAL_BUG_FIXED = (3, 7, 0), (3, 51, 3)
"""SQLite versions from the first with the WAL-reset bug to the one without it (2026-03-13)."""
FAULTS_TOLD = 20
"""Of a database that is damaged all over the first ones are told, and how many there are."""
_NEEDED = ("closing", "checkpoint")


class Diagnosis(Struct, frozen=True):
    """One check: `outcome` is passed, advice or failed; `error` is there where it failed."""

    name: str
    outcome: str
    detail: str
    code: str = ""
    hint: str = ""
    error: RingmarkError | None = None


class Advice(Struct, frozen=True):
    """Nothing is wrong yet, but the doctor would change something."""

    code: str
    message: str
    hint: str


class _Folder(Struct, frozen=True):
    """The folder under examination, and what was opened in it."""

    directory: Path
    clock: Clock
    clock_ok: bool
    places: Places
    opened: ReadLedger | None = None


_Check = Callable[[_Folder], "str | Advice"]


def diagnose(
    directory: Path,
    *,
    clock: Clock,
    clock_ok: bool = False,
    deep: bool = False,
    database: str | None = None,
    sqlite_version: tuple[int, int, int] = sqlite3.sqlite_version_info,
) -> list[Diagnosis]:
    """Return what each check of a ledger's folder found, in a fixed order.

    Checks that need the database are left out where it does not open: why stands there once.
    `deep` hashes and compares every stored row. `database` is where it is, if not in the folder.
    """
    folder = _Folder(directory, clock, clock_ok, read_places(directory, database=database))
    found = [_look("files", _files, folder), _look("signers", _keys, folder)]
    found.append(_look("room", _room, folder))
    found.append(_look("sqlite", lambda folder: _sqlite(folder, sqlite_version), folder))
    found.append(_look("mark", _mark, folder))
    try:
        opened = open_for_reading(directory, database=database)
    except RingmarkError as error:
        return [*found, _failed("database", error)]
    try:
        folder = _Folder(directory, clock, clock_ok, folder.places, opened)
        checks: list[tuple[str, _Check]] = [("history", _history), ("keyring", _trust)]
        checks += [("clock", _clock)]
        checks += [("copy", _copy), *([("stored", _stored)] if deep else [])]
        return [*found, *(_look(name, check, folder) for name, check in checks)]
    finally:
        opened.close()


def _look(name: str, check: _Check, folder: _Folder) -> Diagnosis:
    try:
        found = check(folder)
    except RingmarkError as error:
        return _failed(name, error)
    except OSError as error:
        refused = UnavailableError(
            "files.refused",
            f"The system refuses: {error}.",
            hint="Look as the user that serves the ledger.",
        )
        return _failed(name, refused)
    if isinstance(found, Advice):
        return Diagnosis(name, "advice", found.message, found.code, found.hint)
    return Diagnosis(name, "passed", found)


def _failed(name: str, error: RingmarkError) -> Diagnosis:
    return Diagnosis(name, "failed", error.message, error.code, error.hint, error)


# -- checks in the order in which they are made


def _files(folder: _Folder) -> str:
    found = [(path, path.stat()) for path in _private(folder.directory)]
    modes = [(str(path), stat.S_IMODE(facts.st_mode)) for path, facts in found]
    if opened := [path for path, mode in modes if mode & 0o077]:
        named = " ".join(opened)
        raise DamagedError(
            "files.open",
            f"Others on this machine can read or write: {named}",
            hint=f"chmod go-rwx {named}; if others were here, rotate the registrar's keys.",
            params={"path": named},
        )
    if fixed := [path for path, mode in modes if not mode & stat.S_IWUSR]:
        named = " ".join(fixed)
        raise UnavailableError(
            "files.read-only",
            f"Nobody can write: {named}",
            hint=f"chmod u+w {named}",
            params={"path": named},
        )
    owner = folder.directory.stat().st_uid
    if foreign := [str(path) for path, facts in found if facts.st_uid != owner]:
        named = " ".join(foreign)
        raise UnavailableError(
            "files.owner",
            f"Another user than that of {folder.directory} owns: {named}",
            hint=f"chown --reference={folder.directory} {named}; run commands on this folder as "
            "the user that serves it.",
            params={"path": named},
        )
    return "for their owner alone"


def _private(directory: Path) -> Iterator[Path]:
    names = (DATABASE, f"{DATABASE}-wal", MARK, "lock")
    yield from (directory / name for name in names if os.path.lexists(directory / name))
    yield from sorted((directory / KEYS).glob("*key"))


def _keys(folder: _Folder) -> str | Advice:
    present = {path.name.split(".")[0].split("-")[0] for path in _private(folder.directory)}
    for purpose in _NEEDED:
        if purpose not in present:
            raise UnavailableError(
                "registrar.no-key",
                f"There is no {purpose} key in {folder.directory / KEYS}.",
                hint="Put its file there: without it nothing is registered.",
                params={"purpose": purpose},
            )
    if "root" in present:
        return Advice(
            "keys.root",
            "A root key lies beside the registrar's.",
            hint="Move it off this machine: it is needed for changes of the ledger itself alone.",
        )
    if lacking := [purpose for purpose in PURPOSES if purpose not in present]:
        return Advice(
            "keys.lacking",
            f"There is no {' and no '.join(lacking)} key.",
            hint="Receipts or labels are missing in answers: put its file into the keys folder.",
        )
    return ", ".join(PURPOSES)


def _room(folder: _Folder) -> str | Advice:
    free = shutil.disk_usage(folder.directory).free
    if free < ROOM_MIN:
        raise UnavailableError(
            "store.full",
            f"The disk of {folder.directory} is full: {free >> 10:,} KiB are free.",
            hint="Free some space; what was acknowledged is safe, and writing goes on by itself.",
        )
    if free < LOW_DISK:
        return Advice(
            "disk.low",
            f"The disk of {folder.directory} is nearly full: {free >> 20:,} MiB are free.",
            hint="Make room: below 2 MiB nothing is registered any more.",
        )
    said = f"{free >> 20:,} MiB are free"
    return (
        f"{said} here; its server looks after the database's" if folder.places.is_shared else said
    )


def _sqlite(folder: _Folder, version: tuple[int, int, int]) -> str | Advice:
    named = ".".join(map(str, version))
    if folder.places.is_shared:
        return "the database is PostgreSQL"
    if WAL_BUG_FIRST <= version < WAL_BUG_FIXED:
        return Advice(
            "sqlite.wal-bug",
            f"SQLite {named} can corrupt a WAL when two connections write and checkpoint.",
            hint="Ringmark writes through one connection, which keeps clear of it: let no other "
            "program write to ledger.db. SQLite 3.51.3 is without the bug.",
        )
    return f"SQLite {named}"


def _mark(folder: _Folder) -> str | Advice:
    places, path = folder.places, folder.directory / MARK
    if places.is_shared:
        where, is_weak = "server", places.is_mark_weak(folder.directory)
    else:
        if places.mark is None:
            HighWaterFile(path).close()
        where, is_weak = "disk", places.mark is None and _is_beside(path, folder.directory)
    if is_weak:
        return Advice(
            "high-water.weak",
            f"The high-water mark is on the {where} of the database.",
            hint="Whoever restores one restores the other: put it elsewhere with --high-water.",
        )
    return f"on another {where} than the database"


def _is_beside(path: Path, directory: Path) -> bool:
    return path.resolve().stat().st_dev == directory.stat().st_dev


def _history(folder: _Folder) -> str:
    opened = _opened(folder)
    mark = open_mark(folder.directory, folder.places, ledger=opened.ledger)
    published = PublishedFile(folder.directory / PUBLISHED)
    try:
        live = examine(opened.store, mark, published, tables=load_tables())
    finally:
        mark.close()
    size = live.head.size if live.head else 0
    _check_signers(folder, live.state, size)
    return f"{size:,} leaves, as they were signed"


def _check_signers(folder: _Folder, state: StoredState, size: int) -> None:
    """Raise UnavailableError unless the keys that sign the next block are the ones in force."""
    keys = folder.directory / KEYS
    kids = {name: key_kid(keys, name) for name in key_names(keys)}
    for purpose in _NEEDED:
        mine = [kid for name, kid in kids.items() if name.split("-")[0] == purpose]
        if mine and key_in_force(state, purpose=purpose, index=size) not in mine:
            raise UnavailableError(
                "registrar.other-key",
                f"The {purpose} key in {keys} is not the one that this ledger has in force.",
                hint="Put the file of this ledger's own key there; it is in a backup made "
                "--with-keys.",
                params={"purpose": purpose},
            )


def _trust(folder: _Folder) -> str:
    opened = _opened(folder)
    trusted = parsed_trust(folder.directory).ledger(opened.ledger)
    note = opened.newest_note()
    if note is not None:
        trusted.open_checkpoint(note)
    published = PublishedFile(folder.directory / PUBLISHED).read()
    if published is not None:
        _check_handed_out(published, trusted)
    return f"trust.json knows {trusted.origin} and its key"


def _check_handed_out(note: bytes, trusted: TrustedLedger) -> None:
    """Raise DamagedError for a published note that nobody who has the trust file can verify."""
    try:
        trusted.open_checkpoint(note)
    except (ProofError, MalformedError) as error:
        raise damaged_checkpoint(error) from error


def _clock(folder: _Folder) -> str:
    head = _opened(folder).store.head()
    last = head.at if head is not None else 0
    at = block_time(folder.clock.now_s(), last=last, clock_ok=folder.clock_ok)
    return f"{at - last:,} s after the last block"


def _copy(folder: _Folder) -> str | Advice:
    if folder.places.is_shared:
        return "PostgreSQL's own: give it a synchronous standby"
    place = second_copy(folder.directory)
    if place is None:
        return Advice(
            "copy.none",
            "There is no second copy: when this disk fails, the ledger is lost.",
            hint="Serve with --copy DIR on another disk, or run `ringmark backup` often.",
        )
    if not (place / DATABASE).is_file():
        return Advice(
            "copy.away",
            f"The second copy {place} is not there.",
            hint="Mount its disk, or name another place with --copy.",
        )
    return _compare(_opened(folder), place)


def _compare(opened: ReadLedger, place: Path) -> str | Advice:
    copy = SqliteStore(place / DATABASE)
    try:
        ours, theirs = opened.store.head(), copy.head()
    finally:
        copy.close()
    size, level = (ours.size if ours else 0), (theirs.size if theirs else 0)
    if level > size:
        raise DamagedError(
            "copy.ahead",
            f"The copy {place} has {level} leaves, {size} are here.",
            hint="This folder is the older one: go on from the copy, with `ringmark restore`.",
            params={"path": str(place), "copy": level, "size": size},
        )
    if level < size:
        return Advice(
            "copy.behind",
            f"The copy {place} has {level:,} of {size:,} leaves.",
            hint="Serve with --copy again: it is made level at the start.",
        )
    return f"{place} has every block"


def _stored(folder: _Folder) -> str:
    store = _opened(folder).store
    # At one state: a server may write meanwhile.
    with store.snapshot():
        found = inspect_store(store)
        said = list(islice(found, FAULTS_TOLD))
        more = sum(1 for _ in found)
    if said:
        raise DamagedError(
            "store.inspected",
            "; ".join([*said, *([f"and {more:,} more"] if more else [])]),
            hint="Damaged derived tables are made anew by `ringmark doctor --rebuild`; leaves and "
            "closings are restored from the newest copy with its high-water mark.",
            params={"faults": len(said) + more},
        )
    return "every page, leaf, tile, record and step agrees"


def _opened(folder: _Folder) -> ReadLedger:
    if folder.opened is None:
        raise UnavailableError("store.unread", "The database was not opened.")
    return folder.opened
