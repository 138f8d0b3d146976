"""Fixtures of the write path: the actors of tests/faults, and one check of a whole log."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def _load(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("actors", root / "tests/faults/actors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["actors"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def actors(project_root: Path) -> Any:
    return sys.modules.get("actors") or _load(project_root)


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
