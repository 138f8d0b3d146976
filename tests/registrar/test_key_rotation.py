"""A registrar's key is replaced on the log: the block that says so is closed by the new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger import keys
from ledger.custody.parties import RegistrarKeyChanged
from ledger.log.proof import check_tlog_proof, parse_tlog_proof
from ledger.registrar import Failed, Registered
from ledger.statement import parse_statement, public_key
from ledger.storage.keyfiles import write_key
from ledger.trust import parse_trust


def rotate(actors: Any, world: Any, purpose: str, directory: Path) -> Any:
    """Write a new key beside the old one and return root's statement about it."""
    entropy = actors.CountedEntropy(f"second {purpose}")
    private = keys.PrivateKey.generate(keys.ED25519, entropy.token)
    write_key(directory / "keys", f"{purpose}-2", private, passphrase=None, entropy=entropy)
    event = RegistrarKeyChanged(purpose, public_key(private.key))
    return private, world.sign("root", event)


def test_block_that_changes_the_closing_key_is_closed_by_the_new_one(
    actors: Any, directory: Path
) -> None:
    world, opened = actors.open_world(directory)
    private, raw = rotate(actors, world, "closing", directory)
    opened.close()
    world, opened = actors.open_world(directory)
    (done,) = world.submit(raw)
    assert parse_statement(opened.store.leaf(done.index + 1).raw).kid == private.kid
    (after,) = world.submit(world.birth())
    assert parse_statement(opened.store.leaf(after.index + 1).raw).kid == private.kid
    actors.check_log(opened.store, opened.trust)
    opened.close()
    world, opened = actors.open_world(directory)
    world.submit(world.birth())
    opened.close()


def test_change_to_a_key_that_is_not_here_is_not_stored(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    size = opened.store.size()
    entropy = actors.CountedEntropy("elsewhere")
    private = keys.PrivateKey.generate(keys.ED25519, entropy.token)
    raw = world.sign("root", RegistrarKeyChanged("closing", public_key(private.key)))
    (outcome,) = world.registrar.submit([raw])
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "registrar.no-key"
    assert opened.store.size() == size
    assert isinstance(world.registrar.submit([world.birth()])[0], Registered)
    opened.close()


@pytest.mark.parametrize("purpose", ["checkpoint", "label", "receipt"])
def test_other_keys_change_without_a_break(actors: Any, directory: Path, purpose: str) -> None:
    world, opened = actors.open_world(directory)
    _, raw = rotate(actors, world, purpose, directory)
    opened.close()
    world, opened = actors.open_world(directory)
    world.submit(raw)
    (after,) = world.submit(world.birth())
    assert after.labels
    actors.check_log(opened.store, opened.trust)
    opened.close()
    world, opened = actors.open_world(directory)
    published = (directory / "checkpoint").read_bytes()
    actors.check_log(opened.store, opened.trust, published=published)
    world.submit(world.birth())
    opened.close()


def test_trust_file_names_old_and_new_checkpoint_key(actors: Any, directory: Path) -> None:
    before = parse_trust((directory / "trust.json").read_text()).ledgers[0]
    witnessed = (directory / "trust.json").read_text().replace('"fresh_h": 24', '"fresh_h": 12')
    (directory / "trust.json").write_text(witnessed)
    world, opened = actors.open_world(directory)
    (old,) = world.submit(world.birth())
    private, raw = rotate(actors, world, "checkpoint", directory)
    opened.close()
    world, opened = actors.open_world(directory)
    world.submit(raw)
    (new,) = world.submit(world.birth())
    opened.close()
    _, opened = actors.open_world(directory)
    trust = parse_trust(opened.trust)
    trusted = trust.ledgers[0]
    assert trusted.log[0] == before.log[0]
    assert trusted.log[1].public == private.key.public
    assert trust.fresh_h == 12
    assert (directory / "trust.json").read_text() == opened.trust
    for done in (old, new):
        proof = parse_tlog_proof(done.receipt)
        check_tlog_proof(proof, entry=done.raw, origin=trusted.origin, vkeys=trusted.log)
    opened.close()


def test_receipt_of_a_block_whose_key_is_gone_is_under_the_newest_head(
    actors: Any, directory: Path
) -> None:
    world, opened = actors.open_world(directory)
    raw = world.birth()
    (done,) = world.submit(raw)
    _, change = rotate(actors, world, "checkpoint", directory)
    opened.close()
    world, opened = actors.open_world(directory)
    world.submit(change)
    opened.close()
    (directory / "keys/checkpoint.plain-key").unlink()
    world, opened = actors.open_world(directory)
    (again,) = world.submit(raw)
    trusted = parse_trust(opened.trust).ledgers[0]
    proof = parse_tlog_proof(again.receipt)
    checkpoint = check_tlog_proof(proof, entry=raw, origin=trusted.origin, vkeys=trusted.log)
    assert (again.index, checkpoint.size) == (done.index, opened.store.size())
    opened.close()
