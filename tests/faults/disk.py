"""A disk that forgets at a power cut what was not synced, played from recorded system calls.

What is simulated: each file has what is durable, and writes that nobody synced yet. At a cut any
subset of the unsynced 512-byte sectors is on the disk (so writes are lost, torn and reordered); a
file that grew has zeros or rubbish where a sector is missing. Making, renaming and removing a name
is durable once its directory was synced; until then each happened or not, one by one. After a sync
that failed, each sector is on the disk or not, and will not be written again unless the program
writes it again: later syncs succeed without it, as Linux does it. What is not simulated: a disk
that lies about a sync, or that loses what it had kept (tests/faults/flips.py has damage).
"""

from __future__ import annotations

import random  # noqa: TID251 - which sectors survive, no secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from syscalls import SYNCS, Call

SECTOR = 512
SKIPPED = "-shm"


class Write(NamedTuple):
    """Bytes at an offset; without bytes the file is cut or grown to `offset`."""

    offset: int
    data: bytes | None


@dataclass(eq=False)
class File:
    """A file: what the program sees, what is durable, and what lies between."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write] = field(default_factory=list)

    def write(self, change: Write) -> None:
        apply(self.seen, change)
        self.pending.append(change)

    def sync(self, count: int) -> None:
        for change in self.pending[:count]:
            apply(self.durable, change)
        del self.pending[:count]

    def fail(self, count: int, chance: random.Random) -> None:
        self.durable = survive(self.durable, self.pending[:count], chance)
        del self.pending[:count]

    def after_cut(self, chance: random.Random) -> bytes:
        return bytes(survive(self.durable, self.pending, chance))


class Named(NamedTuple):
    """A change of names: `old` goes, `new` points at `node`; either may be absent."""

    old: str | None
    new: str | None
    node: File | Folder | bytes | None


@dataclass(eq=False)
class Folder:
    """A directory: names as the program sees them, durable ones, and changes between."""

    seen: dict[str, File | Folder | bytes] = field(default_factory=dict)
    durable: dict[str, File | Folder | bytes] = field(default_factory=dict)
    pending: list[Named] = field(default_factory=list)

    def change(self, change: Named) -> None:
        rename(self.seen, change)
        self.pending.append(change)

    def sync(self, count: int) -> None:
        for change in self.pending[:count]:
            rename(self.durable, change)
        del self.pending[:count]

    def after_cut(self, chance: random.Random) -> dict[str, File | Folder | bytes]:
        names = dict(self.durable)
        share = chance.choice((0.0, 0.5, 1.0))
        for change in self.pending:
            known = change.old is None or change.old in names
            if known and chance.random() < share:
                rename(names, change)
        return names


class Disk:
    """The tree below `base`, moved on by one recorded call after another."""

    def __init__(self, base: Path, *, seed: int) -> None:
        self.base = base
        self.root = load(base)
        self.chance = random.Random(seed)
        self._open: dict[str, tuple[File | Folder, int]] = {}
        self._begun: dict[int, int] = {}

    def take(self, call: Call) -> None:
        """Move on by one call; what failed changes nothing, but for a sync."""
        if call.name in SYNCS:
            self._sync(call)
        elif call.result >= 0 and call.phase == "end":
            play = getattr(self, f"_{call.name}", None)
            if play is not None:
                play(call)

    def restart(self) -> None:
        """Forget what is open: the process ended, and the system with its memory lives on."""
        self._open.clear()
        self._begun.clear()

    def cut(self, place: Path, *, seed: int) -> None:
        """Write what a power cut at this moment leaves into the new directory `place`."""
        store(self.root, place, random.Random(seed))

    # -- calls on open files

    def _openat(self, call: Call) -> None:
        path = call.strings[0].decode()
        flags = call.numbers[2]
        fd = str(call.result)
        self._open.pop(fd, None)
        parent, name = self._place(path)
        if name is None:
            if path == str(self.base):
                self._open[fd] = (self.root, 0)
            return
        if name.endswith(SKIPPED) or parent is None:
            return
        node = parent.seen.get(name)
        if node is None and "O_CREAT" in flags:
            node = File()
            parent.change(Named(None, name, node))
        if isinstance(node, File):
            if "O_TRUNC" in flags and node.seen:
                node.write(Write(0, None))
            self._open[fd] = (node, len(node.seen) if "O_APPEND" in flags else 0)
        elif isinstance(node, Folder):
            self._open[fd] = (node, 0)

    def _close(self, call: Call) -> None:
        self._open.pop(call.numbers[0], None)

    def _lseek(self, call: Call) -> None:
        if found := self._open.get(call.numbers[0]):
            self._open[call.numbers[0]] = (found[0], call.result)

    def _write(self, call: Call) -> None:
        self._append(call.numbers[0], call.strings[0][: call.result])

    def _writev(self, call: Call) -> None:
        self._append(call.numbers[0], b"".join(call.strings)[: call.result])

    def _append(self, fd: str, data: bytes) -> None:
        found = self._open.get(fd)
        if found is not None and isinstance(found[0], File):
            found[0].write(Write(found[1], data))
            self._open[fd] = (found[0], found[1] + len(data))

    def _pwrite64(self, call: Call) -> None:
        found = self._open.get(call.numbers[0])
        if found is not None and isinstance(found[0], File):
            found[0].write(Write(int(call.numbers[3]), call.strings[0][: call.result]))

    def _ftruncate(self, call: Call) -> None:
        found = self._open.get(call.numbers[0])
        if found is not None and isinstance(found[0], File):
            found[0].write(Write(int(call.numbers[1]), None))

    def _fallocate(self, call: Call) -> None:
        found = self._open.get(call.numbers[0])
        size = int(call.numbers[2]) + int(call.numbers[3])
        if found is not None and isinstance(found[0], File) and size > len(found[0].seen):
            found[0].write(Write(size, None))

    def _sendfile(self, call: Call) -> None:
        target, source = (self._open.get(fd) for fd in call.numbers[:2])
        if target is None or source is None or not call.result:
            return
        assert isinstance(source[0], File)
        explicit = call.numbers[2].startswith("[")
        start = int(call.numbers[2][1:].partition("]")[0]) if explicit else source[1]
        self._append(call.numbers[0], bytes(source[0].seen[start : start + call.result]))
        if not explicit:
            self._open[call.numbers[1]] = (source[0], start + call.result)

    def _sync(self, call: Call) -> None:
        found = self._open.get(call.numbers[0])
        if found is None:
            return
        node = found[0]
        if call.phase == "begin":
            self._begun[id(node)] = len(node.pending)
            return
        count = self._begun.pop(id(node), 0)
        if call.result == 0:
            node.sync(count)
        elif isinstance(node, File):
            node.fail(count, self.chance)

    # -- calls on names

    def _rename(self, call: Call) -> None:
        (old_parent, old), (new_parent, new) = (self._place(s.decode()) for s in call.strings)
        if old_parent is None or new_parent is None or old is None or new is None:
            return
        assert old_parent is new_parent, "names are only moved inside one directory"
        old_parent.change(Named(old, new, old_parent.seen[old]))

    _renameat = _renameat2 = _rename

    def _unlink(self, call: Call) -> None:
        parent, name = self._place(call.strings[0].decode())
        if parent is not None and name is not None and name in parent.seen:
            parent.change(Named(name, None, None))

    _unlinkat = _rmdir = _unlink

    def _mkdir(self, call: Call) -> None:
        parent, name = self._place(call.strings[0].decode())
        if parent is not None and name is not None:
            parent.change(Named(None, name, Folder()))

    _mkdirat = _mkdir

    def _symlink(self, call: Call) -> None:
        parent, name = self._place(call.strings[1].decode())
        if parent is not None and name is not None:
            parent.change(Named(None, name, call.strings[0]))

    def _place(self, path: str) -> tuple[Folder | None, str | None]:
        below = Path(path)
        if not below.is_absolute() or self.base not in below.parents:
            return None, None
        *folders, name = below.relative_to(self.base).parts
        node: File | Folder | bytes | None = self.root
        for folder in folders:
            node = node.seen.get(folder) if isinstance(node, Folder) else None
        return (node, name) if isinstance(node, Folder) else (None, None)


def apply(content: bytearray, change: Write) -> None:
    """Change a file's content as one write does."""
    if change.data is None:
        del content[change.offset :]
        content.extend(bytes(change.offset - len(content)))
        return
    end = change.offset + len(change.data)
    if end > len(content):
        content.extend(bytes(end - len(content)))
    content[change.offset : end] = change.data


