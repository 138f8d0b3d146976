"""A log as static files: any web server hands it out, and an audit takes it from there."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.context import Session
from cli.main import main
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.simulator.world import World
from ledger.wire import text


class Ledger:
    """A ledger in a folder that grows, and commands about it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.world = World(directory=folder)
        self.world.enrol("parks", "authority")
        self.world.enrol("farm", "farm", by="parks")
        self.world.do("farm", FacilityRegistered("farm/kariba", "farm", "ZW"))

    def grow(self, leaves: int) -> None:
        row = Row("Crocodylus niloticus", "SKI", 5, "NAR", "C", "ZW")
        event = LotRegistered(Basis.BRED, (NewLot((row,), facility="farm/kariba"),))
        self.world.clock.advance(10)
        raws = [self.world.sign("farm", event) for _ in range(leaves)]
        self.world.ledger.registrar.submit(raws[:-1])
        # A checkpoint is published once a second at most.
        self.world.clock.advance(1)
        self.world.ledger.registrar.submit(raws[-1:])

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        self._capsys.readouterr()
        session = Session(clock=self.world.clock, entropy=self.world.entropy)
        code = main([*words, "--json"], session)
        plain = text.json_loads(self._capsys.readouterr().out)
        assert isinstance(plain, dict)
        return code, plain

    def export(self, folder: Path) -> dict[str, Any]:
        code, plain = self.run("--ledger", str(self.folder), "export", "log", str(folder))
        assert code == 0, plain
        return plain

    def audit(self, place: str, *words: str) -> dict[str, Any]:
        trust = str(self.folder / "trust.json")
        code, plain = self.run("audit", place, "--trust", trust, *words)
        assert code == {"verified": 0, "refuted": 1, "undecided": 3}[plain["outcome"]]
        return plain


