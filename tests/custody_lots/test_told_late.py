"""What passed under a document before it was replaced or cancelled, and is told afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, START, World, a_quota, bred, new_world, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentReinstated,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    DocumentSuspended,
    EndorsementWithdrawn,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import Basis, LotExported, LotRegistered
from ledger.custody.references import QuotaSet
from ledger.custody.subjects import Kind, Subject

OLD, NEW = "ZW/EXPORT/77", "ZW/EXPORT/78"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
LATE = ("document.told-late", "check")
# START, 1,800,000,000 s, is 2027-01-15 at 08:00 UTC.
BEFORE = {"when": START, "day": "2027-01-15"}


@pytest.fixture
def border() -> World:
    """A world judged by all rules, two days on; the farm's permit for 100 skins is of the first."""
    world = new_world(full=True)
    world.tell(DocumentIssued(OLD, paper(100)), by="parks")
    return world


def paper(quantity: int) -> Paper:
    row = DocumentRow(ROW.taxon, "SKI", quantity, "NAR", "C", "ZW")
    return Paper(holder="farm", rows=(row,), to_country="FR")


def lot(world: World, quantity: int = 60) -> str:
    (code,) = world.tell(bred(skins(quantity)), by="farm")
    return code


def replaced(world: World, *, quantity: int) -> None:
    world.at += DAY
    world.tell(DocumentReplaced(NEW, OLD, "lost in the post", paper(quantity)), by="parks")
    world.at += DAY


def export(world: World, code: str, name: str = OLD, **common: Any) -> None:
    world.tell(LotExported((code,), name, "ZW", "FR"), by="farm", **common)


def endorse(world: World, code: str, quantity: int, name: str = OLD, **common: Any) -> bytes:
    event = DocumentEndorsed(name, Way.EXPORT, "ZW", (Passed(0, quantity, code),))
    signed = world.signed(event, by="parks", **common)
    world.tell(event, by="parks", **common)
    return signed.id


def drawn(world: World, name: str) -> int:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return sum(row.quantity for row in state.drawn.get("export", ()))


@pytest.mark.parametrize(
    ("quantity", "on_new"),
    [
        pytest.param(100, 60, id="the-same-permit-again"),
        pytest.param(40, 0, id="one-for-what-was-left"),
        pytest.param(50, 10, id="one-for-more-than-was-left"),
    ],
)
def test_both_together_cover_what_the_old_one_did(
    border: World, quantity: int, on_new: int
) -> None:
    code = lot(border)
    replaced(border, quantity=quantity)
    export(border, code, **BEFORE)
    assert border.counting(code) == [LATE]
    assert (drawn(border, OLD), drawn(border, NEW)) == (60, on_new)
    rest = lot(border, quantity - on_new)
    export(border, rest, NEW)
    assert border.counting(rest) == []
    more = lot(border, 1)
    export(border, more, NEW)
    assert border.counting(more) == [("document.overdrawn", "stop")]


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        ("2027-01-15", ""),
        ("2027-01-16", ""),
        ("2027-01-17", "document.not-in-force"),
    ],
)
@pytest.mark.parametrize("cancelled", [False, True])
def test_until_the_day_on_which_it_ended(
    border: World, cancelled: bool, day: str, rule: str
) -> None:
    code = lot(border)
    replaced(border, quantity=100)
    name = OLD
    if cancelled:
        border.at -= DAY
        border.tell(DocumentIssued("ZW/EXPORT/79", paper(100)), by="parks", **BEFORE)
        border.tell(DocumentCancelled("ZW/EXPORT/79", "a slip"), by="parks")
        border.at += DAY
        name = "ZW/EXPORT/79"
    days = {"2027-01-15": 0, "2027-01-16": 1, "2027-01-17": 2}
    event = LotExported((code,), name, "ZW", "FR")
    assert border.rule(event, by="farm", when=START + days[day] * DAY, day=day) == rule


def test_the_officers_word_settles_it(border: World) -> None:
    code = lot(border)
    replaced(border, quantity=40)
    export(border, code, **BEFORE)
    stamp = endorse(border, code, 60, **BEFORE)
    assert border.counting(code) == []
    assert (drawn(border, OLD), drawn(border, NEW)) == (60, 0)
    border.tell(EndorsementWithdrawn(OLD, stamp, "a slip", (code,)), by="parks")
    assert (drawn(border, OLD), drawn(border, NEW)) == (60, 0)


