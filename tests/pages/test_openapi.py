"""The description of the interface is held to the routes, and answers to the description."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from stall import JSON, PERMIT, TAGS, Stall

from ledger.errors import MalformedError
from ledger.storage.finding_list import FOR_EVER_S
from ledger.wire.text import json_loads, parse_code


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


def test_numbers_are_taken_within_their_bounds_and_no_further(
    client: FlaskClient, described: dict[str, Any]
) -> None:
    asked = described["paths"]["/api/v1/findings"]["get"]["parameters"]
    bounds = {p["name"]: p["schema"] for p in asked if p["schema"]["type"] == "integer"}
    assert {name: (has["minimum"], has["maximum"]) for name, has in bounds.items()} == {
        "limit": (1, 1_000),
        "since": (0, FOR_EVER_S),
        "due": (0, FOR_EVER_S),
    }
    for name, has in bounds.items():
        for number in (has["minimum"], has["maximum"]):
            assert client.get(f"/api/v1/findings?{name}={number}").status_code == 200, name
        for number in (has["minimum"] - 1, has["maximum"] + 1, 10**30):
            answer = client.get(f"/api/v1/findings?{name}={number}", headers=JSON)
            assert (answer.status_code, answer.json["code"]) == (400, "request.parameter"), name


@pytest.mark.parametrize(
    "typed",
    [
        *("51PB-1X9S-FP3J", "51pb1x9sfp3j", " 51 PB 1X9S-FP-3J-", "SIPBLX95FP3J", "OOOOOOOOOOOO"),
        *("51PB1X9SFP3U", "51PB1X9SFP3", "51PB1X9SFP3JJ", "51PB1X9SFP3é", "51PB_1X9S_FP3J", ""),
        *("51PB\t1X9SFP3J", "51PB1X9SFP3J\n", "-", "１2345678901２"),
    ],
)
def test_what_has_the_form_of_a_code_is_what_the_description_says(
    described: dict[str, Any], typed: str
) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if (parameter["name"], parameter["in"]) == ("code", "path"):
                    # ECMA 262 means the end of the text by `$`, and no line break before it.
                    pattern = parameter["schema"]["pattern"].removesuffix("$") + r"\Z"
                    assert bool(re.search(pattern, typed)) is has_form(typed), path


def has_form(typed: str) -> bool:
    try:
        parse_code(typed)
    except MalformedError as error:
        return error.code == "code.check"
    return True
