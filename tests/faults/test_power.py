"""Power cuts on a disk that forgets: the short form of `campaign.py power`, and the disk itself."""

from __future__ import annotations

import random  # noqa: TID251 - a seed for the disk, no secrets
from pathlib import Path

import failed_syncs
import power
import pytest
import syscalls
from disk import Disk, File, Write


@pytest.fixture(autouse=True)
def _strace() -> None:
    syscalls.needs_strace()


@pytest.mark.parametrize("copy", [False, True], ids=["one-place", "with-a-copy"])
def test_nothing_acknowledged_is_lost_at_a_power_cut(tmp_path: Path, copy: bool) -> None:
    tally = power.run(
        tmp_path / "power", cuts=16, per_run=8, seed=int(copy), statements=90, copy=copy
    )
    assert (tally.cuts, tally.lost, tally.moved) == (16, 0, 0)
    assert tally.checked > 200


def test_what_a_failed_sync_lost_is_written_again(tmp_path: Path) -> None:
    tally = failed_syncs.run(tmp_path, syncs=(3, 6), cuts=4, seed=3)
    assert (tally.cuts, tally.lost, tally.moved) == (8, 0, 0)
    assert tally.checked > 20


def test_unsynced_sectors_survive_one_by_one() -> None:
    file = File()
    file.write(Write(0, b"a" * 2_048))
    file.sync(len(file.pending))
    file.write(Write(0, b"b" * 2_048))
    after = {file.after_cut(random.Random(seed)) for seed in range(200)}
    assert {len(content) for content in after} == {2_048}
    assert bytes(2_048).replace(b"\0", b"a") in after
    assert bytes(2_048).replace(b"\0", b"b") in after
    assert any(content[:512] == b"a" * 512 and content[-512:] == b"b" * 512 for content in after)
    assert all(content[i : i + 512] in (b"a" * 512, b"b" * 512) for content in after
               for i in range(0, 2_048, 512))  # fmt: skip


def test_write_after_a_failed_sync_is_not_made_durable_by_the_next_one() -> None:
    lost = File()
    lost.write(Write(0, b"a" * 512))
    for seed in range(50):
        file = File(bytearray(lost.seen), bytearray(), list(lost.pending))
        file.fail(1, random.Random(seed))
        file.sync(len(file.pending))
        if not file.durable:
            assert file.seen == lost.seen
            return
    raise AssertionError("a failed sync never lost anything")


def test_name_is_durable_with_its_directory_alone(tmp_path: Path) -> None:
    trace, base = tmp_path / "trace", tmp_path / "base"
    base.mkdir()
    program = f"import os; f = os.open('{base}/new', os.O_WRONLY | os.O_CREAT)"
    program += "; os.write(f, b'x'); os.fsync(f)"
    synced = f"; d = os.open('{base}', os.O_RDONLY); os.fsync(d)"
    there = {}
    for name, text in (("file", program), ("file and directory", program + synced)):
        disk = Disk(base, seed=1)
        done = syscalls.record(["python3", "-c", text], trace=trace, cwd=tmp_path)
        assert done.returncode == 0
        for call in syscalls.calls(trace):
            disk.take(call)
        (base / "new").unlink()
        (tmp_path / name).mkdir()
        for seed in range(20):
            disk.cut(tmp_path / name / str(seed), seed=seed)
        found = [(tmp_path / name / str(seed) / "new").exists() for seed in range(20)]
        there[name] = (any(found), all(found))
    assert there == {"file": (True, False), "file and directory": (True, True)}
