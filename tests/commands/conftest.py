"""A small town for commands: a founded ledger, an authority, a farm, a tannery, each with a home.

It is built once with real commands and copied for each test, so that tests never see each other.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.context import Session
from cli.main import main
from ledger.ambient import SettableClock
from ledger.keys import PrivateKey
from ledger.simulator.world import SeededEntropy
from ledger.wire import text

START_S = 1_796_100_000
SKINS = (
    "species;term;quantity;unit;source;origin;year;tag from;tag to\n"
    "Crocodylus niloticus;skins;500;pieces;R;ZW;2026;ZW-2026-000001-NIL;ZW-2026-000500-NIL\n"
)


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object of `--json`; anything else on stdout fails."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self.out
        plain = text.json_loads(lines[0])
        assert isinstance(plain, dict)
        return plain


@dataclass
class Town:
    """Commands run here, each in the home of whoever acts."""

    place: Path
    capture: Callable[[], Any]
    clock: SettableClock = field(default_factory=lambda: SettableClock(START_S))
    entropy: SeededEntropy = field(default_factory=SeededEntropy)
    unsealed: dict[str, PrivateKey] = field(default_factory=dict)
    count: int = 0

    @property
    def ledger(self) -> Path:
        return self.place / "ledger"

    @property
    def trust(self) -> Path:
        return self.ledger / "trust.json"

    def home(self, party: str) -> Path:
        return self.place / "homes" / party

    def run(self, party: str, *words: str, ledger: str | None = None) -> Ran:
        """Run a command as `party` and return what it printed."""
        self.clock.advance(1)
        self.count += 1
        before = ["--home", str(self.home(party)), "--ledger", ledger or str(self.ledger)]
        session = Session(clock=self.clock, entropy=self.entropy, unsealed=self.unsealed)
        code = main([*before, "--as", party, *words], session)
        out, err = self.capture()
        return Ran(code, out, err)

    def ok(self, party: str, *words: str, ledger: str | None = None) -> dict[str, Any]:
        """Run a command that must succeed and return its JSON."""
        ran = self.run(party, *words, "--json", ledger=ledger)
        assert ran.code == 0, ran.out + ran.err
        return ran.json

    def write(self, name: str, body: str) -> str:
        """Write a file of the town and return its path."""
        path = self.place / name
        path.write_text(body, encoding="utf-8")
        return str(path)

    def enrol(self, party: str, *, by: str, role: str) -> None:
        """Make a key for `party` and enrol it; an authority of the town decides everywhere."""
        request = str(self.place / f"{party}.request.json")
        self.ok(party, "key", "create", "--out", request)
        more = ("--for-country", "XV") if role == "authority" else ()
        self.ok(by, "party", "enrol", request, "--country", "ZW", "--role", role, *more)

    def register_skins(self) -> str:
        """Register the 500 skins of the farm and return the code of their lot."""
        return self.register_skins_at(None)

    def register_skins_at(self, ledger: str | None) -> str:
        """Register the skins at a folder or an address."""
        sheet = self.write("skins.csv", SKINS)
        words = ("--from", sheet, "--basis", "bred", "--facility", "pens")
        return str(self.ok("farm", "lot", "register", *words, ledger=ledger)["lots"][0])


def _build(town: Town) -> None:
    words = ("--origin", "ledger.example/town", "--host", "ledger.example")
    town.ok("root", "init", str(town.ledger), *words)
    town.enrol("parks", by="root", role="authority")
    for party, role in (("farm", "ranch"), ("tannery", "tannery"), ("maker", "maker")):
        town.enrol(party, by="parks", role=role)
    town.ok("farm", "facility", "register", "pens", "--kind", "ranch", "--country", "ZW")


@pytest.fixture(scope="session")
def built_town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RINGMARK_PASSPHRASE", "the passphrase of a test")
        import contextlib
        import io

        town = Town(tmp_path_factory.mktemp("town"), lambda: ("", ""))
        stream = io.StringIO()

        def capture() -> tuple[str, str]:
            printed = stream.getvalue()
            stream.seek(0)
            stream.truncate()
            return printed, ""

        town.capture = capture
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(io.StringIO()):
            _build(town)
    return town


@pytest.fixture
def town(
    built_town: Town,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Town:
    """A town of one's own: founded, with parks, farm, tannery and maker enrolled."""
    for name in ("RINGMARK_HOME", "RINGMARK_LEDGER", "RINGMARK_AS", "RINGMARK_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RINGMARK_PASSPHRASE", "the passphrase of a test")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(built_town.place, tmp_path / "town")
    made = Town(tmp_path / "town", capsys.readouterr, SettableClock(built_town.clock.now_s()))
    made.entropy = SeededEntropy(7)
    renamed = {
        key.replace(str(built_town.place), str(made.place)): private
        for key, private in built_town.unsealed.items()
    }
    made.unsealed = renamed
    return made


@contextmanager
def served(town: Town) -> Iterator[str]:
    """Serve a town's ledger; all its parties trust it by a file of their own."""
    from werkzeug.serving import make_server

    from web.app import create_app
    from web.limits import Rate
    from web.serving import open_stand

    stand = open_stand(town.ledger, clock=town.clock)
    app = create_app(stand, rate=Rate(per_s=100_000, burst=1_000_000))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for party in ("farm", "tannery", "parks", "maker", "house"):
        town.home(party).mkdir(parents=True, exist_ok=True)
        (town.home(party) / "trust.json").write_bytes(town.trust.read_bytes())
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    if stand.registrar is not None:
        stand.registrar.close()


@pytest.fixture
def serving() -> Callable[[Town], AbstractContextManager[str]]:
    """Return what serves a town's ledger for as long as a test wants."""
    return served


@pytest.fixture
def url(town: Town) -> Iterator[str]:
    """Serve the town's ledger for one test."""
    with served(town) as address:
        yield address


@pytest.fixture(params=["folder", "address"])
def reached(town: Town, request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Give the town's ledger as its traders reach it: None is the folder."""
    if request.param == "folder":
        yield None
        return
    with served(town) as address:
        yield address
