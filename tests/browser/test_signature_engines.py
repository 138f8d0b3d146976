"""T20, T24: the engines that phones have answer public signature vectors as Python does.

The policy of `web/static/verify/keys.js` stands before each engine: Node, Chromium and Firefox. An
engine that this machine lacks is a skip, so that CI, which has all three, sees it.
"""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from market import CHROMIUM, FLAGS

from ledger import keys
from ledger.errors import ProofError

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ROOT / "tests" / "verify" / "check_signatures.mjs"
MODULES = ROOT / "web" / "static" / "verify"
ANSWER_S_MAX = 120
# What each browser is called, and how it is told to use a profile of its own.
BROWSERS = {
    "chromium": ((CHROMIUM,), ("--headless", *FLAGS, "--user-data-dir={profile}")),
    "firefox": (
        ("firefox", "firefox-esr"),
        ("--headless", "--no-remote", "--profile", "{profile}"),
    ),
}
PAGE = b"""<!doctype html><meta charset="utf-8"><script type="module">
import { judged, load } from "./check_signatures.mjs";
const said = await fetch("rows.json").then((answer) => answer.json())
  .then(async (rows) => judged(rows, await load(location.origin + "/verify")))
  .catch((error) => `${error.name}: ${error.message}`);
await fetch("said", { method: "POST", body: said });
</script>"""
Row = tuple[int, str, str, str]


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[Row]:
    """Wycheproof for both algorithms, speccheck and CCTV."""
    crypto, found = shared_data / "crypto", []
    for name, alg in (
        ("ed25519_test.json", keys.ED25519),
        ("ecdsa_secp256r1_sha256_p1363_test.json", keys.ESP256),
    ):
        for group in json.loads((crypto / "wycheproof" / name).read_text())["testGroups"]:
            key = group["publicKey"]
            public = key["pk"] if alg == keys.ED25519 else key["uncompressed"][2:]
            found += [(alg, public, test["msg"], test["sig"]) for test in group["tests"]]
    edges = json.loads((crypto / "ed25519_engine_matrix.json").read_text())
    return found + [(keys.ED25519, row["pk"], row["msg"], row["sig"]) for row in edges]


@pytest.fixture(scope="module")
def expected(rows: list[Row]) -> str:
    """What Python says; `test_public_signatures.py` holds that to the vectors' own words."""
    said = "".join("01"[holds(*row)] for row in rows)
    assert (len(said), said.count("1")) == (151 + 262 + 1_077, 88 + 103 + 132)
    return said


def holds(alg: int, public: str, message: str, signature: str) -> bool:
    try:
        keys.check_signature(
            alg=alg,
            public_key=bytes.fromhex(public),
            message=bytes.fromhex(message),
            signature=bytes.fromhex(signature),
        )
    except ProofError:
        return False
    return True


def test_node(rows: list[Row], expected: str, tmp_path: Path) -> None:
    node = installed("node")
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(rows))
    words = [node, str(HARNESS), str(file), str(MODULES)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=ANSWER_S_MAX, check=True)
    assert done.stdout.strip() == expected


@pytest.mark.parametrize("name", BROWSERS)
def test_browsers(rows: list[Row], expected: str, tmp_path: Path, name: str) -> None:
    programs, flags = BROWSERS[name]
    program = installed(*programs)
    (profile := tmp_path / "profile").mkdir()
    words = [program, *(flag.format(profile=profile) for flag in flags)]
    assert answered(rows, words) == expected


def installed(*names: str) -> str:
    """Return where the first of these programs is that this machine has; skip where none is."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or pytest.skip(f"there is no {names[-1]} on this machine")


def answered(rows: list[Row], browser: list[str]) -> str:
    """What a browser says that opens the page in a process of its own."""
    with page(rows) as (address, said):
        process = subprocess.Popen(
            [*browser, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            return said.get(timeout=ANSWER_S_MAX)
        finally:
            process.terminate()
            process.wait(ANSWER_S_MAX)


@contextmanager
def page(rows: list[Row]) -> Iterator[tuple[str, queue.Queue[str]]]:
    """Serve the page with its modules; what it says comes into the queue."""
    said: queue.Queue[str] = queue.Queue()
    texts = {
        "/": ("text/html", PAGE),
        "/rows.json": ("application/json", json.dumps(rows).encode()),
    }
    texts["/check_signatures.mjs"] = ("text/javascript", HARNESS.read_bytes())
    for path in MODULES.iterdir():
        texts[f"/verify/{path.name}"] = ("text/javascript", path.read_bytes())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = texts.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in texts else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            said.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", said
        finally:
            server.shutdown()
