"""Opening a ledger for writing: what must agree before anything is signed.

Owns the start-up table of docs/operations.md. The same steps run at start and after any failed
commit. Nothing is repaired here: what contradicts the high-water mark is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from ledger import keys
from ledger.block import closing_key, ledger_subject
from ledger.custody.events import BlockClosed
from ledger.custody.parties import LedgerState
from ledger.errors import (
    DamagedError,
    MalformedError,
    NotFoundError,
    RingmarkError,
    UnavailableError,
)
from ledger.log.checkpoint import parse_checkpoint
from ledger.log.edge import Edge
from ledger.log.frontier import TILE_WIDTH, LevelStore, fold
from ledger.log.statemap import StateMap
from ledger.log.tree import leaf_hash
from ledger.reference.tables import Tables
from ledger.registrar.issuing import sign_head
from ledger.registrar.live import Live
from ledger.statement import (
    Statement,
    cose_key,
    ledger_id,
    parse_statement,
    verify_statement,
)
from ledger.storage.highwater import HighWater, HighWaterMark
from ledger.storage.protocol import BlockRow, Head, Store
from ledger.storage.state import StoredState, stored_map
from ledger.wire.note import parse_note

Signers = Mapping[bytes, keys.Signer]
"""The registrar's private keys by kid."""


class Published(Protocol):
    """Where the published checkpoint stands, for everybody to read."""

    def read(self) -> bytes | None:
        """Return the published signed note, or None where none was published yet."""
        ...

    def write(self, note: bytes) -> None:
        """Publish a signed note in place of the one before."""
        ...


def open_live(
    store: Store, mark: HighWaterMark, published: Published, *, signers: Signers, tables: Tables
) -> Live:
    """Return the ledger ready for its next block, the mark at its head.

    Raise DamagedError where database, mark and published checkpoint contradict each other, and
    NotFoundError for a store without a founding; nothing was written or signed then.
    """
    live = examine(store, mark, published, tables=tables)
    # (6) durable blocks that were never signed are whole: sign on
    sign_on(live, mark, signers=signers)
    return live


def examine(store: Store, mark: HighWaterMark, published: Published, *, tables: Tables) -> Live:
    """Return the ledger as it stands where nothing contradicts anything; nothing is signed.

    `live.mark` may lie below `live.head`. Raises as `open_live` does.
    """
    # What other processes may move is read before the store: neither lies above a later head.
    note, marked = published.read(), mark.read()
    with store.snapshot():
        live, closing = _read_live(store, marked, note, tables=tables)
        head = live.head
        if head is not None and marked.size < head.size:
            check_tail(store, marked.size, closing, about=about_ledger(live.state))
    return live


def sign_on(live: Live, mark: HighWaterMark, *, signers: Signers) -> None:
    """Sign and mark the head of `live` where its mark lies below."""
    if live.head is None or live.mark is None or live.mark.size >= live.head.size:
        return
    signed = signed_mark(live, live.head, signers=signers)
    mark.move(expected=live.mark, new=signed)
    live.mark = signed


def _read_live(
    store: Store, marked: HighWater, note: bytes | None, *, tables: Tables
) -> tuple[Live, BlockClosed]:
    # (1) the head, and no rows after the last closing
    head = store.head()
    founding = store.leaf(0)
    if founding is None:
        raise NotFoundError(
            "ledger.not-founded",
            "There is no ledger in this database.",
            hint="Found one with `ringmark init`.",
        )
    if head is None:
        raise _after_closing(store, 0)
    closing = last_closing(store, head)
    # (2) the leaves give the head's root; the newest ones are hashed again from their bytes
    edge = _edge(store, head)
    # (3) the high-water mark stands on this very tree
    _check_mark(store, marked, head=head, edge=edge)
    # (4) nothing was published that we do not have
    check_published(note, marked)
    # (5) the derived tables are those of the last closing
    statemap = stored_map(store)
    check_state(statemap, closing)
    ledger = ledger_id(parse_statement(founding.raw))
    state = StoredState(store, ledger=ledger, tables=tables, statemap=statemap, born=head.born)
    about = about_ledger(state)
    live = Live(
        ledger=ledger,
        origin=about.origin,
        hosts=about.hosts,
        head=head,
        mark=marked,
        state=state,
        statemap=statemap,
        edge=edge,
    )
    return live, closing


