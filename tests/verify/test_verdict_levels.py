"""Levels: what an inspector is told, for every state of goods, papers, parties and age."""

from __future__ import annotations

import pytest
from proof_files import rebuilt, unpacked
from trail import FARM, HOUR, PERMIT, SKIN, Trail, born_of, bred, world

from ledger.custody.control import FindingClosed, LotHeld, LotReleased, LotSeized
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    Paper,
    Passed,
    Way,
)
from ledger.custody.goods import MarkRange, NewLot, Part
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotRegistered,
    LotRetired,
)
from ledger.custody.parties import KeyRevoked, PartyRestored, PartySuspended
from ledger.custody.transfers import ContainerPacked
from ledger.errors import UsageError
from ledger.reference.reasons import LANGUAGES, verdict_table
from ledger.verify.card import check_card
from ledger.verify.checks import Remembered
from ledger.verify.head import Asked
from ledger.verify.verdict import Level, Outcome, Verdict, sentence, verdict_json


def look(trail: Trail, code: str, *, later: int = 0, **asked) -> Verdict:
    return check_card(
        trail.reader.card(code),
        trust=trail.trust,
        now_s=trail.clock.now_s() + later,
        asked=Asked(code=code, **asked),
    )


def told(trail: Trail, code: str, **more) -> tuple[str, str]:
    verdict = look(trail, code, **more)
    assert verdict.outcome is Outcome.VERIFIED, verdict
    return verdict.level.value, verdict.reason


def test_goods_in_order_are_consistent():
    trail, code = world("in-order")
    assert told(trail, code) == ("consistent", "consistent")


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (24 * HOUR, ("consistent", "consistent")),
        (24 * HOUR + 1, ("check", "age.old")),
        (168 * HOUR, ("check", "age.old")),
        (168 * HOUR + 1, ("cannot-tell", "age.stale")),
        (-600, ("consistent", "consistent")),
        (-601, ("check", "clock.behind")),
    ],
)
def test_age_moves_the_level_and_never_the_outcome(later, expected):
    trail, code = world("ageing")
    assert told(trail, code, later=later) == expected


def test_a_hold_stops_until_it_is_released():
    trail, code = world("held")
    trail.tell(LotHeld(lots={code: Part()}, reason="papers missing"), by="parks")
    assert told(trail, code) == ("stop", "control.held")
    assert told(trail, code, later=400 * HOUR) == ("stop", "control.held")
    trail.tell(LotReleased(lots=(code,), reason="papers found"), by="parks")
    assert told(trail, code) == ("consistent", "consistent")


def test_a_held_part_leaves_the_rest_alone():
    trail, code = world("part")
    part = Part(marks=(MarkRange("ZWTAG", "ZW", 1, 1, 6, ""),))
    done = trail.tell(LotHeld(lots={code: part}, reason="wet"), by="parks")
    (held,) = born_of(done, 1)
    assert told(trail, code)[0] == "consistent"
    assert told(trail, held) == ("stop", "control.held")
    assert told(trail, held, mark="ZWTAG/ZW000001") == ("stop", "control.held")
    assert told(trail, code, mark="ZWTAG/ZW000001") == ("stop", "mark.not-in-lot")
    assert told(trail, code, mark="ZWTAG/ZW000002") == ("consistent", "consistent")


def test_seized_departed_retired_and_lost_goods():
    trail, code = world("ends")
    codes = [trail.register(by="farm", lots=(bred(10 + 10 * i, 3),))[0] for i in range(4)]
    trail.tell(LotSeized(lots={codes[0]: Part()}, reason="smuggled"), by="parks")
    trail.tell(LotDeparted(lots={codes[1]: Part()}, how="retail"), by="farm")
    trail.tell(LotRetired(lots={codes[2]: Part()}, why="destroyed"), by="farm")
    trail.tell(LotRetired(lots={codes[3]: Part()}, why="stolen"), by="farm")
    assert told(trail, codes[0]) == ("stop", "lot.seized")
    assert told(trail, codes[1]) == ("consistent", "lot.departed")
    assert told(trail, codes[2]) == ("stop", "lot.retired")
    assert told(trail, codes[3]) == ("stop", "lot.missing")
    assert "2027-01-15" in sentence(look(trail, codes[1]))[0]
    assert told(trail, code) == ("consistent", "consistent")


def test_a_cancelled_document_stops_the_lots_that_rest_on_it():
    trail, code = world("cancelled")
    trail.tell(DocumentCancelled(document=PERMIT, reason="issued in error"), by="parks")
    assert told(trail, code) == ("stop", "document.cancelled")


