"""The description of the interface is held to the routes, and answers to the description."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from stall import JSON, PERMIT, TAGS, Stall

from ledger.wire.text import json_loads


@pytest.fixture(scope="module")
def described(project_root: Path) -> dict[str, Any]:
    return json_loads((project_root / "web" / "openapi.json").read_text(encoding="utf-8"))


def test_every_route_is_described_and_nothing_else(stall: Stall, described: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:path:|int:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in stall.app().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert routes == {
        (path, method) for path, methods in described["paths"].items() for method in methods
    }


def test_every_place_in_a_path_is_described(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            named = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path)), path


def test_every_route_is_in_the_manual(project_root: Path, described: dict[str, Any]) -> None:
    manual = (project_root / "docs" / "http.md").read_text(encoding="utf-8")
    assert [path for path in described["paths"] if f"`{path}`" not in manual] == []


def test_answers_have_the_members_that_are_promised(
    stall: Stall, client: FlaskClient, described: dict[str, Any]
) -> None:
    (step, *_) = stall.stand.reader.history(stall.skins)
    values = {
        "code": stall.skins,
        "party": "kariba-farm",
        "name": PERMIT,
        "scheme": TAGS.scheme,
        "mark": "ZW-NIL-26-000003",
        "statement": step.id.hex(),
        "old": 1,
        "size": 2,
    }
    for path, methods in described["paths"].items():
        success = methods.get("get", {}).get("responses", {}).get("200", {})
        schema = success.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or not set(re.findall(r"{(\w+)}", path)) <= set(values):
            continue
        if "containers" in path or methods["get"].get("security") == [{"readingToken": []}]:
            continue
        answer = client.get(path.format(**values), headers=JSON)
        assert answer.status_code == 200, path
        assert set(schema.get("required", ())) <= set(json_loads(answer.get_data())), path
