"""T43: the wheel has the same bytes whoever makes it: folder, umask and times of files differ."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PARTS = ("pyproject.toml", "README.md", "Makefile", "requirements.lock", "ledger", "web", "cli")
FLAGS = "WHEEL_FLAGS=--no-build-isolation --no-index"


def made(root: Path, place: Path, *, umask: int, stamp: int) -> tuple[str, bytes]:
    """Make the wheel of a copy whose files have these modes and times."""
    place.mkdir(parents=True)
    junk = shutil.ignore_patterns("__pycache__")
    for name in PARTS:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=junk)
        else:
            shutil.copy(source, place / name)
    for path in place.rglob("*"):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
        os.utime(path, (stamp, stamp))
    words = ["make", "wheel", f"PYTHON={sys.executable}", FLAGS]
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1790000000"}
    subprocess.run(words, cwd=place, env=env, umask=umask, check=True, capture_output=True)
    (wheel,) = (place / "dist").iterdir()
    return wheel.name, hashlib.sha256(wheel.read_bytes()).digest()


def test_two_makers_make_the_same_wheel(project_root: Path, tmp_path: Path) -> None:
    one = made(project_root, tmp_path / "one", umask=0o022, stamp=1_700_000_000)
    other = made(project_root, tmp_path / "the" / "other", umask=0o077, stamp=1_000_000_000)
    assert one == other
    assert one[0].endswith("-py3-none-any.whl")
