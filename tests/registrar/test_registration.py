"""What a submission gives back, receipts, labels, refusals, and what it leaves in the log."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from msgspec.structs import replace

from ledger import keys
from ledger.custody.events import BlockClosed
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.parties import PartySuspended
from ledger.custody.subjects import Kind, Subject
from ledger.desk.leaves import StoredLeaves
from ledger.errors import MalformedError, ProofError, UnavailableError
from ledger.log.proof import check_tlog_proof, parse_tlog_proof
from ledger.reference.tables import load_tables
from ledger.registrar import Failed, Refused, Registered
from ledger.registrar.founding import RegistrarSigners, sign_founding
from ledger.registrar.inspecting import inspect_deep
from ledger.statement import parse_statement
from ledger.trust import parse_trust
from ledger.verify.audit import audit
from ledger.wire import cose, label

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the group of P-256."""


def closing(store: Any) -> BlockClosed:
    event = parse_statement(store.leaf(store.size() - 1).raw).event
    assert isinstance(event, BlockClosed)
    return event


def signed_again(raw: bytes, signer: keys.PrivateKey) -> bytes:
    """Return the same statement under another ECDSA signature by the same key."""
    parsed = cose.decode_sign1(raw)
    message = cose.sig_structure(protected=parsed.protected, payload=parsed.payload)
    private = ec.derive_private_key(int.from_bytes(signer.seed, "big"), ec.SECP256R1())
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    low = min(s, ORDER - s)
    signature = r.to_bytes(32, "big") + low.to_bytes(32, "big")
    return cose.encode_sign1(cose.Sign1(parsed.protected, parsed.payload, signature))


def test_receipt_proves_the_statement_to_whoever_has_the_trust_file(memory: Any) -> None:
    world, made = memory
    (done,) = world.submit(world.birth())
    trusted = parse_trust(made.trust).ledgers[0]
    proof = parse_tlog_proof(done.receipt)
    checkpoint = check_tlog_proof(proof, entry=done.raw, origin=trusted.origin, vkeys=trusted.log)
    assert checkpoint.size == made.store.block_of(done.index).closing + 1
    assert proof.index == done.index == made.store.index_of(done.id)


def test_same_bytes_again_give_the_same_index_and_receipt(memory: Any) -> None:
    world, made = memory
    raw = world.birth()
    (first,) = world.submit(raw)
    world.submit(world.birth())
    size = made.store.size()
    (again,) = world.submit(raw)
    assert (again.index, again.receipt, again.raw) == (first.index, first.receipt, first.raw)
    assert (again.again, first.again) == (True, False)
    assert again.labels == first.labels
    assert made.store.size() == size


def test_receipt_of_an_old_block_comes_from_storage(memory: Any) -> None:
    world, _ = memory
    raw = world.birth()
    (first,) = world.submit(raw)
    for _ in range(16):
        world.submit(*(world.birth() for _ in range(100)))
    (again,) = world.submit(raw)
    assert (again.index, again.receipt) == (first.index, first.receipt)


def test_twins_in_one_batch_are_one_leaf(memory: Any) -> None:
    world, _ = memory
    raw = world.birth()
    one, two = world.submit(raw, raw)
    assert one.index == two.index
    assert (one.again, two.again) == (False, True)


def test_other_signature_of_the_same_statement_gives_the_registered_bytes(memory: Any) -> None:
    world, _ = memory
    signer = keys.PrivateKey.generate(keys.ESP256, world.actors["ma-zw"].entropy.token)
    world.actor("farm-p", signer=signer)
    world.submit(world.sign("ma-zw", world.enrol("ma-zw", "farm-p", "farm")))
    event = FacilityRegistered("farm-p/main", "farm", "ZW")
    raw = world.sign("farm-p", event)
    other = signed_again(raw, signer)
    assert parse_statement(raw).id == parse_statement(other).id
    assert raw != other
    one, two = world.submit(raw, other)
    assert (one.index, two.index, two.raw) == (one.index, one.index, raw)


