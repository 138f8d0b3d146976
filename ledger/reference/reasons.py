"""The one table of verdicts: for each reason its level, its sentence and what to do next.

Owns how `data/verdict.json` is read. The same file answers in the browser, so that Python and
JavaScript never disagree. Must not know proofs or lots.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from ledger.reference.released import data_file
from ledger.wire import text

LANGUAGES = ("en", "fr", "es")


class Reason(Struct, frozen=True):
    """Why a verdict is what it is: a stable code, its level, and sentences by language.

    `sentences` and `nexts` may hold `{name}` places for facts.
    """

    code: str
    level: str
    sentences: Mapping[str, str]
    nexts: Mapping[str, str]


class VerdictTable(Struct, frozen=True):
    """The reasons and the facts that lead to them.

    Ages are in hours, `clock_behind_s` in seconds. `lot_status` maps a lot's status to a reason,
    `statuses` are the words of the other kinds that have one, `missing_how` are the ways to end
    that mean missing, `key_scoped` the rules whose scope is a key and a first leaf index,
    `holder_scoped` those that reach goods in the party's own hands only, `document_alone` those
    that on a document are about goods without a lot and reach none, `of_origin` those that speak of
    all goods of a lot, wherever they went, however late they count, `made_basis` the bases of lots
    that a process made of others, `officer_roles` the roles that never hold goods for themselves.
    """

    fresh_h: int
    check_h: int
    clock_behind_s: int
    levels: Mapping[str, Mapping[str, str]]
    lot_status: Mapping[str, str]
    statuses: Mapping[str, tuple[str, ...]]
    missing_how: tuple[str, ...]
    key_scoped: tuple[str, ...]
    holder_scoped: tuple[str, ...]
    document_alone: tuple[str, ...]
    of_origin: tuple[str, ...]
    made_basis: tuple[str, ...]
    officer_roles: tuple[str, ...]
    reasons: Mapping[str, Reason]


@lru_cache(maxsize=1)
def verdict_table() -> VerdictTable:
    """Return the table as released; it is read once."""
    plain: dict[str, Any] = text.json_loads(verdict_file())
    return VerdictTable(
        fresh_h=plain["fresh_h"],
        check_h=plain["check_h"],
        clock_behind_s=plain["clock_behind_s"],
        levels=plain["levels"],
        lot_status=plain["lot_status"],
        statuses={kind: tuple(words) for kind, words in plain["statuses"].items()},
        missing_how=tuple(plain["missing_how"]),
        key_scoped=tuple(plain["key_scoped"]),
        holder_scoped=tuple(plain["holder_scoped"]),
        document_alone=tuple(plain["document_alone"]),
        of_origin=tuple(plain["of_origin"]),
        made_basis=tuple(plain["made_basis"]),
        officer_roles=tuple(plain["officer_roles"]),
        reasons={code: _reason(code, row) for code, row in plain["reasons"].items()},
    )


def verdict_file() -> bytes:
    """Return the bytes of `verdict.json`, for the page that judges in the browser."""
    return data_file("verdict.json")


def _reason(code: str, row: Mapping[str, str]) -> Reason:
    sentences = {lang: row[lang] for lang in LANGUAGES}
    nexts = {lang: row[f"next_{lang}"] for lang in LANGUAGES}
    return Reason(code, row["level"], sentences, nexts)
