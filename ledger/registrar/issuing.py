"""What comes back with a registration: its receipt.

Owns which proof belongs to a statement: the path at the size after its own block, under the
checkpoint of that size. Paths of a new block come from the edge of the tree in memory, those of
older ones from storage. Stores nothing.
"""

from __future__ import annotations

from ledger import keys
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.frontier import HashReader, prove_inclusion
from ledger.log.proof import TlogProof, format_tlog_proof


def issue_receipt(reader: HashReader, *, index: int, size: int, note: bytes) -> bytes:
    """Return the `.tlog-proof` of leaf `index` in the tree of `size` (C2SP tlog-proof)."""
    path = prove_inclusion(reader, index=index, size=size)
    return format_tlog_proof(TlogProof(index, tuple(path), note))


def sign_head(*, origin: str, size: int, root: bytes, signer: keys.Signer) -> bytes:
    """Return the signed note of a tree head (C2SP tlog-checkpoint)."""
    return sign_checkpoint(Checkpoint(origin, size, root), signer=signer, name=origin)
