"""Fixtures of the PostgreSQL tests: the actors of tests/faults, and a settled ledger."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def actors(project_root: Path) -> Any:
    if "actors" not in sys.modules:
        path = project_root / "tests/faults/actors.py"
        spec = importlib.util.spec_from_file_location("actors", path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["actors"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["actors"])
    return sys.modules["actors"]


@pytest.fixture
def directory(actors: Any, database: str, tmp_path: Path) -> Path:
    """The directory of a founded ledger in PostgreSQL whose actors are settled."""
    actors.found_directory(tmp_path / "ledger", database=database)
    _, opened = actors.open_world(tmp_path / "ledger", settle=True)
    opened.close()
    return tmp_path / "ledger"
