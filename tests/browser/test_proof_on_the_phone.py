"""The verdict proved by the phone itself, and what it does where a server lies to it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from market import serve
from playwright.sync_api import Page, Response, Route
from proof_files import rebuilt, unpacked
from stall import PERMIT, Stall, altered, build_stall, tell

from ledger.custody.control import LotHeld
from ledger.custody.goods import Part

Phone = Callable[..., Page]
REQUESTS_MAX = 8
BYTES_MAX = 30_000
MONTH_S = 30 * 86_400


@dataclass
class Hand:
    """A phone in a hand: its page, the server's address, what came over the line."""

    page: Page
    stall: Stall
    address: str
    answers: list[Response] = field(default_factory=list)

    def at(self, seconds: int) -> None:
        """Set the phone's clock; its timers go on."""
        self.page.clock.set_fixed_time(datetime.datetime.fromtimestamp(seconds, datetime.UTC))

    def open(self, path: str) -> tuple[str | None, str | None, str | None]:
        """Open a page and return the state of the proof, and level and reason of the verdict."""
        self.answers.clear()
        self.page.goto(self.address + path)
        self.page.wait_for_selector("#proof[data-state]", timeout=20_000)
        level = self.page.get_attribute("#verdict", "data-level")
        reason = self.page.get_attribute("#verdict", "data-reason")
        return self.page.get_attribute("#proof", "data-state"), level, reason

    def lie(self, pattern: str, change: Callable[[bytes], bytes | None]) -> None:
        """Answer what matches otherwise from now on: changed, or, for None, not at all."""

        def answer(route: Route) -> None:
            honest = route.fetch()
            body = change(honest.body())
            if body is None:
                route.abort()
            else:
                route.fulfill(status=200, body=body)

        self.page.unroute_all()
        self.page.route(re.compile(pattern), answer)


@pytest.fixture
def hand(phone: Phone) -> Iterator[Hand]:
    stall = build_stall(seed=43)
    with serve(stall) as address:
        made = Hand(phone(), stall, address)
        made.page.on("response", lambda answer: made.answers.append(answer))  # noqa: PLW0108 - it marks its handlers
        made.at(stall.world.clock.now_s())
        yield made


def grown(hand: Hand) -> None:
    """Let the ledger grow by a few blocks."""
    for number in range(3):
        hand.stall.world.clock.advance(60)
        tell(hand.stall.world, "zw-authority", LotHeld({hand.stall.finished: Part()}, f"{number}"))
    hand.at(hand.stall.world.clock.now_s())


def test_lots_and_documents_are_proved_by_the_phone(hand: Hand) -> None:
    assert hand.open(f"/i/{hand.stall.skins}") == ("proved", "check", "basis.not-attested")
    assert "remembers this ledger" in hand.page.inner_text("#proof")
    assert hand.open(f"/d/{PERMIT}") == ("proved", "consistent", "consistent")
    said = "Proved on this phone: 500 NAR SKI Crocodylus niloticus C ZW"
    assert hand.page.inner_text("#proof") == said
    assert hand.open("/m/CITES-TAG/ZW-NIL-26-000012")[:2] == ("proved", "check")
    assert hand.open(f"/i/{hand.stall.held}?lang=fr") == ("proved", "stop", "control.held")
    assert hand.page.inner_text("#proof").startswith("Prouvé sur ce téléphone : 5 NAR SKI")


def test_the_whole_of_it_is_light(hand: Hand) -> None:
    hand.open(f"/i/{hand.stall.skins}")
    hand.page.wait_for_load_state("networkidle")
    sizes = [answer.request.sizes() for answer in hand.answers]
    weight = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
    assert len(hand.answers) <= REQUESTS_MAX, [answer.url for answer in hand.answers]
    assert weight <= BYTES_MAX, [
        (a.url, s["responseBodySize"]) for a, s in zip(hand.answers, sizes, strict=True)
    ]


def test_a_grown_ledger_is_held_to_what_was_seen(hand: Hand) -> None:
    path = f"/i/{hand.stall.skins}"
    hand.open(path)
    grown(hand)
    assert hand.open(path)[0] == "proved"
    asked = [answer.url for answer in hand.answers if "/consistency/" in answer.url]
    assert len(asked) == 1
    assert hand.open(path)[0] == "proved"
    assert not [answer.url for answer in hand.answers if "/consistency/" in answer.url]


