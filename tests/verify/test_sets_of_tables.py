"""A rule set is known by all of its tables: fewer, more or another one are not it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.custody.parties import LedgerState
from ledger.errors import UndecidedError
from ledger.reference.tables import table_hashes
from ledger.reference.thresholds import threshold_tables
from ledger.verify.checks import check_rules
from ledger.verify.steps import Steps

Tables = dict[str, bytes]
WHOLE = {**table_hashes(), "thresholds": next(iter(threshold_tables().values()))}


def check(tables: Tables) -> None:
    state = LedgerState("o", ("h",), "open", "ringmark-1", tables, root={}, threshold=1, keys={})
    check_rules(state, Steps())


@pytest.mark.parametrize("thresholds", sorted(threshold_tables().values()))
def test_the_released_tables_are_known(thresholds: bytes) -> None:
    check({**WHOLE, "thresholds": thresholds})


@pytest.mark.parametrize(
    "change",
    [
        lambda tables: {name: tables[name] for name in tables if name != "taxa"},
        lambda tables: {name: tables[name] for name in tables if name != "thresholds"},
        lambda tables: {**tables, "more": bytes(32)},
        lambda tables: {**tables, "taxa": tables["terms"]},
    ],
    ids=["one-fewer", "no-thresholds", "one-more", "another"],
)
def test_any_other_set_cannot_be_told(change: Callable[[Tables], Tables]) -> None:
    with pytest.raises(UndecidedError):
        check(change(WHOLE))
