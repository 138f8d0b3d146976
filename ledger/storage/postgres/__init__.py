"""Ledgers in PostgreSQL 15 or newer: several processes and hosts, one log (docs/operations.md).

The only home of psycopg, which is an extra of the installation (decision 0010).
"""

from ledger.errors import UsageError

try:
    import psycopg as _driver  # noqa: F401 - asked here, so that what is missing is said once
except ImportError as _missing:
    raise UsageError(
        "store.driver-missing",
        "This installation has no driver for PostgreSQL.",
        hint="Install it: pip install 'ringmark[postgres]'",
    ) from _missing
