"""Key files in a directory: sealed under a passphrase, or plain and guarded by permissions alone.

Owns names, modes and durability of the files; what is inside belongs to `ledger.keys`. A server
that must start by itself has its keys plain, like a TLS key; everybody else seals them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ledger import keys
from ledger.ambient import Entropy
from ledger.errors import DamagedError, MalformedError, NotFoundError, UsageError
from ledger.storage.durable import sync_directory, sync_file
from ledger.wire import cbor
from ledger.wire.cose import CoseKey, thumbprint

SEALED, PLAIN = ".key", ".plain-key"
_PLAIN_NAME = "ringmark.plain-key"


class SealedSigner:
    """A private key that is unsealed when it first signs; its public half is known at once."""

    def __init__(self, data: bytes, *, passphrase: str) -> None:
        self._data = data
        self._passphrase = passphrase
        self._key = keys.sealed_key(data)
        self._kid = thumbprint(self._key)
        self._private: keys.PrivateKey | None = None

    @property
    def key(self) -> CoseKey:
        """Return the public key."""
        return self._key

    @property
    def kid(self) -> bytes:
        """Return the key's thumbprint, 32 bytes."""
        return self._kid

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`; ProofError `key.passphrase` where it does not open."""
        if self._private is None:
            self._private = keys.unseal(self._data, passphrase=self._passphrase)
        return self._private.sign(message)


def write_key(
    folder: Path, name: str, private: keys.PrivateKey, *, passphrase: str | None, entropy: Entropy
) -> Path:
    """Write a private key to a new file of mode 0600, sealed unless `passphrase` is None.

    Raise UsageError where a key of that name is there already.
    """
    if any((folder / f"{name}{ending}").exists() for ending in (SEALED, PLAIN)):
        raise UsageError("key.exists", f"There is a key {name} in {folder} already.")
    if passphrase is None:
        path = folder / f"{name}{PLAIN}"
        data = cbor.encode([_PLAIN_NAME, 1, private.key.alg, private.seed])
    else:
        path = folder / f"{name}{SEALED}"
        data = keys.seal(private, passphrase=passphrase, token=entropy.token)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, data)
        os.fsync(file)
    finally:
        os.close(file)
    sync_directory(folder)
    return path


def remove_key(folder: Path, name: str) -> None:
    """Remove the file of a key that nothing rests on, durably."""
    for ending in (SEALED, PLAIN):
        (folder / f"{name}{ending}").unlink(missing_ok=True)
    sync_directory(folder)


def read_key(folder: Path, name: str, *, passphrase: str | None) -> keys.Signer:
    """Return the private key of that name; a sealed one needs a passphrase.

    Raise NotFoundError without a file, UsageError without a passphrase.
    """
    plain = folder / f"{name}{PLAIN}"
    if plain.exists():
        return _plain(plain)
    sealed = folder / f"{name}{SEALED}"
    if not sealed.exists():
        raise NotFoundError("key.missing", f"There is no key {name} in {folder}.")
    if passphrase is None:
        raise UsageError(
            "key.passphrase-needed",
            f"The key {sealed} is sealed.",
            hint="Give its passphrase: RINGMARK_PASSPHRASE, or ringmark --passphrase-fd N.",
            params={"key": name},
        )
    return SealedSigner(sealed.read_bytes(), passphrase=passphrase)


def is_sealed(folder: Path, name: str) -> bool:
    """Return whether the private key of that name wants a passphrase."""
    return not (folder / f"{name}{PLAIN}").exists() and (folder / f"{name}{SEALED}").exists()


def check_passphrase(folder: Path, name: str, passphrase: str) -> None:
    """Raise ProofError `key.passphrase` where it does not open that sealed key; about 0.3 s."""
    keys.unseal((folder / f"{name}{SEALED}").read_bytes(), passphrase=passphrase)


def key_names(folder: Path) -> list[str]:
    """Return the names of all keys in a directory, sorted."""
    files = [*folder.glob(f"*{SEALED}"), *folder.glob(f"*{PLAIN}")]
    return sorted(file.name.rsplit(".", 1)[0] for file in files)


def copy_keys(names: Iterable[str], source: Path, target: Path) -> None:
    """Copy the files of some keys into another directory, durable; others stay where they are."""
    for name in names:
        for ending in (SEALED, PLAIN):
            if (file := source / f"{name}{ending}").is_file():
                shutil.copy2(file, target / file.name)
                sync_file(target / file.name)
    sync_directory(target)


def key_kid(folder: Path, name: str) -> bytes:
    """Return the kid of a private key, 32 bytes, which needs no passphrase.

    Raise NotFoundError without a file, MalformedError or DamagedError for one that is no key.
    """
    return read_key(folder, name, passphrase="").kid


def _plain(path: Path) -> keys.PrivateKey:
    try:
        value = cbor.decode(path.read_bytes(), size_max=256)
    except MalformedError:
        value = None
    if not isinstance(value, list) or len(value) != 4 or value[:2] != [_PLAIN_NAME, 1]:
        raise DamagedError(
            "key.file", f"The file {path} is not a key.", hint="Put the key's own file there."
        )
    return keys.PrivateKey.from_seed(value[2], value[3])
