"""Ledgers in PostgreSQL 15 or newer: several processes and hosts, one log (docs/operations.md)."""
