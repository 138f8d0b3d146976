"""docs/frauds.md is held to the code: its rules, tests and stories exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ledger.custody.rules.ruleset import RULES

ALL = tuple(f"F{number:02d}" for number in range(1, 38))
SHOWN = (
    "F01", "F02", "F04", "F05", "F08", "F09", "F10", "F11", "F12", "F14", "F17", "F18", "F25",
    "F26", "F27", "F28", "F29", "F30", "F31", "F32", "F33", "F37",
)  # fmt: skip
"""The frauds that the law of the trade has to meet: each names what shows it."""
_TEST = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")
_STORY = re.compile(r"\(stories/([a-z0-9-]+\.md)\)")
_RULE = re.compile(r"`([a-z]+\.[a-z0-9-]+)`")


@pytest.fixture(scope="module")
def page(project_root: Path) -> str:
    return (project_root / "docs" / "frauds.md").read_text(encoding="utf-8")


def rows(part: str) -> dict[str, list[str]]:
    """The cells of each row of a table, by the number of the fraud."""
    found = {}
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if re.fullmatch(r"F\d\d", cells[0].strip()):
            assert cells[0] not in found
            found[cells[0].strip()] = cells
    return found


def parts(page: str) -> tuple[str, str]:
    first, _, second = page.partition("## What shows it")
    return first, second


def test_every_fraud_has_a_row_and_says_what_meets_it_and_what_is_open(page: str) -> None:
    table = rows(parts(page)[0])
    assert tuple(table) == ALL
    assert [number for number, cells in table.items() if len(cells) != 4] == []


def test_what_shows_a_fraud_exists(page: str, project_root: Path) -> None:
    known = {rule.name for rule in RULES}
    for number, (_, rules, shown) in rows(parts(page)[1]).items():
        named = _RULE.findall(rules)
        assert named, number
        assert [rule for rule in named if rule not in known] == [], number
        assert _TEST.search(shown) or _STORY.search(shown), number
        for file, test in _TEST.findall(shown):
            tree = ast.parse((project_root / file).read_text(encoding="utf-8"))
            defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert test in defined, (number, file, test)
        for story in _STORY.findall(shown):
            assert (project_root / "docs" / "stories" / story).exists(), (number, story)


def test_variants_name_tests_that_exist(page: str, project_root: Path) -> None:
    known = {rule.name for rule in RULES}
    variants = [line for line in page.splitlines() if re.match(r"\| F\d\d-\d+ \|", line)]
    assert variants
    for line in variants:
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        assert len(cells) == 5, line
        assert [rule for rule in _RULE.findall(cells[3]) if rule not in known] == [], line
        file, _, group = cells[4].strip("`").partition("::")
        tree = ast.parse((project_root / "tests/custody_lots" / file).read_text(encoding="utf-8"))
        groups = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        assert not group or group in groups, line


def test_every_fraud_of_the_trade_is_shown(page: str) -> None:
    assert sorted(set(SHOWN) - set(rows(parts(page)[1]))) == []


def test_what_is_shown_is_not_called_open_alone(page: str) -> None:
    table, shown = rows(parts(page)[0]), rows(parts(page)[1])
    assert [number for number in shown if table[number][2] == "–"] == []
