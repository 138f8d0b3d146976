"""Fixtures for the wire: the vector files and their generators."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))


def read(root: Path, name: str) -> Any:
    return json.loads((root / "tests" / "vectors" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def wire_vectors(project_root: Path) -> Any:
    return read(project_root, "wire.json")


@pytest.fixture(scope="session")
def label_vectors(project_root: Path) -> Any:
    return read(project_root, "labels.json")


@pytest.fixture
def generated(project_root: Path) -> Callable[[str], str]:
    def run(name: str) -> str:
        generate: Callable[[], str] = run_path(
            str(project_root / "tests" / "vectors" / f"{name}.py")
        )["generate"]
        return generate()

    return run
