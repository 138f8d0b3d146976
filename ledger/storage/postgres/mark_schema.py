"""The table of high-water marks in PostgreSQL, and the trigger that refuses what was for ever.

Owns texts only, apart from `schema.py`: a mark may live in a database that holds no ledger.
"""

from __future__ import annotations

from collections.abc import Iterator

MARK_TABLE = (
    "CREATE TABLE high_water (ledger BYTEA PRIMARY KEY, size BIGINT NOT NULL, "
    "root BYTEA NOT NULL, note BYTEA NOT NULL)"
)
REFUSE = """
CREATE OR REPLACE FUNCTION ringmark_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: nothing here is ever changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_RISE = """
CREATE OR REPLACE FUNCTION ringmark_rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size <= OLD.size OR NEW.ledger <> OLD.ledger THEN
    RAISE EXCEPTION '%: a high-water mark only ever rises', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""


def mark_schema() -> Iterator[str]:
    """Yield the statements that create a place for high-water marks alone."""
    yield MARK_TABLE
    yield REFUSE
    yield _RISE
    yield trigger("high_water", "DELETE OR TRUNCATE")
    yield (
        "CREATE TRIGGER high_water_rise BEFORE UPDATE ON high_water "
        "FOR EACH ROW EXECUTE FUNCTION ringmark_rise()"
    )


def trigger(name: str, acts: str) -> str:
    """Return the statement that refuses `acts` on a table, whoever asks."""
    return (
        f"CREATE TRIGGER {name}_refuse BEFORE {acts} ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ringmark_refuse()"
    )
