"""What an auditor keeps to go on from: the whole replayed state, bound to a size and a root.

Owns the file `ringmark.remembered` (docs/formats/remembered.md). It is the auditor's own: nobody
else's is ever taken. Old leaves are hashed again against its root, only new ones are judged. It is
written and read in pages, so that neither takes the memory of the state a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import groupby, islice
from typing import Any

from msgspec import Struct

from ledger.block import Position
from ledger.custody.events import BlockClosed
from ledger.custody.gaps import Gaps
from ledger.custody.state import Act, KeyUse
from ledger.custody.subjects import Digest, Kind
from ledger.custody.transfers import Offer
from ledger.errors import MalformedError, UndecidedError
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap, state_path
from ledger.records import pack_gaps, unpack_gaps
from ledger.reference.tables import Tables
from ledger.statement import as_signed, parse_statement
from ledger.verify.packed import PackedBase, Shelf, ShelfRow, record_bytes
from ledger.verify.replay import NAMED_SIZE, Replay, SignatureCheck
from ledger.wire import cbor, fields, frame

NAME = "ringmark.remembered"
MAGIC = b"ringmark.remembered\n"
VERSION = 1
PAGE_ROWS = 1_024
PAGE_SIZE_MAX = 1 << 28
HEAD_SIZE_MAX = 1 << 30
_ROW_TYPES = [str, bool, bytes]
LeafAt = Callable[[int], bytes]
"""Reads the leaf at a 0-based index."""


class RememberedError(MalformedError):
    """The auditor's own file does not hold: it says nothing of the ledger."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(
            code, message, hint="Move the file away: without it the whole ledger is audited again."
        )


class _Head(Struct, frozen=True):
    ledger: Digest
    size: int
    root: Digest
    height: int
    last: Digest
    at: int
    lots_born: int
    nodes: tuple[bytes, ...]
    offers: tuple[Offer, ...]
    acts: tuple[tuple[bytes, int, int, int, tuple[str, ...]], ...]
    """Rows of id, leaf index, time of its block, time of lapse, approvals."""
    uses: tuple[tuple[bytes, int, bytes], ...]
    """Rows of kid, last number, and the gaps before it (`records.pack_gaps`)."""
    owners: tuple[tuple[bytes, str], ...]
    refused: bytes
    """The first 16 bytes of each id that a closing named as refused, sorted, one after another."""
    pages: Digest
    """SHA-256 of all bytes of the file before the head."""


def is_remembered(data: bytes) -> bool:
    """Return whether a file is of this kind, by its first bytes."""
    return data[: len(MAGIC)] == MAGIC


