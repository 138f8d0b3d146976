"""Growing trees, and proofs made from stored leaf hashes and upper levels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import DamagedError, MalformedError, NotFoundError, ProofError
from ledger.log.frontier import (
    TILE_WIDTH,
    Frontier,
    LevelReader,
    LevelStore,
    cut,
    prove_consistency,
    prove_inclusion,
)
from ledger.log.multiproof import check_inclusions, prove_inclusions
from ledger.log.tree import check_consistency, check_inclusion, leaf_hash, root_of

COUNT = 1_300
LEAVES = [leaf_hash(b"%d" % number) for number in range(COUNT)]


def split(low: int, high: int) -> bytes:
    """The definition of RFC 6962, 2.1, word for word."""
    if high - low == 1:
        return LEAVES[low]
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    from ledger.log.tree import node_hash

    return node_hash(split(low, middle), split(middle, high))


class Stored:
    """Leaf hashes in a list, with the ranges that were asked for."""

    def __init__(self, size: int) -> None:
        self.ranges: list[tuple[int, int]] = []
        self.size = size
        self.levels = LevelStore()
        for start in range(0, size - TILE_WIDTH + 1, TILE_WIDTH):
            self.levels.append(root_of(LEAVES[start : start + TILE_WIDTH]))

    def read(self, start: int, stop: int) -> Sequence[bytes]:
        self.ranges.append((start, stop))
        return LEAVES[start:stop]

    def reader(self) -> LevelReader:
        return self.levels.reader(self.read, size=self.size)


@given(cuts=st.lists(st.integers(0, COUNT), max_size=6))
def test_ranges_hashed_apart_are_the_tree(cuts: list[int]) -> None:
    places = sorted({0, *cuts, COUNT})
    frontier = Frontier()
    for first, stop in pairwise(places):
        for level, node in cut(LEAVES[first:stop], first=first):
            frontier.graft(level, node)
        assert frontier.root() == root_of(LEAVES[:stop])
    assert frontier.size == COUNT


def test_a_subtree_is_grafted_only_where_one_may_begin() -> None:
    frontier = Frontier()
    frontier.append(LEAVES[0])
    with pytest.raises(MalformedError):
        frontier.graft(1, LEAVES[1])
    assert frontier.root() == LEAVES[0]


def test_roots_of_every_size() -> None:
    frontier = Frontier()
    for size, leaf in enumerate(LEAVES[:600], start=1):
        frontier.append(leaf)
        assert frontier.size == size
        assert len(frontier.nodes) == size.bit_count()
        if size < 70 or size % 64 < 3:
            assert frontier.root() == root_of(LEAVES[:size]) == split(0, size)


def test_a_frontier_is_restored_from_its_nodes() -> None:
    frontier = Frontier()
    frontier.extend(LEAVES[:300])
    copied, restored = frontier.copy(), Frontier(300, frontier.nodes)
    for one in (copied, restored):
        one.extend(LEAVES[300:400])
        assert one.root() == root_of(LEAVES[:400])
    assert frontier.root() == root_of(LEAVES[:300])


@pytest.mark.parametrize(("size", "count"), [(3, 1), (0, 1), (-1, 1), (4, 3)])
def test_a_frontier_with_the_wrong_number_of_nodes_is_refused(size: int, count: int) -> None:
    with pytest.raises(MalformedError):
        Frontier(size, LEAVES[:count])
    with pytest.raises(MalformedError):
        Frontier(1, [bytes(31)])


@settings(max_examples=60)
@given(st.data())
def test_inclusion_proofs_verify_at_one_place_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, COUNT))
    index = data.draw(st.integers(0, size - 1))
    stored, root = Stored(size), root_of(LEAVES[:size])
    path = prove_inclusion(stored.reader(), index=index, size=size)
    check_inclusion(leaf=LEAVES[index], index=index, size=size, path=path, expected=root)
    other = data.draw(st.integers(0, size - 1).filter(lambda place: place != index) | st.none())
    if other is not None and size > 1:
        with pytest.raises(ProofError):
            check_inclusion(leaf=LEAVES[index], index=other, size=size, path=path, expected=root)
    assert len(stored.ranges) <= 2
    assert all(stop - start <= TILE_WIDTH for start, stop in stored.ranges)


@settings(max_examples=60)
@given(st.data())
def test_consistency_proofs_verify(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, COUNT))
    old_size = data.draw(st.integers(1, size))
    stored = Stored(size)
    old_root, root = root_of(LEAVES[:old_size]), root_of(LEAVES[:size])
    path = prove_consistency(stored.reader(), old_size=old_size, size=size)
    check_consistency(old_size=old_size, old_root=old_root, size=size, root=root, path=path)
    assert len(stored.ranges) <= 2
    if old_size < size:
        with pytest.raises(ProofError):
            check_consistency(old_size=old_size, old_root=root, size=size, root=root, path=path)
        with pytest.raises(ProofError):
            check_consistency(
                old_size=old_size, old_root=old_root, size=size, root=old_root, path=path
            )


@settings(max_examples=60)
@given(st.data())
def test_one_proof_for_many_leaves(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, COUNT))
    indexes = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=12)))
    nodes = prove_inclusions(Stored(size).reader(), indexes=indexes, size=size)
    leaves, root = {index: LEAVES[index] for index in indexes}, root_of(LEAVES[:size])
    check_inclusions(leaves, size=size, nodes=nodes, expected=root)
    if len(indexes) == 1:
        path = prove_inclusion(Stored(size).reader(), index=indexes[0], size=size)
        assert sorted(nodes) == sorted(path)
    wrong = [(leaves, [*nodes, root]), ({**leaves, indexes[0]: root_of([])}, nodes)]
    if nodes:
        wrong += [(leaves, nodes[1:]), (leaves, [nodes[0][::-1], *nodes[1:]])]
    for some, others in wrong:
        with pytest.raises(ProofError):
            check_inclusions(some, size=size, nodes=others, expected=root)


def test_one_proof_for_leaves_that_cannot_be_is_refused() -> None:
    reader = Stored(5).reader()
    for indexes in ([], [5], [-1, 2]):
        with pytest.raises(MalformedError):
            prove_inclusions(reader, indexes=indexes, size=5)
        leaves = {index: LEAVES[0] for index in indexes}
        with pytest.raises(ProofError):
            check_inclusions(leaves, size=5, nodes=[], expected=LEAVES[0])


def test_proofs_of_impossible_positions_are_refused() -> None:
    reader = Stored(5).reader()
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(MalformedError):
            prove_inclusion(reader, index=index, size=size)
    for old_size, size in ((0, 5), (6, 5), (-1, 5)):
        with pytest.raises(MalformedError):
            prove_consistency(reader, old_size=old_size, size=size)
    assert prove_consistency(reader, old_size=5, size=5) == []


def test_storage_that_lacks_leaves_is_damaged() -> None:
    reader = LevelStore().reader(lambda start, stop: LEAVES[start : stop - 1], size=5)
    with pytest.raises(DamagedError):
        prove_inclusion(reader, index=1, size=5)


def test_a_level_that_is_not_there_is_not_found() -> None:
    stored = Stored(600)
    assert stored.levels.tiles == 2
    assert stored.levels.node(9, 0) == root_of(LEAVES[:512])
    for level, index in ((8, 2), (9, 1), (10, 0), (7, 0), (8, -1)):
        with pytest.raises(NotFoundError):
            stored.levels.node(level, index)
