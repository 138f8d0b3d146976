"""Fixtures for all tests: where the public vectors and real data are."""

from __future__ import annotations

import os
from pathlib import Path

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
