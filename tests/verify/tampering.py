"""Proof files with a flipped bit, cut short, or with parts of another lot: none may be verified.

    python tests/verify/tampering.py

tries all of them and prints how many: every bit as it lies and in a fresh frame, every length,
every ordered pair of 200 cards and of 40 documents in five ways, every part of ten bundles in each
other. The tests beside it run the same with a share of the costly rows.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations
from typing import Any

from proof_files import packed, unpacked
from trail import PERMIT, SKIN, Trail, skins, trade

from ledger.custody.control import LotHeld
from ledger.custody.documents import (
    DocumentAttested,
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentRow,
    Paper,
)
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotSplit
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.head import Asked
from ledger.verify.verdict import Outcome, Verdict
from ledger.wire import cbor, frame

LOTS = 200
PAPERS = 40
Forged = tuple[bytes, str]
"""A file, and the lot or document that is asked for."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one kind of one ledger at one moment, by lot or document."""

    trail: Trail
    check: Callable[..., Verdict]
    by_code: dict[str, bytes]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.by_code)

    def outcome(self, data: bytes, code: str) -> Verdict:
        now_s = self.trail.clock.now_s()
        asked = Asked(document=code) if "/" in code else Asked(code=code)
        return self.check(data, trust=self.trail.trust, now_s=now_s, asked=asked)


def refused(files: Files, forged: Iterable[Forged]) -> Counter[str]:
    """Count forged files by the error that keeps them out; fail at the first that is verified."""
    counted: Counter[str] = Counter()
    for data, code in forged:
        verdict = files.outcome(data, code)
        if verdict.outcome is Outcome.VERIFIED:
            raise AssertionError(f"verified as {code}, though forged: {data.hex()}")
        counted[str(verdict.params["error"])] += 1
    return counted


# -- the files


def traded(kind: str) -> Files:
    """One lot of three skins that a farm sold to a tannery: its card or its bundle; or a permit."""
    trail, code = trade("tampering", roots=2)
    if kind != "document":
        return _files(trail, kind, [code])
    trail.enrol("gate", "authority", by="root-0")
    trail.tell(DocumentRecorded(PERMIT, _paper(100)), by="farm")
    trail.tell(DocumentAttested(PERMIT, "original"), by="gate")
    return _files(trail, kind, [PERMIT])


def many_papers() -> Files:
    """The cards of 40 permits, some of them replaced or cancelled."""
    trail = Trail("papers")
    trail.enrol("parks", "authority")
    names = [f"ZW/PERMIT/{number}" for number in range(PAPERS)]
    for number, name in enumerate(names):
        trail.tell(DocumentIssued(name, _paper(1 + number)), by="parks")
    for name in names[::5]:
        trail.tell(DocumentCancelled(name, "in error"), by="parks")
    return _files(trail, "document", names)


def _paper(quantity: int) -> Paper:
    row = DocumentRow(SKIN.taxon, SKIN.term, quantity, SKIN.unit, SKIN.source, SKIN.origin)
    return Paper(rows=(row,), until_day="2027-06-30")


def many_cards() -> Files:
    """The cards of 200 lots of two skins, born in one statement."""
    trail = Trail("transplants")
    trail.enrol("parks", "authority")
    trail.enrol("farm", "farm", by="parks")
    lots = tuple(skins(1 + 2 * i, 2) for i in range(LOTS))
    codes = trail.register(by="farm", lots=lots, basis=Basis.OPENING_STOCK)
    return _files(trail, "card", codes)


def many_bundles(cards: Files) -> Files:
    """The bundles of the same 200 lots."""
    return _files(cards.trail, "bundle", cards.codes)


def several_bundles() -> Files:
    """The bundles of ten lots with stories of their own: sold, split, held, left alone."""
    trail, sold = trade("grafts")
    trail.enrol("second", "farm", by="parks")
    lots = tuple(skins(101 + 4 * i, 4) for i in range(8))
    codes = trail.register(by="second", lots=lots, basis=Basis.OPENING_STOCK)
    trail.hand_over(codes[0], codes[1], by="second", to="tannery")
    trail.hand_over(codes[1], by="tannery", to="maker")
    trail.tell(LotHeld(lots={codes[2]: Part()}, reason="look"), by="parks")
    marks = trail.lot(codes[3]).marks[0]
    half = Part(marks=(type(marks)(marks.scheme, marks.before, 113, 114, 6, ""),))
    done = trail.tell(LotSplit(lot=codes[3], part=half), by="second")
    from trail import born_of

    return _files(trail, "bundle", [sold, *codes, *born_of(done, 1)])


def _files(trail: Trail, kind: str, codes: Sequence[str]) -> Files:
    reader = trail.reader
    make = {"card": reader.card, "document": reader.document_card, "bundle": reader.bundle}[kind]
    check = check_bundle if kind == "bundle" else check_card
    files = Files(trail, check, {code: make(code) for code in codes})
    for code, data in files.by_code.items():
        assert files.outcome(data, code).outcome is Outcome.VERIFIED, code
    return files


# -- what is done to them


def flipped(files: Files) -> Iterator[Forged]:
    """Every bit of the file flipped, its frame as it was: the frame's hash finds them."""
    for code, data in files.by_code.items():
        for place in range(8 * len(data)):
            yield _flip(data, place), code


