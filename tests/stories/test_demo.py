"""The lots of `ringmark demo` say the same today, a month and a year later."""

from __future__ import annotations

from collections import Counter

import pytest

from cli.playing import Desks
from ledger.ambient import SettableClock
from ledger.simulator.story import Player, demo_story
from ledger.simulator.world import DAY_S, SeededEntropy

START_S = 1_790_000_000
CAST = {"consistent": 7, "check": 1, "stop": 2}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desks, dict[str, str]]:
    """The ledger of the demo, played to its end, and the codes of its lots."""
    folder = tmp_path_factory.mktemp("demo")
    clock = SettableClock(START_S)
    (folder / "papers").mkdir()
    desks = Desks(
        homes=folder / "homes",
        ledger=folder / "ledger",
        folder=folder / "papers",
        clock=clock,
        entropy=SeededEntropy(1),
    )
    origin = ["--origin", "ledger.example/demo", "--host", "localhost"]
    assert desks.run("root", ["init", str(folder / "ledger"), *origin])["ok"]
    story = demo_story()
    player = Player(desks.run, folder=folder / "papers", clock=clock, pass_time=desks.pass_time)
    player.enrol(story.cast)
    player.play(story)
    return desks, {name: player.names[name] for name, _ in story.labels}


@pytest.mark.parametrize("days", [0, 31, 366], ids=["today", "a-month-later", "a-year-later"])
def test_the_cast_of_verdicts_stays(stage: tuple[Desks, dict[str, str]], days: int) -> None:
    desks, codes = stage
    desks.pass_time(days * DAY_S)
    found = {}
    for name, code in codes.items():
        card = f"{name}.card"
        assert desks.run("root", ["export", "card", code, "--out", card])["ok"]
        report = desks.run("root", ["verify", card])
        found[name] = report["verdict"], [f["rule"] for f in report["findings"] if f["reaches"]]
    assert Counter(level for level, _ in found.values()) == CAST, found
