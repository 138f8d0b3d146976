"""Fixtures of the PostgreSQL tests: the actors of tests/faults, and a settled ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "faults")]


@pytest.fixture(scope="session")
def actors() -> Any:
    import actors

    return actors


@pytest.fixture
def directory(actors: Any, database: str, tmp_path: Path) -> Path:
    """The directory of a founded ledger in PostgreSQL whose actors are settled."""
    actors.found_directory(tmp_path / "ledger", database=database)
    _, opened = actors.open_world(tmp_path / "ledger", settle=True)
    opened.close()
    return tmp_path / "ledger"
