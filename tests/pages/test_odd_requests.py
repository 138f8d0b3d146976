"""Requests as a hostile person types them: never a fault of ours, always a code."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest
from flask.testing import FlaskClient
from stall import Stall

from ledger.wire.text import json_loads

PATHS = (
    "/find?code=",
    "/find?code=%00",
    "/find?code=%FF%FE",
    f"/find?code={'A' * 5_000}",
    "/find?code=<script>",
    "/i/x",
    "/i/%00",
    "/i/{skins}/",
    "/i/{skins}%2F..%2F",
    "/i/{skins}?lang=xx",
    "/m/a/b",
    "/m/TAG/%E2%80%AE",
    "/d/ZW/EXPORT/1",
    "/d/..%2f..%2fetc%2fpasswd",
    "/d/%C3%28",
    "/waiting?for=%00&country=%C3%9F",
    "/s/../../etc/passwd",
    "/log/tile/-1/000",
    "/log/tile/0/000.p/0",
    "/log/tile/0/000.p/99999",
    "/log/tile/0/999999999999999999999",
    "/log/tile/99/x999/000",
)
API = (
    "/api/v1/lots/{skins}/history?after=-1",
    "/api/v1/lots/%00/card",
    "/api/v1/lots/{skins}/label",
    "/api/v1/parties?after=%00",
    f"/api/v1/parties?after={'z' * 4_000}",
    "/api/v1/parties/%2e%2e",
    "/api/v1/parties/x/lots?after=%ff",
    "/api/v1/parties/%00/facilities",
    "/api/v1/findings?after=%F0%9F%92%A9",
    "/api/v1/findings?after=lot/",
    "/api/v1/search?q=%25_%27%22--",
    "/api/v1/search",
    "/api/v1/statements/00",
    f"/api/v1/statements/{'0' * 64}",
    f"/api/v1/statements/{'G' * 64}?form=xml",
    "/api/v1/documents/%00",
    "/api/v1/documents/a/b/c/d",
    "/api/v1/marks/TAG/%00",
    "/api/v1/facilities/%ff/x",
    "/api/v1/containers/{skins}",
    "/api/v1/waiting?for=%00",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": "text/html"},
    {"Accept": "application/linkset+json"},
    {"Accept": "x" * 3_000},
    {"Accept": ";;;q=zz,"},
    {"Accept-Language": "zz,xx;q=2,,é"},
    {"Authorization": "Ringmark AAAA"},
    {"Authorization": "Basic !!"},
    {"Host": "[::1"},
    {"Range": "bytes=0-1", "If-None-Match": "*"},
)
BODIES = (b"", b"\x00", b"\xd2\x84", b"\x9f" * 1_000, b"\x81" * 60_000, b"\xff" * 61_441, b"{}")
MEDIA = (
    "",
    "application/cose",
    "application/vnd.ringmark.batch+cbor",
    "application/vnd.ringmark.card+cbor",
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
)


def check(answer: Any, path: str) -> None:
    assert answer.status_code < 500, (path, answer.get_data()[:200])
    if answer.status_code >= 400 and path.startswith("/api/"):
        assert answer.mimetype == "application/problem+json", path
        assert json_loads(answer.get_data())["code"], path


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("path", [*PATHS, *API])
def test_odd_addresses_and_headers(stall: Stall, path: str, is_open: bool) -> None:
    client = stall.client(is_open=is_open)
    path = path.format(skins=stall.skins)
    for headers in HEADERS:
        check(client.get(path, headers=headers), path)


@pytest.mark.parametrize("path", ["/api/v1/statements", "/api/v1/verify", "/photo"])
@pytest.mark.parametrize("media", MEDIA)
def test_odd_bodies(client: FlaskClient, path: str, media: str) -> None:
    for body in BODIES:
        for query in ("", "?dry_run=1", "?dry_run=%00", "?code=zz&mark=%00"):
            answer = client.post(path + query, data=body, headers={"Content-Type": media})
            check(answer, path)


def test_odd_methods(stall: Stall, client: FlaskClient) -> None:
    methods = cycle(("POST", "PUT", "DELETE", "PATCH", "TRACE", "HEAD", "OPTIONS"))
    for path, method in zip((*PATHS, *API) * 3, methods, strict=False):
        answer = client.open(path.format(skins=stall.skins), method=method)
        assert answer.status_code < 500, (method, path)


def test_entries_of_a_kind_that_is_none(client: FlaskClient) -> None:
    answer = client.get("/api/v1/entries/lot")
    assert answer.status_code == 404
    assert json_loads(answer.get_data())["code"] == "entry.kind"
