"""A PostgreSQL server of the tests' own: in a temporary directory, on a Unix socket, durable.

PostgreSQL refuses to run as root; the tests of CI do, so the server runs as another user there.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

PORT = 5432
START_S_MAX = 120
"""A server that was killed reads its WAL first, on a machine where much else runs."""
SETTINGS = (
    "listen_addresses=",
    "shared_buffers=64MB",
    "max_connections=120",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "log_min_messages=fatal",
)


def binaries() -> Path | None:
    """Return the folder of initdb and postgres, of the newest version from 15 on, or None.

    POSTGRES_BIN names another one: to try a version.
    """
    if named := os.environ.get("POSTGRES_BIN"):
        return Path(named)
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: -int(f.parent.name))
    found = shutil.which("initdb")
    if found:
        folders.append(Path(os.path.realpath(found)).parent)
    for folder in folders:
        if (folder / "postgres").exists() and _version(folder) >= 15:
            return folder
    return None


class Server:
    """A server that can be stopped as a power cut would stop it, and started again."""

    def __init__(self, data: Path | None = None) -> None:
        found = binaries()
        assert found is not None
        self._bin = found
        self.folder = Path(tempfile.mkdtemp(prefix="rm-pg-"))
        self.data = self.folder / "data"
        self._count = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _unprivileged()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
        if data is None:
            self._run("initdb", "-D", str(self.data), "-U", "owner", "-A", "trust", "-k", "-N")
        else:
            shutil.copytree(data, self.data)
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for path in (self.data, *self.data.rglob("*")):
                if self._as:
                    os.chown(path, self._as["user"], self._as["group"])

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *settings: str) -> None:
        """Start the server, perhaps with other settings, and wait until it answers."""
        words = [str(self._bin / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
        for setting in (*SETTINGS, *settings):
            words += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, cwd=self.folder, stdout=log, stderr=log, **self._as
            )
        until = time.monotonic() + START_S_MAX
        while True:
            try:
                psycopg.connect(self.address("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def stop(self, mode: str) -> None:
        """Stop it: `fast`, `immediate` (no checkpoint), or `kill` (SIGKILL of the postmaster)."""
        process, self._process = self._process, None
        if process is None:
            return
        kinds = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill": signal.SIGKILL}
        process.send_signal(kinds[mode])
        process.wait(START_S_MAX)
        if mode == "kill":
            self._wait_for_children()

    def restart(self, mode: str) -> None:
        """Stop and start it."""
        self.stop(mode)
        self.start()

    @contextmanager
    def standing_still(self, *, application: str | None = None) -> Iterator[None]:
        """Let the whole server stand still, its lines open; or only what serves an application."""
        query = f"SELECT pid FROM pg_stat_activity WHERE application_name = '{application}'"
        named = [pid for (pid,) in self.ask("postgres", query)] if application else None
        stopped = list(_alive(self.data)) if named is None else named
        try:
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

    def address(self, name: str, *, user: str = "owner") -> str:
        """Return the address of a database of this server."""
        return f"postgresql://{user}@/{name}?host={self.folder}&port={PORT}"

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        self._count += 1
        name = f"t{os.getpid()}_{self._count}"
        self.ask("postgres", f"CREATE DATABASE {name} TEMPLATE template0")
        return self.address(name)

    def new_schema(self) -> str:
        """Make an empty schema in one database and return its address: quicker than a database."""
        self._count += 1
        name = f"s{self._count}"
        self.ask("postgres", f"CREATE SCHEMA {name}")
        return f"{self.address('postgres')}&options=-csearch_path%3D{name}"

    def ask(self, name: str, query: str, *, user: str = "owner") -> list[Any]:
        """Run one statement in a database and return its rows."""
        with psycopg.connect(self.address(name, user=user), autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def dump(self, address: str) -> bytes:
        """Return a logical copy of a database, as an operator's nightly job makes it."""
        return self._run("pg_dump", "--format=custom", address)

    def restore(self, copy: bytes, address: str) -> None:
        """Put such a copy into an empty database."""
        self._run("pg_restore", "--dbname", address, data=copy)

    def _run(self, program: str, *words: str, data: bytes | None = None) -> bytes:
        done = subprocess.run(
            [str(self._bin / program), *words], cwd=self.folder, input=data,
            capture_output=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}, **self._as,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def _wait_for_children(self) -> None:
        # Children of a killed postmaster notice within moments and leave; shared memory is theirs.
        until = time.monotonic() + START_S_MAX
        while any(_alive(self.data)) and time.monotonic() < until:
            time.sleep(0.02)


def _alive(data: Path) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.readlink(entry / "cwd") == str(data):
                yield int(entry.name)
        except OSError:
            continue


def _version(folder: Path) -> int:
    said = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return int(said.stdout.split()[2].split(".")[0])


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("nobody here who is not root")
