"""Every story of docs/stories is played by the command line, and audited after each step."""

from __future__ import annotations

from pathlib import Path

import pytest
from clear_names import in_directory

from cli.playing import Desks
from ledger.ambient import SettableClock
from ledger.simulator.story import Player, Step, parse_story
from ledger.simulator.world import SeededEntropy

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
