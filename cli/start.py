"""Where the process begins: what ends it before `cli.main` is there to say so.

Owns nothing but the first half second, in which a person may press Ctrl-C while modules are read.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; an interruption while it is read is told like any later one."""
    try:
        from cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return _cancelled()


def _cancelled() -> int:
    from cli.exits import NO
    from cli.output import Output
    from ledger.errors import RefusedError

    Output(is_json="--json" in sys.argv).fail(
        RefusedError("cli.cancelled", "Cancelled. Nothing more was done.")
    )
    return NO