@pytest.mark.parametrize("part", ["record", "closing", "checkpoint", "track"])
def test_a_forged_card_takes_the_place_of_the_verdict(hand: Hand, part: str) -> None:
    def forged(card: bytes) -> bytes:
        body = unpacked(card)
        places = {
            "record": ("records", 0, "record"),
            "closing": ("head", "closing"),
            "checkpoint": ("head", "checkpoint"),
            "track": ("head", "track", 0, "statement"),
        }
        value = body
        for key in places[part]:
            value = value[key]
        changed = bytearray(value)
        changed[len(changed) // 2] ^= 1
        return rebuilt(card, places[part], bytes(changed))

    hand.lie("/card$", forged)
    assert hand.open(f"/i/{hand.stall.skins}") == ("refuted", "stop", "proof.failed")
    words = hand.page.inner_text("#verdict")
    assert "STOP" in words
    assert "Hold the goods" in words
    assert "another history" not in words
    with hand.page.expect_download() as kept:
        hand.page.click("#verdict a")
    assert kept.value.suggested_filename == "refuted.card"


def test_the_card_of_a_lot_without_the_mark_is_a_stop(hand: Hand) -> None:
    path = "/m/CITES-TAG/ZW-NIL-26-000012"
    assert hand.open(path)[0] == "proved"
    html = hand.page.request.get(hand.address + path).body()
    other = html.replace(hand.stall.skins.encode(), hand.stall.finished.encode())
    hand.lie("/m/", lambda _: other)
    assert hand.open(path) == ("graver", "stop", "mark.not-in-lot")


def test_a_card_of_another_lot_is_a_stop(hand: Hand) -> None:
    other = hand.stall.stand.reader.card(hand.stall.finished)
    hand.lie("/card$", lambda _: other)
    assert hand.open(f"/i/{hand.stall.skins}") == ("refuted", "stop", "proof.failed")


def test_an_old_card_is_a_stop_for_a_phone_that_saw_a_newer_one(hand: Hand) -> None:
    path = f"/i/{hand.stall.skins}"
    old = hand.stall.stand.reader.card(hand.stall.skins)
    grown(hand)
    hand.open(path)
    hand.lie("/card$", lambda _: old)
    assert hand.open(path) == ("refuted", "stop", "history.behind")
    assert "older state than this phone has seen" in hand.page.inner_text("#verdict")
    hand.page.unroute_all()
    assert hand.open(path)[0] == "proved"


def test_a_server_that_is_a_moment_behind_is_asked_again(hand: Hand) -> None:
    path = f"/i/{hand.stall.skins}"
    old = [hand.stall.stand.reader.card(hand.stall.skins)]
    grown(hand)
    hand.open(path)
    hand.lie("/card$", lambda card: old.pop() if old else card)
    assert hand.open(path)[0] == "proved"
    assert old == []


def test_another_history_is_a_stop(hand: Hand) -> None:
    """The same ledger with another second half: it holds in itself, and not for this phone."""
    path = f"/i/{hand.stall.skins}"
    twin = build_stall(seed=43)
    assert twin.skins == hand.stall.skins
    grown(hand)
    hand.open(path)
    for _ in range(5):
        twin.world.clock.advance(60)
        tell(twin.world, "zw-authority", LotHeld({twin.held: Part()}, "another history"))
    fork = twin.stand.reader
    sizes = [reader.moment().head.size for reader in (hand.stall.stand.reader, fork)]
    assert sizes[0] < sizes[1]
    hand.lie("/card$", lambda _: fork.card(twin.skins))
    nodes = ", ".join(f'"{node.hex()}"' for node in fork.consistency(*sizes))
    hand.page.route(
        re.compile("/consistency/"), lambda route: route.fulfill(body=f'{{"path": [{nodes}]}}')
    )
    hand.at(twin.world.clock.now_s())
    assert hand.open(path) == ("refuted", "stop", "history.two")
    assert "another history than this phone has seen" in hand.page.inner_text("#verdict")


def test_a_false_path_is_a_stop_and_not_called_two_histories(hand: Hand) -> None:
    path = f"/i/{hand.stall.skins}"
    grown(hand)
    hand.open(path)
    grown(hand)
    hand.page.route(
        re.compile("/consistency/"),
        lambda route: route.fulfill(body=f'{{"path": ["{"00" * 32}", "{"11" * 32}"]}}'),
    )
    assert hand.open(path) == ("refuted", "stop", "proof.failed")
    assert "its proof fails on this phone" in hand.page.inner_text("#verdict")
    hand.page.unroute_all()
    assert hand.open(path)[0] == "proved"


def test_a_proof_that_is_withheld_leaves_the_servers_word(hand: Hand) -> None:
    path = f"/i/{hand.stall.skins}"
    hand.lie("/card$", lambda _: None)
    state, level, _ = hand.open(path)
    assert (state, level) == ("unproved", "check")
    assert "the verdict is the word of the server" in hand.page.inner_text("#proof")
    hand.page.unroute_all()
    hand.open(path)
    grown(hand)
    seen = hand.page.evaluate("() => Object.values(localStorage)")
    hand.lie("/consistency/", lambda _: None)
    assert hand.open(path) == ("graver", "cannot-tell", "history.unproved")
    # What could not be held to what was seen is not remembered either.
    assert hand.page.evaluate("() => Object.values(localStorage)") == seen


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card[:-1],
        lambda card: card[:200] + bytes([card[200] ^ 1]) + card[201:],
        lambda card: b"<html>Sign in to this network</html>",
        lambda card: rebuilt(card, ("records", 0, "proof"), [0, b"", {}]),
    ],
    ids=["cut", "flipped", "another-page", "odd"],
)
def test_a_card_that_cannot_be_read_is_no_proof(
    hand: Hand, change: Callable[[bytes], bytes]
) -> None:
    hand.lie("/card$", change)
    state, level, _ = hand.open(f"/d/{PERMIT}")
    assert state in ("graver", "refuted")
    assert level in ("cannot-tell", "stop")
    assert "old the goods" in hand.page.inner_text("main")


