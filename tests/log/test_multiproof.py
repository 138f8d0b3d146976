"""One proof for many leaves: right for every subset of small trees, wrong for anything else."""

from __future__ import annotations

from hashlib import sha256

import pytest

from ledger.errors import RingmarkError
from ledger.log.frontier import LevelStore, prove_inclusion
from ledger.log.multiproof import check_inclusions, prove_inclusions
from ledger.log.tree import leaf_hash, root_of

HASHES = [leaf_hash(bytes([i])) for i in range(200)]


def reader(size: int):
    return LevelStore().reader(lambda start, stop: HASHES[start:stop], size=size)


def check(count: int, indexes, nodes, **changes) -> None:
    check_inclusions(
        changes.get("leaves") or {index: HASHES[index] for index in indexes},
        size=changes.get("size", count),
        nodes=nodes,
        expected=changes.get("expected") or root_of(HASHES[:count]),
    )


@pytest.mark.parametrize("size", range(1, 10))
def test_every_subset_of_a_small_tree(size):
    for chosen in range(1, 1 << size):
        indexes = [i for i in range(size) if chosen >> i & 1]
        nodes = prove_inclusions(reader(size), indexes=indexes, size=size)
        check(size, indexes, nodes)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100, 129, 200])
def test_one_leaf_takes_the_nodes_of_its_path(size):
    for index in range(size):
        nodes = prove_inclusions(reader(size), indexes=[index], size=size)
        assert sorted(nodes) == sorted(prove_inclusion(reader(size), index=index, size=size))
        check(size, [index], nodes)


def test_nodes_are_shared():
    indexes = [3, 4, 5, 90, 91, 150]
    nodes = prove_inclusions(reader(200), indexes=indexes, size=200)
    single = [prove_inclusion(reader(200), index=index, size=200) for index in indexes]
    assert len(nodes) < sum(map(len, single)) // 2
    check(200, indexes, nodes)


def test_whatever_else_is_refused():
    indexes, size = [3, 4, 90], 150
    nodes = prove_inclusions(reader(size), indexes=indexes, size=size)
    other = sha256(b"other").digest()
    wrong = [
        lambda: check(size, indexes, nodes[:-1]),
        lambda: check(size, indexes, [*nodes, other]),
        lambda: check(size, indexes, nodes[::-1]),
        lambda: check(size, indexes, [other, *nodes[1:]]),
        lambda: check(size, indexes, [nodes[0][:-1], *nodes[1:]]),
        lambda: check(size, indexes, nodes, size=100),
        lambda: check(size, indexes, nodes, size=90),
        lambda: check(size, indexes, nodes, expected=other),
        lambda: check(size, indexes, nodes, leaves={3: HASHES[3], 4: HASHES[4]}),
        lambda: check(size, indexes, nodes, leaves={3: HASHES[4], 4: HASHES[3], 90: HASHES[90]}),
        lambda: check(size, indexes, nodes, leaves={3: HASHES[3], 4: HASHES[4], 91: HASHES[90]}),
        lambda: check_inclusions({}, size=size, nodes=nodes, expected=root_of(HASHES[:size])),
        lambda: check_inclusions({-1: other}, size=size, nodes=nodes, expected=other),
    ]
    for attempt in wrong:
        with pytest.raises(RingmarkError):
            attempt()
    for indexes in ([], [150], [-1]):
        with pytest.raises(RingmarkError):
            prove_inclusions(reader(size), indexes=indexes, size=size)
