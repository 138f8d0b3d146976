"""The house rules that no linter knows: sizes of files and functions, names, places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LINES_MAX = 400
FUNCTION_LINES_MAX = 40
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "models", "services", "manager"}


def product_files(root: Path) -> Iterator[Path]:
    for package in ("ledger", "web", "cli"):
        yield from sorted((root / package).rglob("*.py"))


def test_files_are_short_enough(project_root: Path) -> None:
    files = [*product_files(project_root), *sorted((project_root / "tests").rglob("*.py"))]
    long = {
        str(file.relative_to(project_root)): lines
        for file in files
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > LINES_MAX
    }
    assert long == {}


def test_functions_are_short_enough(project_root: Path) -> None:
    long: dict[str, int] = {}
    for file in product_files(project_root):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                first = node.body[0]
                if ast.get_docstring(node) is not None and len(node.body) > 1:
                    first = node.body[1]
                body = node.end_lineno - first.lineno + 1
                if body > FUNCTION_LINES_MAX:
                    long[f"{file.relative_to(project_root)}:{node.name}"] = body
    assert long == {}


def test_names_say_what_a_file_owns(project_root: Path) -> None:
    assert [str(file) for file in product_files(project_root) if file.stem in VAGUE] == []


def test_tests_never_shadow_the_product(project_root: Path) -> None:
    tests = project_root / "tests"
    assert list(tests.rglob("__init__.py")) == []
    assert [f for f in tests.rglob("*") if f.is_dir() and f.name in {"ledger", "web", "cli"}] == []


def test_test_files_have_unique_names(project_root: Path) -> None:
    names = [file.name for file in (project_root / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("package", ["ledger", "web", "cli"])
def test_every_module_says_what_it_owns(project_root: Path, package: str) -> None:
    silent = [
        str(file.relative_to(project_root))
        for file in sorted((project_root / package).rglob("*.py"))
        if ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


def test_the_core_asks_no_clock(project_root: Path) -> None:
    core = [
        file
        for name in ("wire", "reference", "custody", "log", "verify")
        for file in sorted((project_root / "ledger" / name).rglob("*.py"))
    ]
    alone = ("keys", "form", "payload", "statement", "records", "trust", "token", "policy", "block")
    core += [project_root / "ledger" / f"{name}.py" for name in alone]
    asked = [
        f"{file.relative_to(project_root)}:{node.lineno}"
        for file in core
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow", "urandom"}
    ]
    assert asked == []
