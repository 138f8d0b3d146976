"""Keys: added, rotated, revoked, recovered after 72 hours, vetoed."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import HOUR, LedgerWorld, key, kid

from ledger.custody.facilities import FacilityRegistered
from ledger.custody.parties import (
    ApprovalGiven,
    KeyAdded,
    KeyRecovered,
    KeyRecoveryVetoed,
    KeyRevoked,
    KeyRotated,
    PartySuspended,
)
from ledger.custody.rules.keys import KEYS_MAX
from ledger.custody.subjects import Kind

FARM = kid("farm")
SHED = FacilityRegistered("farm/shed", "farm", "ZW")
ADDED = KeyAdded(key("farm-2"), b"")
RECOVERED = KeyRecovered("farm", key("farm-9"), b"")


def test_a_key_is_added_for_the_leaves_after_it(world: LedgerWorld) -> None:
    index = world.index
    world.do(ADDED, by="farm")
    added = world.party("farm").keys[kid("farm-2")]
    assert (added.first, added.end) == (index + 1, None)
    assert world.owners[kid("farm-2")] == "farm"
    assert world.rule(SHED, by="farm", key="farm-2") == ""


@pytest.mark.parametrize(
    "name",
    ["farm", "tannery", "root-1", "registrar-2"],
    ids=["own", "other's", "root's", "closing"],
)
@pytest.mark.parametrize("kind", [KeyAdded, KeyRotated, KeyRecovered])
def test_a_key_serves_once(world: LedgerWorld, kind: Any, name: str) -> None:
    if kind is KeyRecovered:
        assert world.rule(KeyRecovered("farm", key(name), b""), by="ranger") == "key.reused"
    elif kind is KeyRotated:
        assert world.rule(KeyRotated(key(name), b"", 1), by="farm") == "key.reused"
    else:
        assert world.rule(KeyAdded(key(name), b""), by="farm") == "key.reused"


def test_an_ended_key_never_comes_back(world: LedgerWorld) -> None:
    world.do(KeyRotated(key("farm-2"), b"", 1), by="farm")
    again = KeyAdded(key("farm"), b"")
    assert world.rule(again, by="farm", key="farm-2") == "key.reused"


def test_a_party_has_at_most_200_keys(world: LedgerWorld) -> None:
    for i in range(KEYS_MAX - 1):
        world.do(KeyAdded(key(f"more-{i}"), b""), by="farm")
    assert world.rule(ADDED, by="farm") == "key.too-many"
    assert world.rule(KeyRotated(key("n"), b"", 900), by="farm") == "key.too-many"
    assert world.rule(RECOVERED, by="ranger") == "key.too-many"


def test_a_rotation_ends_the_signing_key_alone(world: LedgerWorld) -> None:
    world.do(ADDED, by="farm")
    index = world.index
    world.do(KeyRotated(key("farm-3"), b"", 2), by="farm")
    keys = world.party("farm").keys
    assert (keys[FARM].end, keys[FARM].why) == (index + 1, "rotated")
    assert keys[kid("farm-2")].end is None
    assert keys[kid("farm-3")].first == index + 1


def test_a_holder_revokes_from_now_on(world: LedgerWorld) -> None:
    world.do(ADDED, by="farm")
    index = world.index
    world.do(KeyRevoked(FARM, "lost"), by="farm", key="farm-2")
    revoked = world.party("farm").keys[FARM]
    assert (revoked.end, revoked.why, revoked.suspect_from) == (index + 1, "revoked", None)
    assert world.findings(Kind.PARTY, "farm") == []
    assert world.rule(SHED, by="farm") == "key.not-in-force"


def brought(world: LedgerWorld) -> list[tuple[bytes | None, int | None]]:
    state = world.party("farm")
    return [(f.kid, f.first) for f in state.findings if f.rule == "key.brought-by-suspect"]


def test_keys_that_a_suspect_key_brought_are_suspect(world: LedgerWorld) -> None:
    """The thief gives himself a key, that one another, and the revocation reaches both."""
    index = world.index
    world.do(ADDED, by="farm")
    world.do(KeyRotated(key("farm-3"), b"", 1), by="farm", key="farm-2")
    world.do(KeyRevoked(FARM, "stolen", suspect_from=index), by="ranger")
    assert brought(world) == [(kid("farm-2"), index + 1), (kid("farm-3"), index + 2)]
    world.do(KeyAdded(key("farm-4"), b""), by="farm", key="farm-3")
    assert brought(world)[-1] == (kid("farm-4"), world.index)


def test_keys_from_before_the_theft_or_from_elsewhere_are_not(world: LedgerWorld) -> None:
    """Near misses: brought a leaf too early, by another key, by officers; revoked without range."""
    world.do(ADDED, by="farm")
    index = world.index
    world.do(KeyAdded(key("farm-3"), b""), by="farm", key="farm-2")
    world.do(RECOVERED, by="ranger")
    world.do(KeyRevoked(FARM, "stolen", suspect_from=index), by="ranger")
    assert brought(world) == []
    world.do(KeyRevoked(kid("farm-2"), "lost"), by="farm", key="farm-3")
    assert brought(world) == []


def test_an_officer_says_from_where_a_key_is_suspect(world: LedgerWorld) -> None:
    world.do(SHED, by="farm")
    index = world.index
    world.do(KeyRevoked(FARM, "stolen", suspect_from=index - 1), by="ranger")
    found = world.finding("farm", "key.suspect")
    assert (found.severity.value, found.kid, found.first) == ("stop", FARM, index - 1)
    assert world.party("farm").keys[FARM].suspect_from == index - 1


def test_an_officer_may_learn_later_that_it_was_stolen_earlier(world: LedgerWorld) -> None:
    world.do(KeyRotated(key("farm-2"), b"", 1), by="farm")
    end = world.party("farm").keys[FARM].end
    world.do(KeyRevoked(FARM, "stolen", suspect_from=8), by="ranger")
    world.do(KeyRevoked(FARM, "stolen", suspect_from=5), by="warden")
    assert world.party("farm").keys[FARM].end == end
    found = world.party("farm").findings
    assert [f.first for f in found if f.rule == "key.suspect"] == [5]
    later = KeyRevoked(FARM, "stolen", suspect_from=6)
    assert world.rule(later, by="ranger") == "key.ended"


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        pytest.param("key.unknown", "farm", KeyRevoked(kid("nobody"), "why"), id="of-nobody"),
        pytest.param("key.unknown", "root", KeyRevoked(kid("root-1"), "why"), id="root-key"),
        pytest.param("key.unknown", "ranger", KeyRevoked(kid("registrar-0"), "w"), id="registrar"),
        pytest.param("party.not-entitled", "tannery", KeyRevoked(FARM, "why"), id="by-a-trader"),
        pytest.param("party.not-entitled", "clerk", KeyRevoked(FARM, "why"), id="without-power"),
        pytest.param("party.not-entitled", "ranger", KeyRevoked(kid("parks"), "w"), id="authority"),
        pytest.param("party.out-of-reach", "customs", KeyRevoked(FARM, "why"), id="abroad"),
        pytest.param(
            "key.suspect-range",
            "farm",
            KeyRevoked(FARM, "stolen", suspect_from=7),
            id="holder-back",
        ),
        pytest.param(
            "key.suspect-range",
            "ranger",
            KeyRevoked(FARM, "stolen", suspect_from=1_000),
            id="place-to-come",
        ),
        pytest.param(
            "key.suspect-range",
            "ranger",
            KeyRevoked(FARM, "w", suspect_from=-1),
            id="before-leaf-0",
        ),
    ],
)
def test_a_revocation_is_refused(world: LedgerWorld, rule: str, by: str, event: KeyRevoked) -> None:
    assert world.rule(event, by=by) == rule


def test_a_key_ends_once(world: LedgerWorld) -> None:
    world.do(KeyRevoked(FARM, "stolen"), by="ranger")
    assert world.rule(KeyRevoked(FARM, "stolen"), by="warden") == "key.ended"


def test_root_revokes_the_key_of_an_authority(world: LedgerWorld) -> None:
    world.do(KeyRevoked(kid("parks"), "stolen", suspect_from=0), by="root")
    assert world.findings(Kind.PARTY, "parks") == [("key.suspect", "stop")]


def test_a_recovered_key_waits_72_hours(world: LedgerWorld) -> None:
    at = world.at
    world.do(RECOVERED, by="ranger")
    assert world.party("farm").keys[kid("farm-9")].from_at == at + 72 * HOUR
    world.at = at + 72 * HOUR - 1
    assert world.rule(SHED, by="farm", key="farm-9") == "key.not-in-force"
    world.at = at + 72 * HOUR
    assert world.rule(SHED, by="farm", key="farm-9") == ""


def test_an_old_key_vetoes_while_the_new_one_waits(world: LedgerWorld) -> None:
    recovery = world.do(RECOVERED, by="ranger")
    world.do(KeyRecoveryVetoed(recovery), by="farm")
    assert world.party("farm").keys[kid("farm-9")].why == "vetoed"
    world.at += 100 * HOUR
    assert world.rule(SHED, by="farm", key="farm-9") == "key.not-in-force"
    assert world.rule(RECOVERED, by="ranger") == "key.reused"


def test_a_suspended_party_vetoes(world: LedgerWorld) -> None:
    recovery = world.do(RECOVERED, by="ranger")
    world.do(PartySuspended("farm", "an inquiry"), by="ranger")
    assert world.rule(KeyRecoveryVetoed(recovery), by="farm") == ""


def test_a_veto_stops_a_recovery_that_still_needs_approvals(strict: LedgerWorld) -> None:
    recovery = strict.do(RECOVERED, by="ranger")
    strict.do(KeyRecoveryVetoed(recovery), by="farm")
    assert strict.party("farm").pending == ()
    assert strict.rule(ApprovalGiven(recovery), by="warden") == "approval.unknown"


def test_a_veto_names_the_recovery_that_two_officers_made(strict: LedgerWorld) -> None:
    recovery = strict.do(RECOVERED, by="ranger")
    at = strict.at
    strict.do(ApprovalGiven(recovery), by="warden")
    assert strict.party("farm").keys[kid("farm-9")].from_at == at + 72 * HOUR
    strict.do(KeyRecoveryVetoed(recovery), by="farm")
    assert strict.party("farm").keys[kid("farm-9")].end is not None


@pytest.mark.parametrize(
    ("rule", "by", "shift_s"),
    [
        pytest.param("recovery.unknown", "tannery", 0, id="another-party"),
        pytest.param("recovery.unknown", "ranger", 0, id="the-officer"),
        pytest.param("recovery.unknown", "farm", 73 * HOUR, id="too-late"),
    ],
)
def test_a_veto_is_refused(world: LedgerWorld, rule: str, by: str, shift_s: int) -> None:
    recovery = world.do(RECOVERED, by="ranger")
    world.at += shift_s
    assert world.rule(KeyRecoveryVetoed(recovery), by=by) == rule


def test_the_waiting_key_does_not_veto_itself(world: LedgerWorld) -> None:
    recovery = world.do(RECOVERED, by="ranger")
    veto = KeyRecoveryVetoed(recovery)
    assert world.rule(veto, by="farm", key="farm-9") == "key.not-in-force"


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        ("party.unknown", "ranger", KeyRecovered("x", key("n"), b"")),
        ("party.judged", "ranger", KeyRecovered("ranger", key("n"), b"")),
        ("party.not-entitled", "ranger", KeyRecovered("parks", key("n"), b"")),
        ("party.not-entitled", "clerk", RECOVERED),
        ("party.not-entitled", "farm", RECOVERED),
        ("party.out-of-reach", "customs", RECOVERED),
    ],
)
def test_a_recovery_of_keys_is_refused(
    world: LedgerWorld, rule: str, by: str, event: KeyRecovered
) -> None:
    assert world.rule(event, by=by) == rule
