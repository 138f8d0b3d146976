"""What a machine lacks shows as a skip, which CI refuses: no test is left uncollected for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

# Calls whose answer differs from machine to machine. The environment is not among them: it says
# how long a test runs, never whether.
ASKS = {"which", "exists", "is_file", "is_dir", "find_spec", "geteuid", "getuid", "system"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def asks_machine(node: ast.AST, tainted: set[str]) -> bool:
    """Whether an expression asks the machine, or names what another one asked it."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in tainted:
            return True
        if isinstance(part, ast.Call):
            called = part.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in ASKS:
                return True
    return False


def decided_by_machine(source: str) -> Iterator[str]:
    """Yield the tests of a module that a machine may leave out without a word."""
    module, tainted = ast.parse(source), set[str]()
    for node in module.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if asks_machine(node.value, tainted):
                tainted.update(one.id for one in targets if isinstance(one, ast.Name))
        if isinstance(node, (ast.If, ast.Try, ast.For)):
            yield from (one.name for one in ast.walk(node) if isinstance(one, FUNCTIONS))
    for node in ast.walk(module):
        if isinstance(node, FUNCTIONS) and node.name == "pytest_ignore_collect":
            yield node.name
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            rows = [one for one in node.decorator_list if "parametrize" in ast.unparse(one)]
            if any(asks_machine(one, tainted) for one in rows):
                yield node.name
    yield from tainted & {"pytestmark", "collect_ignore", "collect_ignore_glob"}


def test_no_machine_decides_which_tests_there_are(project_root: Path) -> None:
    found = {
        f"{file.relative_to(project_root)}:{name}"
        for file in sorted((project_root / "tests").rglob("*.py"))
        for name in decided_by_machine(file.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    "source",
    [
        'import shutil\nif shutil.which("firefox"):\n    def test_a(): ...\n',
        "try:\n    import atheris\n    def test_a(): ...\nexcept ImportError: ...\n",
        'import shutil\nA = shutil.which("x")\nB = ["y", *([A] if A else [])]\n'
        '@pytest.mark.parametrize("name", B)\ndef test_a(name): ...\n',
        '@pytest.mark.parametrize("name", [f for f in FILES if f.exists()])\nclass TestA: ...\n',
        "def pytest_ignore_collect(): ...\n",
        'collect_ignore = ["a.py"] if not Path("b").exists() else []\n',
    ],
)
def test_each_way_of_leaving_a_test_out_is_seen(source: str) -> None:
    assert list(decided_by_machine(source))


def test_a_skip_inside_a_test_is_the_way() -> None:
    source = 'CHROME = which("chromium")\ndef test_a():\n    if not CHROME:\n        skip("none")\n'
    assert list(decided_by_machine(source)) == []
