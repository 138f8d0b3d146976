"""Any request at all on every route: never a fault of ours, always a code, always the headers."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stall import Stall
from werkzeug.routing import Rule

from ledger.wire.text import json_loads
from web.headers import FILES, HEADERS, OF_FILES

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "get")
PARTS = (
    *(
        "x",
        "%00",
        "%0d%0aSet-Cookie:a",
        "%FF",
        "%C3%28",
        "..",
        "%2e%2e%2f",
        "%ED%A0%80",
        "%F0%9F%92%A9",
    ),
    *(
        "-1",
        "0",
        "007",
        "1e3",
        "９",
        str(2**53),
        str(2**64),
        "9" * 400,
        "0" * 64,
        "G" * 64,
        "A" * 3_000,
    ),
    *(
        "51PB1X9SFP3J",
        "51PB-1X9S-FP3J",
        "ZW/PERMIT/1",
        "TAG/%E2%80%AE",
        "lot",
        "party",
        "__proto__",
    ),
)
VALUES = (
    *PARTS,
    "",
    "1",
    "true",
    "ZW",
    "zw",
    "stop",
    "lot/",
    "lot/51PB1X9SFP3J",
    "%25",
    "'--",
    "a&a=b",
)
NAMES = (
    *("after", "limit", "code", "mark", "q", "for", "country", "section", "since", "due", "sort"),
    *("severity", "rule", "subject", "party", "form", "lang", "dry_run", "kid", "number", "%00"),
)
HEADS: dict[str, tuple[str, ...]] = {
    "Accept": (
        *("text/html", "application/json", "application/linkset+json;q=1", "*/*;q=0", "a/b;q=9e9"),
        *("text/html;q=0.1,application/json;q=0.2", "application/json;q=nan", ",;=", "x" * 9_000),
    ),
    "Accept-Language": ("fr", "es;q=0,fr;q=0", "zz", "*", "-", "é", ",".join(["fr"] * 2_000)),
    "Accept-Encoding": ("gzip", "gzip;q=0", "identity;q=0", "br, gzip;q=x", "*", "*;q=0", "\x00"),
    "Authorization": (
        "Ringmark",
        "Ringmark AAAA",
        "Ringmark " + "A" * 9_000,
        "Bearer x",
        "Basic é",
    ),
    "Content-Encoding": ("gzip", "deflate", "br", "identity, gzip"),
    "Content-Type": (
        *(
            "application/cose",
            "application/vnd.ringmark.batch+cbor",
            "application/json",
            ";",
            "a" * 900,
        ),
        *(
            "multipart/form-data",
            "multipart/form-data; boundary=" + "b" * 900,
            "text/html; charset=x",
        ),
        "application/x-www-form-urlencoded",
    ),
    "Expect": ("100-continue", "x"),
    "Host": ("[::1", "a b", "x" * 300, "evil.example", "localhost:99999999", ""),
    "If-Match": ('"x"', "*", "W/"),
    "If-Modified-Since": ("Thu, 01 Jan 1970 00:00:00 GMT", "0", "x"),
    "If-None-Match": ("*", '"x"', 'W/"x", "y"', '"'),
    "If-Range": ('"x"', "x"),
    "Origin": ("https://evil.example", "null"),
    "Range": ("bytes=0-1", "bytes=-1", "bytes=5-2", "bytes=0-0,2-3", f"bytes={2**64}-", "lines=1"),
    "Transfer-Encoding": ("chunked", "gzip, chunked"),
    "Upgrade": ("websocket", "h2c"),
    "X-Forwarded-For": ("1.2.3.4", "x", "::1, " * 500),
    "X-Forwarded-Host": ("evil.example",),
    "X-HTTP-Method-Override": ("DELETE",),
}
BODIES = (
    b"",
    b"\x00",
    b"{}",
    b"\xd2\x84",
    b"\xbf" * 70,
    b"--x\r\n",
    b"\x1f\x8b\x08" + bytes(90),
    b"a=1" * 90,
)


def routes(stall: Stall) -> list[Rule]:
    return sorted(stall.app().url_map.iter_rules(), key=str)


def check(answer: Any, asked: Any) -> None:
    body = answer.get_data()
    assert answer.status_code < 500, (asked, body[:300])
    assert b"Traceback" not in body, asked
    assert "Set-Cookie" not in answer.headers, asked
    assert "Access-Control-Allow-Origin" not in answer.headers, asked
    assert answer.headers.get("Cache-Control"), asked
    wanted = OF_FILES if (answer.mimetype or "").startswith(FILES) else HEADERS
    for name in wanted:
        assert answer.headers.getlist(name) == [HEADERS[name]], (asked, name)
    if answer.mimetype == "application/problem+json" and body:
        plain = json_loads(body)
        assert (plain["status"], bool(plain["code"])) == (answer.status_code, True), asked


@st.composite
def requests(draw: st.DrawFn, rules: list[str]) -> dict[str, Any]:
    rule = draw(st.sampled_from(rules))
    path = re.sub(r"<[^>]+>", lambda _: draw(st.sampled_from(PARTS)), rule)
    pairs = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=3))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    if draw(st.integers(0, 19)) == 0:
        query += "&" + "&".join(["a=b"] * 2_000)
    names = draw(st.lists(st.sampled_from(sorted(HEADS)), max_size=4, unique=True))
    headers = [(name, draw(st.sampled_from(HEADS[name]))) for name in names]
    return {
        "path": f"{path}?{query}" if query else path,
        "method": draw(st.sampled_from(METHODS)),
        "headers": headers,
        "data": draw(st.sampled_from(BODIES)),
    }


@pytest.mark.parametrize("is_open", [True, False])
def test_no_request_is_answered_by_a_fault(stall: Stall, is_open: bool) -> None:
    client = stall.client(is_open=is_open)

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(requests([rule.rule for rule in routes(stall)]))
    def ask(asked: dict[str, Any]) -> None:
        check(client.open(**asked), asked)

    ask()


def known(stall: Stall, rule: Rule) -> str:
    """The address of something that is there."""
    values = {
        "code": stall.skins,
        "mark": "CITES-TAG/ZW-NIL-26-000001",
        "name": "ZW/EXPORT-PERMIT/26ZW000123",
        "party": "kariba-farm",
        "filename": "ringmark.css",
    }
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "0"), rule.rule)


def test_head_is_a_get_without_its_body(stall: Stall, client: FlaskClient) -> None:
    heads = [rule for rule in routes(stall) if "HEAD" in (rule.methods or ())]
    assert len(heads) > 30
    for rule in heads:
        path = known(stall, rule)
        got, head = client.get(path), client.head(path)
        check(head, path)
        assert (head.status_code, head.get_data()) == (got.status_code, b""), path
        assert head.headers.get("Content-Type") == got.headers.get("Content-Type"), path


def test_options_say_what_an_address_takes_and_no_more(stall: Stall, client: FlaskClient) -> None:
    for rule in routes(stall):
        answer = client.options(known(stall, rule))
        check(answer, rule)
        allowed = {name.strip() for name in answer.headers["Allow"].split(",")}
        assert allowed == set(rule.methods or ()), rule
        others = {"PUT", "DELETE", "PATCH", "TRACE"} - allowed
        for method in sorted(others):
            refused = client.open(known(stall, rule), method=method)
            check(refused, (method, rule))
            assert refused.status_code == HTTPStatus.METHOD_NOT_ALLOWED, (method, rule)
