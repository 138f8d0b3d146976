"""How a server begins and ends: its address, its signals, and what it says if it cannot start.

Owns the way from an error in the process that serves to one message of the process that was called,
and to its exit code. Knows no ledger and no page.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from granian import Granian
from granian.log import LOGGING_CONFIG

from ledger.errors import RingmarkError, UnavailableError, UsageError
from ledger.wire import text

JSON = "RINGMARK_SERVE_JSON"
EXITS = "RINGMARK_SERVE_EXITS"
"""Exit codes by class of error, such as `UsageError=2 DamagedError=70`, as the caller has them."""
FAILED = "RINGMARK_SERVE_FAILED"
"""The file in which a process that cannot serve says why."""
EXIT = 1
LINE = "%(asctime)s [%(levelname)s] %(message)s"
"""What a line of the log says: when, how grave, what."""


class Server(Granian):  # type: ignore[misc, valid-type]
    """The server, for a ledger that one process writes: a hang-up ends it, as Ctrl-C does.

    By itself it would start a second writer beside the first, which waits for the lock in vain.
    """

    def signal_handler_reload(self, *args: Any, **options: Any) -> None:
        """End."""
        self.signal_handler_interrupt(*args, **options)


class UtcFormatter(logging.Formatter):
    """Lines that begin with the second in UTC, as the log of the ledger counts."""

    def __init__(self, fmt: str) -> None:
        super().__init__(fmt, "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime


def logging_config() -> dict[str, Any]:
    """Return how the server logs: to stderr, for stdout is the result's."""
    config: dict[str, Any] = deepcopy(LOGGING_CONFIG)
    for handler in config["handlers"].values():
        handler["stream"] = "ext://sys.stderr"
    config["formatters"]["generic"] = {"()": UtcFormatter, "fmt": LINE}
    # Without a handler of its own a warning of ours would say neither when nor how grave it is.
    config["root"] = {"handlers": ["console"], "level": "WARNING"}
    return config


def free_address(host: str, port: int) -> str:
    """Return the numeric address of a host of this machine, on which `port` is free.

    Raise UsageError for what is none, UnavailableError where the port is taken or not ours: two
    servers of one port would each answer every second request.
    """
    error: OSError | None = None
    for family, _, _, _, place in _places(host, port):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
                probe.listen(1)
                return str(place[0])
            except OSError as refused:
                error = refused
    raise UnavailableError(
        "serve.port",
        f"Nothing can be served on port {port} of {host}: {error.strerror if error else 'no way'}.",
        hint="Stop what is served there, or choose another: --port N",
        params={"host": host, "port": port},
    )


def _places(host: str, port: int) -> list[Any]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UsageError(
            "serve.host",
            f"{host[:100]} is no address of this machine.",
            hint="127.0.0.1 serves this machine alone, 0.0.0.0 everybody who reaches it.",
            params={"host": host[:100]},
        ) from error
    return sorted(found, key=lambda place: place[0] != socket.AF_INET)


@contextmanager
def opening() -> Iterator[None]:
    """Let a process that opens a ledger end at once when it is told to, and say why it cannot.

    The server would show where in our code an error was raised, to somebody who looks for advice;
    and a process that copies a large ledger before it serves would be killed after a while.
    """
    told = os.environ.get(FAILED)
    if told is not None:
        # Ctrl-C comes to both processes; the other one then tells this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _end)
    try:
        yield
    except RingmarkError as error:
        if told is None:
            raise SystemExit(worded(error)) from error
        Path(told).write_text(text.json_dumps(_plain(error)), encoding="utf-8")
        raise SystemExit(EXIT) from error


@contextmanager
def telling(served: Path) -> Iterator[None]:
    """Run a server of the folder `served`, and give its one result when it has ended.

    Where it could not start, say why in one message and end with the exit code of that.
    """
    with tempfile.TemporaryDirectory(prefix="ringmark-serve-") as folder:
        place = Path(folder) / "failed"
        os.environ[FAILED] = str(place)
        try:
            yield
            if os.environ.get(JSON) == "1":
                _print({"ok": True, "served": str(served)})
        except RingmarkError as error:
            raise SystemExit(_say(_plain(error))) from error
        except SystemExit:
            if not place.exists():
                raise
            raise SystemExit(_say(text.json_loads(place.read_bytes()))) from None
        finally:
            del os.environ[FAILED]


def worded(error: RingmarkError) -> str:
    """Return an error as people read it: what it is, and what to do."""
    return f"error ({error.code}): {error.message}\n{error.hint}"


def _say(plain: dict[str, Any]) -> int:
    kind = plain.pop("class")
    if os.environ.get(JSON) == "1":
        _print({"ok": False, "error": plain})
    else:
        sys.stderr.write(f"error ({plain['code']}): {plain['message']}\n{plain['hint']}\n")
    pairs = (pair.partition("=") for pair in os.environ.get(EXITS, "").split())
    return next((text.parse_decimal(code) for name, _, code in pairs if name == kind), EXIT)


def _print(plain: dict[str, Any]) -> None:
    sys.stdout.write(text.json_dumps(plain) + "\n")
    sys.stdout.flush()


def _plain(error: RingmarkError) -> dict[str, Any]:
    return {
        "class": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "params": dict(error.params),
    }


def _end(*_: object) -> None:
    raise SystemExit(0)