def test_bad_bytes_do_not_hide_what_became_of_the_others(memory: Any) -> None:
    world, _ = memory
    good = world.birth()
    torn = good[:-1]
    forged = good[:-1] + bytes([good[-1] ^ 1])
    one, two, three = world.registrar.submit([torn, good, forged])
    assert isinstance(one, Failed)
    assert isinstance(one.error, MalformedError)
    assert isinstance(two, Registered)
    assert isinstance(three, Registered | Failed)


def test_forged_signature_is_a_proof_error_and_leaves_no_trace(memory: Any) -> None:
    world, made = memory
    good = world.birth()
    size = made.store.size()
    (outcome,) = world.registrar.submit([good[:-1] + bytes([good[-1] ^ 1])])
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, ProofError)
    assert made.store.size() == size


def test_unknown_key_is_refused_and_not_named(memory: Any) -> None:
    world, made = memory
    world.actor("stranger")
    size = made.store.size()
    (outcome,) = world.registrar.submit([world.sign("stranger", PartySuspended("farm-a", "x"))])
    assert isinstance(outcome, Refused)
    assert outcome.rule == "key.unknown"
    assert (made.store.size(), list(made.store.refused())) == (size, [])


def test_party_may_sign_in_the_batch_that_enrols_it(memory: Any) -> None:
    world, _ = memory
    enrolled = world.sign("ma-zw", world.enrol("ma-zw", "ma-new", "auditor"))
    more = world.sign("ma-zw", world.enrol("ma-zw", "farm-c", "farm"))
    facility = world.sign("farm-c", FacilityRegistered("farm-c/main", "farm", "ZW"))
    outcomes = world.submit(enrolled, more, facility)
    assert [o.index for o in outcomes] == list(range(outcomes[0].index, outcomes[0].index + 3))


def test_refused_statement_is_named_once_and_its_bytes_kept(memory: Any) -> None:
    world, made = memory
    bad = world.sign("farm-a", PartySuspended("maker-b", "no power"))
    (first,) = world.registrar.submit([bad])
    assert isinstance(first, Refused)
    event = closing(made.store)
    statement = parse_statement(bad)
    assert event.refused == ((statement.kid, statement.seq, statement.id, first.rule),)
    (row,) = made.store.refused()
    assert (row.raw, row.rule, row.height) == (bad, first.rule, event.height)
    size = made.store.size()
    (second,) = world.registrar.submit([bad])
    assert second == first
    assert made.store.size() == size


def deep_audit(world: Any, made: Any) -> Any:
    source = StoredLeaves(made.store, world.registrar.newest_checkpoint)
    return audit(source, tables=load_tables(), stored=partial(inspect_deep, made.store))


def test_an_audit_finds_a_refusal_that_two_closings_name(memory: Any) -> None:
    world, made = memory
    world.actors["farm-a"].seq += 5_000
    far = world.sign("farm-a", PartySuspended("maker-b", "no power"))
    world.registrar.submit([far])
    assert deep_audit(world, made).outcome.value == "verified"
    # A registrar that does not look what it has named already.
    made.store.refusal = lambda _: None
    world.registrar.submit([far])
    del made.store.refusal
    assert deep_audit(world, made).first_failure.check == "closings.refused"


def test_deep_audit_holds_refused_statements_to_their_keys(memory: Any) -> None:
    world, made = memory
    bad = world.sign("farm-a", PartySuspended("maker-b", "no power"))
    (refused,) = world.registrar.submit([bad])

    def deep() -> Any:
        return deep_audit(world, made)

    assert deep().outcome.value == "verified"
    # The same statement, with a signature that nobody made: whoever kept it made it up.
    row = made.store._refused[refused.id]
    made.store._refused[refused.id] = row._replace(raw=bad[:-64] + bytes(63) + b"\x01")
    failure = deep().first_failure
    assert failure.check == "records.stored"
    assert "is not signed by the key that it names" in failure.message
    made.store._refused[refused.id] = row