def test_goods_under_a_cancelled_document_are_freed_by_who_looked_at_it():
    """An authority cancelled it by a slip, or the goods are in order all the same."""
    trail, code = world("cancelled-by-a-slip")
    trail.enrol("moyo", "officer", by="parks", acts_for="parks")
    done = trail.tell(DocumentCancelled(document=PERMIT, reason="wrong number"), by="parks")
    closed = FindingClosed(
        f"document/{PERMIT}", "document.cancelled", done.id, "it was the other number"
    )
    trail.tell(closed, by="moyo")
    assert told(trail, code) == ("consistent", "consistent")
    paper = trail.reader.document(PERMIT)
    assert paper.state.status == "cancelled"


@pytest.mark.parametrize(
    ("loose", "paper", "later"),
    [
        pytest.param(90, [], "check", id="all-of-it-and-no-more"),
        pytest.param(91, [], "stop", id="one-more-with-the-last-lot"),
        pytest.param(97, [], "stop", id="used-up-before-the-last-lot"),
        pytest.param(98, ["document.overdrawn"], "stop", id="beyond-it-before-the-last-lot"),
    ],
)
def test_goods_without_a_lot_stop_the_paper_and_what_comes_later(loose, paper, later):
    trail, first = world(f"loose-{loose}")
    (second,) = trail.register(by="farm", lots=(bred(20, 7),))
    trail.tell(LotExported((first,), PERMIT, "ZW", "FR"), by="farm")
    passed = (Passed(line=0, quantity=loose),)
    trail.tell(DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", passed), by="parks")
    trail.tell(LotExported((second,), PERMIT, "ZW", "FR"), by="farm")
    assert [f.rule for f in trail.reader.document(PERMIT).state.findings] == paper
    # The paper is of a kind that no table knows: whatever crosses under it is looked at.
    assert told(trail, first) == ("check", "document.kind-unknown")
    assert told(trail, second)[0] == later


def test_a_suspended_holder_stops_and_a_former_one_is_looked_at():
    trail, code = world("suspended")
    trail.hand_over(code, by="farm", to="tannery")
    trail.tell(PartySuspended(party="tannery", reason="under inquiry"), by="parks")
    assert told(trail, code) == ("stop", "party.suspended")
    trail.tell(PartyRestored(party="tannery", reason="cleared"), by="parks")
    assert told(trail, code) == ("consistent", "consistent")
    trail.tell(PartySuspended(party="farm", reason="under inquiry"), by="parks")
    assert told(trail, code) == ("check", "party.suspended-before")


@pytest.mark.parametrize("before", [False, True])
def test_what_a_stolen_key_closed_on_a_document_is_not_gone_unseen(before: bool):
    trail, code = world(f"whitewashed-{before}")
    trail.enrol("moyo", "officer", by="parks", acts_for="parks")
    done = trail.tell(DocumentCancelled(document=PERMIT, reason="issued in error"), by="parks")
    suspect_from = trail.store.head().size
    closed = FindingClosed(f"document/{PERMIT}", "document.cancelled", done.id, "it is all right")
    trail.tell(closed, by="moyo")
    trail.clock.advance(60)
    if before:
        suspect_from = trail.store.head().size
    kid = trail.pens["moyo"].signer.kid
    assert told(trail, code)[0] == "consistent"
    trail.tell(KeyRevoked(kid=kid, reason="stolen", suspect_from=suspect_from), by="parks")
    expected = ("consistent", "consistent") if before else ("stop", "key.suspect")
    assert told(trail, code) == expected


def test_a_stolen_key_reaches_only_what_it_signed_since():
    trail, before = world("stolen")
    trail.clock.advance(60)
    suspect_from = trail.store.head().size
    (after,) = trail.register(by="farm", lots=(bred(50, 2),))
    kid = trail.pens["farm"].signer.kid
    trail.tell(KeyRevoked(kid=kid, reason="stolen", suspect_from=suspect_from), by="parks")
    assert told(trail, before) == ("consistent", "consistent")
    assert told(trail, after) == ("stop", "key.suspect")


def test_a_cloned_mark_stops_that_piece_and_no_other():
    trail, code = world("cloned")
    clone = NewLot(
        contents=(SKIN.__class__(SKIN.taxon, "SKI", 1, "NAR", "C", "ZW"),),
        marks=(MarkRange("ZWTAG", "ZW", 2, 2, 6, ""),),
        year=2026,
        documents=(PERMIT,),
        facility=FARM,
    )
    event = LotRegistered(basis=Basis.BRED, lots=(clone,))
    (other,) = born_of(trail.tell(event, by="farm"), 1)
    assert told(trail, code) == ("stop", "mark.cloned")
    assert told(trail, other) == ("stop", "mark.cloned")
    assert told(trail, code, mark="ZWTAG/ZW000002") == ("stop", "mark.cloned")
    assert told(trail, code, mark="ZWTAG/ZW000003") == ("consistent", "consistent")


def test_a_code_that_nobody_registered_is_proved_absent():
    trail, _ = world("absent")
    verdict = look(trail, "51PB1X9SFP3J")
    assert (verdict.outcome, verdict.level) == (Outcome.VERIFIED, Level.CANNOT_TELL)
    assert verdict.reason == "lot.absent"
    stale = look(trail, "51PB1X9SFP3J", later=200 * HOUR)
    assert (stale.level, stale.reason) == (Level.CANNOT_TELL, "age.stale")


def test_the_code_of_a_container_is_told_apart():
    trail, code = world("boxed")
    (box,) = born_of(trail.tell(ContainerPacked(lots=(code,)), by="farm"), 1)
    assert told(trail, box) == ("check", "lot.container")
    assert told(trail, code) == ("consistent", "consistent")
    card = trail.reader.card(box)
    body = unpacked(card)
    for changed in (body["records"][:1], body["records"][::-1], body["records"] * 2):
        forged = rebuilt(card, ("records",), changed)
        verdict = check_card(forged, trust=trail.trust, now_s=trail.clock.now_s())
        assert verdict.outcome is not Outcome.VERIFIED


def test_an_answer_older_than_what_was_seen_is_looked_at():
    trail, code = world("behind")
    head = trail.store.head()
    newer = Remembered(head.size + 10, bytes(32))
    assert told(trail, code, remembered=newer) == ("check", "history.behind")
    same = Remembered(head.size, head.root)
    assert told(trail, code, remembered=same) == ("consistent", "consistent")
    forked = look(trail, code, remembered=Remembered(head.size, bytes(32)))
    assert (forked.outcome, forked.level) == (Outcome.REFUTED, Level.STOP)
    assert forked.reason == "history.two"


def test_rows_of_one_line_share_what_may_still_pass():
    """Two rows of the same skins, from two permits of origin: neither covers the whole alone."""
    trail, _ = world("shared-line")
    row = DocumentRow(SKIN.taxon, SKIN.term, 100, SKIN.unit, SKIN.source, SKIN.origin)
    paper = Paper(holder="farm", until_day="2027-12-31", rows=(row, row))
    trail.tell(DocumentIssued("ZW/PERMIT/7", paper), by="parks")

    def left() -> tuple[int, ...]:
        card = trail.reader.document_card("ZW/PERMIT/7")
        verdict = check_card(card, trust=trail.trust, now_s=trail.clock.now_s())
        assert verdict.paper is not None
        return verdict.paper.left

    assert left() == (100, 100)
    passed = (Passed(0, 60), Passed(1, 70))
    trail.tell(DocumentEndorsed("ZW/PERMIT/7", Way.EXPORT, "ZW", passed), by="parks")
    assert left() == (70, 0)


def test_what_was_seen_of_another_ledger_says_nothing():
    trail, code = world("behind")
    head = trail.store.head()
    for size in (head.size, head.size + 10):
        other = Remembered(size, bytes(32), bytes(32))
        assert told(trail, code, remembered=other) == ("consistent", "consistent")
    own = Remembered(head.size, bytes(32), trail.ledger)
    assert look(trail, code, remembered=own).reason == "history.two"


def test_a_verdict_is_not_true_or_false():
    trail, code = world("no-bool")
    with pytest.raises(UsageError):
        bool(look(trail, code))


def test_every_reason_has_a_level_and_words_in_three_languages():
    for code, reason in verdict_table().reasons.items():
        assert reason.level in {level.value for level in Level}, code
        for lang in LANGUAGES:
            assert reason.sentences[lang], code
            assert reason.nexts[lang], code


def test_json_has_the_members_that_other_programs_rely_on():
    trail, code = world("json")
    plain = verdict_json(look(trail, code), lang="fr")
    assert {"outcome", "verdict", "checks", "findings", "reason", "goods"} <= set(plain)
    assert plain["checks"][0].keys() >= {"name", "outcome", "detail"}
    assert plain["verdict"] == "consistent"
    assert "légal" not in plain["sentence"]
