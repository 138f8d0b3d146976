"""A server under everything at once: the short form of `campaign.py soak`."""

from __future__ import annotations

from pathlib import Path

import soak

SECONDS = 9


def test_everybody_is_answered_in_time_and_nothing_is_lost(tmp_path: Path) -> None:
    seen = soak.run(tmp_path / "ledger", seconds=SECONDS, seed=7)
    assert {"statement", "batch", "dry run", "page", "card", "bundle"} <= set(seen.asked)
    assert (seen.late, seen.crashed, seen.lost, seen.moved) == (0, 0, 0, 0)
    assert len(seen.indexes) > 100
