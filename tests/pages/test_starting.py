"""How a server begins and ends: one message if it cannot start, an end as soon as it is told."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from served import Directory, found

from ledger.errors import UnavailableError, UsageError
from ledger.wire.text import json_loads
from web.gateway import Bounds, Gateway
from web.starting import free_address

EXITS = "RefusedError=1 UsageError=2 MalformedError=3 UnavailableError=5"
ENDS_S_MAX = 8
"""Less than the ten seconds after which the server would kill the process that works for it."""


@contextmanager
def started(directory: Directory, *more: str) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-P", "-m", "web.serving", str(directory.path), *more]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": "", "RINGMARK_SERVE_EXITS": EXITS},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stderr is not None
    for said in process.stderr:
        if line in said:
            return
    raise AssertionError(f"it ended without saying {line!r}")


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("--port", "{taken}"), "serve.port", 5),
        (("--host", "192.0.2.1", "--port", "{taken}"), "serve.port", 5),
        (("--host", "no such host"), "serve.host", 2),
        (("--port", "0", "--rate", "many"), "text.decimal", 3),
    ],
)
def test_what_cannot_start_says_why_in_one_object(
    tmp_path: Path, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    directory = found(tmp_path / "ledger")
    with taken_port() as taken:
        more = [word.format(taken=taken) for word in words]
        with started(directory, *more, "--json") as process:
            plain = json_loads(process.communicate(timeout=60)[0].strip())
    assert (plain["ok"], plain["error"]["code"]) == (False, code)
    assert process.returncode == exit_code


def test_an_address_is_of_this_machine_and_free() -> None:
    with taken_port() as taken, pytest.raises(UnavailableError, match=f"port {taken} of localhost"):
        free_address("localhost", taken)
    with pytest.raises(UsageError, match="no address of this machine"):
        free_address("no such host", taken)
    assert free_address("localhost", taken) == "127.0.0.1"


def test_what_cannot_start_says_to_people_what_to_do(tmp_path: Path) -> None:
    directory = found(tmp_path / "ledger")
    with taken_port() as taken, started(directory, "--port", str(taken)) as process:
        out, err = process.communicate(timeout=60)
    assert out == ""
    assert err == (
        f"error (serve.port): Nothing can be served on port {taken} of 127.0.0.1:"
        " Address already in use.\nStop what is served there, or choose another: --port N\n"
    )


def test_second_server_of_a_ledger_ends_with_try_again(tmp_path: Path) -> None:
    directory = found(tmp_path / "ledger")
    with started(directory, "--port", "0", "--json") as first:
        wait_for(first, "Started worker-1 runtime-1")
        with started(directory, "--port", "0", "--json") as second:
            plain = json_loads(second.communicate(timeout=60)[0].strip())
            assert plain["error"]["code"] == "store.locked"
            assert second.returncode == 5
        # A closed terminal ends it; a second writer beside the first would wait in vain.
        first.send_signal(signal.SIGHUP)
        out, err = first.communicate(timeout=60)
        assert "Respawning" not in err
        assert json_loads(out.strip()) == {"ok": True, "served": str(directory.path)}
        assert first.returncode == 0


def test_long_copy_before_serving_ends_when_it_is_told_to(tmp_path: Path) -> None:
    # Given a database that takes long to copy, a page at a time
    directory, copy = found(tmp_path / "ledger"), tmp_path / "copy"
    database = sqlite3.connect(directory.path / "ledger.db")
    database.execute("CREATE TABLE ballast (bytes BLOB)")
    for _ in range(50):
        database.execute("INSERT INTO ballast VALUES (zeroblob(2000000))")
    database.commit()
    database.close()
    slow = "from ledger.storage import queries; queries.BACKUP_PAGES = 1; "
    run = "from web.serving import main; main()"
    words = [sys.executable, "-P", "-c", slow + run, str(directory.path), "--copy", str(copy)]
    process = subprocess.Popen([*words, "--port", "0"], stderr=subprocess.PIPE, text=True)
    beside = copy / "ledger.db.new"
    pause = threading.Event()
    while not beside.exists():
        assert process.poll() is None
        pause.wait(0.01)
    # When it is told to end
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    # Then it does, without being killed for it, and leaves nothing half done
    assert time.monotonic() - begun < ENDS_S_MAX
    assert "Killing" not in err
    assert not beside.exists()
    assert not (copy / "ledger.db").exists()


def test_what_only_waits_for_a_thread_holds_up_no_end() -> None:
    gateway = Gateway(lambda environ, start: [], Bounds())
    gateway.__rsgi_del__(None)
    for line in gateway._lines.values():
        with pytest.raises(RuntimeError, match="after shutdown"):
            line.pool.submit(list)
