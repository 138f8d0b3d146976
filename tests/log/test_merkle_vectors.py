"""Every public inclusion and consistency vector, the wrong proofs first of all."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import MalformedError, ProofError
from ledger.log.tree import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    root_of,
)

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]


def vectors(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    # File names hold `[` and `@`, so the folder is walked, not globbed.
    for place, _, names in os.walk(folder):
        for name in names:
            yield name, json.loads((Path(place) / name).read_text(encoding="utf-8"))


def plain(value: str | None) -> bytes:
    return base64.b64decode(value or "")


def nodes(vector: dict[str, Any]) -> list[bytes]:
    return [plain(item) for item in vector["proof"] or []]


def is_included(vector: dict[str, Any]) -> bool:
    try:
        check_inclusion(
            leaf=plain(vector["leafHash"]),
            index=vector["leafIdx"],
            size=vector["treeSize"],
            path=nodes(vector),
            expected=plain(vector["root"]),
        )
    except (MalformedError, ProofError):
        return False
    return True


def is_consistent(vector: dict[str, Any]) -> bool:
    try:
        check_consistency(
            old_size=vector["size1"],
            old_root=plain(vector["root1"]),
            size=vector["size2"],
            root=plain(vector["root2"]),
            path=nodes(vector),
        )
    except (MalformedError, ProofError):
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "judge"), [("inclusion", is_included), ("consistency", is_consistent)]
)
def test_public_vectors(shared_data: Path, kind: str, judge: Any) -> None:
    wrong, counts = [], {True: 0, False: 0}
    for name, vector in vectors(shared_data / "merkle" / kind):
        held = judge(vector)
        counts[held] += 1
        if held == vector["wantErr"]:
            wrong.append(name)
    assert wrong == []
    assert counts == {True: 6, False: 92}


def test_published_roots() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    one = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    eight = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert root_of(hashes[:1]).hex() == one
    assert root_of(hashes).hex() == eight
    assert root_of([]) == EMPTY_ROOT
    assert root_of(hashes[:3]) == node_hash(node_hash(hashes[0], hashes[1]), hashes[2])


@pytest.mark.parametrize("size", [0, 31, 33])
def test_hashes_of_other_sizes_are_refused(size: int) -> None:
    good, odd = leaf_hash(b"a"), bytes(size)
    with pytest.raises(MalformedError):
        root_of([good, odd])
    with pytest.raises(MalformedError):
        check_inclusion(leaf=odd, index=0, size=1, path=[], expected=good)
    with pytest.raises(MalformedError):
        check_inclusion(leaf=good, index=0, size=1, path=[], expected=odd)
    with pytest.raises(MalformedError):
        check_inclusion(leaf=good, index=0, size=2, path=[odd], expected=good)
    with pytest.raises(MalformedError):
        check_consistency(old_size=1, old_root=odd, size=2, root=good, path=[good])


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0), (2**64, 2**64)])
def test_positions_outside_the_tree_are_refused(index: int, size: int) -> None:
    leaf = leaf_hash(b"")
    with pytest.raises(ProofError) as caught:
        check_inclusion(leaf=leaf, index=index, size=size, path=[], expected=leaf)
    assert caught.value.code == "tree.index"
