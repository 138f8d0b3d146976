"""What the registrar keeps in memory of the ledger after its last closing.

Owns the sum of it as one value that is rebuilt from the store after any doubt, never patched.
"""

from __future__ import annotations

from msgspec import Struct, field

from ledger.log.edge import Edge
from ledger.log.frontier import LevelStore
from ledger.log.statemap import StateMap
from ledger.storage.highwater import HighWater
from ledger.storage.protocol import Head
from ledger.storage.state import StoredState
from ledger.wire.cose import CoseKey


class Live(Struct):
    """The ledger after its last closing, ready to take the next block.

    `head` and `mark` are None while it is being founded; `mark` is the high-water mark, at the
    head's size and root. `known_keys` are public keys by kid: a kid never means another key, so
    they can be used from any thread.
    """

    ledger: bytes
    origin: str
    hosts: tuple[str, ...]
    head: Head | None
    mark: HighWater | None
    state: StoredState
    statemap: StateMap
    edge: Edge
    known_keys: dict[bytes, CoseKey] = field(default_factory=dict)


class Settled(Struct, frozen=True):
    """The ledger after a closing that is signed and marked, for readers in other threads.

    All of it is of that closing, whatever is being written meanwhile.
    """

    ledger: bytes
    head: Head
    note: bytes
    statemap: StateMap
    levels: LevelStore


def settled(live: Live) -> Settled | None:
    """Return what readers keep of `live`, or None while it is being founded or written."""
    head, mark = live.head, live.mark
    if head is None or mark is None or mark.size != head.size:
        return None
    return Settled(live.ledger, head, mark.note, live.statemap.copy(), live.edge.levels)
