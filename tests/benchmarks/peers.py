"""Ringmark beside what a user would pick instead, on the same appends in one run.

pymerkle keeps a tree and checks nothing; ledgerchain chains hashes and signs nothing; auditchain
signs itself and verifies nothing that was submitted. They are installed by the extra `benchmark`
alone, and nothing of the product imports them.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Figure, interleave, ratio
from yard import open_world, stock

from ledger.desk.leaves import StoredLeaves
from ledger.reader import LiveMoments, Reader
from ledger.reference.tables import load_tables
from ledger.statement import parse_statement
from ledger.storage.sqlite import SqliteStore
from ledger.trust import parse_trust
from ledger.verify.audit import audit
from ledger.verify.workers import Crew

CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Peer:
    """One of them, filled with the same entries: each call does `count` of something."""

    name: str
    note: str
    append: Callable[[Sequence[bytes]], int]
    prove: Callable[[int], int] | None
    verify: Callable[[], int]


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return appends one by one, inclusion proofs and full verification of all four."""
    count, rounds = (600, 3) if quick else (100_000, 3)
    world = open_world(folder / "ledger")
    raws = stock(world, count + 200 * (rounds * 3 + 3))
    peers = [_ours(world, folder), _pymerkle(folder), _auditchain(folder), _ledgerchain(folder)]
    for peer in peers:
        peer.append(raws[:count])
    rest = {peer.name: iter(raws[count:]) for peer in peers}

    def appends(peer: Peer, number: int) -> Callable[[], int]:
        return lambda: peer.append([next(rest[peer.name]) for _ in range(number)])

    cases: dict[str, Callable[[], int]] = {}
    for peer in peers:
        cases[f"{peer.name} append"] = appends(peer, 50)
        if peer.prove is not None:
            proving = peer.prove
            number = 200 if peer is peers[0] else 5
            cases[f"{peer.name} proof"] = lambda proving=proving, number=number: proving(number)
        cases[f"{peer.name} verify"] = peer.verify
    taken = interleave(cases, rounds=rounds)
    world.ledger.close()  # type: ignore[union-attr]
    return _rows(taken, peers, count)


def _rows(taken: dict[str, float], peers: list[Peer], count: int) -> list[Figure]:
    rows: list[Figure] = []
    for what in ("append", "proof", "verify"):
        for peer in peers:
            name = f"{peer.name} {what}"
            if name in taken:
                beside = f"{1 / taken[name]:,.0f} a second; {peer.note}"
                rows.append(Figure(name, taken[name] * 1e6, "µs", beside, "", None))
    rows.append(
        ratio(
            "our appends beside pymerkle's",
            taken["pymerkle append"] / taken["ringmark append"],
            beside="one by one, durable",
            at_least=0.8,
        )
    )
    rows.append(
        ratio(
            "our proofs beside pymerkle's",
            taken["pymerkle proof"] / taken["ringmark proof"],
            beside=f"{count:,} entries; the bar is for 100,000",
            at_least=100,
        )
    )
    return rows


def _ours(world: object, folder: Path) -> Peer:
    from ledger.simulator.world import World

    assert isinstance(world, World)
    registrar, store = world.ledger.registrar, world.ledger.store
    reader = Reader(store, LiveMoments(registrar, store))
    trust = parse_trust(world.ledger.trust)

    def append(raws: Sequence[bytes]) -> int:
        for raw in raws if len(raws) <= 100 else ():
            registrar.submit([raw])
        if len(raws) > 100:
            registrar.submit(raws)
        return len(raws)

    def prove(count: int) -> int:
        size = registrar.head().size
        for place in range(count):
            raw = store.raws(place * 7 % (size - 8) + 6, place * 7 % (size - 8) + 7)[0]
            reader.proof(parse_statement(raw).id)
        return count

    def verify() -> int:
        def again() -> StoredLeaves:
            return StoredLeaves(SqliteStore(folder / "ledger" / "ledger.db"), _no_note)

        crew = Crew(lambda: again().leaves, workers=CORES - 1) if CORES > 1 else None
        source = StoredLeaves(store, registrar.newest_checkpoint)
        report = audit(source, tables=load_tables(), trust=trust, crew=crew)
        assert report.outcome == "verified", report.first_failure
        return report.size

    note = "signatures, rules, state; WAL, FULL, two syncs"
    return Peer("ringmark", note, append, prove, verify)


def _no_note() -> None:
    return None


def _pymerkle(folder: Path) -> Peer:
    from pymerkle import SqliteTree

    file = str(folder / "pymerkle.db")
    tree = SqliteTree(file)

    def append(raws: Sequence[bytes]) -> int:
        if len(raws) > 100:
            tree.append_entries(raws, chunksize=1_000)
            return len(raws)
        for raw in raws:
            tree.append_entry(raw)
        return len(raws)

    def prove(count: int) -> int:
        for place in range(count):
            tree.cache_clear()
            tree.prove_inclusion(place * 7 + 1)
        return count

    def verify() -> int:
        fresh = SqliteTree(file)
        size = fresh.get_size()
        assert fresh.get_root(size)
        fresh.close()
        return size

    return Peer("pymerkle", "hashes alone; no signature, no rule", append, prove, verify)


def _auditchain(folder: Path) -> Peer:
    from auditchain import SqliteBackend, SyncAuditLog
    from auditchain.signing import generate_keypair

    private, public = generate_keypair()
    log = SyncAuditLog(SqliteBackend(str(folder / "auditchain.db")), signing_key=private)

    def entry(raw: bytes) -> tuple[str, str, str, dict[str, str]]:
        return "farm", "register", "lot", {"leaf": base64.b64encode(raw).decode()}

    def append(raws: Sequence[bytes]) -> int:
        if len(raws) > 100:
            for start in range(0, len(raws), 500):
                log.append_many([entry(raw) for raw in raws[start : start + 500]])
            return len(raws)
        for raw in raws:
            who, what, on, more = entry(raw)
            log.append(who, what, on, metadata=more)
        return len(raws)

    def prove(count: int) -> int:
        for place in range(count):
            log.inclusion_proof(place * 7)
        return count

    def verify() -> int:
        report = log.verify(signers={"s0": public})
        assert report.ok, report
        assert report.signed_records == report.records_checked
        return report.records_checked

    return Peer("auditchain", "chain and its own signatures", append, prove, verify)


def _ledgerchain(folder: Path) -> Peer:
    import ledgerchain
    from sqlalchemy import create_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_engine(f"sqlite:///{folder / 'ledgerchain.db'}")
    ledgerchain.create_all(engine)
    opened = sessionmaker(bind=engine)

    def append(raws: Sequence[bytes]) -> int:
        every = 1 if len(raws) <= 100 else 500
        with opened() as session:
            for place, raw in enumerate(raws, start=1):
                ledgerchain.LedgerWriter.append(
                    session,
                    event_type="lot.registered",
                    payload={"leaf": base64.b64encode(raw).decode()},
                    actor={"kind": "party", "sub": "farm", "roles": ["farm"]},
                    tenant_id="zw",
                    subject_uri="/lots",
                )
                if not place % every:
                    session.commit()
            session.commit()
        return len(raws)

    def verify() -> int:
        with opened() as session:
            result = ledgerchain.verify_chain(session)
            assert result.valid, result
        return result.checked_entries

    return Peer("ledgerchain", "chain of hashes; no signature, no proof", append, None, verify)
