"""The published checkpoint as a file that web servers and mirrors hand out as it is.

Owns how it is replaced: written beside, synced, renamed. Knows nothing of what the note says.
"""

from __future__ import annotations

from pathlib import Path

from ledger.storage.durable import replace_file


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
        """Publish a signed note in place of the one before, durably."""
        replace_file(self.path, note)


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
