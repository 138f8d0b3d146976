"""Why a lot moves no more, as a trader reads it: how it ended, and the command that helps then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from acting import seize
from msgspec.structs import replace
from trade_world import World, bred, offer, skins

from ledger.custody.control import LotConfiscated, LotSeized
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotDeparted, LotRegistered, LotRetired, LotTransformed
from ledger.custody.subjects import Refusal
from ledger.reference.wording import LANGUAGES, places, states_worded, word, wordings


def used(world: World, lot: str) -> None:
    whole = LotTransformed("tanning", {lot: Part()}, (skins(100, facility=None),))
    world.tell(whole, by="farm")


def departed(world: World, lot: str) -> None:
    world.tell(LotDeparted({lot: Part()}, "abroad", country="FR"), by="farm")


def retired(world: World, lot: str) -> None:
    world.tell(LotRetired({lot: Part()}, "lost"), by="farm")


def seized(world: World, lot: str) -> None:
    world.tell(seize(lot), by="officer")


def confiscated(world: World, lot: str) -> None:
    seized(world, lot)
    world.tell(LotConfiscated((lot,), "judgment of 3 May"), by="officer")


def returned(world: World, lot: str) -> None:
    departed(world, lot)
    again = replace(bred(skins(100)).lots[0], facility=None)
    world.tell(LotRegistered(basis=Basis.RE_ENTRY, lots=(again,), reference=lot), by="farm")


ENDINGS: dict[Callable[[World, str], None], tuple[str, str]] = {
    used: ("is used up", "ringmark lot list"),
    departed: ("has left this ledger", "ringmark lot register --basis re-entry --reference {lot}"),
    retired: ("was reported", "ringmark lot found {lot}"),
    seized: ("is seized", "releases or confiscates"),
    confiscated: ("was confiscated", "ringmark lot register --basis state-sale --reference {lot}"),
    returned: ("came back under another code", "ringmark lot history {lot}"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_ending_has_its_own_words(ending: Callable[[World, str], None], world: World) -> None:
    (lot,) = world.tell(bred(skins()), by="farm")
    ending(world, lot)
    refusal = world.say(offer(world, lot), by="farm")
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.params["status"]) == ("lot.not-live", ending.__name__)
    sentence, hint = word(refusal.rule, refusal.params)
    says, helps = ENDINGS[ending]
    assert says in sentence
    assert helps.format(lot=lot) in hint
    # A release is spoken of where something is seized, and nowhere else.
    assert ("releases" in hint) == (ending is seized)


def test_an_officer_is_told_that_the_goods_came_back(world: World) -> None:
    (lot,) = world.tell(bred(skins()), by="farm")
    returned(world, lot)
    refusal = world.say(LotSeized({lot: Part()}, "no permit"), by="officer")
    assert isinstance(refusal, Refusal)
    assert "came back under another code" in word(refusal.rule, refusal.params)[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_of_a_state_are_whole_in_each_language(lang: str) -> None:
    known = states_worded()
    assert {status for _, status in known} == {ending.__name__ for ending in ENDINGS}
    for (code, status), wording in known.items():
        general = wordings()[code]
        message, hint = word(code, {"lot": "7K3M9QXF2W50", "status": status}, lang)
        assert message.endswith(".")
        assert hint.endswith(".")
        assert "…" not in message + hint
        # The name of a state is English, and no sentence shows it raw.
        assert places(wording.messages[lang]) < places(general.messages[lang])


def test_another_state_has_the_words_of_the_rule() -> None:
    facts = {"lot": "7K3M9QXF2W50", "status": "asleep"}
    assert word("lot.not-live", facts)[0] == "The lot 7K3M9QXF2W50 is asleep and moves no more."
