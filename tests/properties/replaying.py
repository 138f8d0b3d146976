"""What holds after any story: an audit verifies it, and a replay gives the same records."""

from __future__ import annotations

from ledger.block import Block, MemoryBase, Position
from ledger.custody.events import BlockClosed
from ledger.custody.subjects import Kind, Subject
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap, check_state_proof, state_path
from ledger.log.tree import leaf_hash
from ledger.policy import key_for
from ledger.records import encode_record
from ledger.reference.tables import load_tables
from ledger.simulator.world import World
from ledger.statement import ledger_id, parse_statement, verify_statement
from ledger.trust import parse_trust
from ledger.verify.audit import audit
from ledger.verify.verdict import Outcome


class KeptLeaves:
    """The leaves of a world as an auditor gets them."""

    def __init__(self, world: World) -> None:
        self._store = world.ledger.store
        self._note = world.ledger.registrar.newest_checkpoint()

    def checkpoint_note(self) -> bytes:
        return self._note

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return self._store.raws(start, stop)


def audit_verifies(world: World) -> None:
    trust = parse_trust(world.ledger.trust)
    report = audit(KeptLeaves(world), tables=load_tables(), trust=trust)
    assert report.outcome is Outcome.VERIFIED, report.first_failure


def replay_equals_kept(world: World) -> None:
    """Replay every leaf through blocks; closings, records and proofs must come out the same."""
    store = world.ledger.store
    raws = store.raws(0, store.size())
    ledger = ledger_id(parse_statement(raws[0]))
    base = MemoryBase(ledger=ledger, tables=load_tables())
    frontier, statemap = Frontier(), StateMap()
    last, index, height = ledger, 0, 0
    while index < len(raws):
        run = []
        while not isinstance(
            (statement := parse_statement(raws[index + len(run)])).event, BlockClosed
        ):
            run.append(statement)
        said = statement.event
        block = Block(
            base,
            position=Position(height, index, last),
            at=said.at,
            frontier=frontier,
            statemap=statemap,
        )
        for item in run:
            admission = block.admit(verify_statement(item, key_for(item, block)))
            assert hasattr(admission, "change"), admission
        block.refused = list(said.refused)
        closed = block.close()
        assert closed.closing == said
        closed.overlay.commit()
        base.apply(closed.changes)
        frontier = closed.frontier.copy()
        frontier.append(leaf_hash(statement.raw))
        last, index, height = statement.id, index + len(run) + 1, height + 1
    assert frontier.root() == world.ledger.registrar.head().root
    for subject, record in base.records.items():
        kept = world.ledger.registrar.live.state.record(subject)
        assert kept == record
        path = state_path(ledger, subject.kind.value, subject.name)
        encoded = encode_record(record, ledger=ledger)
        check_state_proof(
            path=path,
            record_hash=encoded.hash,
            proof=statemap.prove(path),
            root=statemap.root(),
        )
    assert base.record(Subject(Kind.PARTY, "nobody")) is None
