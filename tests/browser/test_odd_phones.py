"""Phones and addresses that are not as they should be: what the page says, and what it never says.

No room to remember, memories from elsewhere, a clock wrong by a year, another ledger under the same
address, other programs' workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from market import serve
from msgspec.structs import replace
from playwright.sync_api import Error, Page
from stall import PERMIT, build_stall
from test_proof_on_the_phone import Hand, grown

from ledger.trust import Trust, trusted_ledger

Phone = Callable[..., Page]
YEAR_S = 365 * 86_400
NO_ROOM = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }"
DENIED = "Object.defineProperty(window, 'localStorage', {get() { throw 1; }})"


@pytest.fixture
def hand(phone: Phone) -> Iterator[Hand]:
    stall = build_stall(seed=43)
    with serve(stall) as address:
        made = Hand(phone(), stall, address)
        made.at(stall.world.clock.now_s())
        yield made


@pytest.mark.parametrize("script", [NO_ROOM, DENIED], ids=["full", "denied"])
def test_a_phone_that_keeps_nothing_says_so(hand: Hand, script: str) -> None:
    hand.page.add_init_script(script)
    for _ in range(2):
        assert hand.open(f"/d/{PERMIT}") == ("proved", "consistent", "consistent")
        assert "keeps nothing" in hand.page.inner_text("#proof")
    assert hand.open(f"/d/{PERMIT}?lang=fr")[0] == "proved"
    assert "ne garde rien" in hand.page.inner_text("#proof")


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "x",
        "1",
        "-1 {root}",
        "1.5 {root}",
        "9007199254740993 {root}",
        "7 {root}00",
        "7 zz",
        "{}",
    ],
)
def test_a_memory_that_cannot_be_read_is_none(hand: Hand, kept: str) -> None:
    path = f"/d/{PERMIT}"
    hand.open(path)
    store(hand, kept.replace("{root}", "00" * 32))
    assert hand.open(path)[0] == "proved"
    assert "remembers this ledger from now on" in hand.page.inner_text("#proof")
    assert hand.open(path)[0] == "proved"
    assert "from now on" not in hand.page.inner_text("#proof")


def test_a_memory_from_ahead_is_a_stop_and_stays(hand: Hand) -> None:
    """Whoever gives the phone such a memory hides nothing with it: it only ever says stop."""
    path = f"/d/{PERMIT}"
    hand.open(path)
    store(hand, f"9007199254740991 {'00' * 32}")
    for _ in range(2):
        assert hand.open(path) == ("refuted", "stop", "history.behind")


def test_a_page_that_was_slow_takes_nothing_back(hand: Hand) -> None:
    """Two pages of one phone: the one that read less does not overwrite what the other saw."""
    path = f"/i/{hand.stall.skins}"
    old = hand.stall.stand.reader.card(hand.stall.skins)
    grown(hand)
    hand.open(path)
    newest = kept(hand)
    hand.page.evaluate("() => localStorage.clear()")
    # While the slow page waits for its card, the other one puts its larger memory there.
    hand.lie("/card$", lambda _: old)
    name, value = newest[0]
    hand.page.add_init_script(
        f"const ask = fetch; fetch = async (...a) => {{ const b = await ask(...a);"
        f"localStorage.setItem('{name}', '{value}'); return b; }}"
    )
    hand.open(path)
    assert kept(hand) == newest


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_wrong_by_a_year_is_said(hand: Hand, years: int) -> None:
    hand.at(hand.stall.world.clock.now_s() + years * YEAR_S)
    for path in (f"/d/{PERMIT}", f"/i/{hand.stall.finished}"):
        state, level, reason = hand.open(path)
        assert "clock of this phone" in hand.page.inner_text("#proof")
        if years > 0:
            assert (state, level, reason) == ("graver", "cannot-tell", "age.stale")
        elif path.startswith("/d/"):
            assert (state, level, reason) == ("graver", "check", "document.early")
        else:
            # The green is the word of the server, by its own clock, and the page says so.
            assert (state, level) == ("unproved", "consistent")


def test_a_clock_behind_makes_no_stop_green(hand: Hand) -> None:
    hand.at(hand.stall.world.clock.now_s() - YEAR_S)
    assert hand.open(f"/i/{hand.stall.held}")[1:] == ("stop", "control.held")


def test_a_lot_of_another_ledger_is_not_proved_here(phone: Phone) -> None:
    """The phone trusts both ledgers; this address serves the one of them."""
    here, there = build_stall(seed=43), build_stall(seed=44)
    (ours,), (theirs,) = here.stand.trust.ledgers, there.stand.trust.ledgers
    away = trusted_ledger(
        ledger=theirs.ledger, origin=theirs.origin, hosts=("elsewhere.example",), log=theirs.log
    )
    here.stand = replace(here.stand, trust=Trust((away, ours)))
    with serve(here) as address:
        hand = Hand(phone(), here, address)
        hand.at(here.world.clock.now_s())
        assert hand.open(f"/i/{here.finished}")[0] == "proved"
        hand.lie("/card$", lambda _: there.stand.reader.card(there.finished))
        path = f"/i/{there.finished}"
        assert hand.page.request.get(address + path).status == 404
        html = hand.page.request.get(f"{address}/i/{here.finished}").body()
        hand.page.route(
            f"**{path}",
            lambda route: route.fulfill(
                body=html.replace(here.finished.encode(), there.finished.encode()),
                content_type="text/html",
            ),
        )
        state, level, _ = hand.open(path)
        assert (state, level) == ("graver", "cannot-tell")


def test_no_worker_can_come_between(hand: Hand) -> None:
    """What our pages load could make itself a worker that answers in the server's place."""
    hand.open(f"/d/{PERMIT}")
    script = hand.page.get_attribute("script[src]", "src")
    trusted = "trustedTypes.createPolicy('a', { createScriptURL: (url) => url })"
    with pytest.raises(Error, match=r"Content Security Policy|worker-src"):
        hand.page.evaluate(
            f"(url) => navigator.serviceWorker.register({trusted}.createScriptURL(url))",
            script,
        )


def store(hand: Hand, value: str) -> None:
    hand.page.evaluate(
        "(value) => Object.keys(localStorage).forEach((k) => localStorage.setItem(k, value))", value
    )


def kept(hand: Hand) -> list[list[str]]:
    found: list[list[str]] = hand.page.evaluate("() => Object.entries(localStorage)")
    return found
