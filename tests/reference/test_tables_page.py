"""docs/formats/reference-tables.md lists every table of a rule set, with its rows and columns."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import pytest

from ledger.reference.released import table_hashes
from ledger.reference.thresholds import threshold_tables


def listed(root: Path) -> dict[str, tuple[int, str]]:
    """Return for each file that the page lists how many rows it has and what is said of columns."""
    page = (root / "docs" / "formats" / "reference-tables.md").read_text(encoding="utf-8")
    found = {}
    for names, rows, said in re.findall(
        r"^\| ([^|]*\.csv) \| ([\d,]+) \| (.*)$", page, re.MULTILINE
    ):
        for name in names.split(", "):
            found[name.removesuffix(".csv")] = int(rows.replace(",", "")), said
    return found


@pytest.fixture(scope="module")
def folder(project_root: Path) -> Path:
    return project_root / "ledger" / "reference" / "data"


def test_every_table_of_a_rule_set_is_listed(project_root: Path) -> None:
    assert set(listed(project_root)) == set(table_hashes()) | set(threshold_tables())


def test_rows_and_columns_are_those_of_the_files(project_root: Path, folder: Path) -> None:
    for name, (count, said) in listed(project_root).items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            columns, *rows = csv.reader(file)
        assert len(rows) == count, name
        words = set(re.findall(r"\w+", said))
        # The key of synonyms is said in words of its own.
        assert set(columns) - {"source"} <= words, name


def test_a_hash_is_that_of_the_file_as_it_is(folder: Path) -> None:
    for name, digest in (table_hashes() | threshold_tables()).items():
        data = (folder / f"{name}.csv").read_bytes()
        assert hashlib.sha256(data).digest() == digest, name
