"""The SQL of the PostgreSQL store: columns in the order of the rows, many rows in one statement.

Owns the texts that only PostgreSQL has: what both databases are asked is in
`../lookup_statements.py`. Each write of many rows is one INSERT from arrays, one array for each
column, so that a block takes one round trip whatever its size. Connections are in `connecting.py`.
"""

from __future__ import annotations

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
NOTE_CHANGES = (
    "INSERT INTO changes (height, kinds, names, kids) VALUES "
    "((SELECT height FROM head WHERE size = %b AND root = %b), %b::text[], %b::text[], %b::bytea[])"
)
"""Where the head did not move there is no height, and the whole transaction fails on it."""
DROP_CHANGES = "DELETE FROM changes WHERE height <= %b"
PUT_RECORDS = (
    'INSERT INTO records (kind, name, n, listed, path, hash, first, record, "inner") '
    "SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bytea[], "
    "%b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[]) "
    "ON CONFLICT (kind, name) DO UPDATE SET n = excluded.n, listed = excluded.listed, "
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
PUT_FINDINGS = (
    "INSERT INTO findings (about, weight, from_at, rule, cause, kind, name) "
    "SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bigint[], %b::text[], %b::bytea[], "
    "%b::text[], %b::text[]) ON CONFLICT DO NOTHING"
)
DROP_FINDINGS = (
    "DELETE FROM findings USING unnest(%b::text[], %b::bigint[], %b::bigint[], %b::text[], "
    "%b::bytea[], %b::text[], %b::text[]) "
    "AS gone (about, weight, from_at, rule, cause, kind, name) "
    "WHERE findings.about = gone.about AND findings.weight = gone.weight "
    "AND findings.from_at = gone.from_at AND findings.rule = gone.rule "
    "AND findings.cause = gone.cause AND findings.kind = gone.kind AND findings.name = gone.name"
)
DROP_OFFERS = "DELETE FROM offers WHERE id = ANY(%b::bytea[])"
DROP_ACTS = "DELETE FROM acts WHERE id = ANY(%b::bytea[])"

TAKE_TURN = "SELECT pg_advisory_lock(21069, 'head'::regclass::oid::int)"
GIVE_TURN = "SELECT pg_advisory_unlock(21069, 'head'::regclass::oid::int)"
"""A session's lock, one for each ledger of a database; 21069 is RM in ASCII."""

READ_RESTORING = "SELECT ledger FROM restoring"
INSERT_RESTORING = "INSERT INTO restoring (ledger) VALUES (%b)"
DROP_RESTORING = "DELETE FROM restoring"
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

READ_MARK = "SELECT size, root, note FROM high_water WHERE ledger = %b"
INSERT_MARK = "INSERT INTO high_water (ledger, size, root, note) VALUES (%b, %b, %b, %b)"
MOVE_MARK = (
    "UPDATE high_water SET size = %b, root = %b, note = %b "
    "WHERE ledger = %b AND size = %b AND root = %b"
)
