"""Damage in the log of the server: one line for each kind and time, not one for each request."""

from __future__ import annotations

import pytest
from stall import JSON, Stall, build_stall

from ledger.errors import DamagedError
from ledger.storage.memory import MemoryStore
from web.damage import AGAIN_S, KINDS_MAX, Told


@pytest.fixture
def broken() -> Stall:
    """A stall whose database lost two parties."""
    stall = build_stall(seed=5)
    store = stall.world.ledger.store
    assert isinstance(store, MemoryStore)
    for party in ("kariba-farm", "binga-ranch"):
        del store._derived.records["party", party]
    return stall


def test_requests_that_meet_the_same_damage_leave_one_line(
    broken: Stall, caplog: pytest.LogCaptureFixture
) -> None:
    client, clock = broken.app().test_client(), broken.world.clock

    def lines(party: str, times: int) -> list[str]:
        caplog.clear()
        for _ in range(times):
            assert client.get(f"/api/v1/parties/{party}", headers=JSON).status_code == 503
        return [record.getMessage() for record in caplog.records]

    (said,) = lines("kariba-farm", 20)
    assert said.startswith("damage: store.record-missing: The record of party/kariba-farm")
    (other,) = lines("binga-ranch", 2)
    assert "party/binga-ranch" in other
    assert lines("kariba-farm", 3) == []
    clock.advance(AGAIN_S)
    (again,) = lines("kariba-farm", 1)
    assert again == f"{said} (22 times more since it was last said)"


def test_a_clock_that_was_set_back_hides_nothing() -> None:
    told, error = Told(), DamagedError("store.leaf-bytes", "The bytes of leaf 3 changed.")
    assert told.line(error, now_s=10_000) is not None
    assert told.line(error, now_s=9_000) is not None


def test_kinds_are_not_kept_without_end() -> None:
    told = Told()
    for n in range(2 * KINDS_MAX):
        assert told.line(DamagedError("store.records", f"record {n}"), now_s=n) is not None
    assert len(told._said) == KINDS_MAX
