"""The high-water mark: the newest tree head that was ever signed, in a file of its own.

Owns the file (docs/formats/high-water.md): two slots of 4,096 bytes, each with a checksum, written
in turn into preallocated space and made durable by one fdatasync. A database that is older than the
mark, or has another root at its size, is an old copy and must not sign. Knows nothing of databases.

A slot, integers big-endian:

    0   16  ringmark-hwm-v1 and a zero byte
    16   8  generation, one more with each move
    24   8  size
    32  32  root
    64   4  length of the note
    68   n  the signed note, then zeros
    4064 32 SHA-256 of the 4,064 bytes before
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from ledger.errors import DamagedError, NotFoundError, UnavailableError, UsageError
from ledger.storage.durable import sync_directory

MAGIC = b"ringmark-hwm-v1\x00"
SLOT_SIZE = 4_096
NOTE_MAX = SLOT_SIZE - 32 - 68
_FIXED = struct.Struct(">16sQQ32sI")


class HighWater(Struct, frozen=True):
    """A signed tree head: `size` leaves, their 32-byte `root`, and the signed note that says so."""

    size: int
    root: bytes
    note: bytes


class HighWaterMark(Protocol):
    """A place for the mark that every process which may sign reaches."""

    def read(self) -> HighWater:
        """Return the mark; raise DamagedError where it cannot be read."""
        ...

    def move(self, *, expected: HighWater, new: HighWater) -> None:
        """Replace the mark durably; raise UnavailableError unless it still is `expected`."""
        ...

    def settle(self) -> None:
        """Make certain that the mark that is read is durable; called before it is relied on."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class HighWaterFile:
    """The mark in a file; one process at a time moves it, whoever else holds it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotFoundError(
                "high-water.missing",
                f"There is no high-water mark at {_shown(path)}.",
                hint="Say where it is: --high-water PATH|URL. A second copy of the same age has "
                "one. Where none is left nobody may sign any more: ringmark init DIR2 --continues "
                "DIR",
                params={"path": str(path)},
            ) from error

    def read(self) -> HighWater:
        """Return the mark of the newer slot that is whole; DamagedError where none is."""
        return self._newest()[1]

    def move(self, *, expected: HighWater, new: HighWater) -> None:
        """Write the older slot and sync it once; the newer one stays whole whatever happens.

        Raise UnavailableError `high-water.conflict` where the mark has another size or root than
        `expected`; nothing is written then.
        """
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            generation, mark = self._newest()
            check_move(mark, expected=expected, new=new)
            self._write(generation + 1, new)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def settle(self) -> None:
        """Write the newer slot over itself and sync it: a failed sync may have left it in memory.

        The older slot stays as it is, so a mark is whole at every moment.
        """
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self._write(*self._newest())
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _write(self, generation: int, mark: HighWater) -> None:
        slot = encode_slot(generation, mark)
        try:
            os.pwrite(self._file, slot, SLOT_SIZE * (generation % 2))
            os.fdatasync(self._file)
        except OSError as error:
            raise UnavailableError(
                "high-water.failed",
                f"The disk does not keep the high-water mark {self.path}: {error}.",
                hint="Nothing is signed until it does: look at the disk and its log.",
                params={"path": str(self.path)},
            ) from error

    def _newest(self) -> tuple[int, HighWater]:
        both = os.pread(self._file, 2 * SLOT_SIZE, 0)
        slots = (decode_slot(both[:SLOT_SIZE]), decode_slot(both[SLOT_SIZE:]))
        whole = [slot for slot in slots if slot is not None]
        if not whole:
            raise DamagedError(
                "high-water.damaged",
                f"Neither slot of the high-water mark {self.path} is whole.",
                hint="A second copy of the same age has one: put its file high-water here. Where "
                "none is left nobody may sign any more: ringmark init DIR2 --continues DIR",
                params={"path": str(self.path)},
            )
        return max(whole, key=lambda slot: slot[0])


class HighWaterMemory:
    """The mark in memory, for stores in memory."""

    def __init__(self, first: HighWater) -> None:
        self._mark = first

    def read(self) -> HighWater:
        """Return the mark."""
        return self._mark

    def move(self, *, expected: HighWater, new: HighWater) -> None:
        """Replace the mark; raise UnavailableError unless it still is `expected`."""
        check_move(self._mark, expected=expected, new=new)
        self._mark = new

    def settle(self) -> None:
        """Do nothing: memory is as durable as it gets."""

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


def create_high_water(path: Path, first: HighWater) -> None:
    """Create the file with its first mark, preallocated and durable, its directory synced.

    Raise UsageError where a file is there already: a mark is never started anew.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise UsageError(
            "high-water.exists",
            f"A high-water mark stands at {path} already.",
            hint="It belongs to another ledger: choose another place.",
            params={"path": str(path)},
        ) from error
    try:
        os.posix_fallocate(file, 0, 2 * SLOT_SIZE)
        slot = encode_slot(0, first)
        os.pwrite(file, slot + encode_slot(1, first), 0)
        os.fsync(file)
    except BaseException:
        # What is half there would stand in the way of the next try.
        path.unlink()
        raise
    finally:
        os.close(file)
    sync_directory(path.parent)


def try_high_water(path: Path) -> None:
    """Raise what `create_high_water` would where no mark can stand at the path; leave nothing."""
    # The note of a mark is what varies: a file of the full size is the whole question.
    create_high_water(path, HighWater(0, bytes(32), b""))
    path.unlink()


def encode_slot(generation: int, mark: HighWater) -> bytes:
    """Return the 4,096 bytes of a slot."""
    check_form(mark)
    fixed = _FIXED.pack(MAGIC, generation, mark.size, mark.root, len(mark.note))
    body = (fixed + mark.note).ljust(SLOT_SIZE - 32, b"\x00")
    return body + hashlib.sha256(body).digest()


def decode_slot(slot: bytes) -> tuple[int, HighWater] | None:
    """Return generation and mark of a slot, or None unless it is whole."""
    body, checksum = slot[:-32], slot[-32:]
    if len(slot) != SLOT_SIZE or hashlib.sha256(body).digest() != checksum:
        return None
    magic, generation, size, root, length = _FIXED.unpack_from(body)
    if magic != MAGIC or length > NOTE_MAX:
        return None
    return generation, HighWater(size, root, body[_FIXED.size : _FIXED.size + length])


def check_form(mark: HighWater) -> None:
    """Raise UsageError unless root and note have the sizes that every place for marks takes."""
    if len(mark.root) != 32 or len(mark.note) > NOTE_MAX:
        raise UsageError(
            "high-water.form", f"A root has 32 bytes and a note at most {NOTE_MAX:,} bytes."
        )


def check_move(mark: HighWater, *, expected: HighWater, new: HighWater) -> None:
    """Raise UsageError where `new` does not rise, UnavailableError where `mark` is another."""
    if new.size <= expected.size:
        raise UsageError("high-water.backwards", "A high-water mark only ever rises.")
    if (mark.size, mark.root) != (expected.size, expected.root):
        raise UnavailableError(
            "high-water.conflict",
            f"The high-water mark stands at size {mark.size}, not {expected.size}.",
            hint="Another process signs for this ledger: stop one of the two.",
            params={"size": mark.size, "expected": expected.size},
        )


def _shown(path: Path) -> str:
    """Return where a mark would be, and where its name leads that was left for one elsewhere."""
    return f"{path}, which leads to {path.readlink()}" if path.is_symlink() else str(path)
