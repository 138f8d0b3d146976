"""One bit flipped in every page: the short form of `campaign.py damage` (T12)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import flips
import pytest


@pytest.fixture
def ledger(actors: Any, directory: Path, tmp_path: Path) -> Path:
    """A closed ledger with every kind of page: interior ones, leaves, overflow."""
    return flips.furnish(directory)


@pytest.mark.slow
def test_a_flipped_bit_is_reported_or_changes_nothing(ledger: Path, tmp_path: Path) -> None:
    seen = flips.run(ledger, tmp_path / "flipped", bits=2, seed=5, is_full=False)
    assert (seen.silent, seen.crashed) == (0, 0), seen.where
    assert seen.reported > seen.pages / 2
    assert seen.reported + seen.unused == seen.bits


@pytest.mark.slow
def test_a_flipped_bit_in_the_wal_is_reported_or_changes_nothing(
    actors: Any, ledger: Path, tmp_path: Path
) -> None:
    world, opened = actors.open_world(ledger)
    world.submit(world.birth())
    shutil.copytree(ledger, tmp_path / "killed")
    opened.close()
    (tmp_path / "killed" / "ledger.db-shm").unlink()
    seen = flips.run(tmp_path / "killed", tmp_path / "flipped", bits=2, seed=6, is_full=False,
                     names=("ledger.db-wal",))  # fmt: skip
    assert (seen.silent, seen.crashed) == (0, 0), seen.where
    assert seen.reported > 0
