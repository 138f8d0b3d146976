"""What the registrar keeps in memory of the ledger after its last closing.

Owns the sum of it as one value that is rebuilt from the store after any doubt, never patched.
"""

from __future__ import annotations

from msgspec import Struct, field

from ledger.log.edge import Edge
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
