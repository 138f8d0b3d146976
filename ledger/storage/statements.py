"""The SQL of the SQLite store: one statement for each hot path, columns in the order of the rows.

Owns texts only. Connections and transactions are in `sqlite.py`, reading in `queries.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -65536",
    "PRAGMA secure_delete = ON",
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
INSERT_BLOB = (
    "INSERT INTO blobs (hash, media_type, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)
INSERT_DISCLOSURE = (
    "INSERT INTO disclosures (digest, statement, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)
PUT_RECORD = (
    "INSERT INTO records (kind, name, n, flagged, path, hash, first, record, inner) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, name) DO UPDATE SET n = excluded.n, flagged = excluded.flagged, "
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
DROP_OFFER = "DELETE FROM offers WHERE id = ?"
DROP_ACT = "DELETE FROM acts WHERE id = ?"
DROP_HELD = "DELETE FROM held WHERE party = ? AND kind = ? AND name = ?"
DROP_DISCLOSURE = "DELETE FROM disclosures WHERE digest = ?"

READ_HEAD = "SELECT size, root, height, closing, at, born FROM head"
COUNT_LEAVES = "SELECT coalesce(max(leaf) + 1, 0) FROM leaves"
READ_LEAVES = (
    "SELECT leaf, hash, id, kid, seq, party, type, raw FROM leaves "
    "WHERE leaf >= ? AND leaf < ? ORDER BY leaf"
)
READ_RAWS = "SELECT raw FROM leaves WHERE leaf >= ? AND leaf < ? ORDER BY leaf"
READ_HASHES = "SELECT hash FROM leaves WHERE leaf >= ? AND leaf < ? ORDER BY leaf"
FIND_ID = "SELECT leaf FROM leaves WHERE id = ?"
FIND_NUMBER = "SELECT leaf FROM leaves WHERE kid = ? AND seq = ?"
FIND_BLOCK = (
    "SELECT closing, height, first, at FROM blocks WHERE closing >= ? ORDER BY closing LIMIT 1"
)
READ_BLOCKS = (
    "SELECT closing, height, first, at FROM blocks WHERE closing > ? ORDER BY closing LIMIT ?"
)
READ_TILE = "SELECT hashes FROM tiles WHERE n = ?"
READ_TILE_ROOTS = "SELECT root FROM tiles WHERE n >= ? ORDER BY n"
FIND_RECORD = (
    "SELECT kind, name, n, flagged, path, hash, first, record, inner FROM records "
    "WHERE kind = ? AND name = ?"
)
READ_RECORD_HASHES = "SELECT path, hash FROM records"
READ_NAMES = (
    "SELECT name FROM records WHERE kind = ? AND name > ? AND name >= ? AND name < ? "
    "ORDER BY name LIMIT ?"
)
READ_FLAGGED = "SELECT kind, name FROM records WHERE flagged = 1 ORDER BY kind, name"
READ_HISTORY = "SELECT leaf FROM steps WHERE kind = ? AND name = ? AND n > ? ORDER BY n LIMIT ?"
READ_HELD = "SELECT name FROM held WHERE party = ? AND kind = ? AND name > ? ORDER BY name LIMIT ?"
READ_OFFERS = (
    "SELECT id, sender, receiver, body FROM offers "
    "WHERE ?1 IS NULL OR sender = ?1 OR receiver = ?1 ORDER BY id"
)
FIND_OFFER = "SELECT id, sender, receiver, body FROM offers WHERE id = ?"
READ_REFUSED = (
    "SELECT id, kid, seq, rule, params, height, raw FROM refused "
    'WHERE ?1 IS NULL OR kid = ?1 ORDER BY "row" LIMIT ?2'
)
FIND_REFUSED = "SELECT id, kid, seq, rule, params, height, raw FROM refused WHERE id = ?"
FIND_BLOB = "SELECT hash, media_type, content FROM blobs WHERE hash = ?"
READ_DISCLOSURES = (
    "SELECT digest, statement, content FROM disclosures WHERE statement = ? ORDER BY digest"
)
DERIVED: Mapping[str, str] = {
    "records": (
        "SELECT kind, name, n, flagged, path, hash, first, record, inner FROM records "
        "ORDER BY kind, name"
    ),
    "steps": "SELECT kind, name, n, leaf FROM steps ORDER BY kind, name, n",
    "offers": "SELECT id, sender, receiver, body FROM offers ORDER BY id",
    "acts": "SELECT id, body FROM acts ORDER BY id",
    "keys": "SELECT kid, owner, use FROM keys ORDER BY kid",
    "held": "SELECT party, kind, name FROM held ORDER BY party, kind, name",
}
"""The tables that a replay of the leaves gives again, and how to read them whole."""
