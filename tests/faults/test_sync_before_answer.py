"""Every acknowledgement follows a sync of the database's WAL and of the high-water mark (T04).

Watched from outside with strace: what the program says of itself is not asked.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lengths import times

ROUNDS = times(40)
PROGRAM = """
import os, sys
sys.path.insert(0, sys.argv[2])
import actors
copy = actors.Path(sys.argv[4]) if len(sys.argv) > 4 else None
world, opened = actors.open_world(actors.Path(sys.argv[1]), copy=copy)
raws = [world.birth() for _ in range(int(sys.argv[3]))]
for raw in raws:
    (done,) = world.submit(raw)
    os.write(1, b"ACK\\n")
os._exit(0)
"""


@pytest.mark.parametrize("has_copy", [False, True], ids=["one-place", "with-a-copy"])
def test_each_answer_follows_both_syncs(
    actors: Any, directory: Path, project_root: Path, tmp_path: Path, has_copy: bool
) -> None:
    if shutil.which("strace") is None:
        if os.environ.get("CI"):
            pytest.fail("strace is missing in CI")
        pytest.skip("strace is not on this machine")
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=fdatasync,fsync,write,pwrite64"]
    program = [sys.executable, "-c", PROGRAM, str(directory), str(project_root / "tests/faults")]
    more = [str(tmp_path / "copy")] if has_copy else []
    subprocess.run(
        [*command, *program, str(ROUNDS), *more], check=True, capture_output=True, cwd=project_root
    )
    folders = [directory, *map(Path, more)]
    needed = {f"{folder}/{name}" for folder in folders for name in ("ledger.db-wal", "high-water")}
    dirty: set[str] = set()
    synced: set[str] = set()
    answers = 0
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        name = next((path for path in needed if f"{path}>" in line), None)
        if '"ACK' in line and "write(1" in line:
            answers += 1
            assert synced == needed
            assert dirty == set()
            synced.clear()
        elif name and ("fdatasync(" in line or "fsync(" in line):
            dirty.discard(name)
            synced.add(name)
        elif name and ("write" in line):
            dirty.add(name)
    assert answers == ROUNDS
