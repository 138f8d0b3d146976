"""Where a ledger's database and its high-water mark are: in its directory, or in PostgreSQL.

Owns `places.json`, which names what is not in the directory, and opens and makes either kind. The
driver for PostgreSQL is loaded only where an address asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from ledger.errors import MalformedError, NotFoundError, UsageError
from ledger.statement import ledger_id, parse_statement
from ledger.storage.durable import replace_file
from ledger.storage.highwater import (
    HighWater,
    HighWaterFile,
    HighWaterMark,
    create_high_water,
    try_high_water,
)
from ledger.storage.protocol import Store
from ledger.storage.sqlite import SqliteStore, create_sqlite
from ledger.storage.trustfile import TRUST
from ledger.storage.twin import DATABASE, MARK, TwinMark, TwinStore, not_mounted
from ledger.wire import text

PLACES = "places.json"
SECOND = "second-copy"
"""Names the second copy that the ledger was last served with: where it is missing, that is seen."""
SCHEMES = ("postgresql://", "postgres://")
"""What the address of a PostgreSQL database begins with."""


class Places(Struct, frozen=True):
    """Addresses of database and mark outside the directory; None: in it, `ledger.db`, `high-water`.

    With a `database` and no `mark` the mark is a row of the same database, which is weak.
    """

    database: str | None = None
    mark: str | None = None

    @property
    def is_shared(self) -> bool:
        """Return whether several processes and hosts may write, one after another."""
        return self.database is not None

    def is_mark_weak(self, directory: Path) -> bool:
        """Return whether whoever restores the database may restore the mark along with it."""
        if self.mark is None:
            return self.database is not None or not (directory / MARK).is_symlink()
        return self.database is not None and _server(self.mark) == _server(self.database)


def local_directory(place: Path | str) -> Path:
    """Return the directory that a path or a `sqlite:` URL names; UsageError for another URL."""
    named = str(place)
    if named.startswith("sqlite:"):
        return Path(named.removeprefix("sqlite:").removeprefix("//"))
    if "://" in named or named.startswith(("postgresql:", "http:", "https:")):
        raise UsageError(
            "store.unsupported",
            f"{named} is no directory: a ledger's keys and trust file are in one.",
            hint="Name the directory, and the database with --database.",
            params={"place": named},
        )
    return Path(named)


def is_address(place: str) -> bool:
    """Return whether a text names a PostgreSQL database."""
    return place.startswith(SCHEMES)


def read_places(directory: Path, *, database: str | None = None, mark: str | None = None) -> Places:
    """Return the places of a ledger: those that were named, else what its directory remembers."""
    file = directory / PLACES
    known: object = {}
    if file.is_file():
        try:
            known = text.json_loads(file.read_bytes())
        except MalformedError as error:
            raise _malformed(file) from error
    if not isinstance(known, dict) or not known.keys() <= {"database", "mark"}:
        raise _malformed(file)
    if not all(isinstance(value, str) for value in known.values()):
        raise _malformed(file)
    return Places(database or known.get("database"), mark or known.get("mark"))


def write_places(directory: Path, places: Places) -> None:
    """Remember the addresses in a directory; a password in them is for its owner's eyes alone."""
    if places.database is None and not is_address(places.mark or ""):
        return
    named = {"database": places.database, "mark": places.mark}
    kept = {name: value for name, value in named.items() if value is not None}
    replace_file(directory / PLACES, text.json_dumps(kept).encode() + b"\n")


def open_store(directory: Path, places: Places, *, copy: Path | None = None) -> Store:
    """Return the store of a ledger; with `copy`, one that writes to a second directory too."""
    if places.database is None:
        if copy is None:
            return SqliteStore(directory / DATABASE)
        if second_copy(directory) == copy.absolute() and not (copy / DATABASE).is_file():
            # Made anew, it would be on whatever disk the empty mount point belongs to.
            raise not_mounted(copy, f"If it is lost for good, say so: remove {directory / SECOND}.")
        store = TwinStore(directory / DATABASE, copy)
        replace_file(copy / TRUST, (directory / TRUST).read_bytes())
        if second_copy(directory) != copy.absolute():
            replace_file(directory / SECOND, f"{copy.absolute()}\n".encode())
        return store
    if copy is not None:
        raise _no_copy()
    from ledger.storage.postgres.store import PostgresStore

    return PostgresStore(places.database)