def test_a_statement_that_cannot_be_written_harms_no_other(memory: Any) -> None:
    world, made = memory
    # No sum of the trade grows beyond what a number can be: this one was put there by hand.
    subject, known = Subject(Kind.PARTY, "maker-b"), made.registrar.live.state._cache
    sound = made.registrar.live.state.record(subject)
    keyring = {kid: replace(key, end=2**53) for kid, key in sound.state.keys.items()}
    known[subject] = replace(sound, state=replace(sound.state, keys=keyring))
    poison = world.sign("ma-zw", PartySuspended("maker-b", "audit"))
    assert isinstance(made.registrar.dry_run(poison), Failed)
    first, last = world.birth(), world.birth()
    height = closing(made.store).height
    outcomes = world.registrar.submit([first, poison, last])
    assert [type(each) for each in outcomes] == [Registered, Failed, Registered]
    assert outcomes[1].error.code == "cbor.integer"
    known[subject] = sound
    assert closing(made.store).height == height + 1
    assert deep_audit(world, made).outcome.value == "verified"


def test_a_stranger_who_founds_a_ledger_here_leaves_no_trace(memory: Any, actors: Any) -> None:
    world, made = memory
    entropy = actors.CountedEntropy("stranger")
    stranger = [keys.PrivateKey.generate(keys.ED25519, entropy.token) for _ in range(5)]
    founding = sign_founding(
        actors.CHARTER, root=stranger[:1], registrar=RegistrarSigners(*stranger[1:]),
        at=world.clock.now_s(), token=entropy.token,
    )  # fmt: skip
    known, size = dict(made.registrar.live.known_keys), made.store.size()
    (outcome,) = world.registrar.submit(founding)
    assert isinstance(outcome, Refused)
    assert outcome.rule == "key.unknown"
    world.submit(world.birth())
    assert closing(made.store).refused == ()
    assert made.store.size() == size + 2
    assert set(made.registrar.live.known_keys) <= {*known, world.actors["farm-a"].signer.kid}
    assert deep_audit(world, made).outcome.value == "verified"


def test_refusal_that_counts_no_number_is_named_once_in_the_whole_log(memory: Any) -> None:
    world, made = memory
    elsewhere = world.actors["farm-a"].sign(
        PartySuspended("maker-b", "no power"), ledger=b"\x07" * 32, at=world.clock.now_s()
    )
    world.actors["farm-a"].seq += 5_000
    far = world.sign("farm-a", PartySuspended("maker-b", "no power"))
    first = world.registrar.submit([elsewhere, far])
    assert [each.rule for each in first] == ["envelope.other-ledger", "seq.too-far"]
    world.actors["farm-a"].seq -= 5_002
    height = closing(made.store).height
    again = world.registrar.submit([far, elsewhere, world.birth(), far])
    assert [type(each) for each in again] == [Refused, Refused, Registered, Refused]
    assert closing(made.store).height == height + 1
    named = [
        row[2]
        for block in made.store.blocks(after=-1)
        for row in parse_statement(made.store.leaf(block.closing).raw).event.refused
    ]
    assert sorted(named) == sorted(each.id for each in first)


def test_more_refusals_than_a_closing_names_go_on_in_the_next_block(memory: Any) -> None:
    world, made = memory
    bad = [world.sign("farm-a", PartySuspended("maker-b", "no power")) for _ in range(70)]
    height = closing(made.store).height
    outcomes = world.registrar.submit(bad)
    assert all(isinstance(outcome, Refused) for outcome in outcomes)
    assert closing(made.store).height == height + 2
    closings = [made.store.leaf(block.closing).raw for block in made.store.blocks()][-2:]
    assert [len(parse_statement(raw).event.refused) for raw in closings] == [64, 6]
    assert len(list(made.store.refused())) == 70


def test_batch_larger_than_a_block_is_split(memory: Any) -> None:
    world, made = memory
    first = made.store.size()
    outcomes = world.submit(*(world.birth() for _ in range(1_030)))
    assert outcomes[-1].index == first + 1_030
    assert [b.closing - b.first for b in made.store.blocks(after=first)] == [1_024, 6]


