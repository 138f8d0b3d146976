"""Two statements in either order on the same ledger: what the records are after both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from ledger.block import Block, Position
from ledger.custody.documents import Endorsement
from ledger.custody.lots import LotState
from ledger.custody.subjects import Refusal, Subject
from ledger.policy import key_for
from ledger.simulator.world import World
from ledger.statement import parse_statement, verify_statement


def records_after(world: World, raws: Sequence[bytes]) -> Mapping[Subject, Any] | None:
    """Return what the records become when `raws` are judged in this order; the world stays.

    None where one of them is refused. Left out is what depends on the place in the log by itself
    (the number of a lot, the last index of a signer), and which of two is the one beyond a quota
    that both draw on.
    """
    live = world.ledger.registrar.live
    assert live.head is not None
    position = Position(live.head.height + 1, live.head.size, live.head.closing)
    block = Block(
        live.state,
        position=position,
        at=world.clock.now_s(),
        frontier=live.edge.frontier(),
        statemap=live.statemap,
    )
    for raw in raws:
        statement = parse_statement(raw)
        if isinstance(block.admit(verify_statement(statement, key_for(statement, block))), Refusal):
            return None
    return {subject: (record.n, _placeless(record.state)) for subject, record in _changed(block)}


def _changed(block: Block) -> list[tuple[Subject, Any]]:
    return sorted(block.changes.records.items())


def _placeless(state: Any) -> Any:
    kept = tuple(f for f in state.findings if not f.rule.startswith("quota."))
    changes: dict[str, Any] = {"findings": kept}
    if isinstance(state, LotState):
        changes["number"] = 0
    if signers := getattr(state, "signers", ()):
        changes["signers"] = tuple(replace(signer, last=0) for signer in signers)
    if isinstance(state, Endorsement):
        changes["index"] = 0
    return replace(state, **changes)
