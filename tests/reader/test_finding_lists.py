"""Twenty thousand open findings: read in order from any place on, each page at the same cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from crowd import Crowd

from ledger.errors import MalformedError, NotFoundError
from ledger.reader import LiveMoments, Reader
from ledger.reader.listing import format_place
from ledger.reader.views import FindingView
from ledger.reader.waiting import ROWS_MAX
from ledger.simulator.world import DAY_S
from ledger.storage.finding_list import Wanted
from ledger.wiring import OpenLedger

LOTS, WAVES = 2_000, 9
ALL = LOTS * (WAVES + 1)
WEIGHTS = ("stop", "check", "note")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    crowd = Crowd(tmp_path_factory.mktemp("crowd") / "ledger")
    codes = crowd.late(LOTS)
    for _ in range(WAVES):
        crowd.hold(codes)
    yield crowd
    ledger = crowd.world.ledger
    assert isinstance(ledger, OpenLedger)
    ledger.close()


@pytest.fixture(scope="module")
def reader(crowd: Crowd) -> Reader:
    ledger = crowd.world.ledger
    return Reader(ledger.store, LiveMoments(ledger.registrar, ledger.store))


def pages(reader: Reader, wanted: Wanted, *, limit: int) -> Iterator[tuple[FindingView, ...]]:
    after = ""
    while True:
        page = reader.findings(wanted, after=after, limit=limit)
        yield page.findings
        after = page.next
        if not after:
            return


def weight_of(view: FindingView) -> tuple[int, int]:
    return WEIGHTS.index(view.finding.severity), view.finding.from_at


def test_every_finding_comes_once_and_the_heaviest_first(reader: Reader) -> None:
    found = [view for page in pages(reader, Wanted(), limit=1_000) for view in page]
    assert len(found) == len({(v.name, v.finding.cause) for v in found}) == ALL
    assert [weight_of(view) for view in found] == sorted(map(weight_of, found))
    assert [view.finding.severity for view in found[-LOTS:]] == ["check"] * LOTS


def test_age_is_an_order_of_its_own(reader: Reader) -> None:
    page = reader.findings(Wanted(sort="age"), limit=LOTS + 10)
    assert [view.finding.severity for view in page.findings[:LOTS]] == ["check"] * LOTS
    again = reader.findings(Wanted(sort="age"), after=page.next, limit=10)
    assert again.findings[0].finding.from_at >= page.findings[-1].finding.from_at
    assert not {v.finding.cause + v.name.encode() for v in again.findings} & {
        v.finding.cause + v.name.encode() for v in page.findings
    }


def test_a_late_page_costs_what_the_first_does(crowd: Crowd, reader: Reader) -> None:
    def cost(after: str) -> float:
        start = time.process_time()
        assert len(reader.findings(Wanted(), after=after, limit=50).findings) == 50
        return time.process_time() - start

    heavy = crowd.world.ledger.store.findings("", weight=0, limit=LOTS * WAVES - 100)
    far = format_place(heavy[-1])
    first = min(cost("") for _ in range(5))
    assert min(cost(far) for _ in range(5)) < 3 * first


def test_looking_for_a_rule_that_nobody_broke_costs_less_than_a_page(reader: Reader) -> None:
    def cost(read: Callable[[], object]) -> float:
        start = time.process_time()
        read()
        return time.process_time() - start

    def page() -> None:
        assert len(reader.findings(Wanted(), limit=10).findings) == 10

    def crossings() -> None:
        assert reader.waiting("zw-parks", section="endorsements").sections == {}

    def clones() -> None:
        assert reader.findings(Wanted(rule="mark.*"), limit=10).findings == ()

    least = min(cost(page) for _ in range(5))
    for nothing in (crossings, clones):
        assert min(cost(nothing) for _ in range(5)) < least


def test_a_page_tells_how_many_there_are_in_all(reader: Reader) -> None:
    assert reader.findings(Wanted(), limit=5).counts == {
        "stop": LOTS * WAVES,
        "check": LOTS,
        "note": 0,
    }
    assert reader.findings(Wanted(country="IT")).counts == {"stop": 0, "check": 0, "note": 0}
    assert reader.findings(Wanted(severity="check"), limit=5).counts == {"check": LOTS}
    assert reader.findings(Wanted(rule="time.late"), limit=5).counts is None


def first(reader: Reader, wanted: Wanted) -> tuple[FindingView, ...]:
    return reader.findings(wanted, limit=20).findings


def test_findings_are_chosen_in_the_order_asked_for(crowd: Crowd, reader: Reader) -> None:
    (late, *_) = first(reader, Wanted(severity="check"))
    (stop, *_) = first(reader, Wanted())
    now = crowd.world.clock.now_s()
    assert {v.finding.rule for v in first(reader, Wanted(rule="time.*"))} == {"time.late"}
    assert first(reader, Wanted(rule="tim.*")) == first(reader, Wanted(country="IT")) == ()
    assert first(reader, Wanted(country="ZW")) == first(reader, Wanted()) != ()
    # The farm is spoken of; the authority caused what it held, nobody else caused anything.
    assert first(reader, Wanted(party="farm")) == first(reader, Wanted())
    assert {v.finding.rule for v in first(reader, Wanted(party="zw-parks"))} == {"control.held"}
    assert first(reader, Wanted(party="tannery")) == ()
    assert first(reader, Wanted(reader="farm")) == first(reader, Wanted())
    assert first(reader, Wanted(reader="farm", country="IT")) == ()
    assert first(reader, Wanted(since=stop.finding.from_at, severity="check")) == ()
    assert first(reader, Wanted(since=stop.finding.from_at + 1))[0] != stop
    assert first(reader, Wanted(due=now + 9 * DAY_S)) == ()
    # One subject has one row of each statement; whatever the order, all of them come.
    subject = f"lot/{late.name}"
    by_age = first(reader, Wanted(subject=subject, sort="age"))
    assert [v.finding.rule for v in by_age] == ["time.late", *["control.held"] * WAVES]
    by_weight = first(reader, Wanted(subject=subject))
    assert [v.finding.rule for v in by_weight] == [*["control.held"] * WAVES, "time.late"]
    assert first(reader, Wanted(subject=subject, severity="check")) == (by_age[0],)
    with pytest.raises(NotFoundError):
        reader.findings(Wanted(subject="lot/51PB1X9SFP3J"))


def test_what_waits_is_told_page_by_page(reader: Reader) -> None:
    view = reader.waiting("zw-parks")
    assert view.counts == {"stop": LOTS * WAVES, "check": LOTS, "note": 0}
    assert view.cut == ("findings",)
    shown = view.sections["findings"]
    assert len(shown) == ROWS_MAX
    assert view.next == shown[-1].place
    more = reader.waiting("zw-parks", section="findings", after=view.next)
    assert list(more.sections) == ["findings"]
    by_rows = reader.findings(Wanted(country="ZW"), limit=2 * ROWS_MAX).findings
    names = [row.name for row in (*shown, *more.sections["findings"])]
    assert names == [found.name for found in by_rows]
    assert reader.waiting("it-parks").sections == {}


@pytest.mark.parametrize(
    "place",
    [
        "0",
        "0:1:rule",
        "3:1:rule::lot:CODE",
        "-1:1:rule::lot:CODE",
        "0:1:rule:zz:lot:CODE",
        f"0:{1 << 60}:rule::lot:CODE",
    ],
)
def test_a_place_that_is_none_is_refused(reader: Reader, place: str) -> None:
    with pytest.raises(MalformedError) as caught:
        reader.findings(Wanted(), after=place)
    assert caught.value.code == "finding.place"
