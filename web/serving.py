"""Serving one ledger over HTTP: configuration, the process, and the clock that ticks.

    python -m web.serving DIRECTORY [--host H] [--port N] [--read-only] [--clock-ok] ...

Owns the environment variables through which the server process learns what to serve. A ledger in a
directory has one worker, for its write path lives in exactly one process; on PostgreSQL there may
be several, which write in turn. Knows nothing of pages.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import logging
import os
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from werkzeug.middleware.proxy_fix import ProxyFix

from ledger.ambient import Clock, SettableClock, SystemClock
from ledger.errors import RingmarkError, UsageError
from ledger.reader import LiveMoments, Moments, Reader, StoredMoments
from ledger.registrar import Registrar
from ledger.storage.patience import be_hurried
from ledger.trust import parse_trust
from ledger.wire import text
from ledger.wiring import open_for_reading, open_ledger
from web.app import create_app
from web.away import pages_of
from web.gateway import (
    QUICK_S_MAX,
    QUICK_THREADS,
    SHARE_MAX,
    WAITING_MAX,
    WRITERS,
    Bounds,
    Gateway,
    LineBounds,
)
from web.limits import Rate
from web.stand import Stand
from web.starting import JSON, Server, free_address, logging_config, opening, telling

DIRECTORY = "RINGMARK_SERVE_DIR"
READ_ONLY = "RINGMARK_SERVE_READ_ONLY"
CLOCK_OK = "RINGMARK_SERVE_CLOCK_OK"
HIGH_WATER = "RINGMARK_SERVE_HIGH_WATER"
COPY = "RINGMARK_SERVE_COPY"
DATABASE = "RINGMARK_SERVE_DATABASE"
PASSPHRASE = "RINGMARK_PASSPHRASE"  # noqa: S105 - the name of a variable
THREADS = "RINGMARK_SERVE_THREADS"
NOW = "RINGMARK_SERVE_NOW"
RATE = "RINGMARK_SERVE_RATE"
PROXIES = "RINGMARK_SERVE_PROXIES"
TICK_S = 1.0
KILL_S = 10
STILL_S_MAX = 2.0
"""For so long a page waits for an answer of a database server that stands still."""
HEAD_S_MAX = 10
"""The head of a request must be here after so many seconds, and a line may be silent so long."""
YOUNG_OBJECTS = 50_000
"""New objects before they are searched for cycles; the interpreter's own 700 cost a fifth of a
batch, and these are some megabytes at most."""
_log = logging.getLogger("ringmark.serving")


def application() -> Gateway:
    """Return the application that the environment describes; the server calls it once."""
    directory = os.environ.get(DIRECTORY)
    if not directory:
        raise UsageError("serve.directory", f"{DIRECTORY} does not name a ledger's directory.")
    with opening():
        stand = _described(Path(directory))
        rate = _rate()
        proxies = text.parse_decimal(os.environ.get(PROXIES, "0"))
        writers = max(1, text.parse_decimal(os.environ.get(THREADS, str(WRITERS))))
    if stand.registrar is not None:
        warn_unless_ready(stand.registrar)
        threading.Thread(target=_tick, args=(stand.registrar,), daemon=True).start()
    app = create_app(stand, rate=rate)
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    write = LineBounds(writers, WAITING_MAX, SHARE_MAX)
    _keep_what_stands()
    bounds = Bounds(write=write, quick=quick_line(stand), proxies=proxies)
    return Gateway(app, bounds, pages_of(app))


def quick_line(stand: Stand) -> LineBounds | None:
    """Return the threads that read a database which is a server; a file is read on the loop."""
    if not stand.is_shared:
        return None
    hurry = partial(be_hurried, STILL_S_MAX)
    return LineBounds(QUICK_THREADS, WAITING_MAX, SHARE_MAX, QUICK_S_MAX, hurry)


def _keep_what_stands() -> None:
    """Never again search what the process holds by now for cycles: it stays until the end.

    Each search would stop all requests for as long as it takes to look at every object.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def _described(directory: Path) -> Stand:
    """Return what the pages need, opened as the environment says."""
    return open_stand(
        directory,
        clock=_clock(),
        read_only=os.environ.get(READ_ONLY) == "1",
        clock_ok=os.environ.get(CLOCK_OK) == "1",
        passphrase=os.environ.get(PASSPHRASE),
        high_water=os.environ.get(HIGH_WATER) or None,
        copy=_path(COPY),
        database=os.environ.get(DATABASE) or None,
    )


