"""Stories of lots that were taken apart, and of what was said of the rest afterwards.

Each gives the ledger, the lot that is asked about, and the level and reason that it must have. The
vectors are made of the same stories, so that the browser is held to them.
"""

from __future__ import annotations

from collections.abc import Callable

from trail import DAY, FARM, HOUR, PERMIT, Trail, born_of, bred, skins, world

from ledger.custody.control import LotHeld, LotInspected
from ledger.custody.documents import DocumentCancelled, DocumentIssued, DocumentRow, Paper
from ledger.custody.facilities import FacilityAttested
from ledger.custody.goods import MarkRange, NewLot, Part, Row
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotRegistered,
    LotSplit,
    LotTransformed,
)
from ledger.custody.parties import KeyRevoked
from ledger.custody.stocks import SizeClass, StockAttested, StockDeclared
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.registrar import Registered

Told = tuple[Trail, str, tuple[str, str]]

GOOD = ("consistent", "consistent")
TAXON = "Crocodylus niloticus"
OTHER = "ZW/PERMIT/9"


def marked(first: int, last: int | None = None) -> tuple[MarkRange, ...]:
    return (MarkRange("ZWTAG", "ZW", first, last or first, 6, ""),)


def part_sold(seed: str) -> tuple[Trail, str, str]:
    """One of three skins, bought by the tannery an hour ago; the farm keeps the rest."""
    trail, code = world(f"parted-{seed}")
    part = sold(trail, code, by="farm", to="tannery")
    trail.clock.advance(HOUR)
    return trail, code, part


def sold(trail: Trail, code: str, *, by: str, to: str) -> str:
    offered = {code: Part(marks=marked(1))}
    until = trail.clock.now_s() + HOUR
    offer = trail.tell(TransferOffered(to=to, moves=Moves.BOTH, expires=until, lots=offered), by=by)
    (part,) = born_of(trail.tell(TransferAccepted(offer=offer.id), by=to), 1)
    return part


def hold(trail: Trail, code: str) -> None:
    trail.tell(LotHeld(lots={code: Part()}, reason="papers missing"), by="parks")


def held_before() -> Told:
    trail, code = world("parted-before")
    hold(trail, code)
    trail.clock.advance(HOUR)
    (part,) = born_of(trail.tell(LotSplit(code, Part(marks=marked(1))), by="farm"), 1)
    return trail, part, ("stop", "control.held")


def held_later() -> Told:
    """An office that holds all of a lot means the goods, wherever they went."""
    trail, code, part = part_sold("later")
    hold(trail, code)
    return trail, part, ("stop", "control.held")


def another_part_held() -> Told:
    """An office that means some of the goods says which."""
    trail, code, part = part_sold("another")
    trail.tell(LotHeld(lots={code: Part(marks=marked(2))}, reason="papers missing"), by="parks")
    return trail, part, GOOD


def differs_later() -> Told:
    trail, code, part = part_sold("differs")
    trail.tell(LotInspected((code,), "differs", "wild"), by="parks")
    return trail, part, ("stop", "control.differs")


def rest_beyond_its_paper() -> Told:
    """Whoever sells a part cannot stop it by what he does with the rest."""
    trail, part = rest_exported("rest-beyond", quantity=1)
    return trail, part, GOOD


def made(trail: Trail, code: str, part: Part, count: int) -> str:
    new = NewLot((Row(TAXON, "SKI", count, "NAR", "C", "ZW"),), marks=marked(1, count), year=2026)
    (code,) = born_of(trail.tell(LotTransformed("tanning", {code: part}, (new,)), by="farm"), 1)
    trail.clock.advance(HOUR)
    return code


def cloned(trail: Trail, serial: int) -> None:
    """Somebody else says that goods with this tag are his."""
    lots = (skins(serial, 1),)
    trail.tell(LotRegistered(Basis.OTHER_LEDGER, lots, reference="another"), by="tannery")