def test_a_label_is_judged_where_its_digits_are(hand: Hand) -> None:
    """The fragment never reaches the server: its page is as green with a false label."""
    genuine = hand.stall.label.replace("https://localhost", "")
    assert hand.open(genuine)[:2] == ("proved", "check")
    assert "The label is genuine." in hand.page.inner_text("#proof")
    hand.page.goto("about:blank")
    false = altered(hand.stall.label).replace("https://localhost", "")
    assert hand.open(false) == ("refuted", "stop", "label.altered")
    assert "This label is false" in hand.page.inner_text("#verdict")
    hand.page.goto("about:blank")
    moved = genuine.replace(hand.stall.skins, hand.stall.finished)
    assert hand.open(moved) == ("refuted", "stop", "label.other-lot")
    hand.page.goto("about:blank")
    assert hand.open(f"/i/{hand.stall.skins}#1234") == ("refuted", "stop", "label.malformed")


def test_one_marked_piece_is_checked_beside_the_label_that_was_scanned(hand: Hand) -> None:
    """A tag is typed on the page of its bale: the label is judged there again, tag by tag."""
    page, digits = hand.page, hand.stall.label.partition("#")[2]

    def type_mark(mark: str) -> tuple[str | None, str | None]:
        page.goto("about:blank")
        hand.open(f"/i/{hand.stall.skins}#{digits}")
        page.fill("#mark", mark)
        page.press("#mark", "Enter")
        page.wait_for_url("**/m/**")
        page.wait_for_selector("#proof[data-state]", timeout=20_000)
        assert page.url.endswith(f"#{digits}")
        return (
            page.get_attribute("#proof", "data-state"),
            page.get_attribute("#verdict", "data-reason"),
        )

    state, _ = type_mark("ZW-NIL-26-000020")
    assert state == "proved"
    assert "The label is genuine." in page.inner_text("#proof")
    whole = page.get_attribute(".asked a", "href") or ""
    assert hand.stall.skins[-4:] in whole
    assert whole.endswith(f"#{digits}")
    # The first eight were tanned: they hang on other goods than this label.
    assert type_mark("ZW-NIL-26-000001") == ("refuted", "label.other-lot")
    assert "not that of the lot that bears this mark" in page.inner_text("#verdict")


def test_a_page_greener_than_its_proof_is_told(hand: Hand) -> None:
    """A server whose page lies, or was made a moment before the goods were held."""
    path = f"/i/{hand.stall.finished}"
    page = hand.page
    assert hand.open(path)[0] == "proved"
    assert page.get_attribute("#verdict", "data-level") != "stop"
    html = page.request.get(hand.address + path).body()
    tell(hand.stall.world, "zw-authority", LotHeld({hand.stall.finished: Part()}, "look"))
    hand.lie(f"/i/{hand.stall.finished}$", lambda _: html)
    assert hand.open(path) == ("graver", "stop", "control.held")
    assert "Hold the goods" in page.inner_text("#proof")


def test_a_ledger_that_stands_still_is_noticed_by_the_phones_clock(hand: Hand) -> None:
    hand.at(hand.stall.world.clock.now_s() + MONTH_S)
    assert hand.open(f"/d/{PERMIT}") == ("graver", "cannot-tell", "age.stale")
    assert "too old" in hand.page.inner_text("#proof")
    hand.at(hand.stall.world.clock.now_s() - 3_600)
    assert hand.open(f"/d/{PERMIT}")[:2] == ("unproved", "consistent")
    assert "clock of this phone is behind" in hand.page.inner_text("#proof")


def test_a_verdict_never_becomes_greener(hand: Hand) -> None:
    """The page says stop; whatever card is proved, it stays so."""
    green = hand.stall.stand.reader.card(hand.stall.skins)
    path = f"/i/{hand.stall.held}"
    hand.lie("/card$", lambda _: green)
    assert hand.open(path)[1] == "stop"
    hand.page.unroute_all()
    assert hand.open(path) == ("proved", "stop", "control.held")


def test_without_storage_or_javascript_the_page_is_whole(hand: Hand, phone: Phone) -> None:
    blocked = phone()
    blocked.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw 1; }})")
    hand.page = blocked
    hand.at(hand.stall.world.clock.now_s())
    assert hand.open(f"/i/{hand.stall.skins}")[0] == "proved"
    bare = phone(java_script_enabled=False)
    bare.goto(f"{hand.address}/i/{hand.stall.skins}")
    assert not bare.is_visible("#proof")
    assert bare.get_attribute("#verdict", "data-level") == "check"
