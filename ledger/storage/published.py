"""The published checkpoint as a file that web servers and mirrors hand out as it is.

Owns how it is replaced: written beside, synced, renamed, and never by an older one. Checks no
signature.
"""

from __future__ import annotations

from pathlib import Path

from ledger.errors import MalformedError
from ledger.log.checkpoint import parse_checkpoint
from ledger.storage.durable import replace_file
from ledger.wire.note import parse_note


class PublishedFile:
    """The published signed note in one file, always whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes | None:
        """Return the published signed note, or None where none was published yet."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, note: bytes) -> None:
        """Publish a signed note in place of the one before, durably; a larger one stays.

        Of several processes that write in turn a slow one may come after the one that followed it.
        """
        size = _size_of(note)
        replace_file(self.path, note, stays=lambda before: _size_of(before) > size)


class PublishedNote:
    """The published signed note in memory, for stores in memory."""

    def __init__(self) -> None:
        self._note: bytes | None = None

    def read(self) -> bytes | None:
        """Return the published signed note, or None where none was published yet."""
        return self._note

    def write(self, note: bytes) -> None:
        """Publish a signed note in place of the one before."""
        self._note = note


def _size_of(note: bytes) -> int:
    try:
        return parse_checkpoint(parse_note(note).text).size
    except MalformedError:
        # What cannot be read is no reason to keep it.
        return 0
