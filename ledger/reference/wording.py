"""Words for rules: one sentence and one hint each, in English, French and Spanish.

Owns how `data/wording.csv` and `data/states.csv` are read, and how facts go into a sentence. Must
not know what a rule checks. A row `RULE/STATUS` has the words of a refusal for a thing in that
state. Parameters stand in braces; one that is missing is shown as an ellipsis, never an error.
Quantities that come with their unit are shown as people write them: 71.5 MTQ, not 71500000 CMQ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.reference.released import rows_of

LANGUAGES = ("en", "fr", "es")
QUANTITIES = ("quantity", "largest")
"""Names of facts that count in the smallest unit, where a fact `unit` says which."""
_STATE = "/"
_PLACE = re.compile(r"\{([a-z_]+)\}")


class Wording(Struct, frozen=True):
    """A rule's sentence and what to do next, by language; `{name}` is a place for a fact."""

    messages: Mapping[str, str]
    hints: Mapping[str, str]


def word(code: str, params: Mapping[str, object], lang: str = "en") -> tuple[str, str]:
    """Return the sentence and the hint of rule `code` in `lang`, with `params` in their places.

    An unknown language is English; an unknown code is named as it is, without a hint.
    """
    found = states_worded().get((code, params.get("status"))) or wordings().get(code)
    if found is None:
        return code, ""
    language = lang if lang in LANGUAGES else "en"
    message, hint = found.messages[language], found.hints[language]
    shown = _in_units_of_people(params)
    if (status := _states().get((params.get("status"), language))) is not None:
        shown = {**shown, "status": status}
    return _filled(message, shown), _filled(hint, shown)


@lru_cache(maxsize=1)
def wordings() -> Mapping[str, Wording]:
    """Return the wording of every rule by its name, read once."""
    return {code: wording for code, wording in _rows().items() if _STATE not in code}


@lru_cache(maxsize=1)
def states_worded() -> Mapping[tuple[str, object], Wording]:
    """Return the wordings that a rule has for single states, by rule and `status`."""
    named = ((code.partition(_STATE), wording) for code, wording in _rows().items())
    return {(rule, status): wording for (rule, mark, status), wording in named if mark}


@lru_cache(maxsize=1)
def _states() -> Mapping[tuple[object, str], str]:
    """Return the names of states in other languages: English ones are their own."""
    return {
        (row["status"], lang): row[lang]
        for row in rows_of("states")
        for lang in LANGUAGES
        if lang in row
    }


@lru_cache(maxsize=1)
def _rows() -> Mapping[str, Wording]:
    return {
        row["code"]: Wording(
            messages={lang: row[lang] for lang in LANGUAGES},
            hints={lang: row[f"hint_{lang}"] for lang in LANGUAGES},
        )
        for row in rows_of("wording")
    }


def places(sentence: str) -> frozenset[str]:
    """Return the names of the facts that a sentence has places for."""
    return frozenset(_PLACE.findall(sentence))


def _in_units_of_people(params: Mapping[str, object]) -> Mapping[str, object]:
    unit = params.get("unit")
    if not isinstance(unit, str):
        return params
    try:
        from ledger.reference.quantities import display  # loads all tables: few sentences need it

        shown: dict[str, object] = {"unit": display(0, unit)[1]}
        for name in QUANTITIES:
            value = params.get(name)
            if isinstance(value, int):
                shown[name] = display(value, unit)[0]
    except MalformedError:
        return params
    return {**params, **shown}


def _filled(sentence: str, params: Mapping[str, object]) -> str:
    return _PLACE.sub(lambda found: str(params.get(found.group(1), "…")), sentence)
