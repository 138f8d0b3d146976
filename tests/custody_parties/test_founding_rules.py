"""The ledger itself: its founding, its root keys, the registrar's keys and the rule set."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import DAY, START, LedgerWorld, bare_world, founding, key, kid, tables

from ledger.custody.parties import (
    ApprovalGiven,
    PublicKey,
    RegistrarKeyChanged,
    RegistrarKeys,
    RootChanged,
    RuleSetAdopted,
)


def roots(*names: str) -> tuple[PublicKey, ...]:
    return tuple(map(key, names))


def test_a_founding_sets_up_the_ledger() -> None:
    world = bare_world()
    ledger = world.ledger()
    assert (ledger.threshold, set(ledger.root)) == (1, {kid("root-1")})
    assert {held.purpose for held in ledger.keys.values()} == {
        "closing",
        "checkpoint",
        "receipt",
        "label",
    }
    assert world.owners[kid("registrar-0")] == "registrar"


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        pytest.param("founding.malformed", {"origin": ""}, id="no-origin"),
        pytest.param("founding.malformed", {"origin": "two words"}, id="origin-with-space"),
        pytest.param("founding.malformed", {"origin": "a+b"}, id="origin-with-plus"),
        pytest.param("founding.malformed", {"hosts": ()}, id="no-host"),
        pytest.param("founding.malformed", {"hosts": ("http://x",)}, id="host-with-scheme"),
        pytest.param("founding.malformed", {"read": "sometimes"}, id="neither-open-nor-closed"),
        pytest.param("founding.threshold", {"threshold": 0}, id="threshold-nought"),
        pytest.param("founding.threshold", {"threshold": 2}, id="threshold-above-the-keys"),
        pytest.param("founding.threshold", {"root": ()}, id="no-root-key"),
        pytest.param("key.reused", {"root": roots("root-1", "root-1")}, id="root-key-twice"),
        pytest.param(
            "key.reused",
            {"keys": RegistrarKeys(*roots("root-1", "b", "c", "d"))},
            id="root-key-as-registrar",
        ),
        pytest.param(
            "key.reused", {"keys": RegistrarKeys(*roots("a", "a", "c", "d"))}, id="one-key-for-two"
        ),
        pytest.param("key.not-in-force", {"root": roots("other")}, id="not-by-the-first-root-key"),
        pytest.param("founding.table", {"rules": "ringmark-0"}, id="unknown-rules"),
        pytest.param("founding.table", {"tables": {}}, id="no-tables"),
        pytest.param(
            "founding.table", {"tables": {**tables(), "taxa": bytes(32)}}, id="another-table"
        ),
        pytest.param(
            "founding.table", {"tables": {**tables(), "more": bytes(32)}}, id="unknown-table"
        ),
        pytest.param(
            "founding.table", {"tables": {**tables(), "thresholds": bytes(32)}}, id="thresholds"
        ),
    ],
)
def test_a_founding_is_refused(rule: str, changes: Any) -> None:
    assert LedgerWorld().rule(founding(**changes), by="root") == rule


def test_a_ledger_is_founded_once_and_at_leaf_0() -> None:
    assert bare_world().rule(founding(), by="root") == "founding.leaf"
    assert LedgerWorld().rule(founding(), by="root", index=1) == "founding.leaf"
    assert LedgerWorld().rule(founding(), by="parks") == "party.not-entitled"


def half_founded() -> tuple[LedgerWorld, bytes]:
    world = LedgerWorld()
    event = founding(root=roots("root-1", "root-2", "root-3"), threshold=2)
    return world, world.do(event, by="root", at=START)


def test_every_root_key_approves_before_anything_else_counts() -> None:
    world, leaf = half_founded()
    adopted = RuleSetAdopted("ringmark-1", tables())
    assert world.rule(adopted, by="root") == "founding.not-approved"
    world.do(ApprovalGiven(leaf), by="root", key="root-2", at=START)
    assert world.rule(adopted, by="root") == "founding.not-approved"
    world.do(ApprovalGiven(leaf), by="root", key="root-3", at=START)
    assert world.rule(adopted, by="root") == ""
    assert world.ledger().pending == ()
    assert world.acts == {}


@pytest.mark.parametrize(
    ("rule", "common"),
    [
        pytest.param("approval.twice", {"key": "root-1"}, id="the-founder-again"),
        pytest.param("approval.lapsed", {"key": "root-2", "at": START + 1}, id="in-a-later-block"),
        pytest.param("key.unknown", {"key": "root-9"}, id="a-key-that-is-no-root-key"),
        pytest.param("party.unknown", {"by": "registrar", "key": "registrar-1"}, id="registrar"),
    ],
)
def test_an_approval_of_the_founding_is_refused(rule: str, common: Any) -> None:
    world, leaf = half_founded()
    assert world.rule(ApprovalGiven(leaf), **{"by": "root", "at": START, **common}) == rule


def test_root_changes_alone_only_to_keys_that_it_holds(world: LedgerWorld) -> None:
    # One key of one: the old threshold is met, the new key must still say yes.
    proposal = world.do(RootChanged(roots("root-9"), 1), by="root")
    assert set(world.ledger().root) == {kid("root-1")}
    world.do(ApprovalGiven(proposal), by="root", key="root-9")
    assert set(world.ledger().root) == {kid("root-9")}
    assert world.ledger().root_next == {}
    assert world.rule(RuleSetAdopted("ringmark-1", tables()), by="root") == "key.not-in-force"
    assert world.rule(RuleSetAdopted("ringmark-1", tables()), by="root", key="root-9") == ""


def test_root_changes_by_both_thresholds(strict: LedgerWorld) -> None:
    event = RootChanged(roots("root-1", "root-3", "root-4"), 2)
    proposal = strict.do(event, by="root")
    strict.do(ApprovalGiven(proposal), by="root", key="root-3")
    assert set(strict.ledger().root) == {kid("root-1"), kid("root-2")}, "one old key of two"
    strict.do(ApprovalGiven(proposal), by="root", key="root-2")
    assert set(strict.ledger().root) == {kid("root-1"), kid("root-3"), kid("root-4")}
    assert strict.ledger().threshold == 2


def test_root_changes_by_both_thresholds_the_new_ones_last(strict: LedgerWorld) -> None:
    proposal = strict.do(RootChanged(roots("root-3", "root-4"), 2), by="root")
    strict.do(ApprovalGiven(proposal), by="root", key="root-2")
    strict.do(ApprovalGiven(proposal), by="root", key="root-3")
    assert kid("root-1") in strict.ledger().root, "one new key of two"
    strict.do(ApprovalGiven(proposal), by="root", key="root-4")
    assert set(strict.ledger().root) == {kid("root-3"), kid("root-4")}


def test_a_key_that_waits_for_its_root_may_only_approve(strict: LedgerWorld) -> None:
    proposal = strict.do(RootChanged(roots("root-3", "root-4"), 1), by="root")
    other = strict.do(RuleSetAdopted("ringmark-1", tables()), by="root")
    adopted = RuleSetAdopted("ringmark-1", tables())
    assert strict.rule(adopted, by="root", key="root-3") == "key.not-in-force"
    assert strict.rule(ApprovalGiven(other), by="root", key="root-3") == "approval.not-entitled"
    assert strict.rule(ApprovalGiven(proposal), by="root", key="root-3") == ""


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        pytest.param("founding.threshold", RootChanged(roots("a"), 2), id="threshold-too-high"),
        pytest.param("founding.threshold", RootChanged((), 1), id="no-key"),
        pytest.param("key.reused", RootChanged(roots("a", "a"), 1), id="a-key-twice"),
        pytest.param("key.reused", RootChanged(roots("farm"), 1), id="a-party's-key"),
        pytest.param("key.reused", RootChanged(roots("registrar-0"), 1), id="a-registrar's-key"),
    ],
)
def test_a_change_of_root_is_refused(world: LedgerWorld, rule: str, event: RootChanged) -> None:
    assert world.rule(event, by="root") == rule


def test_a_root_key_that_was_removed_never_comes_back(world: LedgerWorld) -> None:
    proposal = world.do(RootChanged(roots("root-9"), 1), by="root")
    world.do(ApprovalGiven(proposal), by="root", key="root-9")
    back = RootChanged(roots("root-1"), 1)
    assert world.rule(back, by="root", key="root-9") == "key.reused"


def test_a_lapsed_change_may_be_proposed_again(strict: LedgerWorld) -> None:
    event = RootChanged(roots("root-3"), 1)
    first = strict.do(event, by="root")
    strict.at += 31 * DAY
    assert strict.rule(ApprovalGiven(first), by="root", key="root-2") == "approval.lapsed"
    second = strict.do(event, by="root")
    assert [act.id for act in strict.ledger().pending] == [second]
    assert set(strict.acts) == {second}
    strict.do(ApprovalGiven(second), by="root", key="root-2")
    strict.do(ApprovalGiven(second), by="root", key="root-3")
    assert set(strict.ledger().root) == {kid("root-3")}


def test_the_registrar_gets_a_new_key_after_the_leaf_that_says_so(world: LedgerWorld) -> None:
    index = world.index
    world.do(RegistrarKeyChanged("closing", key("closing-2")), by="root")
    keys = world.ledger().keys
    assert (keys[kid("registrar-0")].first, keys[kid("registrar-0")].end) == (0, index + 1)
    assert (keys[kid("closing-2")].first, keys[kid("closing-2")].end) == (index + 1, None)
    assert keys[kid("registrar-1")].end is None
    assert world.owners[kid("closing-2")] == "registrar"


@pytest.mark.parametrize(
    ("rule", "event", "by"),
    [
        ("founding.purpose", RegistrarKeyChanged("sealing", key("n")), "root"),
        ("key.reused", RegistrarKeyChanged("label", key("farm")), "root"),
        ("key.reused", RegistrarKeyChanged("label", key("registrar-3")), "root"),
        ("party.not-entitled", RegistrarKeyChanged("label", key("n")), "parks"),
        ("party.not-entitled", RuleSetAdopted("ringmark-1", tables()), "parks"),
        ("founding.table", RuleSetAdopted("ringmark-2", tables()), "root"),
        ("founding.table", RuleSetAdopted("ringmark-1", {"taxa": bytes(32)}), "root"),
    ],
)
def test_a_change_of_registrar_or_rules_is_refused(
    world: LedgerWorld, rule: str, event: Any, by: str
) -> None:
    assert world.rule(event, by=by) == rule


def test_a_rule_set_names_new_thresholds(world: LedgerWorld) -> None:
    world.do(RuleSetAdopted("ringmark-1", tables("thresholds-two")), by="root")
    assert world.ledger().tables == tables("thresholds-two")
