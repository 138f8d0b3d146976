"""What a process did to its files, seen from outside with strace: writes, syncs, names, in order.

Owns running a program under strace and reading what strace wrote. The product is not touched: its
real driver, real files and real syncs are watched. Knows nothing of ledgers. Mapped memory is not
seen; the product maps nothing but SQLite's -shm file, which is rebuilt after a crash.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

CALLS = (
    "openat,close,lseek,write,pwrite64,writev,pwritev,ftruncate,fallocate,fsync,fdatasync,rename,"
    "renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,symlink,sendfile,copy_file_range"
)
STRING_MAX = 1 << 22
SYNCS = ("fsync", "fdatasync")
_LINE = re.compile(r"^(\d+) +(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+|\?)(.*)$", re.DOTALL)
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(frozen=True, slots=True)
class Call:
    """A system call: its name, its arguments as text without strings, its strings, its result.

    `phase` is "begin" for the start of a sync, else "end". A write counts from its end and a sync
    covers what ended before its start, so that what overlaps is never believed to be durable.
    """

    name: str
    numbers: tuple[str, ...]
    strings: tuple[bytes, ...]
    result: int
    phase: str = "end"


def needs_strace() -> None:
    """Skip where strace is missing; fail instead where tests must not be skipped."""
    if shutil.which("strace") is None:
        if os.environ.get("CI"):
            pytest.fail("strace is missing in CI")
        pytest.skip("strace is not on this machine")


def record(
    program: Sequence[str],
    *,
    trace: Path,
    cwd: Path,
    faults: Sequence[str] = (),
    paths: Sequence[Path] = (),
    string_max: int = STRING_MAX,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program under strace, its calls written to `trace`; return how it ended.

    `faults` are strace's own injections (`fdatasync:error=EIO:when=3`), on `paths` alone if given.
    Of what is written `string_max` bytes of each call stand in the trace.
    """
    command = ["strace", "-f", "-q", "-xx", "-s", str(string_max), "-o", str(trace)]
    command += [] if paths else ["--seccomp-bpf"]
    command += ["-e", f"trace={CALLS}"]
    for fault in faults:
        command += ["-e", f"inject={fault}"]
    for path in paths:
        command += ["-P", str(path)]
    return subprocess.run([*command, *program], check=False, capture_output=True, cwd=cwd)


def calls(trace: Path, *, whole: bool = True) -> Iterator[Call]:
    """Yield the calls of a trace in the order in which they ended, and when each sync began.

    Where not everything is `whole`, strings that strace cut short are left out; what the program
    said never is.
    """
    begun: dict[str, str] = {}
    with trace.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            matched = _LINE.match(line.rstrip("\n"))
            if matched is None:
                continue
            thread, text = matched.groups()
            if text.endswith("<unfinished ...>"):
                begun[thread] = text.removesuffix("<unfinished ...>").rstrip()
                yield from _begin(begun[thread], whole=whole)
                continue
            is_resumed = text.startswith("<... ")
            if is_resumed:
                text = begun.pop(thread, "") + text.partition(" resumed>")[2]
            found = _CALL.match(text)
            if found is None or found[3] == "?":
                continue
            if not is_resumed:
                yield from _begin(text, whole=whole)
            yield _call(found[1], found[2], result=int(found[3]), whole=whole)


def _begin(text: str, *, whole: bool) -> Iterator[Call]:
    name, _, rest = text.partition("(")
    if name in SYNCS or name == "write":
        call = _call(name, rest.partition(")")[0], result=0, whole=whole)
        yield Call(call.name, call.numbers, call.strings, 0, "begin")


def _call(name: str, text: str, *, result: int, whole: bool) -> Call:
    strings = []
    for found in _STRING.finditer(text):
        if found[2]:
            if not whole and name != "write":
                continue
            raise ValueError(f"strace cut a string of {name} short")
        strings.append(bytes.fromhex(found[1].replace("\\x", "")))
    numbers = tuple(part.strip() for part in _STRING.sub('"', text).split(","))
    return Call(name, numbers, tuple(strings), result)
