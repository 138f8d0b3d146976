"""A scan: whose label is it, is it whole, and does the ledger say the same?"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from trail import Trail, born_of, bred, world

from ledger import keys
from ledger.custody.control import LotHeld
from ledger.custody.goods import MarkRange, Part
from ledger.custody.lots import Basis, LotRegistered, LotSplit
from ledger.reference.tables import load_tables
from ledger.registrar import Registered
from ledger.trust import Trust, trusted_ledger
from ledger.verify.label import check_label
from ledger.verify.verdict import Level, Outcome
from ledger.wire import cose
from ledger.wire.label import (
    format_label_url,
    label_headers,
    parse_label_headers,
    parse_label_url,
)


@pytest.fixture
def labelled() -> tuple[Trail, str, str]:
    trail, _ = world("labels")
    done = trail.tell(LotRegistered(basis=Basis.BRED, lots=(bred(50, 3),)), by="farm")
    assert isinstance(done, Registered)
    (code,) = born_of(done, 1)
    return trail, code, done.labels[code]


def scan(trail: Trail, link: str, code: str | None, **more):
    card = trail.reader.card(code) if code else None
    return check_label(
        link,
        card=card,
        trust=trail.trust,
        now_s=trail.clock.now_s(),
        tables=load_tables(),
        **more,
    )


def test_a_label_of_goods_in_order_is_consistent(labelled):
    trail, code, link = labelled
    verdict = scan(trail, link, code)
    assert (verdict.outcome, verdict.level) == (Outcome.VERIFIED, Level.CONSISTENT)
    assert verdict.reason == "consistent"
    assert verdict.checks[-1].name == "label.signed"


def test_a_label_never_hides_a_stop(labelled):
    trail, code, link = labelled
    trail.tell(LotHeld(lots={code: Part()}, reason="look"), by="parks")
    assert (scan(trail, link, code).level, scan(trail, link, code).reason) == (
        Level.STOP,
        "control.held",
    )


def test_a_lot_that_changed_since_is_said(labelled):
    trail, code, link = labelled
    part = Part(marks=(MarkRange("ZWTAG", "ZW", 50, 50, 6, ""),))
    trail.tell(LotSplit(lot=code, part=part), by="farm")
    assert scan(trail, link, code).reason == "label.changed"


def test_a_bare_code_is_answered_by_the_card(labelled):
    trail, code, link = labelled
    bare = link.partition("#")[0]
    verdict = scan(trail, bare, code)
    assert verdict.level is Level.CONSISTENT
    assert verdict.checks[-1].outcome.value == "open"
    assert scan(trail, bare, None).level is Level.CANNOT_TELL


def test_a_host_of_no_trusted_ledger_is_foreign(labelled):
    trail, code, link = labelled
    verdict = scan(trail, link.replace("ledger.example", "ledger.example.com"), code)
    assert (verdict.level, verdict.reason) == (Level.STOP, "label.foreign-host")


def test_no_changed_digit_is_believed(labelled):
    trail, code, link = labelled
    start = link.index("#") + 1
    for place in range(start, len(link)):
        digit = str((int(link[place]) + 1) % 10)
        forged = link[:place] + digit + link[place + 1 :]
        verdict = scan(trail, forged, code)
        assert verdict.level in (Level.STOP, Level.CANNOT_TELL), place
    for length in range(start, len(link)):
        assert scan(trail, link[:length] or link, code).reason != "consistent" or length == start


def test_the_label_of_another_lot_stops(labelled):
    trail, code, link = labelled
    done = trail.tell(LotRegistered(basis=Basis.BRED, lots=(bred(60, 3),)), by="farm")
    (other,) = born_of(done, 1)
    moved = link.replace(code, other)
    assert moved != link
    verdict = scan(trail, moved, other)
    assert (verdict.outcome, verdict.level) == (Outcome.REFUTED, Level.STOP)
    assert verdict.reason == "label.other-lot"


def test_a_label_of_another_ledger_is_signed_by_nobody_trusted(labelled):
    trail, code, _ = labelled
    elsewhere, _ = world("labels-elsewhere")
    done = elsewhere.tell(LotRegistered(basis=Basis.BRED, lots=(bred(50, 3),)), by="farm")
    (foreign,) = born_of(done, 1)
    link = done.labels[foreign].replace(foreign, code)
    verdict = scan(trail, link, code)
    assert (verdict.level, verdict.reason) == (Level.STOP, "label.unknown-key")


@pytest.mark.parametrize("link", ["", "hello", "https://ledger.example/", "WIFI:S:x;;"])
def test_what_is_no_label_cannot_be_told(labelled, link):
    trail, code, _ = labelled
    verdict = scan(trail, link, code)
    assert (verdict.level, verdict.reason) == (Level.CANNOT_TELL, "not-a-label")


def test_a_label_that_names_another_algorithm_is_altered(labelled):
    trail, code, link = labelled
    named = parse_label_url(link)
    signed = cose.decode_sign1(named.cose or b"", tagged=False)
    alg, kid = parse_label_headers(signed.protected)
    assert alg == keys.ED25519
    other = replace(signed, protected=label_headers(keys.ESP256, kid))
    forged = format_label_url(host=named.host, name=code, signed=other)
    verdict = scan(trail, forged, code)
    assert (verdict.level, verdict.reason) == (Level.STOP, "label.altered")


@pytest.mark.parametrize("bare", [True, False])
def test_a_card_of_another_ledger_says_nothing_of_a_label(labelled, bare):
    """One key and one salt give one code in two ledgers: the host says which one is meant."""
    trail, code, link = labelled
    (here,), (there,) = trail.trust.ledgers, Trail("labels-elsewhere").trust.ledgers
    away = trusted_ledger(
        ledger=here.ledger, origin=here.origin, hosts=("elsewhere.example",), log=here.log
    )
    verdict = check_label(
        link.partition("#")[0] if bare else link,
        card=trail.reader.card(code),
        trust=Trust((away, there)),
        now_s=trail.clock.now_s(),
        tables=load_tables(),
    )
    assert (verdict.outcome, verdict.level) == (Outcome.UNDECIDED, Level.CANNOT_TELL)
    assert verdict.reason == "unavailable"
