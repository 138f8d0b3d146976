"""One writer for each directory: an advisory lock that ends with its process.

Owns the lock file. The lock is a courtesy that gives a clear message; what keeps two writers apart
is the compare-and-swap of head and high-water mark.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from ledger.errors import UnavailableError

_PAUSE_S = 0.02


class WriterLock:
    """The right to write in a directory, held until `release` or the end of the process."""

    def __init__(self, path: Path, *, wait_s: float) -> None:
        """Take the lock within `wait_s` seconds, else raise UnavailableError `store.locked`."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_s
        while not self._try():
            if time.monotonic() >= deadline:
                os.close(self._file)
                raise UnavailableError(
                    "store.locked",
                    f"Another process writes in {path.parent}.",
                    hint="Submit through that server, or stop it first.",
                    params={"path": str(path.parent)},
                )
            time.sleep(_PAUSE_S)

    def release(self) -> None:
        """Let another process write."""
        os.close(self._file)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
