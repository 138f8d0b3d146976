"""The words of rules and the tables of thresholds, as they are read."""

from __future__ import annotations

import pytest

from ledger.custody.documents import ReferenceEnd
from ledger.custody.effects.parties import ACTIVE, SUSPENDED
from ledger.custody.events import EVENTS
from ledger.custody.lots import RETURNED, LotStatus
from ledger.reference.thresholds import (
    ONE_PERSON,
    TWO_PERSONS,
    is_one_person,
    threshold_tables,
    thresholds,
)
from ledger.reference.wording import word


def test_facts_stand_in_their_places() -> None:
    message, hint = word("seq.used", {"seq": 7, "last": 9})
    assert message == "The number 7 of this key was used already."
    assert hint == "Sign again with the next number; the last one known is 9."


@pytest.mark.parametrize(
    ("lang", "start"),
    [("en", "The number"), ("fr", "Le numéro"), ("es", "El número"), ("de", "The number")],
)
def test_languages(lang: str, start: str) -> None:
    assert word("seq.used", {"seq": 7}, lang)[0].startswith(start)


def test_a_missing_fact_is_an_ellipsis() -> None:
    assert word("seq.used", {})[0] == "The number … of this key was used already."


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "is cancelled"), ("fr", "(annulé)"), ("es", "(anulado)")]
)
def test_a_state_is_named_in_the_language_of_the_sentence(lang: str, says: str) -> None:
    facts = {"document": "ZW/EXPORT/1", "status": "cancelled"}
    assert says in word("document.not-in-force", facts, lang)[0]
    assert facts["status"] == "cancelled"


def test_each_state_of_lots_parties_and_documents_has_a_name() -> None:
    states = {ACTIVE, SUSPENDED, RETURNED, *LotStatus, *ReferenceEnd}
    states |= {"issued", "recorded", "attested", "cancelled", "replaced", "suspended"}
    for state in states:
        for lang in ("fr", "es"):
            sentence = word("party.state", {"party": "farm", "status": str(state)}, lang)[0]
            assert not sentence.endswith(f" {state}."), (state, lang)


def test_facts_are_not_read_for_places_again() -> None:
    assert "{last}" in word("seq.used", {"seq": "{last}", "last": 9})[0]


def test_a_code_without_words_is_named() -> None:
    assert word("no.such-rule", {"a": 1}) == ("no.such-rule", "")


def test_thresholds_by_hash() -> None:
    one, two = (thresholds(threshold_tables()[name]) for name in (ONE_PERSON, TWO_PERSONS))
    assert one is not None
    assert two is not None
    assert set(one.values()) == {1}
    assert set(two.values()) == {2}
    named = {row.partition("/")[0] for row in one}
    assert set(one) == set(two)
    assert named <= {kind.__name__ for kind in EVENTS.values()}


def test_an_unknown_table_of_thresholds_is_none() -> None:
    assert thresholds(bytes(32)) is None
    assert not is_one_person(bytes(32))


def test_a_one_person_authority_is_known_by_its_table() -> None:
    assert is_one_person(threshold_tables()[ONE_PERSON])
    assert not is_one_person(threshold_tables()[TWO_PERSONS])