def warn_unless_ready(registrar: Registrar) -> None:
    """Tell whoever starts a server that it will take nothing: else its clients alone were told."""
    try:
        registrar.check_ready()
    except RingmarkError as error:
        sys.stderr.write(
            f"warning ({error.code}): nothing is registered for now. {error.message}\n"
            f"{error.hint}\n"
        )


def open_stand(
    directory: Path,
    *,
    clock: Clock,
    read_only: bool = False,
    clock_ok: bool = False,
    passphrase: str | None = None,
    high_water: str | None = None,
    copy: Path | None = None,
    database: str | None = None,
) -> Stand:
    """Return what the pages need of the ledger in `directory`, opened for writing or reading."""
    if read_only:
        stored = open_for_reading(directory, database=database)
        reader = Reader(stored.store, StoredMoments(stored.store, note=stored.newest_note))
        trust, shared = parse_trust(stored.trust), stored.places.is_shared
        return Stand(reader, trust, clock, is_open=_is_open(reader), is_shared=shared)
    opened = open_ledger(
        directory,
        clock=clock,
        passphrase=passphrase,
        high_water=high_water,
        copy=copy,
        database=database,
    )
    atexit.register(opened.close)
    if clock_ok:
        # Of the clock as it stands now: a server runs for months, and its clock may jump later.
        opened.registrar.vouch_for_clock()
    moments: Moments = LiveMoments(opened.registrar, opened.store)
    shared = opened.places.is_shared
    if shared:
        # Other processes write too: what they were acknowledged is shown here as well.
        moments = StoredMoments(opened.store, note=opened.newest_note)
    reader = Reader(opened.store, moments)
    trust = parse_trust(opened.trust)
    return Stand(reader, trust, clock, opened.registrar, is_open=_is_open(reader), is_shared=shared)


def run(directory: Path, *, host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve `directory` until told to stop; the rest stands in the environment."""
    os.environ[DIRECTORY] = str(directory)
    with telling(directory):
        Server(
            "web.serving:application",
            address=free_address(host, port),
            port=port,
            interface=Interfaces.RSGI,
            # With a choice of protocols a line that says nothing would be waited for without end.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=1_000 * HEAD_S_MAX),
            workers=workers,
            workers_kill_timeout=KILL_S,
            factory=True,
            log_access=False,
            log_dictconfig=logging_config(),
            websockets=False,
        ).serve()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the server as the command line says."""
    options = _options().parse_args(arguments)
    for name, value in (
        (READ_ONLY, "1" if options.read_only else None),
        (CLOCK_OK, "1" if options.clock_ok else None),
        (HIGH_WATER, options.high_water),
        (COPY, options.copy),
        (DATABASE, options.database),
        (THREADS, options.threads),
        (NOW, options.now),
        (RATE, options.rate),
        (PROXIES, options.proxies),
        (JSON, "1" if options.json else None),
    ):
        if value is not None:
            os.environ[name] = value
    run(options.directory, host=options.host, port=options.port, workers=options.workers)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m web.serving", description=__doc__)
    parser.add_argument("directory", type=Path, help="the ledger's directory")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="processes (PostgreSQL only)")
    parser.add_argument("--database", help="the ledger's database, if not in its directory")
    parser.add_argument("--threads", help="threads that take statements")
    parser.add_argument("--read-only", action="store_true", help="take no statements")
    parser.add_argument("--clock-ok", action="store_true", help="the clock is right")
    parser.add_argument("--high-water", help="where the high-water mark is kept")
    parser.add_argument("--copy", help="a second directory that has every block before the answer")
    parser.add_argument("--now", help="stand still at this time (RFC 3339), for demos and tests")
    parser.add_argument("--rate", help="requests a second for each client address")
    parser.add_argument("--json", action="store_true", help="say as JSON why it does not start")
    parser.add_argument("--proxies", help="how many proxies stand in front and are trusted")
    return parser


def _path(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _clock() -> Clock:
    now = os.environ.get(NOW)
    return SettableClock(text.parse_time(now)) if now else SystemClock()


def _rate() -> Rate:
    per_s = text.parse_decimal(os.environ.get(RATE, str(Rate().per_s)))
    return Rate(per_s=per_s, burst=6 * per_s)


def _is_open(reader: Reader) -> bool:
    return reader.ledger().read == "open"


def _tick(registrar: Registrar) -> None:
    pause = threading.Event()
    while not pause.wait(TICK_S):
        try:
            registrar.tick()
        except RingmarkError:
            # A passing state: the next tick tries again, submissions say what is wrong.
            continue
        except Exception:
            # Whatever it was, without this thread nothing would be published any more.
            _log.exception("a tick failed; the next one tries again")


if __name__ == "__main__":
    main()
