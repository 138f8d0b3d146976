"""The small town of the commands, and the small ledgers that proofs are taken from."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "gallery"), str(TESTS / "verify")]

_spec = importlib.util.spec_from_file_location("gallery_town", TESTS / "commands" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_town = importlib.util.module_from_spec(_spec)
sys.modules["gallery_town"] = _town
_spec.loader.exec_module(_town)

built_town, town = _town.built_town, _town.town
