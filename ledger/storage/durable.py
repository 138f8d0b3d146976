"""Files and directories that are there, and whole, after a power cut.

Owns the order of write, sync, rename and sync of the name, and nothing else; what a file says is
its caller's.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

_PIECE = 1 << 20


def replace_file(path: Path, data: bytes, *, stays: Callable[[bytes], bool] | None = None) -> None:
    """Put `data` in place of the file at `path`, durably: always the old or the new, whole.

    `stays` is shown what is there, while no other process replaces it: if True, it is left.
    """
    beside = path.with_name(path.name + ".new")
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Several processes may serve one folder: the file beside is one writer's at a time.
        fcntl.flock(directory, fcntl.LOCK_EX)
        if stays is not None and path.exists() and stays(path.read_bytes()):
            return
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        os.fsync(directory)
    finally:
        os.close(directory)


def make_directory(path: Path) -> None:
    """Make a directory that only its owner may enter, and those above it, their names durable."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_directory(path.parent)


def sync_file(path: Path) -> None:
    """Make the content of a file durable that something else wrote."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def write_again(path: Path) -> None:
    """Write a file's own bytes over themselves and sync them.

    After a sync that failed, the system may hold bytes that it shows to everybody and will never
    write; the next sync succeeds without them. Written again they are on the disk, or this fails.
    """
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        start = 0
        while piece := os.pread(file, _PIECE, start):
            start += os.pwrite(file, piece, start)
        os.fdatasync(file)
    finally:
        os.close(file)


def sync_directory(path: Path) -> None:
    """Make the entries of a directory durable."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
