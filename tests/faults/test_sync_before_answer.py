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

ROUNDS = 40
PROGRAM = """
import os, sys
sys.path.insert(0, sys.argv[2])
import actors
world, opened = actors.open_world(actors.Path(sys.argv[1]))
raws = [world.birth() for _ in range(int(sys.argv[3]))]
for raw in raws:
    (done,) = world.submit(raw)
    os.write(1, b"ACK\\n")
os._exit(0)
"""


def test_each_answer_follows_both_syncs(
    actors: Any, directory: Path, project_root: Path, tmp_path: Path
) -> None:
    if shutil.which("strace") is None:
        if os.environ.get("CI"):
            pytest.fail("strace is missing in CI")
        pytest.skip("strace is not on this machine")
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=fdatasync,fsync,write,pwrite64"]
    program = [sys.executable, "-c", PROGRAM, str(directory), str(project_root / "tests/faults")]
    subprocess.run(
        [*command, *program, str(ROUNDS)], check=True, capture_output=True, cwd=project_root
    )
    dirty: set[str] = set()
    synced: set[str] = set()
    answers = 0
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        name = next((n for n in ("ledger.db-wal", "high-water") if f"{n}>" in line), None)
        if '"ACK' in line and "write(1" in line:
            answers += 1
            assert synced == {"ledger.db-wal", "high-water"}
            assert dirty == set()
            synced.clear()
        elif name and ("fdatasync(" in line or "fsync(" in line):
            dirty.discard(name)
            synced.add(name)
        elif name and ("write" in line):
            dirty.add(name)
    assert answers == ROUNDS