def test_an_officers_late_word_is_taken_back_from_both(border: World) -> None:
    code = lot(border)
    replaced(border, quantity=100)
    stamp = endorse(border, code, 60, **BEFORE)
    assert (drawn(border, OLD), drawn(border, NEW)) == (60, 60)
    border.tell(EndorsementWithdrawn(OLD, stamp, "a slip", (code,)), by="parks")
    assert (drawn(border, OLD), drawn(border, NEW)) == (0, 0)


def test_a_late_word_meets_the_officers_under_the_new_one(border: World) -> None:
    code = lot(border)
    replaced(border, quantity=100)
    endorse(border, code, 60, NEW, **BEFORE)
    export(border, code, **BEFORE)
    assert (drawn(border, OLD), drawn(border, NEW)) == (0, 60)
    (passage,) = border.lot(code).passages
    assert passage.document == NEW
    assert None not in (passage.said_by, passage.seen_by)
    assert "document.told-late" not in [rule for rule, _ in border.counting(code)]


def test_an_officer_endorses_what_was_told_under_the_new_one_there(border: World) -> None:
    code = lot(border)
    replaced(border, quantity=100)
    export(border, code, NEW)
    event = DocumentEndorsed(OLD, Way.EXPORT, "ZW", (Passed(0, 60, code),))
    assert border.rule(event, by="parks", **BEFORE) == "document.not-in-force"
    endorse(border, code, 60, NEW)
    assert (drawn(border, OLD), drawn(border, NEW)) == (0, 60)


def test_goods_without_a_lot_count_once_on_a_quota(border: World) -> None:
    quota = a_quota("ZW-2027", ROW.taxon, 200)
    border.tell(QuotaSet((quota,)), by="parks")
    replaced(border, quantity=100)
    event = DocumentEndorsed(OLD, Way.EXPORT, "ZW", (Passed(0, 60),))
    border.tell(event, by="parks", **BEFORE)
    account = border.states[Subject(Kind.ACCOUNT, "quota/ZW-2027")]
    assert isinstance(account, QuotaAccount)
    assert (account.exported, drawn(border, OLD), drawn(border, NEW)) == (60, 60, 60)


# -- a stamp that is entered while the permit is suspended


def test_a_stamp_of_the_day_before_is_no_matter(border: World) -> None:
    code = lot(border)
    export(border, code)
    border.at += DAY
    border.tell(DocumentSuspended(OLD, "inquiry"), by="parks")
    endorse(border, code, 60, **BEFORE)
    assert border.counting(code) == []


def test_a_stamp_with_the_wrong_day_is_written_anew(border: World) -> None:
    code = lot(border)
    export(border, code)
    border.at += DAY
    border.tell(DocumentSuspended(OLD, "inquiry"), by="parks")
    stamp = endorse(border, code, 60)
    assert border.counting(code) == [("document.suspended", "stop")]
    border.tell(EndorsementWithdrawn(OLD, stamp, "of yesterday", (code,)), by="parks")
    endorse(border, code, 60, **BEFORE)
    assert border.counting(code) == []
    border.tell(DocumentReinstated(OLD, "closed"), by="parks")
    assert drawn(border, OLD) == 60


class TestImportsByRegistration:
    """Goods that came in before their permit was replaced, entered afterwards."""

    @pytest.mark.parametrize(
        ("common", "refused"),
        [
            pytest.param(BEFORE, "", id="with-the-day-they-came"),
            pytest.param({}, "document.not-in-force", id="without-a-day"),
        ],
    )
    def test_the_day_says_under_which_permit(
        self, border: World, common: dict[str, Any], refused: str
    ) -> None:
        replaced(border, quantity=100)
        new = skins(60, facility=None, documents=(OLD,))
        event = LotRegistered(Basis.IMPORT, (new,))
        assert border.rule(event, by="farm", **common) == refused
        if not refused:
            (code,) = border.tell(event, by="farm", **common)
            assert LATE in border.counting(code)

    def test_what_was_entered_so_counts_on_the_permit_in_its_place(self, border: World) -> None:
        replaced(border, quantity=100)
        new = skins(60, facility=None, documents=(OLD,))
        border.tell(LotRegistered(Basis.IMPORT, (new,)), by="farm", **BEFORE)
        state = border.states[Subject(Kind.DOCUMENT, NEW)]
        assert isinstance(state, DocumentState)
        assert [row.quantity for row in state.drawn["import"]] == [60]
