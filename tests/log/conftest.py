"""Fixtures for the log: the vectors, their generator with the reference map, the worked example."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="session")
def log_generator(project_root: Path) -> ModuleType:
    """The module that writes log.json; it holds the reference implementation of the state map."""
    file = project_root / "tests" / "vectors" / "generate_log.py"
    spec = importlib.util.spec_from_file_location("generate_log", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def log_vectors(project_root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (project_root / "tests" / "vectors" / "log.json").read_text(encoding="utf-8")
    )
    return loaded


@pytest.fixture(scope="session")
def log_example(shared_data: Path) -> Path:
    """The folder of the worked log of seven leaves: keys, checkpoints, tiles, proof, receipt."""
    return shared_data / "log-example"
