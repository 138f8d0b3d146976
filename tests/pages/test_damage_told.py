"""Damage in the log of the server: one line for each kind and time, not one for each request."""

from __future__ import annotations

import pytest
from flask import Response
from stall import JSON, Stall, build_stall

from ledger.errors import DamagedError, UnavailableError
from ledger.storage.memory import MemoryStore
from web.damage import AGAIN_S, KINDS_MAX, TROUBLE_AGAIN_S, Told
from web.problems import problem_of


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


def test_trouble_is_told_sooner_again_and_what_clients_do_wrong_never() -> None:
    told = Told()
    away = UnavailableError("store.unreachable", "No database answers at postgresql://db/ledger.")
    first = told.line(away, now_s=10_000)
    assert first == "trouble: store.unreachable: No database answers at postgresql://db/ledger."
    assert told.line(away, now_s=10_000 + TROUBLE_AGAIN_S - 1) is None
    assert told.line(away, now_s=10_000 + TROUBLE_AGAIN_S) is not None
    for code in ("registrar.busy", "rate.limited", "registrar.unknown"):
        assert told.line(UnavailableError(code, "later"), now_s=10_000) is None


@pytest.mark.parametrize("lang", ["en", "fr", "es"])
def test_where_a_database_is_stays_in_the_log(caplog: pytest.LogCaptureFixture, lang: str) -> None:
    stall = build_stall(seed=5)
    app = stall.app()
    place = "postgresql://ringmark@db.inside.example/ledger"
    with app.test_request_context("/", headers={**JSON, "Accept-Language": lang}):
        error = UnavailableError(
            "store.unreachable", f"No database answers at {place}.", params={"place": place}
        )
        answer, plain = app.handle_user_exception(error), problem_of(error)
        unknown = problem_of(UnavailableError("registrar.unknown", f"Not known: {place}"))
    assert isinstance(answer, Response)
    assert answer.status_code == 503
    assert "inside" not in answer.get_data(as_text=True)
    assert plain["code"] == "store.unreachable"
    assert "inside" not in f"{plain}"
    assert "inside" not in f"{unknown}"
    (line,) = (record.getMessage() for record in caplog.records)
    assert place in line
