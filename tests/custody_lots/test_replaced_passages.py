"""A permit that is replaced between the trader's word and the officer's is one crossing still."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, START, World, a_quota, bred, new_world, skins

from ledger.custody.accounts import QuotaAccount
from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import LotExported
from ledger.custody.references import QuotaSet
from ledger.custody.rules.passing import SECOND_WORD_S
from ledger.custody.subjects import Kind, Subject

OLD, NEW, THIRD = "ZW/EXPORT/77", "ZW/EXPORT/78", "ZW/EXPORT/79"
TAXON = "Crocodylus niloticus"
# START, 1,800,000,000 s, is 2027-01-15 at 08:00 UTC.
TODAY = "2027-01-15"


def row(quantity: int = 100) -> DocumentRow:
    return DocumentRow(TAXON, "SKI", quantity, "NAR", "C", "ZW")


@pytest.fixture
def border() -> World:
    """A world judged by all rules, with a permit for 100 skins that the farm holds."""
    world = new_world(full=True)
    world.tell(DocumentIssued(OLD, paper()), by="parks")
    return world


def paper(quantity: int = 100) -> Paper:
    return Paper(holder="farm", rows=(row(quantity),), to_country="FR")


def permit(world: World, name: str) -> DocumentState:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return state


def drawn(world: World, name: str) -> int:
    return sum(line.quantity for line in permit(world, name).drawn.get("export", ()))


def lot(world: World, quantity: int = 60) -> str:
    (code,) = world.tell(bred(skins(quantity)), by="farm")
    return code


def export(world: World, code: str, name: str, **common: Any) -> None:
    world.tell(LotExported((code,), name, "ZW", "FR"), by="farm", **common)


def endorse(world: World, code: str | None, name: str, quantity: int, **common: Any) -> None:
    passed = (Passed(0, quantity, code),)
    world.tell(DocumentEndorsed(name, Way.EXPORT, "ZW", passed), by="parks", **common)


def replace_by(world: World, name: str, *, old: str = OLD, quantity: int = 100) -> None:
    event = DocumentReplaced(name, old, "lost in the post", paper(quantity))
    world.tell(event, by="parks")


def waiting(world: World, code: str) -> list[str]:
    due = world.at + SECOND_WORD_S
    return [f.rule for f in world.lot(code).findings if f.from_at <= due]


@pytest.mark.parametrize("officer_first", [False, True])
@pytest.mark.parametrize("chain", [(NEW,), (NEW, THIRD)])
def test_both_words_meet_under_the_document_in_place(
    border: World, chain: tuple[str, ...], officer_first: bool
) -> None:
    code = lot(border)
    if officer_first:
        endorse(border, code, OLD, 60)
    else:
        export(border, code, OLD)
    for old, new in zip((OLD, *chain), chain, strict=False):
        replace_by(border, new, old=old)
        border.at += DAY
    if officer_first:
        export(border, code, chain[-1])
    else:
        endorse(border, code, chain[-1], 60)
    assert waiting(border, code) == []
    assert permit(border, chain[-1]).findings == ()
    assert drawn(border, chain[-1]) == 60
    (passage,) = border.lot(code).passages
    assert passage.document == chain[-1]
    assert None not in (passage.said_by, passage.seen_by)


@pytest.mark.parametrize(
    ("said", "seen", "counts"),
    [(60, 60, 60), (60, 55, 60), (60, 70, 70)],
)
def test_the_larger_word_counts_once_across_them(
    border: World, said: int, seen: int, counts: int
) -> None:
    code = lot(border, said)
    export(border, code, OLD)
    replace_by(border, NEW)
    endorse(border, code, NEW, seen)
    assert (drawn(border, OLD), drawn(border, NEW)) == (said, counts)


def test_what_passed_under_the_lost_permit_is_not_covered_again(border: World) -> None:
    first, second = lot(border, 60), lot(border, 41)
    export(border, first, OLD)
    endorse(border, first, OLD, 60)
    replace_by(border, NEW)
    export(border, second, NEW)
    assert border.counting(first) == []
    assert ("document.overdrawn", "stop") in border.counting(second)


def test_a_permit_for_the_rest_begins_with_nothing(border: World) -> None:
    first, second = lot(border, 60), lot(border, 40)
    export(border, first, OLD)
    endorse(border, first, OLD, 60)
    replace_by(border, NEW, quantity=40)
    assert (drawn(border, NEW), permit(border, NEW).carries) == (0, None)
    export(border, second, NEW)
    assert border.counting(second) == []


def test_goods_told_of_the_old_and_seen_under_one_for_the_rest_draw_on_it(border: World) -> None:
    code = lot(border, 60)
    export(border, code, OLD)
    replace_by(border, NEW, quantity=40)
    endorse(border, code, NEW, 60)
    assert drawn(border, NEW) == 60
    assert ("document.overdrawn", "stop") in border.counting(code)


@pytest.mark.parametrize("officer_first", [False, True])
@pytest.mark.parametrize("chain", [(NEW,), (NEW, THIRD)])
def test_what_is_told_late_of_the_old_counts_once_on_one_for_the_rest(
    border: World, chain: tuple[str, ...], officer_first: bool
) -> None:
    """The first word names the old permit after it is gone, the second the one that was shown."""
    first, second, third = lot(border, 60), lot(border, 40), lot(border, 1)
    export(border, first, OLD)
    for old, new in zip((OLD, *chain), chain, strict=False):
        replace_by(border, new, old=old, quantity=40)
    if officer_first:
        endorse(border, second, OLD, 40)
        export(border, second, chain[-1])
    else:
        export(border, second, OLD)
        endorse(border, second, chain[-1], 40)
    assert drawn(border, chain[-1]) == 40
    assert ("document.overdrawn", "stop") not in border.counting(second)
    export(border, third, chain[-1])
    assert ("document.overdrawn", "stop") in border.counting(third)


@pytest.mark.parametrize(
    ("quantity", "rules"),
    [
        pytest.param(40, [], id="what-was-left"),
        pytest.param(41, ["document.replaced-more"], id="one-more-than-left"),
        pytest.param(99, ["document.replaced-more"], id="one-less-than-all"),
        pytest.param(100, [], id="all-of-it-with-its-balance"),
        pytest.param(101, ["document.replaced-more"], id="one-more-than-all"),
    ],
)
def test_a_replacement_repeats_or_keeps_to_the_rest(
    border: World, quantity: int, rules: list[str]
) -> None:
    export(border, lot(border, 60), OLD)
    replace_by(border, NEW, quantity=quantity)
    assert [f.rule for f in permit(border, NEW).findings] == rules


@pytest.mark.parametrize(("quantity", "rules"), [(100, []), (90, ["document.back-dated"])])
def test_a_permit_that_repeats_another_is_as_old(
    border: World, quantity: int, rules: list[str]
) -> None:
    code = lot(border)
    border.at += 3 * DAY
    replace_by(border, NEW, quantity=quantity)
    endorse(border, code, NEW, 60, when=START, day=TODAY)
    assert [rule for rule, _ in border.counting(code)] == rules


def test_a_quota_on_issue_is_reserved_once(border: World) -> None:
    quota = a_quota("ZW-2027", TAXON, 200, counts="issue")
    border.tell(QuotaSet((quota,)), by="parks")
    border.tell(DocumentIssued(THIRD, paper()), by="parks")
    export(border, lot(border, 60), THIRD)
    replace_by(border, NEW, old=THIRD)
    account = border.states[Subject(Kind.ACCOUNT, "quota/ZW-2027")]
    assert isinstance(account, QuotaAccount)
    assert account.reserved == 100


@pytest.mark.parametrize("told_before", [0, 20])
def test_a_quota_counts_goods_that_two_papers_cover_once(border: World, told_before: int) -> None:
    """Seen late under the old permit, what goes beyond it counts on the new one as well."""
    quota = a_quota("ZW-2027", TAXON, 500)
    border.tell(QuotaSet((quota,)), by="parks")
    code = lot(border, 60)
    if told_before:
        endorse(border, None, OLD, told_before)
    replace_by(border, NEW, quantity=70)
    endorse(border, code, OLD, 60)
    assert (drawn(border, OLD), drawn(border, NEW)) == (60 + told_before, 30 + told_before)
    account = border.states[Subject(Kind.ACCOUNT, "quota/ZW-2027")]
    assert isinstance(account, QuotaAccount)
    assert account.exported == 60 + told_before
