"""Programs at the door: statements, batches, dry runs, files, errors, media types, limits."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from stall import HTML, SKINS, UNKNOWN, Stall, build_stall, codes_of, sign

from ledger import errors
from ledger.custody.control import LotHeld
from ledger.custody.goods import NewLot, Part
from ledger.custody.lots import Basis, LotRegistered, LotSplit
from ledger.log.proof import parse_tlog_proof
from ledger.statement import parse_statement
from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.wire import cbor
from ledger.wire.text import decode_base64, json_loads
from web import negotiate
from web.limits import Rate
from web.problems import STATUS

COSE = {"Content-Type": negotiate.COSE}
BATCH = {"Content-Type": negotiate.BATCH}


@pytest.fixture
def fresh() -> Stall:
    return build_stall(seed=31)


def signed(stall: Stall) -> bytes:
    event = LotRegistered(Basis.OPENING_STOCK, (NewLot((SKINS,), year=2026),))
    return sign(stall.world, "binga-ranch", event)


def test_a_statement_is_registered_once_and_known_again(fresh: Stall) -> None:
    client, raw = fresh.client(), signed(fresh)
    first = client.post("/api/v1/statements", data=raw, headers=COSE)
    assert first.status_code == 201, first.get_data()
    plain = json_loads(first.get_data())
    assert plain["statement"] == parse_statement(raw).id.hex()
    assert parse_tlog_proof(decode_base64(plain["receipt"])).index == plain["index"]
    (url,) = plain["labels"].values()
    assert "#1" in url
    again = client.post("/api/v1/statements", data=raw, headers=COSE)
    assert again.status_code == 200
    repeated = json_loads(again.get_data())
    assert decode_base64(repeated["registered"]) == raw
    assert repeated["index"] == plain["index"]


def test_a_dry_run_leaves_no_trace(fresh: Stall) -> None:
    client, raw = fresh.client(), signed(fresh)
    size = fresh.stand.reader.moment().head.size
    answer = client.post("/api/v1/statements?dry_run=1", data=raw, headers=COSE)
    assert answer.status_code == 200
    assert fresh.stand.reader.moment().head.size == size
    assert client.post("/api/v1/statements", data=raw, headers=COSE).status_code == 201


def test_a_refusal_is_a_conflict_with_its_rule_in_the_language_asked_for(fresh: Stall) -> None:
    client = fresh.client()
    raw = sign(fresh.world, "para-plot", LotSplit(fresh.skins, Part(quantity=2)))
    answer = client.post("/api/v1/statements?lang=fr", data=raw, headers=COSE)
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    plain = json_loads(answer.get_data())
    assert plain["code"] == plain["refused"]["rule"] == "custody.not-holder"
    assert plain["statement"] == parse_statement(raw).id.hex()


def test_a_batch_tells_of_each_statement(fresh: Stall) -> None:
    client = fresh.client()
    good = signed(fresh)
    refused = sign(fresh.world, "para-plot", LotSplit(fresh.skins, Part(quantity=2)))
    body = cbor.encode([good, refused, b"\x00"])
    answer = client.post("/api/v1/statements", data=body, headers=BATCH)
    assert answer.status_code == 200
    first, second, third = json_loads(answer.get_data())["results"]
    assert first["index"] > 0
    assert second["refused"]["rule"] == "custody.not-holder"
    assert third["status"] == 400
    assert third["error"]["code"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"\x00", COSE, 400, None),
        (b"\x00", {"Content-Type": "application/json"}, 415, "request.media-type"),
        (b"\x00", {**COSE, "Content-Encoding": "gzip"}, 415, "request.media-type"),
        (bytes(61_441), COSE, 413, "request.too-large"),
        (cbor.encode([]), BATCH, 400, "batch.shape"),
        (cbor.encode([1]), BATCH, 400, "batch.shape"),
        (cbor.encode([b"\x00"] * 101), BATCH, 400, "batch.shape"),
        (b"\x81" * 10_000, BATCH, 400, None),
        (b"\x5b\x00\x00\x00\x00\x40\x00\x00\x00", BATCH, 400, None),
    ],
    ids=[
        "no-statement",
        "json",
        "packed",
        "one-byte-too-long",
        "empty-batch",
        "batch-of-numbers",
        "batch-of-101",
        "nested-10000-deep",
        "claims-a-gigabyte",
    ],
)
def test_what_is_no_statement_is_turned_away(
    client: FlaskClient, body: bytes, headers: dict[str, str], status: int, code: str | None
) -> None:
    answer = client.post("/api/v1/statements", data=body, headers=headers)
    assert answer.status_code == status
    plain = json_loads(answer.get_data())
    assert plain["status"] == status
    assert code is None or plain["code"] == code


def test_a_server_that_only_reads_says_so(stall: Stall) -> None:
    answer = stall.client(registrar=None).post("/api/v1/statements", data=b"\x00", headers=COSE)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert json_loads(answer.get_data())["code"] == "registrar.read-only"


def test_a_card_is_judged_as_anybody_would_judge_it(stall: Stall, client: FlaskClient) -> None:
    card = client.get(f"/api/v1/lots/{stall.held}/card").get_data()
    trust, now_s = stall.stand.trust, stall.world.clock.now_s()
    verdict = check_card(card, trust=trust, now_s=now_s, asked=Asked(code=stall.held))
    assert (verdict.level.value, verdict.reason) == ("stop", "control.held")
    plain = json_loads(client.post("/api/v1/verify", data=card).get_data())
    assert (plain["verdict"], plain["reason"]) == ("stop", "control.held")


def test_a_flipped_bit_is_never_verified(stall: Stall, client: FlaskClient) -> None:
    card = bytearray(client.get(f"/api/v1/lots/{stall.held}/card").get_data())
    card[len(card) // 2] ^= 1
    plain = json_loads(client.post("/api/v1/verify", data=bytes(card)).get_data())
    assert plain["outcome"] != "verified"


def test_a_bundle_is_judged_too(stall: Stall, client: FlaskClient) -> None:
    bundle = client.get(f"/api/v1/lots/{stall.finished}/bundle").get_data()
    plain = json_loads(client.post("/api/v1/verify", data=bundle).get_data())
    assert plain["outcome"] == "verified", plain


def test_an_absent_lot_has_a_card_that_proves_it(stall: Stall, client: FlaskClient) -> None:
    card = client.get(f"/api/v1/lots/{UNKNOWN}/card").get_data()
    verdict = check_card(card, trust=stall.stand.trust, now_s=stall.world.clock.now_s())
    assert verdict.reason == "lot.absent"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/parties",
        "/api/v1/parties/kariba-farm",
        "/api/v1/parties/kariba-farm/lots",
        "/api/v1/parties/kariba-farm/offers",
        "/api/v1/findings",
        "/api/v1/search?q=ZW",
        "/api/v1/lots/{skins}/history",
        "/api/v1/lots/{skins}/bundle",
        "/log/tile/entries/000.p/1",
    ],
)
def test_a_closed_ledger_keeps_lists_and_entries_to_its_own(stall: Stall, path: str) -> None:
    path = path.format(skins=stall.skins)
    assert stall.client().get(path).status_code == 200
    denied = stall.client(is_open=False).get(path)
    assert denied.status_code == 401
    assert json_loads(denied.get_data())["code"] == "access.unproved"


def test_a_closed_ledger_shows_a_lot_without_what_its_record_hides(stall: Stall) -> None:
    path = f"/api/v1/lots/{stall.skins}"
    assert json_loads(stall.client().get(path).get_data())["holder"] == "harare-tannery"
    hidden = json_loads(stall.client(is_open=False).get(path).get_data())
    assert {"holder", "owner", "head", "signers", "parents"}.isdisjoint(hidden)
    assert hidden["contents"]


def test_a_statement_has_four_forms(stall: Stall, client: FlaskClient) -> None:
    (first, *_) = stall.stand.reader.history(stall.skins)
    path = f"/api/v1/statements/{first.id.hex()}"
    assert json_loads(client.get(path).get_data())["index"] == first.index
    assert client.get(f"{path}?form=cose").get_data() == first.raw
    assert parse_tlog_proof(client.get(f"{path}?form=proof").get_data()).index == first.index
    assert json_loads(client.get(f"{path}?form=xml").get_data())["code"] == "request.form"


def test_the_log_is_served_as_files(stall: Stall, client: FlaskClient) -> None:
    note = client.get("/log/checkpoint")
    assert note.get_data() == stall.stand.reader.checkpoint_note()
    size = stall.stand.reader.moment().head.size
    tile = client.get(f"/log/tile/0/000.p/{size}")
    assert len(tile.get_data()) == 32 * size
    assert "immutable" in tile.headers["Cache-Control"]
    assert client.get("/log/tile/0/001").status_code == 404
    assert client.get("/log/tile/0/1").status_code == 400


def test_errors_of_requests_have_their_status(stall: Stall, client: FlaskClient) -> None:
    raw = sign(stall.world, "para-plot", LotHeld({stall.timber: Part()}, "no"))
    stall.world.members["para-plot"].seq -= 1
    broken = raw[:-1] + bytes([raw[-1] ^ 1])
    seen = {
        "malformed": client.get("/api/v1/lots/XXX").status_code,
        "usage": client.get(f"/api/v1/statements/{bytes(32).hex()}?form=xml").status_code,
        "proof": client.post("/api/v1/statements", data=broken, headers=COSE).status_code,
        "refused": client.post("/api/v1/statements", data=raw, headers=COSE).status_code,
        "not-found": client.get(f"/api/v1/lots/{UNKNOWN}").status_code,
    }
    assert seen == {
        "malformed": 400,
        "usage": 400,
        "proof": 422,
        "refused": 409,
        "not-found": 404,
    }


@pytest.mark.parametrize("kind", errors.RingmarkError.__subclasses__())
def test_each_class_of_error_has_one_shape(stall: Stall, kind: type[errors.RingmarkError]) -> None:
    app = stall.app()

    @app.get("/api/v1/broken")
    @app.get("/broken")
    def broken() -> str:
        raise kind("some.code", "What it is.", hint="What to do.")

    client = app.test_client()
    answer = client.get("/api/v1/broken")
    assert answer.status_code == STATUS[kind]
    assert answer.mimetype == "application/problem+json"
    assert json_loads(answer.get_data()) == {
        "type": "about:blank",
        "status": STATUS[kind],
        "code": "some.code",
        "title": "What it is.",
        "hint": "What to do.",
    }
    page = client.get("/broken", headers=HTML)
    assert page.status_code == STATUS[kind]
    text = page.get_data(as_text=True)
    assert 'data-level="cannot-tell" data-reason="some.code"' in text
    assert "What it is." in text


def test_too_many_requests_are_told_to_wait_and_nobody_else_is(stall: Stall) -> None:
    app = stall.app(rate=Rate(per_s=0, burst=3))
    client = app.test_client()
    answers = [client.get("/", headers=HTML) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "5"
    other = client.get("/", headers=HTML, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200
    assert client.get("/healthz").status_code == 200


def test_codes_of_lots_are_those_that_the_registrar_gives(fresh: Stall) -> None:
    client, raw = fresh.client(), signed(fresh)
    plain = json_loads(client.post("/api/v1/statements", data=raw, headers=COSE).get_data())
    (outcome,) = fresh.world.ledger.registrar.submit([raw])
    assert list(plain["labels"]) == codes_of(outcome, 1)  # type: ignore[arg-type]
