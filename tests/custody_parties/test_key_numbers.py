"""Numbers of a key: none twice, none lost without a trace."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_world import DAY, LedgerWorld, founded_world, key, kid

from ledger.custody.facilities import FacilityRegistered
from ledger.custody.gaps import count_missing, missing_numbers
from ledger.custody.parties import KeyAdded, KeyRevoked, KeyRotated, StatementDropped
from ledger.custody.rules.numbers import is_accounted, with_accounted
from ledger.custody.state import KeyUse
from ledger.custody.subjects import Kind
from ledger.storage.rows import key_row, use_of

FARM = kid("farm")
ID = b"\x01" * 32
OTHER = b"\x02" * 32


def place(world: LedgerWorld, seq: int) -> bytes:
    return world.do(FacilityRegistered(f"farm/n-{seq}", "farm", "ZW"), by="farm", seq=seq)


def gaps(world: LedgerWorld) -> list[tuple[int | None, int]]:
    found = world.party("farm").findings
    return [(f.first, f.from_at) for f in found if f.rule == "seq.missing"]


def test_numbers_arrive_in_any_order(world: LedgerWorld) -> None:
    for seq in (3, 1, 2):
        place(world, seq)
    assert gaps(world) == []
    assert world.key_use(FARM).last == 3


def test_a_gap_is_a_finding_after_seven_days(world: LedgerWorld) -> None:
    at = world.at
    place(world, 3)
    assert gaps(world) == [(1, at + 7 * DAY)]


def test_a_gap_names_its_lowest_number_and_earliest_deadline(world: LedgerWorld) -> None:
    at = world.at
    place(world, 3)
    world.at += DAY
    place(world, 6)
    assert gaps(world) == [(1, at + 7 * DAY)]
    place(world, 1)
    assert gaps(world) == [(2, at + 7 * DAY)]
    place(world, 2)
    assert gaps(world) == [(4, at + 1 + DAY + 7 * DAY)]
    place(world, 4)
    place(world, 5)
    assert gaps(world) == []


def test_each_key_has_a_gap_of_its_own(world: LedgerWorld) -> None:
    world.do(KeyAdded(key("phone"), b""), by="farm")
    place(world, 3)
    shed = FacilityRegistered("farm/shed", "farm", "ZW")
    world.do(shed, by="farm", key="phone", seq=2)
    kids = {f.kid for f in world.party("farm").findings}
    assert kids == {FARM, kid("phone")}


def test_a_number_is_used_once(world: LedgerWorld) -> None:
    place(world, 1)
    again = FacilityRegistered("farm/shed", "farm", "ZW")
    assert world.rule(again, by="farm", seq=1) == "seq.used"


@pytest.mark.parametrize(("seq", "rule"), [(1_000, ""), (1_001, "seq.too-far")])
def test_a_key_skips_at_most_1000_numbers(world: LedgerWorld, seq: int, rule: str) -> None:
    shed = FacilityRegistered("farm/shed", "farm", "ZW")
    assert world.rule(shed, by="farm", seq=seq) == rule


def test_missing_numbers_do_not_pile_up(world: LedgerWorld) -> None:
    place(world, 900)
    shed = FacilityRegistered("farm/shed", "farm", "ZW")
    assert world.rule(shed, by="farm", seq=1_002) == ""
    assert world.rule(shed, by="farm", seq=1_003) == "seq.too-far"
    assert world.rule(shed, by="farm", seq=901) == ""


def test_a_refused_statement_accounts_for_its_number(world: LedgerWorld) -> None:
    place(world, 3)
    world.close((FARM, 1, ID, "custody.head-moved"), (FARM, 2, OTHER, "lot.unknown"))
    assert gaps(world) == []
    shed = FacilityRegistered("farm/shed", "farm", "ZW")
    assert world.rule(shed, by="farm", seq=1) == "seq.used"


def test_a_refused_statement_opens_the_gap_before_it(world: LedgerWorld) -> None:
    world.close((FARM, 3, ID, "custody.head-moved"))
    assert gaps(world) == [(1, world.at + 7 * DAY)]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(FARM, 1, ID, "seq.used")], id="after-an-admitted-one"),
        pytest.param([(FARM, 1, ID, "custody.head-moved")], id="whatever-else-was-wrong"),
        pytest.param(
            [(FARM, 2, ID, "lot.unknown"), (FARM, 2, OTHER, "lot.unknown")], id="both-refused"
        ),
    ],
)
def test_a_number_signed_twice_stops_the_party(world: LedgerWorld, rows: Any) -> None:
    place(world, 1)
    world.close(*rows)
    assert ("seq.reused", "stop") in world.findings(Kind.PARTY, "farm")


def test_one_stop_for_each_key_is_enough(world: LedgerWorld) -> None:
    place(world, 1)
    world.close((FARM, 1, ID, "seq.used"), (FARM, 1, OTHER, "seq.used"))
    assert world.findings(Kind.PARTY, "farm") == [("seq.reused", "stop")]
    found = world.finding("farm", "seq.reused")
    assert (found.kid, found.first, found.cause) == (FARM, 1, ID)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param((FARM, 1, ID, "envelope.other-ledger"), id="meant-for-another-ledger"),
        pytest.param((FARM, 5_000, ID, "seq.too-far"), id="too-far-ahead"),
        pytest.param((kid("nobody"), 1, ID, "lot.unknown"), id="key-of-nobody"),
    ],
)
def test_a_row_that_says_nothing_of_a_party(world: LedgerWorld, row: Any) -> None:
    place(world, 1)
    world.close(row)
    assert world.findings(Kind.PARTY, "farm") == []
    assert world.key_use(FARM).last == 1


def test_closing_touches_no_subject(world: LedgerWorld) -> None:
    place(world, 1)
    before = dict(world.states)
    world.close((FARM, 2, ID, "lot.unknown"))
    assert world.states == before


def test_numbers_that_were_never_sent_are_given_up(world: LedgerWorld) -> None:
    place(world, 3)
    world.do(StatementDropped(FARM, (1, 2), "the phone fell into the river"), by="farm", seq=4)
    assert gaps(world) == []
    shed = FacilityRegistered("farm/shed", "farm", "ZW")
    assert world.rule(shed, by="farm", seq=1) == "seq.used"


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        pytest.param("seq.used", StatementDropped(FARM, (3,), "lost"), id="number-used"),
        pytest.param("seq.used", StatementDropped(FARM, (4,), "lost"), id="own-number"),
        pytest.param("key.not-own", StatementDropped(kid("tannery"), (1,), "lost"), id="other-key"),
        pytest.param("key.not-own", StatementDropped(kid("x"), (1,), "lost"), id="unknown-key"),
        pytest.param("seq.not-given-up", StatementDropped(FARM, (), "lost"), id="no-number"),
        pytest.param("seq.not-given-up", StatementDropped(FARM, (2, 1), "lost"), id="unsorted"),
        pytest.param("seq.not-given-up", StatementDropped(FARM, (1, 1), "lost"), id="twice"),
        pytest.param("seq.not-given-up", StatementDropped(FARM, (0, 1), "lost"), id="nought"),
        pytest.param("seq.not-given-up", StatementDropped(FARM, (1,), " "), id="no-reason"),
        pytest.param("seq.too-far", StatementDropped(FARM, (2_000,), "lost"), id="far-ahead"),
    ],
)
def test_numbers_that_cannot_be_given_up(
    world: LedgerWorld, rule: str, event: StatementDropped
) -> None:
    place(world, 3)
    assert world.rule(event, by="farm", seq=4) == rule


def test_rotation_owes_the_numbers_that_it_names(world: LedgerWorld) -> None:
    at = world.at
    world.do(KeyRotated(key("farm-2"), b"", 3), by="farm", seq=1)
    assert gaps(world) == [(2, at + 7 * DAY)]
    world.close((FARM, 2, ID, "key.not-in-force"))
    assert gaps(world) == [(3, at + 7 * DAY)]
    world.do(StatementDropped(FARM, (3,), "never sent"), by="farm", key="farm-2")
    assert gaps(world) == []


def test_rotation_does_not_hide_a_gap(world: LedgerWorld) -> None:
    at = world.at
    place(world, 2)
    world.do(KeyRotated(key("farm-2"), b"", 3), by="farm", seq=3)
    assert gaps(world) == [(1, at + 7 * DAY)]


@pytest.mark.parametrize(
    ("last", "rule"),
    [(4, ""), (3, "key.last-number"), (900, ""), (1_100, "seq.too-far")],
)
def test_the_last_number_of_a_rotated_key(world: LedgerWorld, last: int, rule: str) -> None:
    place(world, 3)
    assert world.rule(KeyRotated(key("farm-2"), b"", last), by="farm", seq=4) == rule


@pytest.mark.parametrize(("last", "rule"), [(None, ""), (3, ""), (2, "key.last-number")])
def test_the_last_number_of_a_revoked_key(world: LedgerWorld, last: int | None, rule: str) -> None:
    place(world, 3)
    revoked = KeyRevoked(FARM, "stolen", last=last)
    assert world.rule(revoked, by="ranger") == rule


def test_a_thousand_missing_numbers_are_few_bytes(world: LedgerWorld) -> None:
    place(world, 1_000)
    use = world.key_use(FARM)
    assert missing_numbers(use.gaps) == tuple(range(1, 1_000))
    assert len(key_row(FARM, "farm", use).use) < 100
    place(world, 500)
    use = world.key_use(FARM)
    assert 500 not in missing_numbers(use.gaps)
    assert use_of(key_row(FARM, "farm", use)) == use


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_gaps_are_what_a_set_of_numbers_would_be(numbers: list[int]) -> None:
    use, seen = KeyUse(), set[int]()
    for at, number in enumerate(numbers):
        use = with_accounted(use, (number,), at=at)
        seen.add(number)
        assert use.last == max(seen)
        assert missing_numbers(use.gaps) == tuple(sorted(set(range(1, use.last)) - seen))
        assert count_missing(use.gaps) == len(missing_numbers(use.gaps))
        assert [n for n in range(1, 70) if is_accounted(use, n)] == sorted(seen)
        # The finding names the first gap: its number and its time are the lowest.
        assert sorted(gap[2] for gap in use.gaps) == [gap[2] for gap in use.gaps]


@settings(max_examples=50)
@given(st.data())
def test_every_number_is_accounted_for_once_in_any_order(data: st.DataObject) -> None:
    # Each number of a key comes once: admitted, refused, or given up by another key.
    world = founded_world()
    world.do(KeyAdded(key("phone"), b""), by="farm", seq=1)
    numbers = data.draw(st.permutations(range(2, 9)))
    fates = data.draw(st.lists(st.sampled_from(["sent", "refused", "dropped"]), min_size=7))
    for seq, fate in zip(numbers, fates, strict=False):
        open_before = set(missing_numbers(world.key_use(FARM).gaps))
        if fate == "sent":
            place(world, seq)
        elif fate == "refused":
            world.close((FARM, seq, ID, "lot.unknown"))
        else:
            world.do(StatementDropped(FARM, (seq,), "lost"), by="farm", key="phone")
        missing = set(missing_numbers(world.key_use(FARM).gaps))
        assert seq not in missing
        assert [first for first, _ in gaps(world)] == ([min(missing)] if missing else [])
        assert open_before - {seq} <= missing
    assert world.key_use(FARM).gaps == ()
    assert gaps(world) == []
    assert ("seq.reused", "stop") not in world.findings(Kind.PARTY, "farm")