def survive(durable: bytearray, pending: list[Write], chance: random.Random) -> bytearray:
    """Return what is on the disk when each unsynced sector was written or not."""
    content = bytearray(durable)
    share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
    rubbish = chance.random() < 0.3
    for change in pending:
        if change.data is None:
            if chance.random() < share:
                apply(content, change)
            continue
        for offset, piece in sectors(change.offset, change.data):
            if chance.random() < share:
                if rubbish and offset > len(content):
                    content.extend(chance.randbytes(offset - len(content)))
                apply(content, Write(offset, piece))
    return content


def sectors(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield a write as the pieces that a disk writes whole or not at all."""
    start = 0
    while start < len(data):
        stop = min(len(data), start + SECTOR - (offset + start) % SECTOR)
        yield offset + start, data[start:stop]
        start = stop


def rename(names: dict[str, File | Folder | bytes], change: Named) -> None:
    """Change the names of a directory as one call does."""
    if change.old is not None:
        names.pop(change.old, None)
    if change.new is not None:
        assert change.node is not None
        names[change.new] = change.node


def load(place: Path) -> Folder:
    """Return a directory of this machine as it is now, all of it durable."""
    folder = Folder()
    for path in sorted(place.iterdir()):
        if path.name.endswith(SKIPPED):
            continue
        node: File | Folder | bytes
        if path.is_symlink():
            node = str(path.readlink()).encode()
        elif path.is_dir():
            node = load(path)
        else:
            content = path.read_bytes()
            node = File(bytearray(content), bytearray(content))
        folder.seen[path.name] = folder.durable[path.name] = node
    return folder


def store(folder: Folder, place: Path, chance: random.Random) -> None:
    """Write a directory as a cut leaves it."""
    place.mkdir(mode=0o700)
    for name, node in sorted(folder.after_cut(chance).items()):
        if isinstance(node, Folder):
            store(node, place / name, chance)
        elif isinstance(node, File):
            (place / name).write_bytes(node.after_cut(chance))
        else:
            (place / name).symlink_to(node.decode())
