"""Every story of docs/stories is played by the command line, and audited after each step.

At its end the card and the bundle of every lot are verified too.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from clear_names import in_directory, parties_in

from cli.context import Session
from cli.main import main
from cli.playing import Desks
from ledger.ambient import SettableClock
from ledger.reader import Reader, StoredMoments
from ledger.simulator.story import Player, Step, parse_story
from ledger.simulator.world import SeededEntropy
from ledger.trust import parse_trust
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.verify.verdict import Outcome
from ledger.wire import cbor, frame
from ledger.wiring import open_for_reading

STORIES = sorted((Path(__file__).resolve().parents[2] / "docs" / "stories").glob("*.md"))
START_S = 1_790_000_000


class Theatre:
    """A new ledger for one story, and an audit of it after every step."""

    def __init__(self, folder: Path) -> None:
        self.clock = SettableClock(START_S)
        (folder / "desk").mkdir()
        self.desks = Desks(
            homes=folder / "homes",
            ledger=folder / "ledger",
            folder=folder / "desk",
            clock=self.clock,
            entropy=SeededEntropy(1),
        )
        origin = ["--origin", "ledger.example/story", "--host", "localhost"]
        founded = self.desks.run("root", ["init", str(folder / "ledger"), *origin])
        assert founded["ok"], founded
        self.player = Player(
            self.desks.run,
            folder=folder / "desk",
            clock=self.clock,
            pass_time=self.desks.pass_time,
            after=self.audit,
        )
        self.audits = 0

    def audit(self, step: Step) -> None:
        report = self.desks.run("root", ["audit"])
        assert report.get("outcome") == "verified", (step, report)
        self.audits += 1

    def check_files(self) -> None:
        """Verify the card and the bundle of every lot, with the trust file alone."""
        ledger = Path(self.desks.ledger)
        opened = open_for_reading(ledger)
        reader = Reader(opened.store, StoredMoments(opened.store, note=opened.newest_note))
        trust, now_s = parse_trust(opened.trust), self.clock.now_s()
        for code in [row.name for row in opened.store.records() if row.kind == "lot"]:
            asked = Asked(code=code)
            card = check_card(reader.card(code), trust=trust, now_s=now_s, asked=asked)
            bundle = check_bundle(reader.bundle(code), trust=trust, now_s=now_s, asked=asked)
            assert card.outcome is Outcome.VERIFIED, (code, card.params)
            assert bundle.outcome is Outcome.VERIFIED, (code, bundle.params)
            assert (bundle.level, bundle.reason) == (card.level, card.reason)
        opened.store.close()


def test_there_are_stories() -> None:
    assert len(STORIES) >= 15


@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.stem)
def test_story(page: Path, tmp_path: Path) -> None:
    theatre = Theatre(tmp_path)
    story = parse_story(page.read_text(encoding="utf-8"))
    theatre.player.enrol(story.cast)
    theatre.player.play(story)
    done = [act for act in story.acts if isinstance(act, Step) and act.refused is None]
    assert theatre.audits == 2 * len(story.cast) + len(done)
    deep = theatre.desks.run("root", ["audit", "--deep"])
    assert deep["outcome"] == "verified"
    assert in_directory(tmp_path / "ledger") == {}
    theatre.check_files()


def test_no_card_of_the_demo_names_anybody(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    main(["--json", "demo", "--dir", str(folder), "--no-serve"], Session())
    assert in_directory(folder) == {}


def test_a_name_in_a_record_would_be_found() -> None:
    record = cbor.encode({"roles": ["farm"], "pending": [{"by": "moyo"}], "terms": "mill/plot"})
    card = frame.frame("ringmark.card", 1, cbor.encode({"records": [{"record": record}]}))
    assert parties_in(card, {"farm", "moyo", "mill", "parks"}) == {"moyo", "mill"}