@pytest.fixture
def ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger", capsys)
    yield made
    made.world.ledger.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The simplest server there is, on a folder beside the ledger."""
    (tmp_path / "www" / "zw").mkdir(parents=True)
    words = ("-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory")
    process = subprocess.Popen(
        [sys.executable, *words, str(tmp_path / "www")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().split(" port ")[1].split()[0]
    yield f"http://127.0.0.1:{port}/zw"
    process.terminate()
    process.wait()
    process.stdout.close()


def test_a_static_server_hands_out_a_log_that_an_audit_takes(ledger, server, tmp_path):
    place = tmp_path / "www" / "zw"
    ledger.grow(700)
    first = ledger.export(place)
    again = ledger.export(place)
    assert (again["files"], again["kept"]) == (1, 0), "nothing but the checkpoint"
    ledger.grow(400)
    more = ledger.export(place)
    assert more["size"] > 1_024 > first["size"]
    assert more["files"] < first["files"] + 10
    size = ledger.world.ledger.registrar.head().size
    for where in (str(place), server, str(ledger.folder), str(ledger.folder / "ledger.db")):
        for jobs in ("1", "2"):
            report = ledger.audit(where, "--jobs", jobs)
            assert (report["outcome"], report["size"]) == ("verified", size), (where, report)
            assert report["processes"] == int(jobs)
            assert report["lots"] == {"live": 1_100, "ended": 0}
            assert report["memory_mb"] > 0


def test_an_export_that_was_cut_short_goes_on(ledger, tmp_path):
    ledger.grow(600)
    whole = ledger.export(tmp_path / "whole")
    cut = tmp_path / "cut"
    ledger.export(cut)
    (cut / "checkpoint").unlink()
    (cut / "tile" / "entries" / "001").unlink()
    on = ledger.export(cut)
    assert (on["files"], on["kept"]) == (2, whole["files"] - 2)
    files = sorted(p.relative_to(cut) for p in cut.rglob("*") if p.is_file())
    assert files == sorted(
        p.relative_to(tmp_path / "whole") for p in (tmp_path / "whole").rglob("*") if p.is_file()
    )
    for name in files:
        assert (cut / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_partial_tiles_go_when_the_full_one_is_there(ledger, tmp_path):
    place = tmp_path / "log"
    ledger.grow(100)
    ledger.export(place)
    assert list(place.rglob("*.p/*"))
    before = sorted(p.name for p in (place / "tile" / "entries").iterdir())
    ledger.grow(300)
    ledger.export(place)
    assert before == ["000.p"]
    assert (place / "tile" / "entries" / "000").is_file()
    assert not list((place / "tile" / "entries" / "000.p").iterdir())
    assert ledger.audit(str(place))["outcome"] == "verified"


def test_another_log_is_not_written_over(ledger, tmp_path, capsys):
    ledger.grow(10)
    place = tmp_path / "log"
    ledger.export(place)
    other = Ledger(tmp_path / "other", capsys)
    other.grow(20)
    code, plain = other.run("--ledger", str(other.folder), "export", "log", str(place))
    assert (code, plain["error"]["code"]) == (2, "export.other-log")
    other.world.ledger.close()
    assert ledger.audit(str(place))["outcome"] == "verified"


def test_a_database_alone_needs_a_checkpoint(ledger, tmp_path):
    ledger.grow(300)
    copy = tmp_path / "copy.sqlite"
    import sqlite3

    source, target = sqlite3.connect(ledger.folder / "ledger.db"), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
    code, plain = ledger.run("audit", str(copy))
    assert (code, plain["error"]["code"]) == (4, "audit.checkpoint")
    note = str(ledger.folder / "checkpoint")
    report = ledger.audit(str(copy), "--checkpoint", note, "--deep", "--jobs", "2")
    assert report["outcome"] == "verified"
    assert {c["name"]: c["outcome"] for c in report["checks"]}["records.stored"] == "passed"


def test_without_rules_the_answer_is_undecided(ledger, tmp_path):
    ledger.grow(300)
    report = ledger.audit(str(ledger.folder), "--without-rules")
    assert (report["outcome"], report["first_failure"]) == ("undecided", None)


def test_a_remembered_state_is_gone_on_from(ledger, tmp_path):
    ledger.grow(300)
    seen = str(tmp_path / "seen.state")
    ledger.audit(str(ledger.folder), "--remember", seen)
    first = Path(seen).read_bytes()
    ledger.grow(50)
    report = ledger.audit(str(ledger.folder), "--remember", seen)
    details = {check["name"]: check["detail"] for check in report["checks"]}
    assert details["history.remembered"].startswith("resumed at size")
    assert Path(seen).read_bytes() != first
    Path(seen).write_bytes(first[:-1])
    code, plain = ledger.run("audit", str(ledger.folder), "--remember", seen)
    assert (code, plain["error"]["code"]) == (3, "remembered.form")
    assert "audited again" in plain["error"]["hint"]


class Flaky(http.server.SimpleHTTPRequestHandler):
    """A server that is not there for the first request of each file."""

    seen: set[str]

    def do_GET(self) -> None:
        if self.path not in self.seen and not self.path.startswith("/log/"):
            self.seen.add(self.path)
            self.send_error(503)
            return
        super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        return


def test_a_server_that_stumbles_is_asked_again(ledger, tmp_path):
    ledger.grow(600)
    place = tmp_path / "log"
    ledger.export(place)
    Flaky.seen = set()

    def handler(*args: Any) -> Flaky:
        return Flaky(*args, directory=str(place))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as flaky:
        thread = threading.Thread(target=flaky.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{flaky.server_port}"
        assert ledger.audit(url, "--jobs", "2")["outcome"] == "verified"
        assert len(Flaky.seen) > 2
        code, plain = ledger.run("audit", url + "/nowhere")
        flaky.shutdown()
        thread.join()
    assert (code, plain["error"]["code"]) == (4, "checkpoint.missing")


LOGIN = b"<!doctype html>\n<title>Hotel</title><form>Room number"


class Hotel(http.server.BaseHTTPRequestHandler):
    """A network that wants a login: whatever is asked, the answer is its page."""

    def do_GET(self) -> None:
        kind = "text/html; charset=utf-8"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(LOGIN)

    do_POST = do_GET

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def hotel() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hotel) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_a_login_page_is_no_ledger_and_refutes_nothing(ledger, hotel):
    trust = str(ledger.folder / "trust.json")
    for address in (hotel, f"{hotel}/zw"):
        code, plain = ledger.run("audit", address, "--trust", trust)
        assert (code, plain["error"]["code"]) == (3, "remote.page")
        assert "web page" in plain["error"]["message"]


def test_a_page_among_the_files_of_a_log_refutes_nothing(ledger, hotel, tmp_path):
    # Given a mirror that fetched a login page in place of the checkpoint
    place = tmp_path / "log"
    ledger.export(place)
    good = (place / "checkpoint").read_bytes()
    for body in (LOGIN, b"", good[:-20], good.replace(b"\n\n", b"\n")):
        (place / "checkpoint").write_bytes(body)
        for jobs in ("1", "2"):
            report = ledger.audit(str(place), "--jobs", jobs)
            assert report["outcome"] == "undecided", (jobs, report["first_failure"])
            assert report["first_failure"]["code"] == "audit.no-ledger"
    # What is a checkpoint, but not as it was signed, is refuted
    root = good.split(b"\n")[2]
    other = (b"B" if root[:1] == b"A" else b"A") + root[1:]
    (place / "checkpoint").write_bytes(good.replace(root, other, 1))
    assert ledger.audit(str(place))["first_failure"]["check"] == "checkpoint.signed"


def test_an_audit_writes_the_proof_of_a_fork(town: Any, tmp_path: Path) -> None:
    shed = ("facility", "register", "shed", "--kind", "ranch", "--country", "ZW")
    barn = ("facility", "register", "barn", "--kind", "ranch", "--country", "ZW")
    twin = replace(town, place=shutil.copytree(town.place, tmp_path / "twin"), unsealed={})
    town.ok("farm", *shed)
    kept, proof = tmp_path / "kept.checkpoint", tmp_path / "fork.proof"
    kept.write_text(town.ok("farm", "checkpoint")["note"], encoding="utf-8")
    words = ("audit", "--trust", str(town.trust), "--checkpoint", str(kept))
    town.ok("farm", *words, "--contradiction", str(proof))
    assert not proof.exists()
    for facility in (barn, shed):
        twin.ok("farm", *facility)
    ran = twin.run("farm", *words, "--contradiction", str(proof), "--json")
    assert (ran.code, ran.json["outcome"]) == (1, "refuted")
    verdict = town.ok("farm", "verify", str(proof), "--trust", str(town.trust))
    assert (verdict["outcome"], verdict["reason"]) == ("verified", "history.two")
