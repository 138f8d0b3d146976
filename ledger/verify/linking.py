"""An audit without the rules: strict form, signatures, links and tree of every leaf, nothing else.

Owns how closings are held to each other and to the tree. It says nothing of who may sign what, so
its answer is never more than "cannot tell".
"""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from ledger.block import COUNT_MAX
from ledger.log.frontier import Frontier, fold
from ledger.statement import REGISTRAR
from ledger.verify.ranges import Link
from ledger.verify.replay import ContradictionError


class Linking(Struct):
    """The chain of closings so far; `ledger` is the ledger id, which the first one names."""

    ledger: bytes
    counts: Counter[str]
    height: int = 0
    first: int = 0
    at: int = 0
    last: bytes = b""
    """The statement id of the last closing, 32 bytes; the ledger id before the first."""

    def __post_init__(self) -> None:
        self.last = self.ledger

    def take(self, link: Link, before: Frontier) -> None:
        """Hold a closing to the one before; raise ContradictionError where it does not follow.

        `before` is the tree up to the range that the closing is in.
        """
        event, index = link.event, link.index
        count = index - self.first
        expected = {"height": self.height, "first": self.first, "count": count, "last": self.last}
        for name, value in expected.items():
            if getattr(event, name) != value:
                raise _broken("blocks.linked", index, name)
        if event.at < self.at or count > COUNT_MAX:
            raise _broken("blocks.linked", index, "at" if event.at < self.at else "count")
        if link.headers != (REGISTRAR, self.ledger.hex(), event.at):
            raise _broken("closings.signed", index, "headers")
        if fold([*before.nodes, *link.nodes]) != event.root:
            raise _broken("closings.root", index, "root")
        self.height, self.first, self.at, self.last = self.height + 1, index + 1, event.at, link.id
        self.counts["leaves.strict"] += count + 1
        self.counts["signatures.good"] += count + 1
        self.counts["blocks.linked"] += 1
        self.counts["closings.root"] += 1

    def finish(self, size: int) -> None:
        """Raise ContradictionError unless the log ends with a closing."""
        if self.first != size:
            raise ContradictionError(
                "blocks.linked",
                size - 1,
                "closing.missing",
                f"Leaves from {self.first} on have no closing.",
            )


def _broken(check: str, index: int, name: str) -> ContradictionError:
    return ContradictionError(
        check,
        index,
        f"closing.{name}",
        f"The closing at leaf {index} states another {name} than the leaves give.",
    )
