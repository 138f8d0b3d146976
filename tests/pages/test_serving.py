"""The served process: it registers, tells the same after a restart, and reads beside a writer."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from served import call, found, serve, stock

from ledger.trust import parse_trust
from ledger.verify.file import verify_bytes
from ledger.wire.text import json_loads


def test_what_was_acknowledged_is_there_after_a_restart_and_for_readers(tmp_path: Path) -> None:
    directory = found(tmp_path / "ledger")
    pen, enrolment = directory.enrolment("farm", "farm")
    with serve(directory.path) as address:
        assert call(f"{address}/api/v1/statements", enrolment)[0] == 201
        status, body = call(f"{address}/api/v1/statements", raw := pen.sign(stock()))
        assert status == 201
        plain = json_loads(body)
        (code,) = plain["labels"]
        assert b'data-level="check"' in call(f"{address}/i/{code}")[1]
        with serve(directory.path, "--read-only") as reading:
            assert json_loads(call(f"{reading}/healthz")[1])["writes"] is False
            assert call(f"{reading}/i/{code}")[0] == 200
            assert call(f"{reading}/api/v1/statements", raw)[0] == 503
    with serve(directory.path) as address:
        status, body = call(f"{address}/api/v1/statements", raw)
        assert (status, json_loads(body)["index"]) == (200, plain["index"])
        card = call(f"{address}/api/v1/lots/{code}/card")[1]
    trust = parse_trust((directory.path / "trust.json").read_text(encoding="utf-8"))
    verdict = verify_bytes(card, trust=trust, now_s=0)
    assert verdict.outcome.value == "verified"


def test_slow_and_huge_bodies_hold_up_nobody(tmp_path: Path) -> None:
    directory = found(tmp_path / "ledger")
    head = b"POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/cose\r\n"
    with serve(directory.path) as address, ExitStack() as open_lines:
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        for _ in range(200):
            line = open_lines.enter_context(socket.create_connection(place))
            line.sendall(head + b"Content-Length: 1000\r\n\r\nabc")
        huge = open_lines.enter_context(socket.create_connection(place))
        huge.sendall(head + b"Content-Length: 1000000000\r\n\r\n")
        with suppress(OSError):
            for _ in range(40):
                huge.sendall(bytes(500_000))
        begun = time.monotonic()
        assert call(f"{address}/healthz")[0] == 200
        assert call(f"{address}/api/v1/statements", b"\x00")[0] == 400
        assert time.monotonic() - begun < 1
        assert b" 413 " in huge.recv(64)


@pytest.mark.slow
def test_lines_that_say_nothing_are_ended(tmp_path: Path) -> None:
    directory = found(tmp_path / "ledger")
    with serve(directory.path) as address, ExitStack() as open_lines:
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        silent, slow = (
            open_lines.enter_context(socket.create_connection(place, timeout=60)) for _ in range(2)
        )
        slow.sendall(b"GET /healthz HTTP/1.1\r\nX-More: ")
        assert silent.recv(64) == b""
        # The head that never ends is told why, or ended without a word.
        assert slow.recv(64)[:13] in (b"", b"HTTP/1.1 408 ")


def test_a_second_copy_has_the_block_too(tmp_path: Path) -> None:
    directory = found(tmp_path / "ledger")
    _, enrolment = directory.enrolment("farm", "farm")
    with serve(directory.path, "--copy", str(tmp_path / "copy")) as address:
        assert call(f"{address}/api/v1/statements", enrolment)[0] == 201
    assert any((tmp_path / "copy").iterdir())
