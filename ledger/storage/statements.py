"""The SQL of the SQLite store: one statement for each hot path, columns in the order of the rows.

Owns the texts that write. Connections and transactions are in `sqlite.py`, what is only read is
asked with `lookup_statements.py`.
"""

from __future__ import annotations

PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -65536",
)
"""For every connection; `journal_mode` is WAL, set once, when the file is made."""

INSERT_HEAD = (
    "INSERT INTO head (one, size, root, height, closing, at, born) VALUES (0, ?, ?, ?, ?, ?, ?)"
)
MOVE_HEAD = (
    "UPDATE head SET size = ?, root = ?, height = ?, closing = ?, at = ?, born = ? "
    "WHERE one = 0 AND size = ? AND root = ?"
)
INSERT_LEAF = (
    "INSERT INTO leaves (leaf, hash, id, kid, seq, party, type, raw) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_BLOCK = "INSERT INTO blocks (closing, height, first, at) VALUES (?, ?, ?, ?)"
INSERT_TILE = "INSERT INTO tiles (n, root, hashes) VALUES (?, ?, ?)"
INSERT_REFUSED = (
    "INSERT INTO refused (id, kid, seq, rule, params, height, raw) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING"
)
PUT_RECORD = (
    "INSERT INTO records (kind, name, n, listed, path, hash, first, record, inner) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, name) DO UPDATE SET n = excluded.n, listed = excluded.listed, "
    "hash = excluded.hash, record = excluded.record, inner = excluded.inner"
)
PUT_STEP = "INSERT INTO steps (kind, name, n, leaf) VALUES (?, ?, ?, ?)"
PUT_OFFER = (
    "INSERT INTO offers (id, sender, receiver, body) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body"
)
PUT_ACT = (
    "INSERT INTO acts (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
)
PUT_KEY = (
    "INSERT INTO keys (kid, owner, use) VALUES (?, ?, ?) "
    "ON CONFLICT (kid) DO UPDATE SET owner = excluded.owner, use = excluded.use"
)
PUT_HELD = "INSERT INTO held (party, kind, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
PUT_FINDING = (
    "INSERT INTO findings (about, weight, from_at, rule, cause, kind, name) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
DROP_OFFER = "DELETE FROM offers WHERE id = ?"
DROP_ACT = "DELETE FROM acts WHERE id = ?"
DROP_HELD = "DELETE FROM held WHERE party = ? AND kind = ? AND name = ?"
DROP_FINDING = (
    "DELETE FROM findings WHERE about = ? AND weight = ? AND from_at = ? AND rule = ? "
    "AND cause = ? AND kind = ? AND name = ?"
)
