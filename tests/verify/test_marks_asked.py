"""A mark that somebody asks about: found in its range without the range being written out."""

from __future__ import annotations

from time import process_time

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from trail import trade

from ledger.custody.goods import MarkRange, expand
from ledger.verify.gather import has_mark

LOT = trade("marks-asked")
PARTS = st.text("A1 é-", max_size=3)
RANGES = st.builds(
    MarkRange,
    scheme=st.sampled_from(["ZWTAG", "Z"]),
    before=PARTS,
    first=st.integers(0, 30),
    last=st.integers(0, 30),
    digits=st.integers(0, 4),
    after=PARTS,
)


@given(RANGES, st.text("ZWTAG/A1é- 0239", max_size=14))
@example(MarkRange("Z", "A", 9, 11, 2, "B"), "Z/A10B")
@example(MarkRange("Z", "A", 9, 11, 1, "B"), "Z/A010B")
@example(MarkRange("Z", "A", 100, 101, 2, ""), "Z/A100")
@example(MarkRange("Z", "1", 1, 1, 1, "1"), "Z/11")
def test_a_mark_is_in_a_range_where_the_range_has_it_written_out(marks, asked):
    trail, code = LOT
    lot = replace(trail.lot(code), marks=(marks,))
    names = expand((marks,))
    assert has_mark(lot, asked) == (asked in names)
    assert all(has_mark(lot, name) for name in names)


def test_a_range_without_end_takes_no_time():
    trail, code = LOT
    endless = MarkRange("ZWTAG", "ZW", 0, 2**53 - 1, 15, "")
    lot = replace(trail.lot(code), marks=(endless,) * 50)
    began = process_time()
    assert has_mark(lot, f"ZWTAG/ZW{2**40:015d}")
    assert not has_mark(lot, "ZWTAG/ZW7")
    assert process_time() - began < 1
