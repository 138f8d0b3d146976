"""Fixtures for all tests: the public data, a PostgreSQL server, and which errors a test met."""

from __future__ import annotations

import csv
import functools
import importlib.util
import os
import sys
from collections.abc import Generator, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import settings

from ledger.desk.sheet_rows import RowProblem
from ledger.errors import RingmarkError

ROOT = Path(__file__).resolve().parent.parent
PRODUCED = Path(__file__).resolve().parent / "gallery" / "produced.csv"
PRODUCT = tuple(str(ROOT / package) + os.sep for package in ("ledger", "cli", "web"))
# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
_met: set[str] = set()
_WAS_CALLED = pytest.StashKey[bool]()


def _noting(kind: type[Any]) -> None:
    """Note the code of each instance of `kind` that the product makes; change nothing else."""
    plain = kind.__init__

    @functools.wraps(plain)
    def init(self: Any, *args: Any, **more: Any) -> None:
        plain(self, *args, **more)
        frame = sys._getframe(1)
        while frame.f_locals.get("self") is self and frame.f_back is not None:
            frame = frame.f_back
        _note(self.code, frame)

    kind.__init__ = init


def _noting_rows(kind: type[Any]) -> None:
    """Do the same for a tuple with names, which is made before it is initialized."""
    plain = kind.__new__

    @functools.wraps(plain)
    def new(cls: Any, *args: Any, **more: Any) -> Any:
        made = plain(cls, *args, **more)
        _note(made.code, sys._getframe(1))
        return made

    kind.__new__ = new  # type: ignore[method-assign]


def _note(code: str, frame: FrameType) -> None:
    if frame.f_code.co_filename.startswith(PRODUCT):
        _met.add(code)


_noting(RingmarkError)
_noting_rows(RowProblem)


@functools.cache
def promised() -> dict[str, set[str]]:
    """Which codes each test is to produce (tests/gallery/produced.csv), by its place."""
    found: dict[str, set[str]] = {}
    with PRODUCED.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["test"], set()).add(row["code"])
    return found


def produces(code: str, met: set[str]) -> bool:
    """Whether `code`, perhaps with a star, is among those met."""
    return code in met or ("*" in code and any(fnmatchcase(other, code) for other in met))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which tests ran: what is skipped promises nothing."""
    report = yield
    if call.when == "call":
        item.stash[_WAS_CALLED] = not report.skipped
    return report


@pytest.fixture(autouse=True)
def produced(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold each test to the errors that produced.csv says it produces."""
    _met.clear()
    yield
    request.node.user_properties.append(("codes", " ".join(sorted(_met))))
    wanted = promised().get(request.node.nodeid, set())
    if wanted and getattr(request.function, "is_hypothesis_test", False):
        pytest.fail(f"whether this test produces {wanted} is left to chance: name another one")
    if not request.node.stash.get(_WAS_CALLED, False):
        return  # it was skipped
    missing = [code for code in wanted if not produces(code, _met)]
    if missing:
        pytest.fail(f"this test no longer produces {missing}: see produced.csv")


@pytest.fixture(scope="session")
def project_root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public vectors and real data beside the project; skips where it is absent."""
    folder = Path(os.environ.get("RINGMARK_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the public data folder {folder} is missing in CI")
        pytest.skip("the folder of public vectors is not on this machine")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server of this test session; skips where none is installed, fails so in CI."""
    servers = _servers()
    if servers.binaries() is None:
        said = "PostgreSQL 15 or newer is not installed (Debian: postgresql)"
        if os.environ.get("CI"):
            pytest.fail(f"{said}, and CI must have it")
        pytest.skip(said)
    with servers.Server() as server:
        yield server


@pytest.fixture
def database(postgres: Any) -> str:
    """The address of a new, empty place for one ledger on that server."""
    found: str = postgres.new_schema()
    return found


def _servers() -> Any:
    if "postgres_server" not in sys.modules:
        path = ROOT / "tests/postgres/postgres_server.py"
        spec = importlib.util.spec_from_file_location("postgres_server", path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["postgres_server"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["postgres_server"])
    return sys.modules["postgres_server"]
