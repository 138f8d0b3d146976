"""What a clerk with a pencil would add up beside the ledger: passages, quotas and stocks.

Owns the sums as a user would state them, from the statements that were registered and from what the
goods were at that moment. It shares no code with the rules: it is what they are held to.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ledger.custody.documents import Way

SIDES = (Way.EXPORT, Way.IMPORT)
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
    covered: dict[str, int] = field(default_factory=dict)
    """What each document was issued for."""
    replaces: dict[str, str] = field(default_factory=dict)
    carries: set[str] = field(default_factory=set)
    """Documents that took over what had passed under the one before."""
    quota: Counter[str] = field(default_factory=Counter)
    """What counts: `taken`, `permitted`, `export` and `import`."""
    withdrawn: dict[str, bool] = field(default_factory=dict)
    """Due-diligence references, and whether their operator or an office took them back."""
    stolen: set[str] = field(default_factory=set)
    """Forms of documents that their authority calls stolen."""
    counted: set[tuple[str, Way]] = field(default_factory=set)
    """Lots that a quota counted when they left, or when they arrived."""
    stock: dict[str, int] = field(default_factory=dict)
    visited: dict[str, str] = field(default_factory=dict)
    """What the last visit of each place showed."""

    def issue(self, document: str, pieces: int) -> None:
        self.covered[document] = pieces
        self.quota["permitted"] += pieces if document.startswith("ZW/") else 0

    def give_back(self, document: str, *, whole: bool = False) -> None:
        """What a permit allowed and nobody used may be permitted again."""
        used = 0 if whole else max(self.drawn[document, way] for way in SIDES)
        if document.startswith("ZW/"):
            self.quota["permitted"] -= max(self.covered[document] - used, 0)

    def replace(self, document: str, old: str, pieces: int) -> None:
        """One for the rest begins with nothing; the same paper anew takes all of it over."""
        is_same = pieces == self.covered[old]
        self.give_back(old, whole=is_same)
        self.issue(document, pieces)
        self.replaces[document] = old
        if is_same:
            self.carries.add(document)
            for way in SIDES:
                self.drawn[document, way] += self.drawn[old, way]

    def pass_border(
        self, code: str | None, document: str, way: Way, pieces: int, *, official: bool
    ) -> None:
        """A lot counts once on each side, by the larger word; a second word adds what is above."""
        if code is None:
            self.quota[way.value] += pieces
            self.draw(document, way, pieces)
            return
        self.leave(code, way, pieces)
        document = self._told_later(code, document, way)
        name, is_on_it = self._told_under(code, document, way)
        words = self.passed.get((code, name, way), Words())
        if not official and words.said:
            return
        before = words.counted if is_on_it else 0
        self.passed.pop((code, name, way), None)
        self.passed[code, document, way] = words
        if official:
            words.seen = pieces
        else:
            words.said = pieces
        # What the other one said under a document that is not carried on counts there.
        now = words.counted if is_on_it else pieces
        self.draw(document, way, max(now - before, 0))

    def draw(self, document: str, way: Way, pieces: int) -> None:
        """What is told late of a replaced paper counts on the new one beyond what that left it."""
        before = self.drawn[document, way]
        self.drawn[document, way] += pieces
        after = self.replaced_by(document)
        if after is not None:
            own = max(self.covered[document] - self.covered[after], 0)
            self.draw(after, way, max(before + pieces - own, 0) - max(before - own, 0))

    def replaced_by(self, document: str) -> str | None:
        return next((new for new, old in self.replaces.items() if old == document), None)

    def _told_later(self, code: str, document: str, way: Way) -> str:
        """The document in its place under which the lot was told already, else itself."""
        name: str | None = document
        while name is not None:
            name = self.replaced_by(name)
            if (code, name, way) in self.passed:
                return name or document
        return document

    def _told_under(self, code: str, document: str, way: Way) -> tuple[str, bool]:
        """Under which document of its line a lot was told, and whether that counts on this one."""
        name, is_on_it = document, True
        while (code, name, way) not in self.passed and name in self.replaces:
            is_on_it = is_on_it and name in self.carries
            name = self.replaces[name]
        return name, is_on_it

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
