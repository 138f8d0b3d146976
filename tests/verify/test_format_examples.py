"""The examples on the pages of files that carry proof: regenerated, and verified as told there."""

from __future__ import annotations

import base64
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ledger.storage.highwater import SLOT_SIZE, HighWaterFile, decode_slot
from ledger.trust import format_trust, parse_trust
from ledger.verify.file import verify_bytes
from ledger.verify.resuming import is_remembered

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
FILES: dict[str, Any] = json.loads((VECTORS / "files.json").read_text(encoding="utf-8"))
VERDICTS = {
    "card": ("verified", "basis.not-attested"),
    "document_card": ("verified", "consistent"),
    "bundle": ("verified", "basis.not-attested"),
    "contradiction": ("verified", "ledger.contradicted"),
    "fork": ("verified", "history.two"),
}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_files", VECTORS / "generate_files.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page(project_root: Path) -> Any:
    return lambda name: (project_root / "docs" / "formats" / f"{name}.md").read_text("utf-8")


def test_vectors_and_pages_are_what_their_generator_writes(generator: ModuleType, page: Any):
    files = generator.made()
    written = (VECTORS / "files.json").read_text(encoding="utf-8")
    assert generator.document(files) == written
    for name, section in generator.sections(files).items():
        assert generator.page(page(name), section) == page(name), name


def in_base64(text: str) -> list[bytes]:
    blocks = re.findall(r"```base64\n(.*?)```", text, re.DOTALL)
    return [base64.b64decode("".join(block.split())) for block in blocks]


def test_the_files_on_the_pages_have_the_verdicts_of_the_vectors(page: Any):
    trust = parse_trust(FILES["trust"])
    on_page = dict(zip(("contradiction", "fork"), in_base64(page("contradiction")), strict=True))
    on_page |= zip(("card", "document_card"), in_base64(page("card")), strict=True)
    (on_page["bundle"],) = in_base64(page("bundle"))
    for name, expected in VERDICTS.items():
        assert on_page[name] == base64.b64decode(FILES[name])
        verdict = verify_bytes(on_page[name], trust=trust, now_s=FILES["now_s"])
        assert (verdict.outcome.value, verdict.reason) == expected, name


def test_what_an_auditor_keeps_is_on_its_page(page: Any):
    (kept,) = in_base64(page("remembered"))
    assert kept == base64.b64decode(FILES["remembered"])
    assert is_remembered(kept)


def test_the_trust_file_on_its_page_is_read_and_written_back(page: Any):
    (block,) = re.findall(r"```json\n(.*?)```", page("trust"), re.DOTALL)
    trust = parse_trust(block)
    assert trust == parse_trust(FILES["trust"])
    assert json.loads(format_trust(trust)) == json.loads(block)


def test_the_slot_on_its_page_is_a_mark(page: Any, tmp_path: Path):
    whole = page("high-water")
    (fixed,) = re.findall(r"```hex\n(.*?)```", whole, re.DOTALL)
    (note,) = re.findall(r"```text\n(.*?\n)```", whole, re.DOTALL)
    (zeros,) = re.findall(r"([0-9,]+) zero bytes, and", whole)
    (checksum,) = re.findall(r"the checksum `([0-9a-f]{64})`", whole)
    slot = bytes.fromhex(fixed) + note.encode() + bytes(int(zeros.replace(",", "")))
    slot += bytes.fromhex(checksum)
    assert len(slot) == SLOT_SIZE
    assert slot == base64.b64decode(FILES["high_water"])
    found = decode_slot(slot)
    assert found is not None
    assert found[0] == 7
    (tmp_path / "high-water").write_bytes(bytes(SLOT_SIZE) + slot)
    assert HighWaterFile(tmp_path / "high-water").read() == found[1]
