"""The SQL of the PostgreSQL store: columns in the order of the rows, many rows in one statement.

Owns texts only. Each write of many rows is one INSERT from arrays, one array for each column, so
that a block takes one round trip whatever its size. Connections are in `connecting.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

INSERT_HEAD = (
    "INSERT INTO head (one, size, root, height, closing, at, born) "
    "VALUES (0, %b, %b, %b, %b, %b, %b)"
)
MOVE_HEAD = (
    "UPDATE head SET size = %b, root = %b, height = %b, closing = %b, at = %b, born = %b "
    "WHERE one = 0 AND size = %b AND root = %b"
)
INSERT_LEAVES = (
    "INSERT INTO leaves (leaf, hash, id, kid, seq, party, type, raw) "
    "SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bigint[], "
    "%b::text[], %b::text[], %b::bytea[])"
)
INSERT_BLOCK = "INSERT INTO blocks (closing, height, first, at) VALUES (%b, %b, %b, %b)"
INSERT_TILES = (
    "INSERT INTO tiles (n, root, hashes) "
    "SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[])"
)
INSERT_REFUSED = (
    "INSERT INTO refused (id, kid, seq, rule, params, height, raw) "
    "SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::bigint[], %b::text[], %b::bytea[], "
    "%b::bigint[], %b::bytea[]) ON CONFLICT DO NOTHING"
)
INSERT_BLOB = (
    "INSERT INTO blobs (hash, media_type, content) VALUES (%b, %b, %b) ON CONFLICT DO NOTHING"
)
INSERT_DISCLOSURES = (
    "INSERT INTO disclosures (digest, statement, content) "
    "SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[]) ON CONFLICT DO NOTHING"
)
NOTE_CHANGES = (
    "INSERT INTO changes (height, kinds, names, kids) VALUES "
    "((SELECT height FROM head WHERE size = %b AND root = %b), %b::text[], %b::text[], %b::bytea[])"
)
"""Where the head did not move there is no height, and the whole transaction fails on it."""
DROP_CHANGES = "DELETE FROM changes WHERE height <= %b"
PUT_RECORDS = (
    'INSERT INTO records (kind, name, n, flagged, path, hash, first, record, "inner") '
    "SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bytea[], "
    "%b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[]) "
    "ON CONFLICT (kind, name) DO UPDATE SET n = excluded.n, flagged = excluded.flagged, "
    'hash = excluded.hash, record = excluded.record, "inner" = excluded."inner"'
)
PUT_STEPS = (
    "INSERT INTO steps (kind, name, n, leaf) "
    "SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[])"
)
PUT_OFFERS = (
    "INSERT INTO offers (id, sender, receiver, body) "
    "SELECT * FROM unnest(%b::bytea[], %b::text[], %b::text[], %b::bytea[]) "
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body"
)
PUT_ACTS = (
    "INSERT INTO acts (id, body) SELECT * FROM unnest(%b::bytea[], %b::bytea[]) "
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body"
)
PUT_KEYS = (
    "INSERT INTO keys (kid, owner, use) "
    "SELECT * FROM unnest(%b::bytea[], %b::text[], %b::bytea[]) "
    "ON CONFLICT (kid) DO UPDATE SET owner = excluded.owner, use = excluded.use"
)
PUT_HELD = (
    "INSERT INTO held (party, kind, name) "
    "SELECT * FROM unnest(%b::text[], %b::text[], %b::text[]) ON CONFLICT DO NOTHING"
)
DROP_HELD = (
    "DELETE FROM held USING unnest(%b::text[], %b::text[], %b::text[]) AS gone (party, kind, name) "
    "WHERE held.party = gone.party AND held.kind = gone.kind AND held.name = gone.name"
)
DROP_OFFERS = "DELETE FROM offers WHERE id = ANY(%b::bytea[])"
DROP_ACTS = "DELETE FROM acts WHERE id = ANY(%b::bytea[])"
DROP_DISCLOSURES = "DELETE FROM disclosures WHERE digest = ANY(%b::bytea[])"

TAKE_TURN = "SELECT pg_advisory_lock(21069, 'head'::regclass::oid::int)"
GIVE_TURN = "SELECT pg_advisory_unlock(21069, 'head'::regclass::oid::int)"
"""A session's lock, one for each ledger of a database; 21069 is RM in ASCII."""

