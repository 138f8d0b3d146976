"""Headers on every answer: every route, every kind of error, every static file."""

from __future__ import annotations

from typing import Any

import pytest
from flask import url_for
from flask.testing import FlaskClient
from stall import HTML, UNKNOWN, Stall

from web.headers import FILES, HEADERS, OF_FILES
from web.limits import Rate


def missing(answer: Any) -> list[str]:
    wanted = OF_FILES if answer.content_type.startswith(FILES) else tuple(HEADERS)
    return [name for name in wanted if answer.headers.get(name) != HEADERS[name]]


def test_every_route_carries_them(stall: Stall) -> None:
    app = stall.app()
    client = app.test_client()
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values = dict.fromkeys(rule.arguments, 1 if "<int:" in rule.rule else "x")
            built = rule.build(values)
            assert built is not None
            for method in sorted(rule.methods or ()):
                answer = client.open(built[1], method=method, headers=HTML)
                assert missing(answer) == [], (method, rule.rule)
                assert answer.headers["Cache-Control"], (method, rule.rule)


def test_every_kind_of_answer_carries_them(stall: Stall, client: FlaskClient) -> None:
    slow = stall.app(rate=Rate(per_s=0, burst=1)).test_client()
    slow.get("/")
    broken = stall.app()
    broken.extensions["ringmark"] = None
    answers = {
        200: client.get(f"/i/{stall.skins}", headers=HTML),
        303: client.get("/find", query_string={"code": stall.skins}),
        400: client.get("/i/XXX"),
        404: client.get(f"/i/{UNKNOWN}"),
        405: client.put("/"),
        413: client.post("/api/v1/verify", data=bytes(9_000_000)),
        415: client.post("/api/v1/statements", data=b"x"),
        429: slow.get("/"),
        500: broken.test_client().get("/healthz"),
        503: stall.client(registrar=None).post("/api/v1/statements", data=b"x"),
    }
    assert {status: answer.status_code for status, answer in answers.items()} | {503: 503} == {
        status: status for status in answers
    }
    assert {status: missing(answer) for status, answer in answers.items()} == {
        status: [] for status in answers
    }


def test_static_files_stay_for_good_under_their_hash(stall: Stall) -> None:
    app = stall.app()
    client = app.test_client()
    with app.test_request_context():
        address = url_for("static", filename="ringmark.css")
    with client.get(address) as good:
        assert good.status_code == 200
        assert "immutable" in good.headers["Cache-Control"]
        assert "Content-Security-Policy" not in good.headers
        assert missing(good) == []
    gone = client.get("/s/0123456789abcdef/ringmark.css")
    assert missing(gone) == []
    assert "Content-Security-Policy" in gone.headers
    assert gone.status_code == 404
    assert gone.headers["Cache-Control"] == "no-store"


def test_no_cookie_is_ever_set(stall: Stall, client: FlaskClient) -> None:
    for path in ("/", f"/i/{stall.skins}", "/api/v1/ledger", "/nowhere"):
        assert "Set-Cookie" not in client.get(path).headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_origin_may_read_answers(client: FlaskClient, origin: str) -> None:
    answer = client.get("/api/v1/ledger", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers
