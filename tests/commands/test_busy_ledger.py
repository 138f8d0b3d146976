"""A ledger that is busy says for how long; commands keep the statement, the outbox asks again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.serving import make_server

from cli.context import Session
from cli.main import main
from web.app import create_app
from web.limits import Rate
from web.serving import open_stand

WORDS = ("facility", "register", "shed", "--kind", "ranch", "--country", "ZW")


@dataclass
class Busy:
    """The pages of a ledger, in front of which so many submissions are turned away."""

    wsgi: Callable[..., Any]
    left: int = 0
    after_s: str = "7"
    waited: list[float] = field(default_factory=list)
    address: str = ""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if self.left and environ["REQUEST_METHOD"] == "POST":
            self.left -= 1
            environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            kind = ("Content-Type", "application/problem+json")
            start("429 Too Many Requests", [kind, ("Retry-After", self.after_s)])
            return [b'{"status": 429, "code": "registrar.busy", "title": "Many wait already."}']
        return self.wsgi(environ, start)


@pytest.fixture
def busy(town) -> Iterator[Busy]:
    stand = open_stand(town.ledger, clock=town.clock)
    made = Busy(create_app(stand, rate=Rate(per_s=100_000, burst=1_000_000)))
    server = make_server("127.0.0.1", 0, made, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    (town.home("farm") / "trust.json").write_bytes(town.trust.read_bytes())
    made.address = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    if stand.registrar is not None:
        stand.registrar.close()


def push(town, busy: Busy) -> int:
    session = Session(
        clock=town.clock, entropy=town.entropy, unsealed=town.unsealed, pause=busy.waited.append
    )
    words = ["--home", str(town.home("farm")), "--ledger", busy.address, "--as", "farm"]
    code = main([*words, "outbox", "push"], session)
    assert town.capture().err.count("trying again in 7 s") == len(busy.waited)
    return code


def test_a_busy_ledger_is_exit_5_and_the_statement_is_kept(town, busy: Busy) -> None:
    busy.left = 1
    ran = town.run("farm", *WORDS, "--json", ledger=busy.address)
    assert ran.code == 5
    error = ran.json["error"]
    assert error["code"] == "registrar.busy"
    assert error["hint"] == "In 7 s: ringmark outbox push"
    assert "kept in the outbox" in error["message"]
    entries = town.ok("farm", "outbox", "list", ledger=busy.address)["entries"]
    assert entries[-1]["state"] == "sent"


def test_the_outbox_asks_again_after_the_stated_time(town, busy: Busy) -> None:
    busy.left = 1
    assert town.run("farm", *WORDS, ledger=busy.address).code == 5
    busy.left = 3
    assert push(town, busy) == 0
    assert busy.waited == [7, 7, 7]
    assert town.ok("farm", "outbox", "list", ledger=busy.address)["entries"] == []
    assert town.ok("farm", "party", "show", "farm", ledger=busy.address)


@pytest.mark.parametrize(
    ("after_s", "waited"),
    [("7", [7, 7, 7, 7]), ("61", []), ("Thu, 01 Jan 2026 00:00:00 GMT", []), ("-1", [])],
)
def test_patience_has_an_end(town, busy: Busy, after_s: str, waited: list[float]) -> None:
    busy.left = 1
    assert town.run("farm", *WORDS, ledger=busy.address).code == 5
    busy.left, busy.after_s = 99, after_s
    assert push(town, busy) == 5
    assert busy.waited == waited
    busy.left, busy.waited = 0, []
    assert push(town, busy) == 0
