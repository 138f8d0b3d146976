"""T13–T15: every bit, every length and every part of another lot, in cards and in bundles: refused.

`python tests/verify/tampering.py` tries the costly rows in full; here they are tried in part.
"""

from __future__ import annotations

from itertools import islice

import pytest
from proof_files import unpacked
from tampering import (
    LOTS,
    PAPERS,
    Files,
    cut,
    flipped,
    flipped_inside,
    many_cards,
    many_papers,
    refused,
    several_bundles,
    traded,
    transplanted_cards,
    transplanted_parts,
)

PAIRS = LOTS * (LOTS - 1)
SHARES = 4
BUNDLE_STEP = 7
"""Every seventh bit of a bundle's body in a fresh frame: at least one of each byte."""


@pytest.fixture(scope="module", params=["card", "document", "bundle"])
def one(request) -> Files:
    return traded(request.param)


@pytest.fixture(scope="module")
def cards() -> Files:
    return many_cards()


def size_of(files: Files) -> int:
    return sum(map(len, files.by_code.values()))


def test_no_flipped_bit_is_verified(one: Files):
    counted = refused(one, flipped(one))
    assert counted.total() == 8 * size_of(one)
    assert counted["frame.hash"] > counted.total() * 0.9


def test_no_bit_flipped_inside_a_fresh_frame_is_verified(one: Files):
    step = BUNDLE_STEP if "subjects" in unpacked(one.by_code[one.codes[0]]) else 1
    counted = refused(one, flipped_inside(one, step=step))
    assert counted.total() > 8 * (size_of(one) - 80) // step
    assert "frame.hash" not in counted
    # Most of a file is hashes, keys and statements: only a proof keeps their flips out.
    assert counted["tree.inclusion"] + counted["state-proof.root"] > counted.total() // 2


def test_no_shorter_and_no_longer_file_is_verified(one: Files):
    assert refused(one, cut(one)).total() > 2 * size_of(one) - 80


@pytest.mark.parametrize("share", range(SHARES))
def test_no_card_serves_another_of_200_lots(cards: Files, share: int):
    """All 39,800 ordered pairs, each in one of five ways: the next pair in the next way."""
    forged = transplanted_cards(cards, ways=(0,))
    mine = islice(forged, share * PAIRS // SHARES, (share + 1) * PAIRS // SHARES)
    counted = refused(cards, mine)
    assert counted.total() == PAIRS // SHARES == 9_950
    assert set(counted) == {"lot.other", "state-proof.root"}


def test_no_card_serves_another_of_40_documents():
    papers = many_papers()
    counted = refused(papers, transplanted_cards(papers, ways=range(5)))
    assert counted.total() == 5 * PAPERS * (PAPERS - 1)


def test_no_part_of_a_bundle_serves_another():
    bundles = several_bundles()
    counted = refused(bundles, transplanted_parts(bundles))
    assert counted.total() > 6_000
    assert {"bundle.name", "bundle.track", "bundle.signers", "record.inner"} <= set(counted)
