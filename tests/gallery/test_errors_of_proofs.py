"""A gallery of errors: the smallest wrong proof, receipt, card, bundle or audit for each code.

Owns the codes of ledger/log's proofs and of ledger/verify. Knows nothing of stores.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs
from proof_files import packed, unpacked
from trail import PERMIT, Trail, trade, world

from ledger import keys
from ledger.custody.subjects import Kind
from ledger.errors import RingmarkError
from ledger.log import frontier, multiproof, receipt, statemap, tree
from ledger.verify import checks, gather, paper
from ledger.verify.bundle import check_bundle, format_bundle, parse_bundle
from ledger.verify.card import check_card, collect_records
from ledger.verify.head import Asked, ProvedRecord
from ledger.verify.steps import Steps
from ledger.verify.verdict import Verdict
from ledger.wire import cbor, cose

ZERO, ONE, TWO = bytes(32), b"\x01" * 32, b"\x02" * 32
PAIR = tree.node_hash(ONE, TWO)
SEED = bytes(range(32))
LOG = keys.PrivateKey.from_seed(keys.ED25519, SEED)
P256 = keys.PrivateKey.from_seed(keys.ESP256, SEED)
CLAIMS = receipt.ReceiptClaims("log.example", "lot", 1)
ENTRY = b"entry"
ENTRY_ROOT = tree.node_hash(tree.leaf_hash(ENTRY), TWO)


def inclusion(**changed: Any) -> object:
    """Check the receipt of ENTRY, the first of two leaves, after changing the signed whole."""
    data = receipt.sign_inclusion_receipt(
        signer=LOG, claims=CLAIMS, index=0, size=2, path=[TWO], root=ENTRY_ROOT
    )
    members: Any = cbor.decode(data[1:])
    for place, value in changed.items():
        members[int(place.removeprefix("at"))] = value
    return receipt.check_inclusion_receipt(
        cose.TAG + cbor.encode(members), entry=ENTRY, iss="log.example", sub="lot", key=LOG.key
    )


def inclusion_by(signer: keys.PrivateKey, *, size: int = 2) -> bytes:
    return receipt.sign_inclusion_receipt(
        signer=signer, claims=CLAIMS, index=0, size=size, path=[TWO], root=PAIR
    )


def stale_overlay() -> None:
    held = statemap.StateMap()
    overlay = held.overlay()
    held.apply({ONE: ONE})
    overlay.commit()


def state_proof(proof: object, *, record: bytes | None = ONE) -> None:
    statemap.check_state_proof(path=ONE, record_hash=record, proof=proof, root=ZERO)


LOGS: dict[str, tuple[str, Callable[[], object]]] = {
    "a hash of no bytes": ("tree.hash-size", lambda: tree.check_hashes([b""])),
    "another leaf": (
        "tree.inclusion",
        lambda: tree.check_inclusion(leaf=ONE, index=0, size=1, path=[], expected=TWO),
    ),
    "other leaves": (
        "tree.inclusion",
        lambda: multiproof.check_inclusions({0: ONE}, size=1, nodes=[], expected=TWO),
    ),
    "a path too long": (
        "tree.path-length",
        lambda: tree.check_inclusion(leaf=ONE, index=0, size=1, path=[TWO], expected=ONE),
    ),
    "nodes too few": (
        "tree.path-length",
        lambda: multiproof.check_inclusions({0: ONE}, size=2, nodes=[], expected=PAIR),
    ),
    "nodes too many": (
        "tree.path-length",
        lambda: multiproof.check_inclusions({0: ONE}, size=1, nodes=[TWO], expected=ONE),
    ),
    "another new tree": (
        "tree.consistency",
        lambda: tree.check_consistency(old_size=1, old_root=ONE, size=2, root=ONE, path=[TWO]),
    ),
    "a tree that shrinks": (
        "tree.size",
        lambda: tree.check_consistency(old_size=2, old_root=PAIR, size=1, root=ONE, path=[]),
    ),
    "a proof from nothing": (
        "tree.size",
        lambda: frontier.prove_consistency(frontier.LevelStore(), old_size=0, size=1),
    ),
    "a subtree that is not there": ("tree.node", lambda: frontier.LevelStore().node(8, 0)),
    "leaves that are lost": (
        "tree.leaf-hashes",
        lambda: frontier.LevelStore().reader(lambda start, stop: [], size=1).node(0, 0),
    ),
    "a path twice": (
        "state-map.duplicate",
        lambda: statemap.StateMap.from_items([(ONE, ONE), (ONE, TWO)]),
    ),
    "a short record hash": (
        "state-map.size",
        lambda: statemap.StateMap.from_items([(ONE, b"")]),
    ),
    "an overlay that is late": ("state-map.overlay-stale", stale_overlay),
    "present, said absent": ("state-proof.kind", lambda: state_proof([0, b"", [], None])),
    "absent, said present": ("state-proof.kind", lambda: state_proof([0, b"", []], record=None)),
    "another record": ("state-proof.root", lambda: state_proof([0, b"", []])),
    "a proof of two items": ("state-proof.items", lambda: state_proof([0, b""])),
    "a depth of 257": ("state-proof.depth", lambda: state_proof([257, b"", []])),
    "a bitmap too short": ("state-proof.bitmap", lambda: state_proof([1, b"", []])),
    "a spare bit": ("state-proof.spare-bits", lambda: state_proof([1, b"\x01", []])),
    "a sibling too few": ("state-proof.siblings", lambda: state_proof([1, b"\x80", []])),
    "an empty sibling": ("state-proof.empty-sibling", lambda: state_proof([1, b"\x80", [ZERO]])),
    "a short sibling": ("state-proof.size", lambda: state_proof([1, b"\x80", [b""]])),
    "another subject of one item": (
        "state-proof.other",
        lambda: state_proof([0, b"", [], [TWO]], record=None),
    ),
    "the subject as the other": (
        "state-proof.other-same",
        lambda: state_proof([0, b"", [], [ONE, ONE]], record=None),
    ),
    "another subject elsewhere": (
        "state-proof.other-elsewhere",
        lambda: state_proof([8, b"\x00", [], [TWO, ONE]], record=None),
    ),
    "a receipt by P-256": ("receipt.algorithm", lambda: inclusion_by(P256)),
    "a receipt of one leaf": ("receipt.size", lambda: inclusion_by(LOG, size=1)),
    "a receipt with a payload": ("receipt.payload", lambda: inclusion(at2=b"")),
    "a receipt of no header": ("receipt.header", lambda: inclusion(at0=cbor.encode({}))),
    "a receipt of no proof": ("receipt.vdp", lambda: inclusion(at1={})),
    "a receipt of another proof": (
        "receipt.proof",
        lambda: inclusion(at1={396: {-1: [cbor.encode({})]}}),
    ),
}


@pytest.mark.parametrize(
    ("code", "act"), [pytest.param(*row, id=name) for name, row in LOGS.items()]
)
def test_a_wrong_proof_of_the_log_has_its_code(code: str, act: Callable[[], object]) -> None:
    assert raised(act) == code


def raised(act: Callable[[], object]) -> str:
    with pytest.raises(RingmarkError) as caught:
        act()
    return caught.value.code


@pytest.fixture(scope="module")
def traded() -> tuple[Trail, str]:
    return trade("gallery")


def error_of(verdict: Verdict) -> str:
    return str(verdict.params["error"])


def changed(data: bytes, change: Callable[[Any], object]) -> bytes:
    body = copy.deepcopy(unpacked(data))
    change(body)
    return bytes(packed(data, body))


CARDS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "a record lost": ("card.records", lambda body: body["records"].pop()),
    "a record twice": ("card.records", lambda body: body["records"].append(body["records"][-1])),
    "no record of the ledger": ("head.own", lambda body: body["head"]["own"].pop("record")),
    "leaf 0 twice": (
        "ledger.order",
        lambda body: body["head"]["track"].insert(0, body["head"]["track"][0]),
    ),
    "no statement of the ledger": ("ledger.track", lambda body: body["head"]["track"].clear()),
    "a card of another lot": ("lot.other", lambda body: body.update(code="51PB1X9SFP3J")),
    "a card of a lot and a document": ("card.subject", lambda body: body.update(document=PERMIT)),
}


@pytest.mark.parametrize(
    ("code", "change"), [pytest.param(*row, id=name) for name, row in CARDS.items()]
)
def test_a_wrong_card_has_its_code(
    traded: tuple[Trail, str], code: str, change: Callable[[Any], object]
) -> None:
    trail, lot = traded
    data = changed(trail.reader.card(lot), change)
    verdict = check_card(data, trust=trail.trust, now_s=trail.clock.now_s(), asked=Asked(code=lot))
    assert error_of(verdict) == code


def test_a_card_of_another_document(traded: tuple[Trail, str]) -> None:
    trail, _ = traded
    asked = Asked(document=PERMIT)
    data = trail.reader.document_card("ZW/PERMIT/2")
    verdict = check_card(data, trust=trail.trust, now_s=trail.clock.now_s(), asked=asked)
    assert error_of(verdict) == "document.other"
    assert raised(lambda: trail.reader.document_card("zw/permit/2")) == "document.unknown"


def test_a_document_was_issued_on_no_day() -> None:
    trail, _ = world("gallery-days")
    record = cbor.decode(unpacked(trail.reader.document_card(PERMIT))["records"][0]["record"])
    assert isinstance(record, dict)
    for day in ("2027-02-29", "yesterday"):
        forged = gather.read_record(ZERO, cbor.encode({**record, "issued_day": day}))
        reached = (gather.Reached(forged, inherited=False),)
        assert raised(lambda: paper.paper_of(reached, name=PERMIT)) == "record.day"  # noqa: B023


def subject(body: Any, kind: str) -> Any:
    return next(one for one in body["subjects"] if one["kind"] == kind)


def alone(body: Any) -> None:
    """The first party's record without its track and inner map."""
    party = subject(body, "party")
    party.pop("track")
    party.pop("inner", None)


