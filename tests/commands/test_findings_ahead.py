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


def test_a_deadline_that_lies_ahead_is_not_told_as_if_it_were_past(town) -> None:
    # Given skins on the road, due in five days
    code = town.register_skins()
    town.ok("farm", "transfer", "offer", code, "--to", "tannery")
    town.ok("farm", "transfer", "dispatch", "tannery", "--due", "5d")
    # When the office looks, nothing is overdue yet; afterwards it is
    ahead = "check unless it is settled by then: The goods left and are past"
    assert ahead in town.run("parks", "waiting").out
    # An audit counts it among the open ones (with a count that the farm owes by May), and says so
    audited = town.run("parks", "audit").out
    assert "  deadlines ahead among them, no findings if they are met: 2 check\n" in audited
    assert town.ok("parks", "audit")["findings"]["ahead"] == {"stop": 0, "check": 2, "note": 0}
    listed = town.run("parks", "finding", "list", "--rule", "transfer.overdue").out
    assert "(unless it is settled by then)" in listed
    town.clock.advance(6 * 86_400)
    store = ("facility", "register", "store", "--kind", "store", "--country", "ZW")
    town.ok("farm", *store, "--clock-ok")
    assert "check: The goods left and are past" in town.run("parks", "waiting").out
    audited = town.ok("parks", "audit")["findings"]
    assert (audited["check"], audited["ahead"]["check"]) == (2, 1)
    listed = town.run("parks", "finding", "list", "--rule", "transfer.overdue").out
    assert "transfer.overdue" in listed
    assert "unless" not in listed
