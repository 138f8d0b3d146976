"""A party's own directory: keys, what it trusts, its settings, its outbox.

Owns where things lie and who may read them (docs/cli.md, Home). Key files are sealed; one that
others can read is refused. Knows no statement and no network; the passphrase is an argument.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from ledger import keys
from ledger.ambient import Entropy
from ledger.errors import MalformedError, NotFoundError, ProofError, UsageError
from ledger.storage.durable import sync_directory
from ledger.wire import text
from ledger.wire.cose import CoseKey

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no fcntl; there two commands may collide
    fcntl = None  # type: ignore[assignment]

HOME_VARIABLE = "RINGMARK_HOME"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SETTINGS = ("ledger", "party", "lang")


def default_home() -> Path:
    """Return the home of this user: what RINGMARK_HOME says, else the platform's data folder."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named).expanduser() if named else user_data_path("ringmark")


class Home:
    """One directory with everything that a party keeps for itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = False

    @property
    def trust_path(self) -> Path:
        """Return where the trust file lies."""
        return self.path / "trust.json"

    def folder(self, name: str) -> Path:
        """Return a folder of the home, made with mode 0700 where it is missing."""
        found = self.path / name
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        return found

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this home alone; another command waits until it is free."""
        if self._held:
            yield
            return
        with (self.folder("memory") / "lock").open("wb") as handle:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def settings(self) -> dict[str, Any]:
        """Return the settings as saved: `ledger`, `party`, `lang` and `keys` (name by party)."""
        file = self.path / "config.json"
        if not file.exists():
            return {}
        plain = text.json_loads(file.read_bytes())
        if not isinstance(plain, dict):
            raise MalformedError("home.config", f"{file} is no JSON object.", hint="Delete it.")
        return plain

    def remember(self, **settings: Any) -> None:
        """Save `settings` beside those saved before; None leaves one as it is."""
        plain = {**self.settings(), **{k: v for k, v in settings.items() if v is not None}}
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(self.path / "config.json", text.json_dumps(plain).encode() + b"\n")

    def key_names(self) -> tuple[str, ...]:
        """Return the names of the keys in this home, sorted."""
        folder = self.path / "keys"
        if not folder.is_dir():
            return ()
        return tuple(sorted(file.stem for file in folder.glob("*.key")))

    def key_name(self, party: str) -> str:
        """Return the name of the key with which `party` signs here."""
        chosen = self.settings().get("keys", {}).get(party)
        name = chosen if isinstance(chosen, str) else party
        if name not in self.key_names():
            raise NotFoundError(
                "home.no-key",
                f"There is no key of {party} in {self.path}.",
                hint=f"Make one: ringmark --as {party} key create",
                params={"party": party},
            )
        return name

    def save_key(
        self, name: str, private: keys.PrivateKey, *, passphrase: str, entropy: Entropy
    ) -> Path:
        """Write a new key, sealed, with mode 0600; an existing one is never overwritten."""
        file = self._key_path(name)
        if file.exists():
            raise UsageError(
                "home.key-exists",
                f"A key named {name} exists already.",
                hint="Choose another name with --name, or rotate it: ringmark key rotate",
            )
        write_file(file, keys.seal(private, passphrase=passphrase, token=entropy.token))
        return file

    def drop_key(self, name: str) -> None:
        """Remove a key that nothing rests on."""
        self._key_path(name).unlink(missing_ok=True)
        sync_directory(self.folder("keys"))

    def use_key(self, party: str, name: str) -> None:
        """Let `party` sign with the key `name` from now on."""
        chosen = dict(self.settings().get("keys", {}))
        chosen[party] = name
        self.remember(keys=chosen)

    def public_key(self, name: str) -> CoseKey:
        """Return the public half of a key; needs no passphrase."""
        return keys.sealed_key(self._key_file(name))

    def public_keys(self) -> Iterator[CoseKey]:
        """Yield the public halves of all keys here."""
        yield from map(self.public_key, self.key_names())

    def private_key(self, name: str, *, passphrase: Callable[[], str]) -> keys.PrivateKey:
        """Return a key of this home, opened; `passphrase` is asked only once the file is sound."""
        return keys.unseal(self._key_file(name), passphrase=passphrase())

    def _key_path(self, name: str) -> Path:
        if _KEY_NAME.fullmatch(name) is None:
            raise UsageError(
                "home.key-name",
                f"{name!r} is no name of a key.",
                hint="Use a-z, 0-9, dots and hyphens.",
            )
        return self.folder("keys") / f"{name}.key"

    def _key_file(self, name: str) -> bytes:
        file = self._key_path(name)
        if not file.exists():
            raise NotFoundError(
                "home.no-key",
                f"There is no key named {name} in {self.path}.",
                hint="See which there are: ringmark key list",
                params={"name": name},
            )
        check_private(file)
        return file.read_bytes()


def check_private(file: Path) -> None:
    """Raise ProofError unless only its owner can read `file` and its folder."""
    for place, mode in ((file, "600"), (file.parent, "700")):
        if os.name == "posix" and place.stat().st_mode & _OTHERS:
            raise ProofError(
                "home.key-open",
                f"Others can read {place}.",
                hint=f"If nobody used it: chmod {mode} {place}. If in doubt, revoke the key.",
            )


def write_file(file: Path, body: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    write_file_of(file, (body,))


def write_file_of(file: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of many pieces whole or not at all, readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        # A full disk is not helped by what did not fit on it.
        Path(name).unlink(missing_ok=True)
        raise
    sync_directory(file.parent)