BUNDLES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "statements in another order": ("bundle.order", lambda body: body["statements"].reverse()),
    "another name": ("bundle.name", lambda body: subject(body, "party").update(name="nobody")),
    "a track cut short": ("bundle.track", lambda body: body["subjects"][0]["track"].pop()),
    "a track of a leaf not here": (
        "bundle.track",
        lambda body: body["subjects"][0]["track"].append(1 << 20),
    ),
    "an inner map alone": ("bundle.inner", lambda body: body["subjects"][0].pop("track")),
    "statements of no track": ("bundle.statements", alone),
    "a lot that signs": (
        "bundle.signers",
        lambda body: body.update(signers=[body["subjects"][0]]),
    ),
}


@pytest.mark.parametrize(
    ("code", "change"), [pytest.param(*row, id=name) for name, row in BUNDLES.items()]
)
def test_a_wrong_bundle_has_its_code(
    traded: tuple[Trail, str], code: str, change: Callable[[Any], object]
) -> None:
    trail, lot = traded
    data = changed(trail.reader.bundle(lot), change)
    verdict = check_bundle(data, trust=trail.trust, now_s=trail.clock.now_s())
    assert error_of(verdict) == code


def test_a_bundle_above_eight_megabytes_is_not_written(traded: tuple[Trail, str]) -> None:
    trail, lot = traded
    bundle = parse_bundle(trail.reader.bundle(lot))
    large = structs.replace(bundle, nodes=(ZERO,) * (1 << 18))
    assert raised(lambda: format_bundle(large)) == "bundle.size"


