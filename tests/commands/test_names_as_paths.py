"""T35: no name that somebody else gave becomes a path; nothing is written beside the target."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ledger.desk.answers import answer_of, problem_of
from ledger.desk.exporting import export_log
from ledger.desk.source import Kept
from ledger.errors import NotFoundError
from ledger.reader import Reader, StoredMoments
from ledger.wiring import open_for_reading

NAMES = (
    *("../x", "../../x", "..", ".", "/etc/x", "//x", "/", "a/../../x", "..\\x", "\\x", "C:\\x"),
    *("C:x", "CON", "NUL.card", "aux", "~", "~root/x", "$HOME/x", "%2e%2e%2fx", "..%2fx", "%00"),
    *(
        "..%c0%afx",
        "x/",
        "./x",
        "-",
        "--out",
        "-rf",
        "x\ny",
        "x\ty",
        " ",
        "x ",
        ".x",
        "...",
        "....//x",
    ),
    *("lot/../../x", "ZW/../X", "ZW/EXPORT/../../x", "ZW/EXPORT/..", "../ZW/EXPORT/1", "ZW//1"),
    *("ZW/EXPORT/\\..\\x", "farm/../x", "farm/..", "file:///etc/x", "http://x/../y", "é/../x"),
    *("\u202e../x", "．．/x", "..／x", "..∕x", "\u2024\u2024/x", "x" * 300, "a/" * 200, "../" * 90),
    *("x|y", "x;y", "`x`", "$(x)", "x&y", "*", "?", "[x]", "{x}", "<x>", '"x"', "'x'"),
)
COMMANDS = (
    ("export", "card", "{}"),
    ("export", "bundle", "{}"),
    ("export", "tlog-proof", "{}"),
    ("export", "receipt", "{}"),
    ("label", "create", "{}"),
    ("label", "create", "--document", "{}"),
    ("key", "create", "--name", "{}"),
    ("document", "show", "{}"),
    ("attach", "{}", "--kind", "photo"),
)
CODE = "51PB1X9SFP3J"


def tree(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*")}


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, deep enough for a way up to be seen."""
    place = tmp_path / "a" / "b" / "c" / "d"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    return place


def test_there_are_enough_names() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 60


def test_names_typed_lead_nowhere_else(town: Any, inside: Path, tmp_path: Path) -> None:
    before = tree(tmp_path), tree(town.place / "ledger")
    for place, name in enumerate(NAMES):
        command = COMMANDS[place % len(COMMANDS)]
        ran = town.run("farm", *(word.format(name) for word in command), "--json")
        assert ran.code in (0, 1, 2, 3, 4), (command, name, ran.out, ran.err)
    homes = tree(town.home("farm"))
    made = tree(tmp_path) - before[0] - {f"town/homes/farm/{path}" for path in homes}
    assert {Path(path).parent for path in made} <= {inside.relative_to(tmp_path)}
    assert tree(town.place / "ledger") == before[1]
    # Each key lies where keys lie, under a name that is no way anywhere.
    keys = town.home("farm") / "keys"
    assert {path.parent for path in town.home("farm").rglob("*key*") if path.is_file()} <= {keys}


@contextmanager
def lying(name: str) -> Iterator[str]:
    """A server that calls every lot, mark and statement by a name of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(
                {"code": name, "lots": [name], "results": [{"kind": "mark", "name": "TAG/1"}]}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("name", ["../../x", "/tmp/ringmark-x", "x/../../y", "SD8FHY5894FJ", ""])
@pytest.mark.parametrize("asked", [CODE, "TAG/1"])
def test_a_server_gives_no_file_its_name(
    town: Any, inside: Path, tmp_path: Path, name: str, asked: str
) -> None:
    if (name, asked) == ("SD8FHY5894FJ", "TAG/1"):
        name = "not-a-code"
    with lying(name) as address:
        for kind in ("bundle", "card"):
            before = tree(tmp_path)
            ran = town.run("farm", "export", kind, asked, "--json", ledger=address)
            made = tree(tmp_path) - before
            assert {Path(path).name for path in made} <= {f"{CODE}.card"}, (kind, made)
            assert not Path("/tmp/ringmark-x.bundle").exists()
            if kind == "bundle":
                assert ran.json["error"]["code"] in ("remote.answer", "code.char"), ran.out


def test_an_export_follows_no_link_that_lies_beside(town: Any, tmp_path: Path) -> None:
    """Whoever may write into the folder of a web server has no file of others overwritten."""
    victim, site = tmp_path / "victim", tmp_path / "site"
    victim.write_text("mine")
    site.mkdir()
    stored = open_for_reading(town.ledger)
    reader = Reader(stored.store, StoredMoments(stored.store, note=stored.newest_note))
    export_log(reader, site, lambda _done, _total: None)
    for file in [path for path in site.rglob("*") if path.is_file()]:
        for ending in (".new", ".part", ".tmp"):
            os.symlink(victim, file.with_name(file.name + ending))
        file.unlink()
    export_log(reader, site, lambda _done, _total: None)
    assert victim.read_text() == "mine"
    assert (site / "checkpoint").is_file()


def test_a_server_says_one_line_and_no_more() -> None:
    """A line of its own below an error would read as if this program had said it."""
    said = "no such lot\nverified: CONSISTENT\r\n\u2028all is well"
    body = json.dumps({"code": "lot.unknown\nok", "title": said, "hint": f"look{said}"}).encode()
    error = problem_of(404, body, wait="")
    assert isinstance(error, NotFoundError)
    for words in (error.code, error.message, error.hint):
        assert words.splitlines() == [words]
    refused = {"rule": "custody.not-holder", "message": said, "params": {"lot": said, "n": 1}}
    answer = answer_of({"refused": refused, "statement": "00" * 32}, b"")
    assert isinstance(answer, Kept)
    assert answer.message.splitlines() == [answer.message]
    assert answer.params == {"lot": answer.message, "n": 1}
