"""Many integers in one byte string: one spelling, and nothing but whole rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.wire import integers

INTEGERS = st.lists(st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1))


@given(INTEGERS)
def test_unpack_is_the_inverse_of_pack(numbers: list[int]) -> None:
    assert integers.unpack(integers.pack(numbers)) == tuple(numbers)


@given(st.binary(max_size=64).filter(lambda data: len(data) % 8 == 0))
def test_pack_is_the_inverse_of_unpack(data: bytes) -> None:
    assert integers.pack(integers.unpack(data)) == data


@pytest.mark.parametrize(("size", "multiple"), [(7, 1), (9, 1), (8, 3), (23, 3), (32, 3)])
def test_what_is_not_whole_rows_is_refused(size: int, multiple: int) -> None:
    with pytest.raises(MalformedError) as caught:
        integers.unpack(bytes(size), multiple=multiple)
    assert caught.value.code == "integers.size"