def test_labels_of_lots_born_are_signed_by_the_label_key(memory: Any) -> None:
    world, made = memory
    (done,) = world.submit(world.birth(3))
    assert len(done.labels) == 3
    for code, url in done.labels.items():
        parsed = label.parse_label_url(url)
        assert (parsed.host, parsed.name) == ("ledger.example", code)
        assert parsed.cose is not None
        sign1 = cose.decode_sign1(parsed.cose, tagged=False)
        alg, prefix = label.parse_label_headers(sign1.protected)
        (signer,) = [s for s in made.signers.values() if s.kid[:8] == prefix]
        message = cose.sig_structure(
            protected=sign1.protected, payload=sign1.payload,
            external_aad=label.label_aad(made.ledger),
        )  # fmt: skip
        keys.check_signature(
            alg=alg, public_key=signer.key.public, message=message, signature=sign1.signature
        )
        assert label.decode_label(sign1.payload).birth == done.id[:16]


def test_nobody_submits_a_closing(memory: Any) -> None:
    world, made = memory
    last = made.store.leaf(made.store.size() - 1).raw
    (outcome,) = world.registrar.submit([last])
    assert isinstance(outcome, Failed)
    assert outcome.error.code == "statement.closing"


def test_dry_run_judges_and_leaves_nothing(memory: Any) -> None:
    world, made = memory
    before = (made.store.size(), made.store.dump())
    raw = world.birth()
    outcome = world.registrar.dry_run(raw)
    assert isinstance(outcome, Registered)
    assert (outcome.index, outcome.receipt) == (made.store.size(), b"")
    refused = world.registrar.dry_run(world.sign("farm-a", PartySuspended("maker-b", "x")))
    assert isinstance(refused, Refused)
    assert (made.store.size(), made.store.dump()) == before
    world.actors["farm-a"].seq -= 1
    assert world.submit(raw)[0].index == outcome.index


def test_many_threads_get_contiguous_places(memory: Any) -> None:
    world, made = memory
    first = made.store.size()
    work = [[world.birth() for _ in range(12)] for _ in range(8)]
    found: list[Any] = []

    def run(raws: list[bytes]) -> None:
        for raw in raws:
            found.extend(world.registrar.submit([raw]))

    threads = [threading.Thread(target=run, args=(raws,)) for raws in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(outcome, Registered) for outcome in found)
    assert len({outcome.index for outcome in found}) == 96
    blocks = made.store.blocks(after=first - 1)
    assert sum(block.closing - block.first for block in blocks) == 96


def test_heartbeat_is_an_empty_block(memory: Any) -> None:
    world, made = memory
    size = made.store.size()
    world.registrar.heartbeat()
    event = closing(made.store)
    assert (event.count, event.first, made.store.size()) == (0, size, size + 1)


def test_submission_is_turned_away_when_too_many_wait(actors: Any) -> None:
    world, made = actors.memory_world()
    entered, go_on = threading.Event(), threading.Event()
    commit = made.store.commit

    def slow(block: Any) -> None:
        entered.set()
        assert go_on.wait(10)
        commit(block)

    made.store.commit = slow
    world.registrar._waiting.limit = 2
    first, waiting, extra = ([world.birth()], [world.birth(), world.birth()], [world.birth()])
    threads = [threading.Thread(target=world.registrar.submit, args=(first,))]
    threads[0].start()
    assert entered.wait(10)
    threads.append(threading.Thread(target=world.registrar.submit, args=(waiting,)))
    threads[1].start()
    while world.registrar.waiting < 2:
        pass
    with pytest.raises(UnavailableError) as caught:
        world.registrar.submit(extra)
    assert caught.value.code == "registrar.busy"
    go_on.set()
    for thread in threads:
        thread.join()
    assert isinstance(world.registrar.submit(extra)[0], Registered)
