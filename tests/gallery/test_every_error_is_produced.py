"""Every code in docs/errors.md is raised somewhere, and some test produces it.

produced.csv names one test for each code; tests/conftest.py fails that test where it does not meet
the code in what the product itself raised.
"""

from __future__ import annotations

import csv
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
PRODUCED = TESTS / "gallery" / "produced.csv"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with PRODUCED.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def codes_raised() -> set[str]:
    place = TESTS / "commands" / "generate_pages.py"
    spec = importlib.util.spec_from_file_location("gallery_pages", place)
    assert spec is not None
    assert spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    sys.modules["gallery_pages"] = pages
    spec.loader.exec_module(pages)
    return {code.code for code in pages.codes()}


def test_pages_source_and_tests_name_the_same_codes(
    rows: list[dict[str, str]], project_root: Path
) -> None:
    page = (project_root / "docs" / "errors.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    produced = [row["code"] for row in rows]
    assert documented == sorted(set(documented))
    assert produced == sorted(set(produced))
    # A new code: python tests/commands/generate_pages.py, a test that produces it, and a line
    # `code,tests/area/test_file.py::test_name[id]` in tests/gallery/produced.csv.
    assert set(documented) == codes_raised()
    assert set(produced) == codes_raised()
    assert len(produced) > 300


def test_every_test_that_is_to_produce_a_code_is_there(
    rows: list[dict[str, str]], project_root: Path
) -> None:
    """A test that was renamed would produce nothing, and nobody would notice."""
    files = sorted({row["test"].partition("::")[0] for row in rows})
    words = ["-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", *files]
    ran = subprocess.run(
        [sys.executable, *words], cwd=project_root, capture_output=True, text=True, check=False
    )
    found = set(ran.stdout.splitlines())
    assert found, ran.stderr
    assert not [row for row in rows if row["test"] not in found]
