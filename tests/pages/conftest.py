"""The stall and its pages, built once for this folder; tests that change it build their own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from flask.testing import FlaskClient
from stall import Stall, build_stall


@pytest.fixture(scope="module")
def stall() -> Stall:
    return build_stall()


@pytest.fixture
def client(stall: Stall) -> Iterator[FlaskClient]:
    with stall.client() as client:
        yield client
