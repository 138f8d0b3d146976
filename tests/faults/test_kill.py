"""kill -9 in mid-write: the short form of `campaign.py kill` (T01)."""

from __future__ import annotations

from pathlib import Path

import storm

KILLS, REGISTRATIONS = 20, 800


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    seen = storm.run(tmp_path / "ledger", kills=KILLS, registrations=REGISTRATIONS, seed=7)
    assert (seen.kills, seen.registrations) == (KILLS, REGISTRATIONS)
    assert (seen.lost, seen.moved, seen.doubled) == (0, 0, 0)
    assert seen.sent_again > 0
    assert seen.restart_max_ms < 5_000