def signed_mark(live: Live, head: Head, *, signers: Signers) -> HighWater:
    """Return a head signed with the checkpoint key in force, as the mark that will record it."""
    signer = signer_for(live.state, purpose="checkpoint", index=head.size - 1, signers=signers)
    note = sign_head(origin=live.origin, size=head.size, root=head.root, signer=signer)
    return HighWater(head.size, head.root, note)


def signer_for(
    state: StoredState,
    *,
    purpose: str,
    index: int,
    signers: Signers,
    about: LedgerState | None = None,
) -> keys.Signer:
    """Return the registrar's key for `purpose` in force at leaf `index`.

    Raise UnavailableError `registrar.no-key` where its private half is not here.
    """
    kid = key_in_force(state, purpose=purpose, index=index, about=about)
    if kid is None or kid not in signers:
        raise UnavailableError(
            "registrar.no-key",
            f"The registrar's {purpose} key in force is not among the keys of this process.",
            hint="Put its file into the keys folder; a backup made --with-keys has it.",
            params={"purpose": purpose},
        )
    return signers[kid]


def key_in_force(
    state: StoredState, *, purpose: str, index: int, about: LedgerState | None = None
) -> bytes | None:
    """Return the kid of the registrar's key for `purpose` in force at leaf `index`, or None."""
    return closing_key(about or about_ledger(state), purpose=purpose, index=index)


def about_ledger(state: StoredState) -> LedgerState:
    """Return what the ledger's record says of the ledger itself: its keys, hosts, root."""
    record = state.record(ledger_subject())
    if record is None or not isinstance(record.state, LedgerState):
        raise DamagedError("store.records", "The ledger has no record of itself.")
    return record.state


def _after_closing(store: Store, size: int) -> DamagedError:
    return DamagedError(
        "store.rows-after-closing",
        f"The database has {store.size()} leaves, its last closing ends at {size}.",
        hint="Restore the newest copy with its high-water mark.",
        params={"leaves": store.size(), "size": size},
    )


def last_closing(store: Store, head: Head) -> BlockClosed:
    """Return the closing that a head names; DamagedError unless it is the last leaf."""
    if store.size() != head.size:
        raise _after_closing(store, head.size)
    row = store.leaf(head.size - 1)
    statement = parse_statement(row.raw) if row else None
    if statement is None or not isinstance(statement.event, BlockClosed):
        raise DamagedError("store.no-closing", "The last leaf of the database is no closing.")
    if statement.id != head.closing:
        raise DamagedError("store.head", "The head of the database names another closing.")
    return statement.event


def _edge(store: Store, head: Head) -> Edge:
    levels = LevelStore()
    for root in store.tile_roots():
        levels.append(root)
    start = levels.tiles * TILE_WIDTH
    raws = store.raws(start, head.size)
    edge = Edge(levels, [leaf_hash(raw) for raw in raws])
    if edge.size != head.size or edge.frontier().root() != head.root:
        raise DamagedError(
            "store.root",
            f"The {head.size} leaves of the database do not give the root of its head.",
            hint="Leaf bytes changed: restore them from a mirror.",
            params={"size": head.size},
        )
    return edge


def _check_mark(store: Store, marked: HighWater, *, head: Head, edge: Edge) -> None:
    if head.size < marked.size:
        raise DamagedError(
            "store.behind-mark",
            f"The database has {head.size} leaves, but {marked.size} were signed for.",
            hint="An old copy was put here, or ledger.db-wal was lost. Keep the mark; with it "
            "`ringmark restore` makes a new folder from a mirror or a newer copy.",
            params={"size": head.size, "mark": marked.size},
        )
    if root_at(store, edge, size=marked.size) != marked.root:
        raise DamagedError(
            "store.other-root",
            f"The first {marked.size} leaves do not give the root that was signed.",
            hint="Leaf bytes changed or the mark is another ledger's: restore both together.",
            params={"mark": marked.size},
        )


