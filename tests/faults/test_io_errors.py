"""Calls to the disk that fail, once and for ever: the short form of `campaign.py calls` (T06)."""

from __future__ import annotations

from pathlib import Path

import io_errors
import pytest
import syscalls

FAULTS = (
    io_errors.Fault("pwrite64", "EIO", 12, False),
    io_errors.Fault("pwrite64", "ENOSPC", 9, True),
    io_errors.Fault("fdatasync", "EIO", 3, True),
    io_errors.Fault("fdatasync", "EIO", 6, False),
    io_errors.Fault("fsync", "EIO", 1, True),
    io_errors.Fault("rename", "EIO", 1, False),
)


@pytest.mark.slow
def test_a_call_that_fails_loses_nothing(tmp_path: Path) -> None:
    syscalls.needs_strace()
    errors = io_errors.run(tmp_path / "calls", FAULTS, seed=3)
    assert (errors.runs, errors.unreported) == (len(FAULTS), 0)
    assert errors.faults >= len(FAULTS) - 1
    assert (errors.tally.lost, errors.tally.moved) == (0, 0)
    assert errors.tally.checked > 30