def cloned_tag_in_the_rest() -> Told:
    """One bad tag of three: whoever buys the other two is not stopped by it."""
    trail, code = world("parted-cloned")
    cloned(trail, 3)
    trail.clock.advance(HOUR)
    (part,) = born_of(trail.tell(LotSplit(code, Part(marks=marked(1, 2))), by="farm"), 1)
    return trail, part, GOOD


def cloned_tag_in_the_part() -> Told:
    trail, code = world("parted-cloned-part")
    cloned(trail, 1)
    (part,) = born_of(trail.tell(LotSplit(code, Part(marks=marked(1, 2))), by="farm"), 1)
    return trail, part, ("stop", "mark.cloned")


def cloned_tag_made_of() -> Told:
    """What is made of the piece keeps its tag, and what was found about it."""
    trail, code = world("parted-cloned-made")
    cloned(trail, 1)
    new = made(trail, code, Part(marks=marked(1)), 1)
    return trail, new, ("stop", "mark.cloned")


def made_of_a_portion() -> Told:
    trail, code = world("parted-portion")
    new = made(trail, code, Part(marks=marked(1)), 1)
    hold(trail, code)
    return trail, new, ("stop", "control.held")


def made_of_all() -> Told:
    trail, code = world("parted-all")
    new = made(trail, code, Part(), 3)
    trail.tell(LotInspected((code,), "differs", "wild"), by="parks")
    return trail, new, ("stop", "control.differs")


def portion_of_a_cancelled_paper() -> Told:
    """What is made names no papers itself: those of what it was made of are its own."""
    trail, code = world("parted-portion-paper")
    new = made(trail, code, Part(marks=marked(1)), 1)
    trail.tell(DocumentCancelled(PERMIT, "in error"), by="parks")
    return trail, new, ("stop", "document.cancelled")


def came_back() -> Told:
    trail, code = world("parted-back")
    trail.tell(LotDeparted({code: Part()}, how="retail"), by="farm")
    trail.clock.advance(HOUR)
    event = LotRegistered(basis=Basis.RE_ENTRY, lots=(bred(1, 3),), reference=code)
    (back,) = born_of(trail.tell(event, by="farm"), 1)
    trail.clock.advance(HOUR)
    trail.tell(LotInspected((code,), "differs", "wild"), by="parks")
    return trail, back, ("stop", "control.differs")


def farm_of_both() -> Told:
    trail, _, part = part_sold("farm")
    trail.tell(FacilityAttested(FARM, "visit", "differs", reason="no pens"), by="parks")
    return trail, part, ("stop", "facility.differs")


def rest_exported(seed: str, *, quantity: int = 10) -> tuple[Trail, str]:
    trail, code, part = part_sold(seed)
    export(trail, code, quantity=quantity)
    return trail, part


def export(trail: Trail, code: str, *, quantity: int) -> None:
    rows = (DocumentRow(TAXON, "SKI", quantity, "NAR", "C", "ZW"),)
    paper = Paper(holder="farm", until_day="2027-12-31", rows=rows)
    trail.tell(DocumentIssued(OTHER, paper), by="parks")
    trail.tell(LotExported((code,), OTHER, "ZW", "FR"), by="farm")


def left_at_once() -> Told:
    """The rest goes abroad in the second in which the part was taken: it is the rest anyway."""
    trail, code = world("parted-at-once")
    part = sold(trail, code, by="farm", to="tannery")
    export(trail, code, quantity=10)
    trail.tell(LotDeparted({code: Part()}, how="abroad", country="FR"), by="farm")
    trail.clock.advance(HOUR)
    trail.tell(DocumentCancelled(OTHER, "forged signature"), by="parks")
    return trail, part, GOOD


def made_before_it_came_back() -> Told:
    """What was made of a portion is not what came back under another code."""
    trail, code = world("parted-made-before")
    new = made(trail, code, Part(marks=marked(1)), 1)
    export(trail, code, quantity=1)
    trail.tell(LotDeparted({code: Part()}, how="retail"), by="farm")
    trail.clock.advance(HOUR)
    back = LotRegistered(basis=Basis.RE_ENTRY, lots=(bred(2, 2),), reference=code)
    trail.tell(back, by="farm")
    return trail, new, GOOD


