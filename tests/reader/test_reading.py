"""The reader: pages, proofs, tiles and histories of one small ledger."""

from __future__ import annotations

import hashlib
import json

import pytest
from trail import FARM, HOUR, PERMIT, Trail, world

from ledger.custody.control import EvidenceAttached, LotHeld
from ledger.custody.goods import Part
from ledger.custody.subjects import Kind
from ledger.custody.transfers import TransferDispatched
from ledger.errors import NotFoundError, UnavailableError, UndecidedError
from ledger.log.proof import check_tlog_proof, parse_tlog_proof
from ledger.log.receipt import check_inclusion_receipt
from ledger.log.tiles import decode_bundle
from ledger.log.tree import leaf_hash
from ledger.reader import Reader, StoredMoments, view_json
from ledger.statement import parse_statement
from ledger.storage.finding_list import Wanted
from ledger.verify.card import check_card
from ledger.verify.file import verify_bytes
from ledger.verify.verdict import Outcome
from web.problems import status_of


@pytest.fixture(scope="module")
def read() -> tuple[Trail, str]:
    trail, code = world("reading")
    trail.hand_over(code, by="farm", to="tannery")
    return trail, code


def test_views_are_json_and_hide_what_the_record_hides(read):
    trail, code = read
    view = trail.reader.lot(code)
    open_view, inner_view = view_json(view, inner=False), view_json(view)
    for hidden in ("holder", "owner", "head", "documents", "parents", "signers", "facility"):
        assert hidden not in open_view
    assert inner_view["holder"] == "tannery"
    assert inner_view["head"] == view.state.head.hex()
    assert json.loads(json.dumps(inner_view)) == inner_view
    steps = trail.reader.timeline(code)
    assert [step.type for step in steps] == ["LotRegistered", "TransferOffered", "TransferAccepted"]
    assert {"party", "statement", "code"}.isdisjoint(view_json(steps[0], inner=False))
    assert [step.role for step in steps] == ["farm", "farm", "tannery"]


def test_a_step_names_the_role_that_it_was_done_in():
    trail, code = world("roles")
    trail.enrol("both", "auditor", "dealer", "lab", by="parks")
    trail.hand_over(code, by="farm", to="both")
    scan = EvidenceAttached(sha256=bytes(32), media_type="image/png", size=1, lots=(code,))
    trail.tell(scan, by="both")
    steps = trail.reader.timeline(code)
    assert [step.role for step in steps] == ["farm", "farm", "dealer", "auditor"]


def test_every_subject_can_be_read_and_an_unknown_one_is_not_found(read):
    trail, code = read
    reader = trail.reader
    assert reader.document(PERMIT).lots == (code,)
    assert reader.facility(FARM).state.kind == "farm"
    assert reader.mark("ZWTAG/ZW000001").state.lots == (code,)
    party = reader.party("farm")
    assert party.next_numbers[trail.pens["farm"].signer.kid] == trail.pens["farm"].seq + 1
    assert [view.party for view in reader.parties()] == ["farm", "maker", "parks", "tannery"]
    assert [view.code for view in reader.lots_of("tannery")] == [code]
    assert reader.lots_of("farm") == []
    ledger = reader.ledger()
    assert (ledger.origin, ledger.lots) == ("ledger.example/reading", 1)
    assert ledger.vkey in trail.made.trust
    for ask in (reader.lot, reader.container, reader.mark, reader.document, reader.party):
        with pytest.raises(NotFoundError):
            ask("51PB1X9SFP3J")


def test_an_offer_is_seen_by_both_sides_until_it_is_answered():
    trail, code = world("offers")
    offer = trail.offer(code, by="farm", to="maker")
    due = trail.clock.now_s() + HOUR
    trail.tell(TransferDispatched(offer=offer, due=due), by="farm")
    (seen,) = trail.reader.offers_for("maker")
    assert seen == trail.reader.offers_by("farm")[0] == trail.reader.offer(offer)
    assert seen.dispatched is not None
    assert not seen.is_expired
    assert json.dumps(view_json(seen))
    trail.clock.advance(20 * 24 * HOUR)
    trail.registrar.heartbeat()
    assert trail.reader.offer(offer).is_expired


def test_findings_stand_with_their_subjects():
    trail, code = world("flagged")
    (owed,) = trail.reader.findings(Wanted()).findings
    assert (owed.kind, owed.finding.rule) == ("facility", "stock.undeclared")
    trail.tell(LotHeld(lots={code: Part()}, reason="look"), by="parks")
    found, _ = trail.reader.findings(Wanted()).findings
    assert (found.kind, found.name, found.finding.rule) == ("lot", code, "control.held")
    assert json.dumps(view_json(found))


@pytest.mark.parametrize(
    "typed",
    ["{code}", "{dashed}", "https://ledger.example/i/{dashed}", "ZWTAG/ZW000002", "zw000002"],
)
def test_search_finds_a_lot_by_code_label_and_mark(read, typed):
    trail, code = read
    dashed = f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()
    hits = trail.reader.search(typed.format(code=code, dashed=dashed))
    assert (hits[0].kind, hits[0].name) in {("lot", code), ("mark", "ZWTAG/ZW000002")}


def test_search_finds_documents_and_parties_and_nothing_for_nothing(read):
    trail, _ = read
    assert trail.reader.search(PERMIT.lower())[0].name == PERMIT
    assert trail.reader.search("tann")[0].name == "tannery"
    assert trail.reader.search("  ") == trail.reader.search("no such thing") == []


