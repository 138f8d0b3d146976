"""Fixtures for all tests: where the public data are, and a PostgreSQL server that they start."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


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
