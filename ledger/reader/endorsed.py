"""The endorsements of a document that stand, as its view tells them.

Owns the reading of their accounts; what taking one back means is in `custody`.
"""

from __future__ import annotations

from collections.abc import Callable

from ledger.custody.documents import Endorsement
from ledger.custody.rules.endorsements import account_of
from ledger.custody.state import State
from ledger.custody.subjects import Kind


def endorsements_of(
    document: str, names: Callable[..., list[str]], read: Callable[[Kind, str], State | None]
) -> tuple[Endorsement, ...]:
    """Return the document's endorsements that were not taken back, oldest first.

    `names` lists the names of a kind by `prefix`, page after page from `after` on; `read` returns
    the state of one of them.
    """
    found: list[Endorsement] = []
    prefix, after = f"endorsement/{document}/", ""
    while page := names(Kind.ACCOUNT, prefix=prefix, after=after):
        after = page[-1]
        for name in page:
            state = read(Kind.ACCOUNT, name)
            if not isinstance(state, Endorsement) or state.withdrawn:
                continue
            # The number of another document may begin with that of this one.
            if name == account_of(document, state.id):
                found.append(state)
    return tuple(sorted(found, key=lambda endorsement: endorsement.index))