def second_copy(directory: Path) -> Path | None:
    """Return the second copy that the ledger was last served with, or None."""
    file = directory / SECOND
    # What is no text names no place: it is said to be away, as any other that is not there.
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None
    return Path(text.rstrip("\n")) if text is not None else None


def open_mark(
    directory: Path, places: Places, *, ledger: bytes, copy: Path | None = None
) -> HighWaterMark:
    """Return the high-water mark of the ledger with that id (32 bytes)."""
    place = places.mark or places.database
    if place is not None and is_address(place):
        if copy is not None:
            raise _no_copy()
        from ledger.storage.postgres.mark import HighWaterRow

        return HighWaterRow(place, ledger=ledger)
    path = Path(place) if place else directory / MARK
    return HighWaterFile(path) if copy is None else TwinMark(path, copy)


def create_store(directory: Path, places: Places, *, restoring: bytes | None = None) -> Store:
    """Make an empty store and return it; UsageError where a ledger is there already.

    With `restoring`, a ledger's id, a database keeps what an earlier try to restore it brought.
    """
    if places.database is None:
        create_sqlite(directory / DATABASE)
    else:
        from ledger.storage.postgres.creating import create_postgres

        create_postgres(places.database, restoring=restoring)
    return open_store(directory, places)


def end_restoring(places: Places) -> None:
    """Say that what was being restored is whole; a later try would begin anew."""
    if places.database is not None:
        from ledger.storage.postgres import creating

        creating.end_restoring(places.database)


def try_mark(places: Places) -> None:
    """Raise what `create_mark` would where no mark can stand outside; no mark is left of the trial.

    A database that a ledger was founded in is not emptied by the role that serves: so the place of
    its mark is tried before anything is in it.
    """
    if places.mark is None:
        return
    if is_address(places.mark):
        from ledger.storage.postgres.mark import try_high_water_row

        try_high_water_row(places.mark)
    else:
        try_high_water(Path(places.mark))


def create_mark(directory: Path, places: Places, first: HighWater, *, ledger: bytes) -> None:
    """Write the first mark of a new ledger; UsageError where it has one."""
    place = places.mark or places.database
    if place is not None and is_address(place):
        from ledger.storage.postgres.mark import create_high_water_row

        create_high_water_row(place, first, ledger=ledger)
        return
    create_high_water(Path(place) if place else directory / MARK, first)
    if place is not None:
        # So that whoever opens the directory finds the mark without being told.
        (directory / MARK).symlink_to(Path(place).absolute())


def open_address(address: str) -> tuple[Store, Callable[[], bytes | None]]:
    """Return the store at an address, and what reads its newest signed note from the row beside it.

    For whoever has no directory of the ledger; raise NotFoundError where none was founded.
    """
    store = open_store(Path(), Places(address))
    founding = store.leaf(0)
    if founding is None:
        raise NotFoundError("ledger.not-founded", "There is no ledger in this database.")
    mark = open_mark(Path(), Places(address), ledger=ledger_id(parse_statement(founding.raw)))

    def note() -> bytes:
        try:
            return mark.read().note
        finally:
            mark.close()

    return store, note


def _server(address: str) -> tuple[str | None, int | None, list[str]]:
    parts = urlsplit(address)
    return parts.hostname, parts.port, parse_qs(parts.query).get("host", [])


def _no_copy() -> UsageError:
    return UsageError(
        "copy.unsupported",
        "A second copy in a directory is for a ledger and a mark in a directory.",
        hint="Give PostgreSQL a synchronous standby: docs/operations.md.",
    )


def _malformed(file: Path) -> MalformedError:
    return MalformedError(
        "places.form",
        f"{file} does not name a database and a mark.",
        hint='Write {"database": "postgresql://HOST/DATABASE"}, or take the file away.',
        params={"path": str(file)},
    )