class State:
    """The file to resume from, made when it is asked for."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def __iter__(self) -> Iterator[bytes]:
        return format_state(self._replay)

    def __bytes__(self) -> bytes:
        return b"".join(self)


def format_state(replay: Replay) -> Iterator[bytes]:
    """Yield, piece by piece, the file to resume from after a replay that found nothing wrong."""
    if replay.position is None:
        raise MalformedError("remembered.empty", "Nothing was replayed: there is nothing to keep.")
    digest = hashlib.sha256()
    for piece in _pages(replay.base):
        digest.update(piece)
        yield piece
    head = _head(replay, replay.position, digest.digest())
    yield frame.frame(NAME, VERSION, cbor.encode(fields.to_plain(head)))


def parse_state(
    data: bytes, *, tables: Tables, check: SignatureCheck, leaf: LeafAt, shelf: Shelf
) -> Replay:
    """Return the replay that `format_state` kept, ready for the next block.

    `data` may be a mapped file, `shelf` is empty and takes the records. `leaf` gives back the
    statements of pending acts. The caller must still hash the old leaves, compare with the replay's
    root, and call `check_resumed`. Raise RememberedError for any other file.
    """
    digest, at = hashlib.sha256(), len(MAGIC)
    if not is_remembered(data[:at]):
        raise RememberedError("remembered.form", "The file is no remembered state.")
    digest.update(MAGIC)
    while size := int.from_bytes(data[at : at + 4], "big"):
        if size > PAGE_SIZE_MAX:
            raise RememberedError("remembered.form", "The remembered file is damaged.")
        page = data[at + 4 : at + 4 + size]
        digest.update(data[at : at + 4] + page)
        shelf.put(_take_page(page))
        at += 4 + size
    digest.update(data[at : at + 4])
    head = _open_head(data[at + 4 :])
    if head.pages != digest.digest():
        raise RememberedError("remembered.form", "The remembered file is damaged.")
    base = PackedBase(ledger=head.ledger, tables=tables, shelf=shelf)
    return _replay(head, base, tables=tables, check=check, leaf=leaf)


def check_resumed(replay: Replay, closing: bytes) -> None:
    """Raise RememberedError unless the state is the one that the last old leaf, `closing`, states.

    The caller has shown that this leaf stands under the remembered root.
    """
    statement = parse_statement(closing)
    event, position = statement.event, replay.position
    if not isinstance(event, BlockClosed) or position is None:
        raise RememberedError("remembered.state", "The remembered size does not end a block.")
    ends = (statement.id, event.height + 1, event.at)
    if ends != (position.last, position.height, replay.at) or event.state != replay.statemap.root():
        raise RememberedError(
            "remembered.state", "The remembered state is not the one that the ledger had then."
        )


def _pages(base: PackedBase) -> Iterator[bytes]:
    yield MAGIC
    for kind, group in groupby(base.shelf.rows(), key=lambda row: row.kind):
        while taken := list(islice(group, PAGE_ROWS)):
            page = cbor.encode([kind, *(item for row in taken for item in row[1:])])
            yield len(page).to_bytes(4, "big") + page
    yield bytes(4)


def _take_page(page: bytes) -> list[ShelfRow]:
    """Return the rows of a page."""
    try:
        kind, *flat = _array(cbor.decode(page, size_max=PAGE_SIZE_MAX))
        of = Kind(kind).value
        rows = [ShelfRow(of, *row) for row in zip(*[iter(flat)] * 3, strict=True)]
    except (MalformedError, ValueError, TypeError) as error:
        raise RememberedError("remembered.form", "The remembered file is damaged.") from error
    if any(list(map(type, row[1:])) != _ROW_TYPES for row in rows):
        raise RememberedError("remembered.form", "The remembered file is damaged.")
    return rows


def _head(replay: Replay, position: Position, pages: bytes) -> _Head:
    base = replay.base
    return _Head(
        ledger=base.ledger,
        size=replay.size,
        root=replay.frontier.root(),
        height=position.height,
        last=position.last,
        at=replay.at,
        lots_born=base.lots_born,
        nodes=replay.frontier.nodes,
        offers=tuple(offer for _, offer in sorted(base.offers.items())),
        acts=tuple(
            (act_id, act.proposal.index, act.proposal.at, act.lapses_at, act.approvals)
            for act_id, act in sorted(base.acts.items())
        ),
        uses=tuple(
            (kid, use.last, pack_gaps(use.gaps)) for kid, use in sorted(base.key_uses.items())
        ),
        owners=tuple(sorted(base.owners.items())),
        refused=b"".join(sorted(replay.named)),
        pages=pages,
    )


def _open_head(data: bytes) -> _Head:
    try:
        version, body = frame.unframe(data, name=NAME, size_max=HEAD_SIZE_MAX)
        plain = cbor.decode(body, size_max=HEAD_SIZE_MAX)
        if version == VERSION:
            return fields.from_plain(_Head, plain, path="remembered")
    except MalformedError as error:
        raise RememberedError("remembered.form", "The remembered file is damaged.") from error
    raise UndecidedError("file.unknown", f"The file has the unknown version {version}.")


def _replay(
    head: _Head,
    base: PackedBase,
    *,
    tables: Tables,
    check: SignatureCheck,
    leaf: LeafAt,
) -> Replay:
    base.lots_born = head.lots_born
    base.offers = {offer.id: offer for offer in head.offers}
    for act_id, index, at, lapses_at, approvals in head.acts:
        proposal = as_signed(parse_statement(leaf(index)), index=index, at=at)
        base.acts[act_id] = Act(proposal, approvals, lapses_at)
    base.key_uses = {kid: KeyUse(last, _gaps(gaps)) for kid, last, gaps in head.uses}
    base.owners = dict(head.owners)
    replay = Replay(tables, check, _base=base)
    replay.frontier = Frontier(head.size, head.nodes)
    replay.statemap = StateMap.from_items(
        (
            state_path(head.ledger, row.kind, row.name),
            hashlib.sha256(record_bytes(row.body)).digest(),
        )
        for row in base.shelf.rows()
    )
    replay.position = Position(head.height, head.size, head.last)
    replay.at = head.at
    replay.named = {
        head.refused[at : at + NAMED_SIZE] for at in range(0, len(head.refused), NAMED_SIZE)
    }
    if replay.frontier.root() != head.root:
        raise RememberedError("remembered.root", "The remembered file contradicts itself.")
    return replay


def _gaps(data: bytes) -> Gaps:
    try:
        return unpack_gaps(data)
    except MalformedError as error:
        raise RememberedError("remembered.numbers", "Missing numbers are in no rows.") from error


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise RememberedError("remembered.form", "The remembered file is damaged.")
    return value
