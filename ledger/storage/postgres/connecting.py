"""Connections to PostgreSQL: how they are made, shared among threads, and what their errors mean.

Owns the checks of a server (version, durability), the meaning of the driver's errors, and a small
pool, because a connection here is a process there. Knows no table but the version's.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors as pg
from psycopg.types.numeric import Int8BinaryDumper

from ledger.errors import DamagedError, NotFoundError, RingmarkError, UnavailableError, UsageError
from ledger.storage.patience import patience_s
from ledger.storage.postgres.reading_line import STILL_S_MAX, ReadingLine

Connection = psycopg.Connection[tuple[Any, ...]]
VERSION_MIN = 150_000
CONNECT_S_MAX = 4
HUNG_S = 1
"""An attempt to connect that fails only after so long met a server that does not even refuse."""
AWAY_S = 5
"""For so long the same is told of it at once: who waits for an answer is not held up each time."""
SILENT_MS_MAX = 6_000
"""How long either end of a line waits for a sign of life of the other one."""
IDLE_MS_MAX = 60_000
"""How long a transaction that writes may stand still: its process was stopped in the middle."""
READ_MS_MAX = 60_000
TURN_MS_MAX = 5_000
"""How long a process waits for its turn; after that the compare-and-swap alone keeps order."""
READERS_MAX = 6
"""Reading connections of one process."""
_CROWDED = ("connection slots", "too many clients", "too many connections")
_NOT_YET = ("starting up", "not yet accepting", "shutting down", "recovery mode")
"""What a server says that is there, and takes nobody in now."""
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SECRET = re.compile(r"((?:password|passfile|sslpassword|sslkey)=)[^&]*", re.IGNORECASE)
_READ_ONLY = "SET default_transaction_read_only = on"
_OPTIONS = {
    "application_name": "ringmark",
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": SILENT_MS_MAX,
}
_KEEPALIVE = (
    "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; "
    f"SET tcp_user_timeout = {SILENT_MS_MAX}"
)
"""For the server's end: else a host that is cut off keeps its turn and its row lock for hours."""


