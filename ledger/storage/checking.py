"""What a stored row says of itself, checked when it is read: nothing is told from a damaged row.

Owns the checks of leaves and records against the hashes beside them, and the checksum that stands
before the body of a derived row that nothing else covers (keys, offers, pending acts). A disk that
changes a bit is met here; somebody who changes rows on purpose is met by the audit.
"""

from __future__ import annotations

import hashlib

from ledger.errors import DamagedError
from ledger.log.statemap import state_path
from ledger.log.tree import leaf_hash
from ledger.storage.protocol import LeafRow, RecordRow

SUM_SIZE = 8
_REBUILD = "Rebuild the derived tables from the leaves: `ringmark doctor --rebuild`."


def check_leaf(row: LeafRow, *, index: int) -> LeafRow:
    """Return a leaf's row; raise DamagedError unless its bytes have the hash beside them."""
    if row.leaf != index or leaf_hash(row.raw) != row.hash:
        raise DamagedError(
            "store.leaf-bytes",
            f"The bytes of leaf {index} do not have the hash that stands beside them.",
            hint="Restore the newest copy with its high-water mark, or the leaves from a mirror.",
            params={"index": index},
        )
    return row


def check_record(row: RecordRow, *, ledger: bytes, kind: str, name: str) -> RecordRow:
    """Return a record's row; raise DamagedError unless it is this subject's, with its own hash.

    `ledger` is the 32-byte ledger id.
    """
    is_own = row.path == state_path(ledger, kind, name)
    if not is_own or hashlib.sha256(row.record).digest() != row.hash:
        raise DamagedError(
            "store.record-bytes",
            f"The stored record of {kind}/{name} is damaged.",
            hint=_REBUILD,
            params={"subject": f"{kind}/{name}"},
        )
    return row


def seal(body: bytes, *about: bytes) -> bytes:
    """Return a body with an 8-byte checksum before it, which covers `about` too."""
    return _sum(body, about) + body


def unseal(sealed: bytes, *about: bytes) -> bytes:
    """Return the body; raise DamagedError `store.derived` where the checksum is another one."""
    body = sealed[SUM_SIZE:]
    if _sum(body, about) != sealed[:SUM_SIZE]:
        raise DamagedError(
            "store.derived",
            "A stored key, offer or pending act is damaged.",
            hint=_REBUILD,
        )
    return body


def _sum(body: bytes, about: tuple[bytes, ...]) -> bytes:
    digest = hashlib.sha256()
    for part in (*about, body):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()[:SUM_SIZE]