def root_at(store: Store, edge: Edge, *, size: int) -> bytes:
    """Return the tree root at an earlier size, 32 bytes, from upper levels and stored hashes.

    Raise DamagedError where the stored hashes do not lead to the root that the edge has: what this
    returns is signed.
    """
    root = edge.frontier().root()
    reader = edge.levels.reader(store.leaf_hashes, size=edge.size, root=root)
    nodes, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            nodes.append(reader.node(level, start >> level))
            start += 1 << level
    return fold(nodes)


def check_published(note: bytes | None, marked: HighWater) -> None:
    """Raise DamagedError where a published note says more than the mark, or another root."""
    if note is None:
        return
    try:
        published = parse_checkpoint(parse_note(note).text)
    except MalformedError as error:
        raise damaged_checkpoint(error) from error
    if published.size > marked.size:
        raise DamagedError(
            "high-water.old",
            f"A checkpoint of size {published.size} was published, the mark is at {marked.size}.",
            hint="The high-water mark is old or another ledger's: restore the newest one.",
            params={"published": published.size, "mark": marked.size},
        )
    if published.size == marked.size and published.root != marked.root:
        raise DamagedError(
            "high-water.split",
            f"Two roots were signed for size {marked.size}.",
            hint="Keep both files: they are evidence. This ledger must not go on.",
            params={"size": marked.size},
        )


def check_state(statemap: StateMap, closing: BlockClosed) -> None:
    """Raise DamagedError unless the records give the state root of their closing."""
    if statemap.root() != closing.state:
        raise DamagedError(
            "store.records",
            "The records in the database do not give the state root of the last closing.",
            hint="Rebuild the derived tables from the leaves: `ringmark doctor --rebuild`.",
        )


def check_tail(store: Store, signed: int, last: BlockClosed, *, about: LedgerState) -> None:
    """Raise DamagedError unless the blocks from `signed` on are whole, linked and signed."""
    before = store.leaf(signed - 1)
    linked = before.id if before else b""
    event: object = None
    for block in _blocks_from(store, signed):
        row = store.leaf(block.closing)
        if row is None:
            raise DamagedError("store.tail", f"The closing {block.closing} is missing.")
        statement = parse_statement(row.raw)
        event = statement.event
        if not isinstance(event, BlockClosed) or event.last != linked or event.height > last.height:
            raise DamagedError(
                "store.tail",
                f"The closing at leaf {block.closing} does not follow the one before.",
                hint="Restore the newest copy with its high-water mark.",
                params={"index": block.closing},
            )
        _check_closing_signature(statement, about)
        linked = statement.id
    if event != last:
        raise DamagedError(
            "store.tail",
            f"The blocks from leaf {signed} on do not lead to the last closing.",
            hint="Restore the newest copy with its high-water mark.",
            params={"index": signed},
        )


def _blocks_from(store: Store, size: int) -> Iterator[BlockRow]:
    """Yield the blocks above a size, which end a block itself, page by page."""
    after = size - 1
    while page := store.blocks(after=after):
        yield from page
        after = page[-1].closing


def _check_closing_signature(statement: Statement, about: LedgerState) -> None:
    held = about.keys.get(statement.kid)
    if held is None or held.purpose != "closing":
        raise DamagedError("store.tail", "A closing is not signed by a closing key.")
    verify_statement(statement, cose_key(held.key))


def damaged_checkpoint(error: RingmarkError) -> DamagedError:
    """Return what is said of a published checkpoint that nobody can verify, for that reason."""
    return DamagedError(
        "checkpoint.damaged",
        f"The published checkpoint is damaged: {error.message}",
        hint="Where nobody restored the high-water mark, delete the file checkpoint: it is "
        "written anew.",
    )
