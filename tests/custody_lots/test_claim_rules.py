"""Claims of FSC and PEFC: the lattice, certificates in offers, credit, percentage, contractors."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World, harvested, logs

from ledger.custody.certification import CertificateScope, CreditAccount, ProductGroup
from ledger.custody.documents import DocumentState, Paper, SuspendedDays
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import LotTransformed
from ledger.custody.references import Listing, ListingChanged
from ledger.custody.rules.certified import may_lower
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import (
    Moves,
    TransferAccepted,
    TransferDeclined,
    TransferOffered,
)
from ledger.reference.tables import load_tables

M3 = 1_000_000
LISTED = "Swietenia macrophylla"
FREE = "Entandrophragma cylindricum"
"""A timber that stands in no Appendix."""
GENUS = "Entandrophragma"
TODAY = "2027-01-15"
CODE = "PE/FSC-COC/C-0101"
FSC = "FSC 100%"
CREDIT = "FSC Mix Credit"
MONTH_S = 31 * DAY


@pytest.mark.parametrize(
    ("lowered", "have", "want"),
    [
        (True, FSC, FSC),
        (True, FSC, "FSC Mix 70%"),
        (True, FSC, CREDIT),
        (True, FSC, "FSC Controlled Wood"),
        (True, CREDIT, "FSC Mix 95%"),
        (True, "FSC Mix 70%", "FSC Mix 70%"),
        (True, "FSC Mix 70%", "FSC Mix 69%"),
        (True, "FSC Recycled Credit", CREDIT),
        (True, "PEFC 100%", "PEFC Controlled Sources"),
        (False, "FSC Mix 70%", "FSC Mix 71%"),
        (False, "FSC Mix 70%", CREDIT),
        (False, "FSC Controlled Wood", FSC),
        (False, CREDIT, FSC),
        (False, FSC, "PEFC 100%"),
        (False, None, "FSC Controlled Wood"),
        (False, FSC, "our own green label"),
        (True, "our own green label", "our own green label"),
    ],
)
def test_a_claim_is_only_ever_lowered(lowered: bool, have: str | None, want: str) -> None:
    assert may_lower(load_tables(), have, want) is lowered


def timber(world: World, claim: str | None, volume: int = M3, taxon: str = FREE) -> str:
    origin = "CM" if taxon == FREE else "PE"
    place = "mill/forest" if taxon == FREE else "mill/plot"
    new = logs(volume, claim=claim, taxon=taxon, origin=origin, facility=place)
    (code,) = world.tell(harvested(new), by="mill")
    return code


def saw(
    world: World, inputs: list[str], claim: str | None, quantity: int, taxon: str = FREE, **own: Any
) -> LotTransformed:
    row = Row(taxon, "SAW", quantity, "CMQ", "W", "CM" if taxon == FREE else "PE")
    out = NewLot(contents=(row,), claim=claim, **own)
    return LotTransformed("sawing", {code: Part() for code in inputs}, (out,), facility="mill/yard")


def sawn(world: World, inputs: list[str], claim: str | None, quantity: int) -> str:
    (code,) = world.tell(saw(world, inputs, claim, quantity), by="mill")
    return code


def credit(world: World) -> int:
    state = world.state(Subject(Kind.ACCOUNT, f"credit/mill/SAW CMQ/{CREDIT}"))
    assert isinstance(state, CreditAccount)
    return sum(row.quantity for row in state.months)


def test_a_claim_goes_along(world: World) -> None:
    code = sawn(world, [timber(world, FSC)], FSC, 500_000)
    assert world.findings(code) == []


@pytest.mark.parametrize(
    ("found", "have", "want"),
    [
        pytest.param([], FSC, "FSC Controlled Wood", id="lowered"),
        pytest.param([("claim.upgrade", "stop")], "FSC Controlled Wood", FSC, id="raised"),
        pytest.param([("claim.upgrade", "stop")], None, FSC, id="from-nothing"),
        pytest.param([("transform.claim", "check")], None, "green", id="nobody's-claim"),
    ],
)
def test_what_comes_out_is_no_better(world: World, found: Any, have: Any, want: str) -> None:
    assert world.findings(sawn(world, [timber(world, have)], want, 500_000)) == found


def test_one_uncertified_input_is_enough(world: World) -> None:
    inputs = [timber(world, FSC), timber(world, None)]
    assert world.findings(sawn(world, inputs, FSC, 500_000)) == [("claim.upgrade", "stop")]


@pytest.mark.parametrize(
    ("found", "share"), [([], "50%"), ([("claim.percentage", "check")], "51%")]
)
def test_a_percentage_is_what_went_in(world: World, found: Any, share: str) -> None:
    inputs = [timber(world, FSC), timber(world, None)]
    code = sawn(world, inputs, f"FSC Mix {share}", 1_000_000)
    assert [f for f in world.findings(code) if f[0].startswith("claim")] == found


def test_credit_is_earned_and_used(world: World) -> None:
    sawn(world, [timber(world, FSC)], None, 500_000)
    assert credit(world) == 500_000
    code = sawn(world, [timber(world, "FSC Controlled Wood")], CREDIT, 500_000)
    assert world.findings(code) == []
    assert credit(world) == 0
    code = sawn(world, [timber(world, "FSC Controlled Wood")], CREDIT, 1)
    assert ("credit.overdrawn", "check") in world.findings(code)


def test_what_is_mixed_earns_its_share(world: World) -> None:
    sawn(world, [timber(world, FSC), timber(world, None, 3 * M3)], None, 2_000_000)
    assert credit(world) == 500_000


@pytest.mark.parametrize(("months", "found"), [(23, []), (25, [("credit.overdrawn", "check")])])
def test_credit_lives_24_months(world: World, months: int, found: Any) -> None:
    sawn(world, [timber(world, FSC)], None, 500_000)
    world.at += months * 30 * DAY + (10 * DAY if months > 24 else 0)
    code = sawn(world, [timber(world, "FSC Controlled Wood")], CREDIT, 400_000)
    assert world.findings(code) == found


def test_listed_timber_is_never_mass_balanced(world: World) -> None:
    wood = [timber(world, "FSC Controlled Wood", taxon=LISTED)]
    assert world.rule(saw(world, wood, CREDIT, 500_000, LISTED), by="mill") == "claim.mass-balance"
    assert world.rule(saw(world, wood, "FSC Mix 70%", 500_000, LISTED), by="mill") == (
        "claim.mass-balance"
    )
    pure = [timber(world, FSC, taxon=LISTED)]
    assert world.rule(saw(world, pure, CREDIT, 500_000, LISTED), by="mill") == ""
    world.tell(saw(world, pure, None, 500_000, LISTED), by="mill")
    assert world.state(Subject(Kind.ACCOUNT, f"credit/mill/SAW CMQ/{CREDIT}")) is None


@pytest.mark.parametrize(
    ("refused", "listings"),
    [
        pytest.param(False, (), id="told-nothing"),
        pytest.param(True, (Listing(FREE, "II", TODAY),), id="on-its-first-day"),
        pytest.param(False, (Listing(FREE, "II", "2027-01-16"),), id="on-the-day-before"),
        pytest.param(True, (Listing(GENUS, "II", "2020-01-01"),), id="its-genus"),
        pytest.param(True, (Listing(FREE, "III", "2020-01-01", "CM"),), id="its-population"),
        pytest.param(False, (Listing(FREE, "III", "2020-01-01", "GA"),), id="another-population"),
        pytest.param(
            False,
            (Listing(FREE, "II", "2020-01-01"), Listing(FREE, "NC", "2026-01-01")),
            id="listed-once-and-no-more",
        ),
    ],
)
def test_listed_is_what_is_listed_on_the_day_of_the_act(
    world: World, refused: bool, listings: tuple[Listing, ...]
) -> None:
    wood = [timber(world, "FSC Controlled Wood")]
    if listings:
        world.tell(ListingChanged(listings), by="parks")
    found = world.rule(saw(world, wood, CREDIT, 500_000), by="mill")
    assert found == ("claim.mass-balance" if refused else "")


def test_what_the_table_lists_may_have_left_the_appendices(world: World) -> None:
    wood = [timber(world, "FSC Controlled Wood", taxon=LISTED)]
    left = ListingChanged((Listing("Swietenia", "NC", "2026-01-01"),))
    world.tell(left, by="parks")
    assert world.rule(saw(world, wood, CREDIT, 500_000, LISTED), by="mill") == "claim.mass-balance"
    world.tell(ListingChanged((Listing(LISTED, "NC", "2026-01-01"),)), by="parks")
    assert world.rule(saw(world, wood, CREDIT, 500_000, LISTED), by="mill") == ""


def test_what_is_listed_meanwhile_earns_no_credit(world: World) -> None:
    wood = [timber(world, FSC)]
    world.tell(ListingChanged((Listing(FREE, "II", TODAY),)), by="parks")
    world.tell(saw(world, wood, None, 500_000), by="mill")
    assert world.state(Subject(Kind.ACCOUNT, f"credit/mill/SAW CMQ/{CREDIT}")) is None


@pytest.mark.parametrize(
    "claim", ["FSC 100 %", "fsc 100%", "FSC Mix 170%", "100% PEFC", "FSC-pure"]
)
def test_a_claim_that_passes_for_one_of_a_scheme(world: World, claim: str) -> None:
    assert world.rule(harvested(logs(M3, claim=claim)), by="mill") == "claim.form"


@pytest.mark.parametrize("claim", ["FSC 100%", "PEFC 70%", "OLB", "offscreen wood"])
def test_claims_of_schemes_and_of_others(world: World, claim: str) -> None:
    assert world.rule(harvested(logs(M3, claim=claim)), by="mill") == ""


@pytest.mark.parametrize("claim", ["", "FSC/100", "x" * 65])
def test_a_claim_that_names_no_account(world: World, claim: str) -> None:
    assert world.rule(harvested(logs(M3, claim=claim)), by="mill") == "claim.form"


def certificate(
    world: World, *, status: str = "issued", holder: str = "mill", **scope: Any
) -> None:
    days = {"from_day": "2026-01-01", "until_day": "2027-12-31"}
    paper = Paper(holder=holder, scope=CertificateScope(**scope), **days)
    state = DocumentState(status=status, paper=paper, by="parks", **days)
    world.states[Subject(Kind.DOCUMENT, CODE)] = state


def offer(code: str, *documents: str, **own: Any) -> TransferOffered:
    fields: dict[str, Any] = {"moves": Moves.BOTH, "expires": 1_900_000_000} | own
    return TransferOffered("maker", lots={code: Part()}, documents=documents, **fields)


SAWN = (ProductGroup("SAW"),)


@pytest.mark.parametrize(
    ("found", "status", "scope", "days"),
    [
        pytest.param([], "issued", {}, 0, id="covers-all"),
        pytest.param([], "issued", {"groups": (ProductGroup("LOG"),)}, 0, id="covers-logs"),
        pytest.param(
            [], "issued", {"groups": (ProductGroup("LOG", "Entandrophragma"),)}, 0, id="of-a-genus"
        ),
        pytest.param(
            [("claim.outside-group", "stop")], "issued", {"groups": SAWN}, 0, id="sawn-wood-only"
        ),
        pytest.param(
            [("claim.outside-group", "check")], "recorded", {"groups": SAWN}, 0, id="by-a-copy"
        ),
        pytest.param([], "issued", {}, 350, id="on-the-last-day"),
        pytest.param([("claim.expired", "stop")], "issued", {}, 351, id="on-the-day-after"),
        pytest.param([("claim.expired", "check")], "recorded", {}, 351, id="a-copy-that-expired"),
    ],
)
def test_a_claim_is_sold_under_a_certificate(
    world: World, found: Any, status: str, scope: Any, days: int
) -> None:
    certificate(world, status=status, **scope)
    code = timber(world, FSC)
    world.at += days * DAY
    world.tell(offer(code, CODE), by="mill")
    assert world.findings(code) == found


@pytest.mark.parametrize(
    ("found", "systems"), [([], ("credit",)), ([("claim.outside-group", "stop")], ())]
)
def test_credit_needs_a_certificate_with_credit(world: World, found: Any, systems: Any) -> None:
    certificate(world, systems=systems)
    code = timber(world, CREDIT)
    world.tell(offer(code, CODE), by="mill")
    assert world.findings(code) == found


def test_a_claim_without_a_certificate(world: World) -> None:
    code = timber(world, FSC)
    world.tell(offer(code), by="mill")
    assert world.findings(code) == [("claim.no-certificate", "check")]
    world.tell(TransferDeclined(world.last_offer(), "no certificate"), by="maker")
    assert world.findings(code) == []
    certificate(world, holder="farm")
    world.tell(offer(code, CODE), by="mill")
    assert world.findings(code) == [("claim.no-certificate", "check")]


def test_custody_and_goods_without_a_claim_need_none(world: World) -> None:
    claimed, plain = timber(world, FSC), timber(world, None)
    world.tell(offer(claimed, moves=Moves.CUSTODY), by="mill")
    world.tell(offer(plain), by="mill")
    assert world.findings(claimed) == world.findings(plain) == []


def test_an_offer_may_lower_a_claim(world: World) -> None:
    certificate(world)
    code = timber(world, FSC)
    lower = {code: "FSC Controlled Wood"}
    world.tell(offer(code, CODE, claims=lower), by="mill")
    assert world.lot(code).claim == FSC
    world.tell(TransferAccepted(world.last_offer()), by="maker")
    assert world.lot(code).claim == "FSC Controlled Wood"


@pytest.mark.parametrize(
    ("rule", "have", "own"),
    [
        ("", FSC, {"claims": {"": CREDIT}}),
        ("claim.raised", CREDIT, {"claims": {"": FSC}}),
        ("claim.raised", None, {"claims": {"": FSC}}),
        ("claim.raised", FSC, {"claims": {"": CREDIT}, "moves": Moves.CUSTODY}),
        ("transfer.not-offered", FSC, {"claims": {"51PB1X9SFP3J": CREDIT}}),
    ],
)
def test_an_offer_raises_no_claim(world: World, rule: str, have: Any, own: Any) -> None:
    code = timber(world, have)
    claims = {name or code: claim for name, claim in own["claims"].items()}
    assert world.rule(offer(code, **{**own, "claims": claims}), by="mill") == rule


OUTSOURCED = [("claim.outsourced", "check")]
SUSPENDED = SuspendedDays("2027-02-01", "2027-02-10")


@pytest.mark.parametrize(
    ("found", "holder", "outsourcing", "days"),
    [
        pytest.param([], "mill", True, 0, id="under-the-owner's"),
        pytest.param(OUTSOURCED, "mill", None, 0, id="owner's-without"),
        pytest.param([], "maker", None, 0, id="under-its-own"),
        pytest.param(OUTSOURCED, "farm", True, 0, id="a-stranger's"),
        pytest.param([], "mill", True, 350, id="on-its-last-day"),
        pytest.param(OUTSOURCED, "mill", True, 351, id="on-the-day-after"),
        pytest.param(OUTSOURCED, "maker", None, 351, id="its-own-expired"),
        pytest.param([], "mill", True, 16, id="on-the-day-before-it-is-suspended"),
        pytest.param(OUTSOURCED, "mill", True, 17, id="while-it-is-suspended"),
        pytest.param([], "mill", True, 27, id="once-it-is-in-force-again"),
    ],
)
def test_a_contractor_claims_under_the_owners_certificate(
    world: World, found: Any, holder: str, outsourcing: Any, days: int
) -> None:
    certificate(world, holder=holder, outsourcing=outsourcing)
    name = Subject(Kind.DOCUMENT, CODE)
    state: Any = world.states[name]
    world.states[name] = replace(state, suspended=(SUSPENDED,))
    world.at += days * DAY
    code = timber(world, FSC)
    lend = offer(code, moves=Moves.CUSTODY, allows=("process",))
    world.tell(lend, by="mill")
    world.tell(TransferAccepted(world.last_offer()), by="maker")
    row = Row(FREE, "SAW", 500_000, "CMQ", "W", "CM")
    out = NewLot(contents=(row,), claim=FSC, documents=(CODE,))
    (made,) = world.tell(LotTransformed("sawing", {code: Part()}, (out,)), by="maker")
    assert world.findings(made) == found
    assert world.lot(made).owner == "mill"