READ_HEAD = "SELECT size, root, height, closing, at, born FROM head"
COUNT_LEAVES = "SELECT coalesce(max(leaf) + 1, 0) FROM leaves"
READ_LEAVES = (
    "SELECT leaf, hash, id, kid, seq, party, type, raw FROM leaves "
    "WHERE leaf >= %b AND leaf < %b ORDER BY leaf"
)
READ_RAWS = "SELECT raw FROM leaves WHERE leaf >= %b AND leaf < %b ORDER BY leaf"
READ_HASHES = "SELECT hash FROM leaves WHERE leaf >= %b AND leaf < %b ORDER BY leaf"
FIND_ID = "SELECT leaf FROM leaves WHERE id = %b"
FIND_NUMBER = "SELECT leaf FROM leaves WHERE kid = %b AND seq = %b"
FIND_BLOCK = (
    "SELECT closing, height, first, at FROM blocks WHERE closing >= %b ORDER BY closing LIMIT 1"
)
READ_BLOCKS = (
    "SELECT closing, height, first, at FROM blocks WHERE closing > %b ORDER BY closing LIMIT %b"
)
READ_TILE = "SELECT hashes FROM tiles WHERE n = %b"
READ_TILE_ROOTS = "SELECT root FROM tiles WHERE n >= %b ORDER BY n"
_RECORD = 'kind, name, n, flagged, path, hash, first, record, "inner"'
FIND_RECORD = f"SELECT {_RECORD} FROM records WHERE kind = %b AND name = %b"  # noqa: S608
READ_RECORD_HASHES = "SELECT path, hash FROM records"
READ_NAMES = (
    "SELECT name FROM records WHERE kind = %b AND name > %b AND name >= %b AND name < %b "
    "ORDER BY name LIMIT %b"
)
READ_FLAGGED = "SELECT kind, name FROM records WHERE flagged = 1 ORDER BY kind, name"
READ_HISTORY = "SELECT leaf FROM steps WHERE kind = %b AND name = %b AND n > %b ORDER BY n LIMIT %b"
READ_HELD = (
    "SELECT name FROM held WHERE party = %b AND kind = %b AND name > %b ORDER BY name LIMIT %b"
)
READ_OFFERS = "SELECT id, sender, receiver, body FROM offers ORDER BY id"
READ_OFFERS_OF = (
    "SELECT id, sender, receiver, body FROM offers WHERE sender = %b OR receiver = %b ORDER BY id"
)
FIND_OFFER = "SELECT id, sender, receiver, body FROM offers WHERE id = %b"
_REFUSED = "id, kid, seq, rule, params, height, raw"
READ_REFUSED = f'SELECT {_REFUSED} FROM refused ORDER BY "row" LIMIT %b'  # noqa: S608
READ_REFUSED_OF = f'SELECT {_REFUSED} FROM refused WHERE kid = %b ORDER BY "row" LIMIT %b'  # noqa: S608
FIND_REFUSED = f"SELECT {_REFUSED} FROM refused WHERE id = %b"  # noqa: S608
FIND_BLOB = "SELECT hash, media_type, content FROM blobs WHERE hash = %b"
READ_DISCLOSURES = (
    "SELECT digest, statement, content FROM disclosures WHERE statement = %b ORDER BY digest"
)
READ_ALL: Mapping[str, str] = {
    "INSERT_LEAF": "SELECT leaf, hash, id, kid, seq, party, type, raw FROM leaves ORDER BY leaf",
    "INSERT_BLOCK": "SELECT closing, height, first, at FROM blocks ORDER BY closing",
    "INSERT_HEAD": READ_HEAD,
    "INSERT_TILE": "SELECT n, root, hashes FROM tiles ORDER BY n",
    "INSERT_REFUSED": f'SELECT {_REFUSED} FROM refused ORDER BY "row"',  # noqa: S608
    "INSERT_BLOB": "SELECT hash, media_type, content FROM blobs",
    "INSERT_DISCLOSURE": "SELECT digest, statement, content FROM disclosures",
    "PUT_RECORD": f"SELECT {_RECORD} FROM records ORDER BY kind, name",  # noqa: S608
    "PUT_STEP": "SELECT kind, name, n, leaf FROM steps",
    "PUT_OFFER": READ_OFFERS,
    "PUT_ACT": "SELECT id, body FROM acts",
    "PUT_KEY": "SELECT kid, owner, use FROM keys",
    "PUT_HELD": "SELECT party, kind, name FROM held",
}
"""Every table whole, by the name of SQLite's statement that writes its rows: for a copy."""
READ_SCHEMA = "SELECT schema FROM ringmark"

COUNT_CHANGES = "SELECT count(*) FROM changes WHERE height > %b AND height <= %b"
CHANGED_RECORDS = (
    "SELECT DISTINCT records.kind, records.name, path, hash FROM changes "
    "CROSS JOIN LATERAL unnest(kinds, names) AS touched (kind, name) "
    "JOIN records ON records.kind = touched.kind AND records.name = touched.name "
    "WHERE height > %b"
)
CHANGED_KEYS = (
    "SELECT kid, owner, use FROM keys WHERE kid IN "
    "(SELECT unnest(kids) FROM changes WHERE height > %b)"
)

DERIVED: Mapping[str, str] = {
    "records": f"SELECT {_RECORD} FROM records ORDER BY kind, name",  # noqa: S608
    "steps": "SELECT kind, name, n, leaf FROM steps ORDER BY kind, name, n",
    "offers": READ_OFFERS,
    "acts": "SELECT id, body FROM acts ORDER BY id",
    "keys": "SELECT kid, owner, use FROM keys ORDER BY kid",
    "held": "SELECT party, kind, name FROM held ORDER BY party, kind, name",
}
"""The tables that a replay of the leaves gives again, and how to read them whole."""

READ_MARK = "SELECT size, root, note FROM high_water WHERE ledger = %b"
INSERT_MARK = "INSERT INTO high_water (ledger, size, root, note) VALUES (%b, %b, %b, %b)"
MOVE_MARK = (
    "UPDATE high_water SET size = %b, root = %b, note = %b "
    "WHERE ledger = %b AND size = %b AND root = %b"
)
