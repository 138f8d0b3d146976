"""A fresh world of the trade for each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from trade_world import World, new_world


@pytest.fixture
def world() -> World:
    return new_world()
