"""A fresh world of the trade for each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from trade_world import World, bred, harvested, logs, new_world, skins, tags


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def trade() -> World:
    """A world judged by all rules."""
    return new_world(full=True)


@pytest.fixture
def lot(world: World) -> str:
    """A hundred skins of the farm."""
    (code,) = world.tell(bred(skins(100)), by="farm")
    return code


@pytest.fixture
def marked(world: World) -> str:
    """Ten skins with their tags."""
    (code,) = world.tell(bred(skins(10, marks=tags(1, 10))), by="farm")
    return code


@pytest.fixture
def timber(world: World) -> str:
    """Logs of the mill, a cubic metre."""
    (code,) = world.tell(harvested(logs(1_000_000)), by="mill")
    return code