def paper_of_the_rest() -> Told:
    trail, part = rest_exported("rest-paper")
    trail.tell(DocumentCancelled(OTHER, "forged signature"), by="parks")
    return trail, part, GOOD


def paper_of_both() -> Told:
    trail, part = rest_exported("both-papers")
    trail.tell(DocumentCancelled(PERMIT, "in error"), by="parks")
    return trail, part, ("stop", "document.cancelled")


def key_stolen(seed: str, *, before: bool) -> Told:
    """The tannery's key signs for the lot, sells a part to the farm, and signs for the rest."""
    trail, code = world(f"parted-key-{seed}")
    first = trail.store.head().size
    trail.hand_over(code, by="farm", to="tannery")
    part = sold(trail, code, by="tannery", to="farm")
    last = trail.store.head().size
    trail.tell(LotSplit(code, Part(marks=marked(2))), by="tannery")
    kid = trail.pens["tannery"].signer.kid
    suspect = first if before else last
    trail.tell(KeyRevoked(kid=kid, reason="stolen", suspect_from=suspect), by="parks")
    return trail, part, ("stop", "key.suspect") if before else GOOD


def number_twice() -> Told:
    """Who bought the rest signs a number twice: nobody knows whether he had signed before."""
    trail, code, part = part_sold("twice")
    trail.hand_over(code, by="farm", to="maker")
    trail.pens["maker"].seq -= 1
    again = trail.say(LotSplit(code, Part(marks=marked(2))), by="maker")
    assert not isinstance(again, Registered), again
    trail.registrar.heartbeat()
    return trail, part, ("stop", "seq.reused")


def beyond_the_animals() -> Told:
    """The stop is said at the birth and counts three days later: it is about all of the goods."""
    trail, _ = world("parted-origin")
    animals = (SizeClass("all", 2),)
    trail.tell(StockDeclared(FARM, TAXON, counts=animals), by="farm")
    trail.tell(StockAttested(FARM, TAXON, "matches", animals), by="parks")
    trail.clock.advance(DAY)
    (code,) = trail.register(by="farm", lots=(bred(20, 3),))
    (part,) = born_of(trail.tell(LotSplit(code, Part(marks=marked(20))), by="farm"), 1)
    trail.clock.advance(4 * DAY)
    trail.registrar.heartbeat()
    return trail, part, ("stop", "stock.below-zero")


STORIES: dict[str, Callable[[], Told]] = {
    "part of what was held": held_before,
    "part of what is held later": held_later,
    "part of what differs later": differs_later,
    "part of a lot of which another part is held": another_part_held,
    "part of what is exported beyond its paper later": rest_beyond_its_paper,
    "part of a lot of which another tag is cloned": cloned_tag_in_the_rest,
    "part of a lot whose own tag is cloned": cloned_tag_in_the_part,
    "made of a piece whose tag is cloned": cloned_tag_made_of,
    "made of a portion of what is held later": made_of_a_portion,
    "made of all that differs later": made_of_all,
    "made of a portion, under a paper cancelled later": portion_of_a_cancelled_paper,
    "back under another code than the one that differs": came_back,
    "part of what comes from a farm that differs": farm_of_both,
    "part of what uses a paper later that is cancelled": paper_of_the_rest,
    "part of what left in the same second": left_at_once,
    "made of a portion of what came back under another code": made_before_it_came_back,
    "part of what used a paper that is cancelled": paper_of_both,
    "part of what a stolen key signed for": lambda: key_stolen("before", before=True),
    "part of what a stolen key signed for later": lambda: key_stolen("after", before=False),
    "part of what a key signs for that signs a number twice": number_twice,
    "part of what is beyond the animals": beyond_the_animals,
}
