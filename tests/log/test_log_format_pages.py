"""The examples on the pages of docs/formats are what the code writes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ledger.log.frontier import LevelStore, prove_consistency, prove_inclusion
from ledger.log.tree import leaf_hash, root_of


@pytest.fixture
def formats(project_root: Path) -> Path:
    return project_root / "docs" / "formats"


def hex_blocks(page: Path) -> list[bytes]:
    """The bytes of each hex block; words that are not pairs of hex digits are remarks."""
    blocks = re.findall(r"```hex\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [
        bytes.fromhex("".join(re.findall(r"(?<!\S)(?:[0-9a-f]{2})+(?!\S)", block)))
        for block in blocks
    ]


def text_blocks(page: Path) -> list[str]:
    return re.findall(r"```text\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_checkpoint_and_proof_pages(formats: Path, log_example: Path) -> None:
    checkpoint = (log_example / "log" / "checkpoint.7").read_text(encoding="utf-8")
    proof = (log_example / "p5.tlog-proof").read_text(encoding="utf-8")
    assert text_blocks(formats / "checkpoint.md") == [checkpoint]
    assert text_blocks(formats / "tlog-proof.md")[1] == proof
    assert (
        text_blocks(formats / "tlog-policy.md")[2]
        in f"cosignature/v1\ntime 1790000000\n{checkpoint}"
    )


def test_receipt_page(formats: Path, log_example: Path) -> None:
    assert hex_blocks(formats / "receipt.md") == [(log_example / "receipt5.cose").read_bytes()]


def test_tree_page(formats: Path, log_example: Path) -> None:
    entries = [b"entry %d" % number for number in range(7)]
    entries[5] = (log_example / "leaf5.cose").read_bytes()
    hashes = [leaf_hash(entry) for entry in entries]
    reader = LevelStore().reader(lambda low, high: hashes[low:high], size=7)
    shown = re.findall(r"[0-9a-f]{64}", text_blocks(formats / "tree.md")[0])
    expected = [
        hashes[5],
        *prove_inclusion(reader, index=5, size=7),
        root_of(hashes),
        root_of(hashes[:3]),
        *prove_consistency(reader, old_size=3, size=7),
    ]
    assert shown == [item.hex() for item in expected]


def test_state_map_page(formats: Path, log_vectors: dict[str, Any]) -> None:
    page = formats / "state-map.md"
    two = next(row for row in log_vectors["maps"] if row["name"] == "two")
    shown = re.findall(r"[0-9a-f]{64}", text_blocks(page)[0])
    assert shown == [item for pair in two["items"] for item in pair] + [two["root"]]
    proofs = {row["name"]: row["proof"] for row in log_vectors["proofs"] if row["map"] == "two"}
    assert [block.hex() for block in hex_blocks(page)] == [
        proofs["present 0"],
        proofs["absent, another stands there"],
    ]