def test_a_record_that_is_rested_on_but_absent(traded: tuple[Trail, str]) -> None:
    trail, lot = traded
    body = unpacked(trail.reader.card(lot))
    first = ProvedRecord([], body["records"][0]["record"])
    path = statemap.state_path(trail.ledger, "lot", lot)

    def read(at: bytes) -> ProvedRecord:
        return first if at == path else ProvedRecord([])

    assert raised(lambda: collect_records(path, read)) == "card.record"


def test_a_lot_that_rests_on_records_without_end(traded: tuple[Trail, str]) -> None:
    trail, lot = traded
    path = statemap.state_path(trail.ledger, "lot", lot)
    record = unpacked(trail.reader.card(lot))["records"][0]["record"]
    first = gather.read_record(path, record)

    def read(at: bytes) -> gather.OpenRecord:
        following = (int.from_bytes(at, "big") + 1) % (1 << 256)
        return structs.replace(first, path=at, paths=(following.to_bytes(32, "big"),))

    assert raised(lambda: list(gather.walk(read(path), read))) == "record.reach"


def test_a_record_of_another_kind(traded: tuple[Trail, str]) -> None:
    trail, lot = traded
    record = unpacked(trail.reader.card(lot))["records"][0]["record"]
    assert raised(lambda: gather.read_record(ZERO, record, kind=Kind.PARTY)) == "record.kind"


def test_a_status_that_no_release_knows(traded: tuple[Trail, str]) -> None:
    trail, lot = traded
    rows = unpacked(trail.reader.card(lot))["records"]
    plain = [cbor.decode(row["record"], size_max=1 << 16) for row in rows]
    (party, *_) = [one for one in plain if "roles" in one]
    record = cbor.encode({**party, "status": "resting"})
    assert raised(lambda: gather.read_record(ZERO, record)) == "record.status"


def test_rules_of_a_later_version(traded: tuple[Trail, str]) -> None:
    later = structs.replace(traded[0].reader.ledger().state, rules="99")
    assert raised(lambda: checks.check_rules(later, Steps())) == "rules.unknown"
