"""The browser on inclusion and consistency: the same answers as ours, also on wrong proofs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import RingmarkError
from ledger.log.frontier import prove_consistency
from ledger.log.tree import check_consistency, leaf_hash, root_of

HERE = Path(__file__).resolve().parent
SIZE_MAX = 33
HASHES = [leaf_hash(bytes([n])) for n in range(SIZE_MAX + 1)]


class Nodes:
    """The complete subtrees over HASHES."""

    def node(self, level: int, index: int) -> bytes:
        return root_of(HASHES[index << level : (index + 1) << level])


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("node is missing in CI")
        pytest.skip("node is not on this machine")
    return found


def compare(node: str, root: Path, rows: dict[str, Any], place: Path) -> str:
    file = place / "rows.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    words = [node, HERE / "check_log_vectors.mjs", root / "web" / "static" / "verify", file]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done.stdout.splitlines()[-1]


def test_public_vectors(node: str, project_root: Path, shared_data: Path, tmp_path: Path) -> None:
    rows: dict[str, list[Any]] = {"inclusion": [], "consistency": []}
    for kind, found in rows.items():
        for place, _, names in os.walk(shared_data / "merkle" / kind):
            found += [json.loads((Path(place) / name).read_text("utf-8")) for name in names]
    assert compare(node, project_root, rows, tmp_path) == "196 proofs, 0 different"


def test_every_pair_of_small_trees(node: str, project_root: Path, tmp_path: Path) -> None:
    rows = [
        row
        for size in range(1, SIZE_MAX)
        for old in range(size + 2)
        for row in consistency_rows(old, size)
    ]
    assert {row["wantErr"] for row in rows} == {True, False}
    said = compare(node, project_root, {"consistency": rows}, tmp_path)
    assert said == f"{len(rows)} proofs, 0 different"


def consistency_rows(old: int, size: int) -> Iterator[dict[str, Any]]:
    """The proof of a pair, and what comes of it when one thing is changed."""
    roots = [root_of(HASHES[:n]) for n in range(SIZE_MAX + 1)]
    path = prove_consistency(Nodes(), old_size=old, size=size) if 0 < old <= size else []
    yield row(old, roots[old], size, roots[size], path)
    yield row(old, roots[size], size, roots[size], path)
    yield row(old, roots[old], size, roots[old], path)
    yield row(old, roots[old], size, roots[size], [*path, bytes(32)])
    yield row(old, roots[old], size, roots[size], path[:-1])
    yield row(old, roots[old], size, roots[size], path[::-1])
    yield row(old, roots[old], size, roots[size], [node[::-1] for node in path])
    yield row(old, roots[old], size + 1, roots[size], path)
    yield row(old, roots[old], size, roots[size], [node[1:] for node in path])


def row(old: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> dict[str, Any]:
    try:
        check_consistency(old_size=old, old_root=old_root, size=size, root=root, path=path)
        holds = True
    except RingmarkError:
        holds = False
    encoded = [base64.b64encode(node).decode() for node in path]
    return {
        "size1": old,
        "root1": base64.b64encode(old_root).decode(),
        "size2": size,
        "root2": base64.b64encode(root).decode(),
        "proof": encoded,
        "wantErr": not holds,
    }
