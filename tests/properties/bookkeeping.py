"""What a clerk with a pencil would add up beside the ledger: passages, quotas and stocks.

Owns the sums as a user would state them, from the statements that were registered and from what the
goods were at that moment. It shares no code with the rules: it is what they are held to.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ledger.custody.documents import Way

Passing = tuple[str, str, Way]
"""Lot, document and side of the border."""


@dataclass(slots=True)
class Words:
    """How many pieces of one lot passed: by the trader's word and by the officer's."""

    said: int = 0
    seen: int = 0

    @property
    def counted(self) -> int:
        return max(self.said, self.seen)


@dataclass
class Clerk:
    """Adds up what was registered; every quantity is in pieces."""

    passed: dict[Passing, Words] = field(default_factory=dict)
    drawn: Counter[tuple[str, Way]] = field(default_factory=Counter)
    permitted: dict[str, int] = field(default_factory=dict)
    """What each export permit that is in force was issued for."""
    quota: Counter[str] = field(default_factory=Counter)
    """What counts: `taken`, `permitted`, `export` and `import`."""
    counted: set[tuple[str, Way]] = field(default_factory=set)
    """Lots that a quota counted when they left, or when they arrived."""
    stock: dict[str, int] = field(default_factory=dict)
    visited: dict[str, str] = field(default_factory=dict)
    """What the last visit of each place showed."""

    def issue(self, document: str, pieces: int, *, is_export: bool) -> None:
        if is_export:
            self.permitted[document] = pieces
            self.quota["permitted"] += pieces

    def give_back(self, document: str) -> None:
        """What a permit allowed and nobody used may be permitted again."""
        used = max(self.drawn[document, way] for way in (Way.EXPORT, Way.IMPORT))
        self.quota["permitted"] -= max(self.permitted.pop(document, 0) - used, 0)

    def pass_border(
        self, code: str | None, document: str, way: Way, pieces: int, *, official: bool
    ) -> None:
        """A lot counts once on each side, by the larger word; a second word adds what is above."""
        more = pieces
        if code is not None:
            self.leave(code, way, pieces)
            words = self.passed.setdefault((code, document, way), Words())
            before = words.counted
            if official:
                words.seen = pieces
            elif not words.said:
                words.said = pieces
            more = words.counted - before
        else:
            self.quota[way.value] += pieces
        self.drawn[document, way] += more

    def leave(self, code: str, way: Way, pieces: int) -> None:
        """A quota counts a lot once on each side, under whatever document it passed."""
        words = [w for (lot, _, w_way), w in self.passed.items() if (lot, w_way) == (code, way)]
        if words:
            self.quota[way.value] += max(pieces - max(word.counted for word in words), 0)
        elif (code, way) not in self.counted:
            self.quota[way.value] += pieces
        self.counted.add((code, way))

    def split(self, code: str, part: str, pieces: int) -> None:
        """The part takes along as much of each word as it holds; the rest keeps what is left.

        Goods of whose passage nothing is left pass, and are counted, when they pass.
        """
        self.inherit(code, part)
        passed = {place: words for place, words in self.passed.items() if place[0] == code}
        for (_, document, way), words in passed.items():
            mine = Words(min(pieces, words.said), min(pieces, words.seen))
            left = Words(words.said - mine.said, words.seen - mine.seen)
            for lot, share in ((part, mine), (code, left)):
                self.passed.pop((lot, document, way), None)
                if share.counted:
                    self.passed[lot, document, way] = share
        for lot in (code, part):
            kept = {way for owner, _, way in self.passed if owner == lot}
            self.counted -= {(lot, way) for _, _, way in passed if way not in kept}

    def inherit(self, code: str, new: str) -> None:
        """What is made of goods that a quota counted is counted no second time."""
        self.counted |= {(new, way) for lot, way in self.counted if lot == code}
