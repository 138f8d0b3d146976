"""Tiles fetched over a network once for all processes of an audit, a few ahead of whoever reads.

Owns retries and the folder that the tiles wait in. Trusts nothing of what it fetches.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from ledger.errors import MalformedError, NotFoundError, RingmarkError, UnavailableError
from ledger.log.tiles import ENTRIES, parse_tile_path, tile_path

Read = Callable[[str], bytes]
AHEAD = 8
"""Entry bundles that are asked for at the same time: what a distant server takes to answer once."""
TRIES = 6
FIRST_PAUSE_S = 0.25
"""Doubled after each failure: a server may be gone for about eight seconds."""


class FetchedTiles:
    """Reads the files of a log by `fetch`, each once, and keeps them in `folder` meanwhile.

    Other processes may have their own on the same folder. Threads are started by the first reading.
    """

    def __init__(self, fetch: Read, folder: Path) -> None:
        self._fetch = fetch
        self._folder = folder
        self._pool: ThreadPoolExecutor | None = None
        self._coming: dict[str, Future[bytes]] = {}

    def read(self, path: str) -> bytes:
        """Return a file of the log; raise NotFoundError, or UnavailableError after some tries."""
        file = self._folder / path
        if file.is_file():
            return file.read_bytes()
        self._look_ahead(path)
        coming = self._coming.pop(path, None)
        if coming is not None:
            with suppress(RingmarkError):
                return coming.result()
        return self._bring(path)

    def close(self) -> None:
        """Stop fetching ahead."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _look_ahead(self, path: str) -> None:
        try:
            tile = parse_tile_path(path)
        except MalformedError:
            return
        if tile.level != ENTRIES:
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(AHEAD)
        for n in range(tile.n + 1, tile.n + 1 + AHEAD):
            following = tile_path(ENTRIES, n)
            if following not in self._coming and not (self._folder / following).is_file():
                # Past the end there is none; whoever needs it asks again and is told.
                self._coming[following] = self._pool.submit(self._bring, following)

    def _bring(self, path: str) -> bytes:
        body = patiently(self._fetch, path)
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f"{file.name}.{os.getpid()}")
        beside.write_bytes(body)
        beside.replace(file)
        return body


def patiently(fetch: Read, path: str) -> bytes:
    """Return what `fetch` reads, tried again while nobody answers; UnavailableError in the end."""
    pause_s = FIRST_PAUSE_S
    for _ in range(TRIES - 1):
        try:
            return fetch(path)
        except UnavailableError:
            time.sleep(pause_s)
            pause_s *= 2
    return fetch(path)


def find_log(read: Read) -> tuple[str, bytes]:
    """Return where the log lies below an address, `/log/` or `/`, and its checkpoint there.

    A ledger serves the first, a folder of files is the second. `read` takes a path from the address
    on; raise NotFoundError where neither has a checkpoint.
    """
    for prefix in ("/log/", "/"):
        with suppress(NotFoundError):
            return prefix, patiently(read, f"{prefix}checkpoint")
    raise NotFoundError(
        "checkpoint.missing",
        "There is no log at this address.",
        hint="It is the address of a ledger, or of a folder made by `ringmark export log`.",
    )