def flipped_inside(files: Files, *, step: int = 1, first: int = 0) -> Iterator[Forged]:
    """Every `step`-th bit of the body flipped in a fresh frame: the inner checks find them.

    Whoever forges computes the frame's hash anew; it finds accidents only.
    """
    for code, data in files.by_code.items():
        name, version, _, body = cbor.decode(data, size_max=len(data))
        for place in range(first, 8 * len(body), step):
            yield frame.frame(name, version, _flip(body, place)), code


def cut(files: Files) -> Iterator[Forged]:
    """Every shorter file, every shorter body in a fresh frame, and some longer ones."""
    for code, data in files.by_code.items():
        name, version, _, body = cbor.decode(data, size_max=len(data))
        for length in range(len(data)):
            yield data[:length], code
        for length in range(len(body)):
            yield frame.frame(name, version, body[:length]), code
        for extra in range(1, 65):
            yield data + bytes(extra), code
            yield frame.frame(name, version, body + bytes(extra)), code


def transplanted_cards(files: Files, *, ways: Sequence[int]) -> Iterator[Forged]:
    """Each ordered pair of cards: the other's file, code, records, record and proof.

    `ways` are the numbers of the ways that each pair is tried in; pair k begins at way k.
    """
    bodies = {code: unpacked(data) for code, data in files.by_code.items()}
    for number, (here, there) in enumerate(permutations(files.codes, 2)):
        one, other = bodies[here], bodies[there]
        for way in ways:
            yield packed(files.by_code[here], _graft(one, other, (number + way) % 5)), here


def transplanted_parts(files: Files) -> Iterator[Forged]:
    """Every section, record, proof, statement, track and inner map of each bundle in each other."""
    bodies = {code: unpacked(data) for code, data in files.by_code.items()}
    for here, there in permutations(files.codes, 2):
        one, other = bodies[here], bodies[there]
        yield files.by_code[there], here
        for body in _grafts(one, other):
            if body != one:
                yield packed(files.by_code[here], body), here


def transplanted_bundles(files: Files) -> Iterator[Forged]:
    """Each ordered pair of bundles: the other's file, and one part of it, each pair another."""
    bodies = {code: unpacked(data) for code, data in files.by_code.items()}
    for number, (here, there) in enumerate(permutations(files.codes, 2)):
        yield files.by_code[there], here
        one = bodies[here]
        body = next(islice(_grafts(one, bodies[there]), number % 12, None), one)
        if body != one:
            yield packed(files.by_code[here], body), here


def _flip(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def _graft(one: Any, other: Any, way: int) -> Any:
    if way == 0:
        return other
    if way in (1, 2):
        part = ("document" if "document" in one else "code", "records")[way - 1]
        return {**one, part: other[part]}
    part = ("record", "proof")[way - 3]
    first = {**one["records"][0], part: other["records"][0][part]}
    return {**one, "records": [first, *one["records"][1:]]}


def _grafts(one: Any, other: Any) -> Iterator[Any]:
    for part in sorted({*one, *other}):
        yield _taking(one, other, part)
    for part in one["head"]:
        yield {**one, "head": _taking(one["head"], other["head"], part)}
    for section in ("subjects", "signers"):
        for at, into in enumerate(one.get(section, ())):
            for row in other.get(section, ()):
                yield _replaced(one, section, at, row)
                for member in sorted({*row, *into}):
                    yield _replaced(one, section, at, _taking(into, row, member))
    for at, (index, _) in enumerate(one["statements"]):
        for theirs in other["statements"]:
            yield _replaced(one, "statements", at, theirs)
            yield _replaced(one, "statements", at, [index, theirs[1]])


def _taking(one: Any, other: Any, part: str) -> Any:
    """Return `one` with `part` as the other has it, or without it where the other has none."""
    rest = {name: value for name, value in one.items() if name != part}
    return {**rest, part: other[part]} if part in other else rest


def _replaced(body: Any, section: str, at: int, value: Any) -> Any:
    rows = body[section]
    return {**body, section: [*rows[:at], value, *rows[at + 1 :]]}


def main() -> None:
    """Try everything and print how much was refused, by what."""
    card, bundle, cards, bundles = (
        traded("card"),
        traded("bundle"),
        many_cards(),
        several_bundles(),
    )
    lots, paper, papers = many_bundles(cards), traded("document"), many_papers()
    rows: dict[str, tuple[Files, Iterator[Forged]]] = {
        "bits of a card": (card, flipped(card)),
        "bits of a card, fresh frame": (card, flipped_inside(card)),
        "lengths of a card": (card, cut(card)),
        "bits of a bundle": (bundle, flipped(bundle)),
        "bits of a bundle, fresh frame": (bundle, flipped_inside(bundle)),
        "lengths of a bundle": (bundle, cut(bundle)),
        "bits of a document's card": (paper, flipped(paper)),
        "bits of a document's card, fresh frame": (paper, flipped_inside(paper)),
        "lengths of a document's card": (paper, cut(paper)),
        "40 documents in each other, 5 ways": (papers, transplanted_cards(papers, ways=range(5))),
        "200 cards in each other, 5 ways": (cards, transplanted_cards(cards, ways=range(5))),
        "200 bundles in each other": (lots, transplanted_bundles(lots)),
        "10 bundles in each other": (bundles, transplanted_parts(bundles)),
    }
    for name, (files, forged) in rows.items():
        begun = time.process_time()
        counted = refused(files, forged)
        spent = time.process_time() - begun
        most = ", ".join(f"{code} {number:,}" for code, number in counted.most_common(4))
        print(
            f"{name}: {counted.total():,} refused, 0 verified, {spent:.0f} s ({most})", flush=True
        )


if __name__ == "__main__":
    main()
