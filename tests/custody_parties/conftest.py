"""A fresh ledger with its parties for each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ledger_world import LedgerWorld, founded_world


@pytest.fixture
def world() -> LedgerWorld:
    return founded_world()


@pytest.fixture
def strict() -> LedgerWorld:
    """Two root keys of two, and two persons for grave acts."""
    return founded_world(root=2, threshold=2, thresholds="thresholds-two")
