"""Explanations of findings: what may lie behind one honestly, what ends it, and the command.

Owns how `data/explanations.csv` (a row for each rule that leaves a finding) and `data/closings.csv`
(a row for each way in which a finding ends) are read. No rule rests on them: they are words.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from ledger.reference.released import rows_of
from ledger.reference.wording import LANGUAGES

_PLACE = re.compile(r"\{([a-z]+)\}")


class Closing(Struct, frozen=True):
    """A way in which a finding ends: words by language, and a command with places for facts."""

    way: str
    command: str
    words: Mapping[str, str]


class Explanation(Struct, frozen=True):
    """A rule's innocent explanation by language, and the ways in which its findings end."""

    innocent: Mapping[str, str]
    closings: tuple[Closing, ...]


def explain(rule: str, lang: str = "en") -> tuple[str, str]:
    """Return the innocent explanation of a finding of `rule` and what ends it, in `lang`.

    An unknown language is English; an unknown rule has neither: two empty texts.
    """
    found = explanations().get(rule)
    if found is None:
        return "", ""
    language = lang if lang in LANGUAGES else "en"
    return found.innocent[language], " ".join(way.words[language] for way in found.closings)


def commands(rule: str, facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the commands that end a finding of `rule`, with `facts` as single shell words.

    `facts` has `subject` (`kind/name`), `name`, `rule`, `cause` and `key` (hex; may be empty).
    """
    found = explanations().get(rule)
    return tuple(_filled(way.command, facts) for way in found.closings) if found else ()


@lru_cache(maxsize=1)
def explanations() -> Mapping[str, Explanation]:
    """Return what is known of each rule that leaves findings, read once."""
    ways = closings()
    return {
        row["rule"]: Explanation(
            innocent={lang: row[lang] for lang in LANGUAGES},
            closings=tuple(ways[way] for way in row["closes"].split()),
        )
        for row in rows_of("explanations")
    }


@lru_cache(maxsize=1)
def closings() -> Mapping[str, Closing]:
    """Return the ways in which findings end, by name, read once."""
    return {
        row["way"]: Closing(row["way"], row["command"], {lang: row[lang] for lang in LANGUAGES})
        for row in rows_of("closings")
    }


def _filled(command: str, facts: Mapping[str, str]) -> str:
    fill = _PLACE.sub(lambda place: shlex.quote(facts.get(place.group(1), "")), command)
    return f"ringmark {fill}"
