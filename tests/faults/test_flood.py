"""A flood of one address leaves others unharmed: the short form of `campaign.py flood` (T39)."""

from __future__ import annotations

from pathlib import Path

import flood
import pytest


@pytest.mark.slow
def test_flood_of_one_address_leaves_others_unharmed(tmp_path: Path) -> None:
    seen = flood.run(tmp_path, seconds=1, connections=80)
    assert (seen.refused_honest, seen.unreported, seen.lost, seen.moved) == (0, 0, 0, 0), seen.kinds
    assert set(seen.kinds) == {"no flood", *flood.KINDS}
    # Some of each flood was turned away, and some of what it registered is in the log.
    for kind in ("statements", "rubbish", "pages"):
        assert seen.kinds[kind]["flood"]["answers"].get("429", 0) > 0, seen.kinds[kind]
    assert seen.acknowledged > 20
