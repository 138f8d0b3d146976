"""Following other processes: what they wrote is taken over from the rows, then checked.

Owns the step from one head to a later one that somebody else wrote. Every closing on the way must
be linked and signed, the leaves must give the head's root and the records its state root; whoever
finds otherwise opens the ledger anew, and the checks of a start decide.
"""

from __future__ import annotations

from ledger.errors import DamagedError
from ledger.log.tree import leaf_hash
from ledger.registrar.live import Live
from ledger.registrar.opening import (
    Signers,
    about_ledger,
    check_state,
    check_tail,
    last_closing,
    sign_on,
)
from ledger.storage.highwater import HighWaterMark
from ledger.storage.protocol import Store

CHUNK = 1_024
"""Leaves that are read at once: another process may be thousands of blocks ahead."""


def follow(live: Live, store: Store, mark: HighWaterMark, *, signers: Signers) -> bool:
    """Bring `live` to the store's head; False where the store does not tell what changed.

    What is durable and was not signed yet is signed, as at a start. Raise what contradicts; `live`
    is spent then.
    """
    head = live.head
    if head is None:
        return False
    # The mark first: it never lies above a head that is read after it.
    marked = mark.read()
    with store.snapshot():
        changed = store.changes(head.height)
        if changed is None:
            return False
        closing = last_closing(store, changed.head)
        for start in range(head.size, changed.head.size, CHUNK):
            for raw in store.raws(start, min(start + CHUNK, changed.head.size)):
                live.edge.append(leaf_hash(raw))
        if live.edge.frontier().root() != changed.head.root:
            raise DamagedError(
                "store.root",
                f"The {changed.head.size} leaves of the database do not give the root of its head.",
                hint="Leaf bytes changed: restore them from a mirror.",
                params={"size": changed.head.size},
            )
        live.statemap.apply({path: value for _, _, path, value in changed.records})
        check_state(live.statemap, closing)
        live.state.follow(changed)
        check_tail(store, head.size, closing, about=about_ledger(live.state))
    live.head, live.mark = changed.head, marked
    sign_on(live, mark, signers=signers)
    return True
