"""The SQL of every look-up, for SQLite and PostgreSQL alike: columns in the order of the rows.

Owns texts only; `?` stands for a value. Who asks PostgreSQL spells that as its driver wants it
(`postgres/queries.py`).
"""

# ruff: noqa: S608 - our own names of columns
from __future__ import annotations

from collections.abc import Mapping

_LEAF = "leaf, hash, id, kid, seq, party, type, raw"
_BLOCK = "closing, height, first, at"
_RECORD = 'kind, name, n, listed, path, hash, first, record, "inner"'
_OFFER = "id, sender, receiver, body"
_REFUSED = "id, kid, seq, rule, params, height, raw"
_FINDING = "about, weight, from_at, rule, cause, kind, name"

READ_HEAD = "SELECT size, root, height, closing, at, born FROM head"
COUNT_LEAVES = "SELECT coalesce(max(leaf) + 1, 0) FROM leaves"
READ_LEAVES = f"SELECT {_LEAF} FROM leaves WHERE leaf >= ? AND leaf < ? ORDER BY leaf"
READ_RAWS = "SELECT raw FROM leaves WHERE leaf >= ? AND leaf < ? ORDER BY leaf"
READ_HASHES = "SELECT hash FROM leaves WHERE leaf >= ? AND leaf < ? ORDER BY leaf"
FIND_ID = "SELECT leaf FROM leaves WHERE id = ?"
FIND_NUMBER = "SELECT leaf FROM leaves WHERE kid = ? AND seq = ?"
FIND_BLOCK = f"SELECT {_BLOCK} FROM blocks WHERE closing >= ? ORDER BY closing LIMIT 1"
READ_BLOCKS = f"SELECT {_BLOCK} FROM blocks WHERE closing > ? ORDER BY closing LIMIT ?"
READ_TILE = "SELECT hashes FROM tiles WHERE n = ?"
READ_TILE_ROOTS = "SELECT root FROM tiles WHERE n >= ? ORDER BY n"
FIND_RECORD = f"SELECT {_RECORD} FROM records WHERE kind = ? AND name = ?"
READ_RECORD_HASHES = "SELECT path, hash FROM records"
COUNT_NAMES = "SELECT count(*) FROM records WHERE kind >= ''"
"""By the index on names: the table itself may have a row that this one lost."""
READ_NAMES = (
    "SELECT name FROM records WHERE kind = ? AND name > ? AND name >= ? AND name < ? "
    "ORDER BY name LIMIT ?"
)
READ_HISTORY = "SELECT leaf FROM steps WHERE kind = ? AND name = ? AND n > ? ORDER BY n LIMIT ?"
READ_STEPS_OF = (
    "SELECT steps.leaf FROM steps JOIN leaves ON leaves.leaf = steps.leaf "
    "WHERE steps.kind = 'document' AND steps.name = ? AND leaves.type = ?"
)
READ_HELD = "SELECT name FROM held WHERE party = ? AND kind = ? AND name > ? ORDER BY name LIMIT ?"
READ_OFFERS = f"SELECT {_OFFER} FROM offers ORDER BY id"
READ_OFFERS_OF = f"SELECT {_OFFER} FROM offers WHERE sender = ? OR receiver = ? ORDER BY id"
FIND_OFFER = f"SELECT {_OFFER} FROM offers WHERE id = ?"
READ_REFUSED_OF = f'SELECT {_REFUSED} FROM refused WHERE kid = ? AND seq = ? ORDER BY "row"'
FIND_REFUSED = f"SELECT {_REFUSED} FROM refused WHERE id = ?"
FIND_KEY = "SELECT kid, owner, use FROM keys WHERE kid = ?"
READ_FINDINGS = (
    f"SELECT {_FINDING} FROM findings WHERE about = ? AND weight = ? "
    "AND (from_at, rule, cause, kind, name) > (?, ?, ?, ?, ?) AND from_at <= ? "
    "ORDER BY from_at, rule, cause, kind, name LIMIT ?"
)
"""From a place in the order on, by the table's own key: a later page costs what the first does."""
READ_FINDINGS_OF = (
    f"SELECT {_FINDING} FROM findings WHERE about = ? AND rule = ? AND weight = ? "
    "AND (from_at, cause, kind, name) > (?, ?, ?, ?) AND from_at <= ? "
    "ORDER BY from_at, cause, kind, name LIMIT ?"
)
"""The same of one rule, by the index on rules: what other rules remarked is not even read."""
READ_FINDING_RULES = (
    "WITH RECURSIVE named (rule) AS (SELECT min(rule) FROM findings WHERE about = ? UNION ALL "
    "SELECT (SELECT min(rule) FROM findings WHERE about = ? AND rule > named.rule) FROM named "
    "WHERE named.rule IS NOT NULL) SELECT rule FROM named WHERE rule IS NOT NULL ORDER BY rule"
)
"""From rule to rule by the index: the number of rows does not count."""
COUNT_FINDINGS = (
    "SELECT weight, count(*) FROM findings WHERE about = ? AND from_at >= ? AND from_at <= ? "
    "GROUP BY weight"
)
_COUNTED = (
    "(SELECT CAST(coalesce(sum(c), 0) AS BIGINT) FROM "
    "(SELECT count(*) AS c FROM findings GROUP BY about, {column}) AS counted)"
)
COUNT_LISTED = (
    f"SELECT {_COUNTED.format(column='weight')}, {_COUNTED.format(column='rule')}, "
    "(SELECT CAST(coalesce(sum(listed), 0) AS BIGINT) FROM records WHERE listed > 0)"
)
"""Rows of the list, of its index on rules, and how many the records say that there are: three trees
that lose nothing together. Each count goes by groups that one of them has side by side.
"""
DERIVED: Mapping[str, str] = {
    "records": f"SELECT {_RECORD} FROM records ORDER BY kind, name",
    "steps": "SELECT kind, name, n, leaf FROM steps ORDER BY kind, name, n",
    "offers": READ_OFFERS,
    "acts": "SELECT id, body FROM acts ORDER BY id",
    "keys": "SELECT kid, owner, use FROM keys ORDER BY kid",
    "held": "SELECT party, kind, name FROM held ORDER BY party, kind, name",
    "findings": f"SELECT {_FINDING} FROM findings ORDER BY {_FINDING}",
}
"""The tables that a replay of the leaves gives again, and how to read them whole."""
WHOLE: Mapping[str, str] = {
    "INSERT_LEAF": f"SELECT {_LEAF} FROM leaves ORDER BY leaf",
    "INSERT_BLOCK": f"SELECT {_BLOCK} FROM blocks ORDER BY closing",
    "INSERT_HEAD": READ_HEAD,
    "INSERT_TILE": "SELECT n, root, hashes FROM tiles ORDER BY n",
    "INSERT_REFUSED": f'SELECT {_REFUSED} FROM refused ORDER BY "row"',
    "PUT_RECORD": DERIVED["records"],
    "PUT_STEP": DERIVED["steps"],
    "PUT_OFFER": DERIVED["offers"],
    "PUT_ACT": DERIVED["acts"],
    "PUT_KEY": DERIVED["keys"],
    "PUT_HELD": DERIVED["held"],
    "PUT_FINDING": DERIVED["findings"],
}
"""Every table whole, by the name of SQLite's statement that writes its rows: for a copy."""
