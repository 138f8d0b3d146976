"""Fixtures of the fault tests: the actors, a settled directory, a small disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DISK_BYTES = 8 << 20
# The campaigns are programs too: they import each other by name, in tests and on their own.
sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(scope="session")
def actors() -> Any:
    import actors

    return actors


@pytest.fixture
def directory(actors: Any, tmp_path: Path) -> Path:
    """A founded directory whose actors are settled; nobody has it open."""
    actors.found_directory(tmp_path / "ledger")
    _, opened = actors.open_world(tmp_path / "ledger", settle=True)
    opened.close()
    return tmp_path / "ledger"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MiB; needs the right to mount, and says so where it is missing."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        if os.environ.get("CI"):
            pytest.fail("no small disk can be mounted in CI")
        pytest.skip("mounting a small disk needs to be root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
