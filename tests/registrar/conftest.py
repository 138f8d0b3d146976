"""Fixtures of the write path: the actors of tests/faults, and one check of a whole log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The actors and the parts that fail are programs of the fault tests, imported by name.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "faults"))


@pytest.fixture(scope="session")
def actors() -> Any:
    import actors

    return actors


@pytest.fixture
def memory(actors: Any) -> Iterator[tuple[Any, Any]]:
    """A world on a ledger in memory, and the ledger."""
    world, made = actors.memory_world()
    yield world, made
    actors.check_log(made.store, made.trust, published=made.published.read())
    made.registrar.close()


@pytest.fixture
def directory(actors: Any, tmp_path: Path) -> Path:
    """A founded directory whose actors are settled; nobody has it open."""
    actors.found_directory(tmp_path / "ledger")
    _, opened = actors.open_world(tmp_path / "ledger", settle=True)
    opened.close()
    return tmp_path / "ledger"
