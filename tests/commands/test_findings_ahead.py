"""A finding that lies ahead: `lot show` says from when, and no list counts it before."""

from __future__ import annotations

NILE = ("--taxon", "Crocodylus niloticus")
GOODS = (*NILE, "--term", "SKI", "--source", "R", "--origin", "ZW", "--year", "2026")


def test_a_stop_that_lies_ahead_is_shown_with_its_day(town) -> None:
    # Given an officer's count, and skins of more animals than there are
    town.ok("farm", "facility", "declare", "pens", *NILE, "--count", "all=5")
    town.ok(
        "parks", "facility", "count", "farm/pens", *NILE, "--result", "matches", "--count", "all=5"
    )
    words = ("--quantity", "6", "--basis", "bred", "--facility", "pens")
    code = town.ok("farm", "lot", "register", *GOODS, *words)["lots"][0]
    # When it is shown, a check counts, and the stop from the day on when no word is late any more
    shown = town.run("farm", "lot", "show", code).out
    assert "  check: stock.below-zero" in shown
    assert "  stop from 2026-1" in shown
    assert "stop: stock.below-zero" not in town.run("farm", "lot", "list").out
    town.clock.advance(3 * 86_400)
    assert "  stop: stock.below-zero" in town.run("farm", "lot", "show", code).out
    assert "stop: stock.below-zero" in town.run("farm", "lot", "list").out
