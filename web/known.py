"""What the phone's verifier brings of its own: trust, the table of levels, what is released.

Owns the one module of the browser's verifier that is made and not written. It is this server's own
trust file; a phone has no other yet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict

from ledger.custody.registrar_keys import RULE_SETS
from ledger.custody.rules.founding import THRESHOLDS
from ledger.reference.reasons import verdict_table
from ledger.reference.tables import load_tables, table_hashes
from ledger.reference.thresholds import threshold_tables
from ledger.trust import Trust, format_trust
from ledger.wire import text

_OF_NO_CARD = (
    *("label.", "not-a-label", "code-", "photo-", "finding.", "statement.", "mark.several"),
    "mark.near",
    *("ledger.contradicted", "unavailable"),
)
"""Reasons that no card has."""
_PREFIX = 16
"""Hex digits by which a phone knows a set of tables apart: nothing is computed by it there."""


def known_module(trust: Trust) -> str:
    """Return the text of `verify/known.js`: TRUST, TABLE and RELEASED, without sentences."""
    values: dict[str, Any] = {
        "TRUST": format_trust(trust),
        "TABLE": _table(),
        "RELEASED": released(),
    }
    values["RELEASED"]["tables"] = [known[:_PREFIX] for known in values["RELEASED"]["tables"]]
    lines = [f"export const {name} = {text.json_dumps(value)};" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def released() -> dict[str, Any]:
    """Return the rule sets, sets of tables and terms of documents (months) known to this version.

    A set is told by one hash over the JSON of its names and hashes.
    """
    sets = [{**table_hashes(), THRESHOLDS: digest} for digest in threshold_tables().values()]
    kinds = sorted(load_tables().document_kinds.items())
    months = {name: kind.months for name, kind in kinds if kind.months is not None}
    return {"rules": list(RULE_SETS), "tables": sorted(map(_told, sets)), "months": months}


def _told(tables: Mapping[str, bytes]) -> str:
    """Return a set of tables as `verify/card.js` tells it, in the order of their names' bytes."""
    names = sorted(tables, key=lambda name: (len(name), name))
    plain = json.dumps([[name, tables[name].hex()] for name in names], separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _table() -> dict[str, Any]:
    table = asdict(verdict_table())
    reasons = {
        code: {"level": row.level}
        for code, row in verdict_table().reasons.items()
        if not code.startswith(_OF_NO_CARD)
    }
    # Ages are those of the trust file, words those of the page.
    rest = {name: table[name] for name in table if name not in ("fresh_h", "check_h", "levels")}
    return {**rest, "reasons": reasons}
