"""Trust files: read back as written, and refused for anything else."""

from __future__ import annotations

import json

import pytest
from trail import Trail

from ledger.errors import MalformedError, UndecidedError
from ledger.trust import format_trust, merge_trust, parse_trust


@pytest.fixture(scope="module")
def plain() -> dict:
    return json.loads(Trail("trusting").made.trust)


def test_what_is_written_is_read_back(plain):
    trust = parse_trust(json.dumps(plain))
    assert parse_trust(format_trust(trust)) == trust
    assert trust.fresh_h == 24
    assert trust.check_h == 168


BROKEN = {
    "unknown-member": lambda t: t.update(extra=1),
    "unknown-ledger-member": lambda t: t["ledgers"][0].update(root=[]),
    "missing-policy": lambda t: t["ledgers"][0].pop("policy"),
    "no-ledger": lambda t: t.update(ledgers=[]),
    "one-ledger-twice": lambda t: t.update(ledgers=t["ledgers"] * 2),
    "ledger-in-capitals": lambda t: t["ledgers"][0].update(
        ledger=t["ledgers"][0]["ledger"].upper()
    ),
    "ledger-short": lambda t: t["ledgers"][0].update(ledger="00"),
    "no-log-key": lambda t: t["ledgers"][0].update(log=[]),
    "origin-of-another": lambda t: t["ledgers"][0].update(origin="other.example/x"),
    "host-in-capitals": lambda t: t["ledgers"][0].update(hosts=["LEDGER.example"]),
    "hours-float": lambda t: t.update(fresh_h=24.0),
    "hours-zero": lambda t: t.update(fresh_h=0),
    "fresh-above-check": lambda t: t.update(fresh_h=200),
    "policy-without-quorum": lambda t: t["ledgers"][0].update(policy="log x"),
    "policy-of-other-keys": lambda t: t["ledgers"][0].update(policy="quorum none\n"),
}


@pytest.mark.parametrize("way", BROKEN)
def test_any_other_file_is_refused(plain, way):
    changed = json.loads(json.dumps(plain))
    BROKEN[way](changed)
    with pytest.raises(MalformedError):
        parse_trust(json.dumps(changed))


def test_duplicate_names_are_refused(plain):
    text = json.dumps(plain)
    with pytest.raises(MalformedError):
        parse_trust(text[:-1] + ', "fresh_h": 24}')


def test_an_unknown_ledger_cannot_be_told(plain):
    with pytest.raises(UndecidedError) as caught:
        parse_trust(json.dumps(plain)).ledger(bytes(32))
    assert caught.value.code == "ledger.unknown"


def test_files_are_joined_and_the_strictest_hours_win(plain):
    other = json.loads(Trail("trusting-too").made.trust)
    other["fresh_h"] = 12
    both = merge_trust(parse_trust(json.dumps(plain)), parse_trust(json.dumps(other)))
    assert len(both.ledgers) == 2
    assert both.fresh_h == 12
    assert [one.origin for one in both.by_host("LEDGER.example")] == [
        one.origin for one in both.ledgers
    ]
    assert both.by_host("elsewhere.example") == ()
