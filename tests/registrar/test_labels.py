"""The mark on a label: the bytewise first one of a lot, as it is printed."""

from __future__ import annotations

import pytest

from ledger.custody.goods import MarkRange, expand
from ledger.registrar.labels import first_mark

RUN = MarkRange("CROC", "ZW-2026-", 98, 101, 6, "-NIL")
LATER = MarkRange("CROC", "ZW-2027-", 1, 2, 6, "-NIL")
HAMMER = MarkRange("HAMMER", "CM-A7", 0, 0, 0, "")
WORD = MarkRange("BRAND", "NILE", 0, 0, 0, "")


@pytest.mark.parametrize(
    ("marks", "first"),
    [
        pytest.param((), None, id="none"),
        pytest.param((RUN,), "CROC/ZW-2026-000098-NIL", id="first-of-a-run"),
        pytest.param((LATER, RUN), "CROC/ZW-2026-000098-NIL", id="of-two-runs"),
        pytest.param((HAMMER,), "HAMMER/CM-A7", id="without-a-number"),
        pytest.param((HAMMER, RUN, WORD), "BRAND/NILE", id="of-all-kinds"),
    ],
)
def test_the_first_mark_is_the_first_of_all_names(marks, first) -> None:
    assert first_mark(marks) == first
    assert first == min(expand(marks), key=str.encode, default=None)
