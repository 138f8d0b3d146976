"""Claims by percentage over twelve months, and credit from before the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, harvested, logs

from ledger.custody.certification import (
    CertificateScope,
    CreditAccount,
    CreditOpening,
    ShareAccount,
)
from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentReplaced, Paper
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import LotTransformed
from ledger.custody.subjects import Kind, Subject

FREE = "Entandrophragma cylindricum"
"""A timber that stands in no Appendix."""
LISTED = "Swietenia macrophylla"
TENTH = 100_000
"""A tenth of a cubic metre: batches are typed in tenths."""
FSC, CREDIT = "FSC 100%", "FSC Mix Credit"
CHECKED = [("claim.percentage", "check")]


def batch(
    world: World, certified: int, other: int, claim: str, *, of: str = FSC, taxon: str = FREE
) -> str:
    """Saw so many tenths of m3 of certified and of other wood into half as much, under a claim."""
    origin = "CM" if taxon == FREE else "PE"
    inputs: dict[str, Part] = {}
    for volume, own in ((certified, of), (other, None)):
        if volume:
            new = logs(volume * TENTH, claim=own, taxon=taxon, origin=origin)
            (code,) = world.tell(harvested(new), by="mill")
            inputs[code] = Part()
    row = Row(taxon, "SAW", (certified + other) * TENTH // 2, "CMQ", "W", origin)
    out = NewLot(contents=(row,), claim=claim)
    event = LotTransformed("sawing", inputs, (out,), facility="mill/yard")
    (code,) = world.tell(event, by="mill")
    return code


def found(world: World, code: str) -> list[tuple[str, str]]:
    return [f for f in world.findings(code) if f[0] == "claim.percentage"]


@pytest.mark.parametrize(
    ("before", "last", "checked"),
    [
        pytest.param([], (7, 3, 70), False, id="one-batch-at-what-went-in"),
        pytest.param([], (7, 3, 71), True, id="one-batch-above-it"),
        pytest.param([(10, 0, 70)], (4, 6, 70), False, id="the-month-before-was-better"),
        pytest.param([(10, 0, 70)], (3, 7, 70), True, id="better-but-not-so-much"),
        pytest.param([(9, 1, 90)], (5, 5, 70), False, id="no-more-than-the-average"),
        pytest.param([(9, 1, 90)], (5, 5, 71), True, id="more-than-the-average"),
        pytest.param([(5, 5, 50)], (8, 2, 80), False, id="each-order-by-itself"),
        pytest.param([(10, 0, 100), (0, 10, 50)], (10, 0, 100), False, id="pure-wood-is-pure"),
        pytest.param([(10, 0, 100), (0, 10, 50)], (0, 10, 50), True, id="sold-twice-over"),
        pytest.param([(7, 3, 70)] * 9, (7, 3, 70), False, id="ten-alike"),
    ],
)
def test_over_the_months_no_more_is_claimed_than_went_in(
    world: World, before: list[tuple[int, int, int]], last: tuple[int, int, int], checked: bool
) -> None:
    for certified, other, share in before:
        batch(world, certified, other, f"FSC Mix {share}%")
        world.at += 30 * DAY
    certified, other, share = last
    code = batch(world, certified, other, f"FSC Mix {share}%")
    assert found(world, code) == (CHECKED if checked else [])


@pytest.mark.parametrize(("months", "checked"), [(11, False), (12, True)])
def test_the_period_is_twelve_months(world: World, months: int, checked: bool) -> None:
    # The log begins on 15 January 2027: eleven months later it is December.
    batch(world, 10, 0, "FSC Mix 70%")
    world.at += months * 30 * DAY + (10 * DAY if months == 12 else 0)
    code = batch(world, 4, 6, "FSC Mix 70%")
    assert found(world, code) == (CHECKED if checked else [])


def test_wood_that_was_claimed_by_percentage_counts_by_it(world: World) -> None:
    code = batch(world, 10, 10, "FSC Mix 35%", of="FSC Mix 70%")
    assert found(world, code) == []
    world.at += 400 * DAY
    assert found(world, batch(world, 10, 10, "FSC Mix 36%", of="FSC Mix 70%")) == CHECKED


def test_credit_of_wood_that_was_claimed_by_percentage(world: World) -> None:
    (code,) = world.tell(
        harvested(
            logs(10 * TENTH, claim="FSC Mix 70%", taxon=FREE, origin="CM", facility="mill/forest")
        ),
        by="mill",
    )
    row = Row(FREE, "SAW", 5 * TENTH, "CMQ", "W", "CM")
    out = NewLot(contents=(row,))
    world.tell(LotTransformed("sawing", {code: Part()}, (out,)), by="mill")
    state = world.state(Subject(Kind.ACCOUNT, f"credit/mill/SAW CMQ/{CREDIT}"))
    assert isinstance(state, CreditAccount)
    assert [row.quantity for row in state.months] == [350_000]


def test_schemes_and_claims_are_averaged_apart(world: World) -> None:
    batch(world, 10, 0, "FSC Mix 50%")
    assert found(world, batch(world, 4, 6, "PEFC 50%", of="PEFC 100%")) == CHECKED
    assert found(world, batch(world, 4, 6, "FSC Recycled 50%")) == CHECKED
    assert found(world, batch(world, 4, 6, "FSC Mix 50%")) == []


def test_listed_timber_is_never_averaged(world: World) -> None:
    code = batch(world, 10, 0, "FSC Mix 70%", taxon=LISTED)
    assert found(world, code) == []
    assert world.state(Subject(Kind.ACCOUNT, "share/mill/SAW CMQ/FSC Mix %")) is None


def test_what_is_averaged_earns_no_credit_too(world: World) -> None:
    batch(world, 10, 0, "FSC Mix 70%")
    assert world.state(Subject(Kind.ACCOUNT, f"credit/mill/SAW CMQ/{CREDIT}")) is None
    state = world.state(Subject(Kind.ACCOUNT, "share/mill/SAW CMQ/FSC Mix %"))
    assert isinstance(state, ShareAccount)
    (row,) = state.shares
    assert (row.made, row.certified, row.claimed) == (500_000, 50_000_000, 35_000_000)


# -- credit from before the ledger

CODE = "ZW/FSC-COC/C-0102"
EARNED = CreditOpening("SAW", "CMQ", 5 * TENTH, "2026-03")


def paper(*opening: CreditOpening, **changes: Any) -> Paper:
    scope = CertificateScope(systems=("credit",), opening=opening or (EARNED,))
    scope = replace(scope, **{k: changes.pop(k) for k in ("systems",) if k in changes})
    return Paper(**({"holder": "mill", "scope": scope} | changes))


def test_an_opening_balance_is_used_like_credit_of_the_ledger(world: World) -> None:
    world.tell(DocumentIssued(CODE, paper()), by="parks")
    wood = logs(
        10 * TENTH, claim="FSC Controlled Wood", taxon=FREE, origin="CM", facility="mill/forest"
    )
    (code,) = world.tell(harvested(wood), by="mill")
    row = Row(FREE, "SAW", 5 * TENTH, "CMQ", "W", "CM")
    out = NewLot(contents=(row,), claim=CREDIT)
    (made,) = world.tell(LotTransformed("sawing", {code: Part()}, (out,)), by="mill")
    assert world.findings(made) == []


def test_an_opening_balance_lapses_with_its_month(world: World) -> None:
    world.tell(DocumentIssued(CODE, paper(replace(EARNED, month="2025-02"))), by="parks")
    world.at += 30 * DAY
    wood = logs(
        10 * TENTH, claim="FSC Controlled Wood", taxon=FREE, origin="CM", facility="mill/forest"
    )
    (code,) = world.tell(harvested(wood), by="mill")
    out = NewLot(contents=(Row(FREE, "SAW", 1, "CMQ", "W", "CM"),), claim=CREDIT)
    (made,) = world.tell(LotTransformed("sawing", {code: Part()}, (out,)), by="mill")
    assert world.findings(made) == [("credit.overdrawn", "check")]


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        pytest.param("", DocumentIssued(CODE, paper()), id="by-the-issuer"),
        pytest.param(
            "",
            DocumentIssued(CODE, paper(EARNED, replace(EARNED, month="2026-04"))),
            id="of-two-months",
        ),
        pytest.param("credit.opening", DocumentRecorded(CODE, paper()), id="by-a-copy"),
        pytest.param("credit.opening", DocumentIssued(CODE, paper(holder=None)), id="of-nobody"),
        pytest.param(
            "credit.opening", DocumentIssued(CODE, paper(systems=())), id="without-the-system"
        ),
        pytest.param("document.field", DocumentIssued("ZW/EXPORT/9", paper()), id="on-a-permit"),
        *(
            pytest.param(
                "credit.opening",
                DocumentIssued(CODE, paper(replace(EARNED, **changes))),
                id=f"{next(iter(changes))}-{next(iter(changes.values()))}",
            )
            for changes in (
                {"month": "2025-01"},
                {"month": "2027-02"},
                {"month": "March"},
                {"quantity": 0},
                {"unit": "KGM"},
                {"term": "WOOD"},
            )
        ),
        pytest.param(
            "credit.opening", DocumentIssued(CODE, paper(EARNED, EARNED)), id="the-same-twice"
        ),
    ],
)
def test_who_may_open_an_account_of_credit(world: World, rule: str, event: Any) -> None:
    by = "mill" if isinstance(event, DocumentRecorded) else "parks"
    assert world.rule(event, by=by) == rule


def test_an_account_is_opened_once(world: World) -> None:
    world.tell(DocumentIssued(CODE, paper()), by="parks")
    again = (
        DocumentIssued(f"{CODE}-2", paper()),
        DocumentReplaced(f"{CODE}-2", CODE, "x", paper()),
    )
    for event in again:
        assert world.rule(event, by="parks") == "credit.opening"
    plain = DocumentReplaced(f"{CODE}-2", CODE, "renewed", Paper(holder="mill"))
    assert world.rule(plain, by="parks") == ""
    other = DocumentIssued(f"{CODE}-2", paper(EARNED, holder="maker"))
    assert world.rule(other, by="parks") == ""
