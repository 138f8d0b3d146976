"""docs/formats/record-members.md: the tables are made from the code, and its words are true."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from msgspec import structs

from ledger.custody.state import state_types

GENERATOR = Path(__file__).resolve().parent.parent / "vectors" / "generate_record_members.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(GENERATOR.stem, GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page(project_root: Path) -> str:
    return (project_root / "docs" / "formats" / "record-members.md").read_text(encoding="utf-8")


def test_tables_are_what_their_generator_writes(generator: ModuleType, page: str) -> None:
    assert generator.complete(page) == page
    assert page.count("\n### ") > len(dict(state_types()))


def test_what_a_verdict_reads_are_members_of_that_kind(page: str) -> None:
    members: dict[str, set[str]] = {}
    for kind, state in state_types():
        members.setdefault(str(kind), set()).update(item.name for item in structs.fields(state))
    read = page.partition("## What a verdict reads")[2].partition("\nA range of marks")[0]
    rows = re.findall(r"^\| ([a-z, ]+) \| (`[^|]+) \|", read, re.MULTILINE)
    assert len(rows) > 8
    for kinds, names in rows:
        known = set.union(*(members[kind] for kind in kinds.split(", ")), {"ended_at"})
        assert set(re.findall(r"`(\w+)`", names)) <= known, names