def connect(url: str, *, read_only: bool) -> Connection:
    """Return a connection in autocommit mode, durable and careful.

    Raise UnavailableError `store.unreachable` where no server answers, UsageError for a server that
    is too old, forgets what it acknowledged, or does not let us in.
    """
    kind = ReadingLine if read_only else psycopg.Connection[tuple[Any, ...]]
    limit_s = patience_s(CONNECT_S_MAX) if read_only else CONNECT_S_MAX
    try:
        connection = kind.connect(url, autocommit=True, connect_timeout=limit_s, **_OPTIONS)  # type: ignore[arg-type]
    except psycopg.ProgrammingError as error:
        raise UsageError(
            "store.address",
            # What the driver says may quote the address, and the password in it.
            f"{shown(url)} is no address of a database.",
            hint="Write postgresql://HOST/DATABASE; the password belongs in a password file.",
            params={"place": shown(url)},
        ) from error
    except psycopg.OperationalError as error:
        raise _refused_entry(url, error) from error
    try:
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        connection.prepare_threshold = 2
        _check_server(connection)
        connection.execute(_settings(read_only=read_only).encode())
    except psycopg.Error as error:
        connection.close()
        raise translated(error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def shown(url: str) -> str:
    """Return an address without its password, for people.

    Whatever is in doubt is left out: what stands before the last `@`, and what has another form.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        return "***"
    before, at, place = rest.rpartition("@")
    user, colon, _ = before.partition(":")
    return f"{scheme}://{user}{colon and ':***'}{at}{_SECRET.sub(_hidden, place)}"


def _hidden(found: re.Match[str]) -> str:
    return f"{found[1]}***"


def translated(error: psycopg.Error) -> RingmarkError:
    """Return what an error of the driver means to a ledger."""
    match error:
        case pg.IntegrityError() | pg.SerializationFailure() | pg.DeadlockDetected():
            return UnavailableError(
                "store.conflict",
                f"The database refuses the block: {_line(error)}.",
                hint="Try again; if it happens again, run `ringmark doctor`.",
            )
        case pg.DiskFull():
            return UnavailableError(
                "store.full",
                "The disk of the database is full.",
                hint="Free some space; what was acknowledged is safe.",
            )
        case pg.InsufficientPrivilege():
            return UsageError(
                "store.denied",
                f"The database does not let this role do that: {_line(error)}.",
                hint="Name the role that owns the tables: --database postgresql://OWNER@HOST/NAME. "
                "What a role that serves needs: ringmark database prepare --role ROLE",
            )
        case pg.UndefinedTable():
            return NotFoundError(
                "store.missing",
                f"There is no ledger in this database: {_line(error)}.",
                hint="Found one with `ringmark init DIR --database URL`.",
            )
        case pg.DataCorrupted() | pg.IndexCorrupted():
            return DamagedError(
                "store.unreadable",
                f"The database cannot be read: {_line(error)}.",
                hint="Run `ringmark doctor`; restore the newest copy with its high-water mark.",
            )
        case _:
            return UnavailableError(
                "store.failed",
                f"The database did not answer as it should: {_line(error)}.",
                hint="What became of it is not known: try again; a statement keeps its index.",
            )


class Way:
    """The way to a server: where nobody answers at its end, it is not tried again for a while."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._silence: psycopg.OperationalError | None = None
        self._silent_until_s = 0.0

    def connect(self, *, read_only: bool) -> Connection:
        """Return a connection (`connect`); soon after a silence tell the same at once."""
        begun_s = time.monotonic()
        silence = self._silence
        if silence is not None and begun_s < self._silent_until_s:
            raise _refused_entry(self._url, silence) from silence
        try:
            made = connect(self._url, read_only=read_only)
        except UnavailableError as error:
            cause = error.__cause__
            if time.monotonic() - begun_s >= HUNG_S and isinstance(cause, psycopg.OperationalError):
                self._note(cause)
            raise
        self._silence = None
        return made

    def heard(self, error: psycopg.Error) -> None:
        """Take note of what ended a line: one that went silent leads nowhere for a while."""
        if isinstance(error, psycopg.OperationalError) and "timed out" in str(error):
            self._note(error)

    def _note(self, silence: psycopg.OperationalError) -> None:
        self._silence, self._silent_until_s = silence, time.monotonic() + AWAY_S


class Pool:
    """A few reading connections, lent to one thread at a time; broken ones are thrown away."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._free: list[Connection] = []
        self._seats = threading.Semaphore(READERS_MAX)
        self._local = threading.local()

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """Lend a connection: the thread's own inside a snapshot, else any that is free.

        Raise what an error of the driver means; the connection is not used again after one.
        """
        own: Connection | None = getattr(self._local, "own", None)
        if own is not None:
            with self._translating():
                yield own
            return
        with self._seated():
            connection = self._taken() or self._way.connect(read_only=True)
            with self._translating(), _kept_or_closed(connection, self._free):
                yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads of this thread inside the block see one and the same state."""
        if getattr(self._local, "own", None) is not None:
            yield
            return
        with self._begun() as connection:
            self._local.own = connection
            try:
                yield
            finally:
                self._local.own = None
                # What was only read may be committed or not; a broken line says so at its next use.
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """Lend a connection in a transaction; a line that broke since its last use is made anew."""
        with ExitStack() as lent:
            connection = lent.enter_context(self.lend())
            try:
                connection.execute(_BEGIN)
            except psycopg.OperationalError as error:
                self._way.heard(error)
                connection.close()
                lent.close()
                self.close()
                connection = lent.enter_context(self.lend())
                connection.execute(_BEGIN)
            yield connection

    @contextmanager
    def _seated(self) -> Iterator[None]:
        if not self._seats.acquire(timeout=patience_s(STILL_S_MAX)):
            raise translated(psycopg.OperationalError("all its lines wait for an answer"))
        try:
            yield
        finally:
            self._seats.release()

    def rows(self, query: bytes, values: tuple[object, ...]) -> list[Any]:
        """Return the rows of a query; a line that broke since its last use is made anew once."""
        if getattr(self._local, "own", None) is None and self._free:
            with suppress(UnavailableError):
                return self._ask(query, values)
            self.close()
        return self._ask(query, values)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while (connection := self._taken()) is not None:
            connection.close()

    def _taken(self) -> Connection | None:
        # Asking first whether one is there would leave room for another thread to take it.
        with suppress(IndexError):
            return self._free.pop()
        return None

    def _ask(self, query: bytes, values: tuple[object, ...]) -> list[Any]:
        with self.lend() as connection, connection.cursor(binary=True) as cursor:
            return cursor.execute(query, values).fetchall()

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            self._way.heard(error)
            raise translated(error) from error


@contextmanager
def _kept_or_closed(connection: Connection, free: list[Connection]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise
    if connection.closed:
        return
    free.append(connection)


def _settings(*, read_only: bool) -> str:
    # Each statement sees what was committed before it: the head, after waiting for a turn.
    common = (
        f"SET default_transaction_isolation = 'read committed'; SET lock_timeout = {TURN_MS_MAX}; "
        f"{_KEEPALIVE}"
    )
    if read_only:
        return f"{common}; SET statement_timeout = {READ_MS_MAX}; " + _READ_ONLY
    # A commit that waits for a standby must never be cut short: the server would then say that it
    # was done, though one place alone has it.
    idle = f"SET idle_in_transaction_session_timeout = {IDLE_MS_MAX}"
    return f"{common}; SET statement_timeout = 0; {idle}"


def _check_server(connection: Connection) -> None:
    version = connection.info.server_version
    if version < VERSION_MIN:
        raise UsageError(
            "store.server-old",
            f"The server is PostgreSQL {version // 10_000}; a ledger needs 15 or newer.",
            hint="Move the database to a newer server.",
            params={"version": version // 10_000},
        )
    names = ("fsync", "full_page_writes", "synchronous_commit")
    rows = connection.execute(
        "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(names),)
    )
    values: dict[str, str] = dict(rows.fetchall())
    unsafe = [name for name in names[:2] if values.get(name) == "off"]
    if unsafe:
        raise UsageError(
            "store.not-durable",
            f"The server runs with {unsafe[0]} off: it may forget what it acknowledged.",
            hint=f"Turn {unsafe[0]} on; a ledger is no place to save it.",
            params={"setting": unsafe[0]},
        )
    # Stronger settings stay as they are: remote_apply and remote_write wait for a standby.
    if values.get("synchronous_commit") in ("off", "local"):
        connection.execute("SET synchronous_commit = on")


def _refused_entry(url: str, error: psycopg.OperationalError) -> RingmarkError:
    said = _line(error)
    if any(word in said for word in ("authentication failed", "no password", "does not exist")):
        return UsageError(
            "store.denied",
            f"{shown(url)} does not let us in: {said}.",
            hint="Look at the role, the database and the password file (~/.pgpass).",
            params={"place": shown(url)},
        )
    if any(word in said for word in _CROWDED):
        return UnavailableError(
            "store.unreachable",
            f"The database at {shown(url)} has no connection left: {said}.",
            hint="Allow more: max_connections, workers x hosts x 8. Who holds them: SELECT * FROM "
            "pg_stat_activity",
            params={"place": shown(url)},
        )
    if any(word in said for word in _NOT_YET):
        return UnavailableError(
            "store.unreachable",
            f"The database at {shown(url)} takes nobody in now: {said}.",
            hint="Wait until its server is up, and try again.",
            params={"place": shown(url)},
        )
    return UnavailableError(
        "store.unreachable",
        f"No database answers at {shown(url)}: {said}.",
        hint="Start the server, or name another address with --database.",
        params={"place": shown(url)},
    )


def _line(error: psycopg.Error) -> str:
    """Return the first line of what the driver says; its later lines may quote values."""
    lines = str(error.diag.message_primary or error).strip().splitlines()
    return (lines[0] if lines else "no reason given").rstrip(".")