def test_proofs_and_receipts_of_each_statement_hold(read):
    trail, _ = read
    reader = Reader(trail.store, reader_moments(trail), receipt_signer=receipt_signer(trail))
    trusted = trail.trust.ledgers[0]
    key = receipt_signer(trail).key
    for index in range(trail.store.head().size):
        raw = trail.store.leaf(index).raw
        statement = parse_statement(raw)
        proof = reader.proof(statement.id)
        parsed = parse_tlog_proof(proof)
        check_tlog_proof(parsed, entry=raw, origin=trusted.origin, vkeys=trusted.log)
        assert parsed.index == index
        verdict = verify_bytes(proof, trust=trail.trust, now_s=0, statement=raw)
        assert verdict.outcome is Outcome.VERIFIED
        flipped = raw[:-1] + bytes([raw[-1] ^ 1])
        other = verify_bytes(proof, trust=trail.trust, now_s=0, statement=flipped)
        assert other.outcome is not Outcome.VERIFIED
        receipt = reader.receipt_cose(statement.id)
        check_inclusion_receipt(receipt, entry=raw, iss=trusted.origin, sub=statement.sub, key=key)
    assert verify_bytes(proof, trust=trail.trust, now_s=0).outcome is Outcome.UNDECIDED
    with pytest.raises(UnavailableError):
        trail.reader.receipt_cose(statement.id)
    with pytest.raises(NotFoundError):
        reader.proof(bytes(32))


def test_tiles_and_entries_are_those_of_the_log(read):
    trail, _ = read
    size = trail.store.head().size
    raws = trail.store.raws(0, size)
    entries = trail.reader.tile(level=-1, n=0, width=size, size=size)
    assert decode_bundle(entries, width=size) == raws
    hashes = trail.reader.tile(level=0, n=0, width=size, size=size)
    assert hashes == b"".join(leaf_hash(raw) for raw in raws)
    for level, n, width in ((0, 0, size + 1), (0, 1, 1), (1, 0, 1), (0, 0, 0)):
        with pytest.raises(NotFoundError):
            trail.reader.tile(level=level, n=n, width=width, size=size)


def test_another_process_reads_the_same_from_the_store_alone(read):
    trail, code = read
    notes = [trail.reader.checkpoint_note()]
    reader = Reader(trail.store, StoredMoments(trail.store, note=lambda: notes[0]))
    assert reader.card(code) == trail.reader.card(code)
    assert reader.bundle(code) == trail.reader.bundle(code)
    old = reader.moment()
    trail.clock.advance(60)
    trail.registrar.heartbeat()
    # The newest checkpoint is not signed for everybody yet: the moment before it stands.
    assert reader.moment() == old
    notes[0] = trail.reader.checkpoint_note()
    assert reader.moment().head.size == old.head.size + 1
    verdict = check_card(reader.card(code), trust=trail.trust, now_s=trail.clock.now_s())
    assert verdict.outcome is Outcome.VERIFIED


def test_a_store_without_a_ledger_says_so():
    from ledger.storage.memory import MemoryStore

    store = MemoryStore()
    reader = Reader(store, StoredMoments(store, note=lambda: None))
    with pytest.raises(NotFoundError):
        reader.moment()


def test_histories_decode_and_keep_the_bytes(read):
    trail, code = read
    history = trail.reader.history(code)
    assert history[0].type == "LotRegistered"
    for view in history:
        assert parse_statement(view.raw).id == view.id
        assert trail.reader.statement(view.id) == view == trail.reader.statement_at(view.index)
        assert json.dumps(view_json(view))
    assert trail.reader.history("farm", kind=Kind.PARTY)[0].type == "PartyEnrolled"
    with pytest.raises(NotFoundError):
        trail.reader.history("51PB1X9SFP3J")


def reader_moments(trail: Trail) -> StoredMoments:
    return StoredMoments(trail.store, note=trail.reader.checkpoint_note)


def receipt_signer(trail: Trail):
    state = trail.reader.ledger().state
    (kid,) = [kid for kid, held in state.keys.items() if held.purpose == "receipt"]
    return trail.made.signers[kid]


def test_a_party_is_shown_without_reading_the_keys_of_all_others(read):
    trail, _ = read
    store, asked = trail.store, []
    every = store.enrolled_keys
    store.enrolled_keys = lambda kids=None: asked.append(kids) or every(kids)
    try:
        view = trail.reader.party("farm")
    finally:
        del store.enrolled_keys
    assert [set(kids or ()) for kids in asked] == [set(view.state.keys)]
    assert set(view.next_numbers) == set(view.state.keys)


def digest(*numbers: int) -> bytes:
    return hashlib.sha256(repr(numbers).encode()).digest()


def test_bundle_that_is_too_large_says_what_to_take_instead():
    trail, code = world("large")
    before = trail.reader.bundle(code)
    for number in range(150):
        papers = EvidenceAttached(digest(number), 1, "image/jpeg", lots=(code,))
        digests = tuple(digest(number, i) for i in range(1_680))
        trail.tell(papers, by="parks", hidden=digests)
    with pytest.raises(UndecidedError) as found:
        trail.reader.bundle(code)
    assert found.value.code == "bundle.size"
    assert "ringmark export card" in found.value.hint
    assert status_of(found.value) == 422
    now_s = trail.clock.now_s()
    for file in (before, trail.reader.card(code)):
        verdict = verify_bytes(file, trust=trail.trust, now_s=now_s)
        assert verdict.outcome is Outcome.VERIFIED
