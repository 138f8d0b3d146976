"""Rules on what a mark says against the goods it stands on: allotment, day, year, species, origin.

Owns the judgement of new marks range by range. What a tag shows (country, year, species) is read
from its text; a species code that nobody confirmed leaves a check, as all of this does but the use
of marks that are another's, or that came back. Sources: CITES Res. Conf. 11.12; frauds F10, F11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from ledger.custody.accounts import AllotmentAccount
from ledger.custody.goods import PIECES, Goods, MarkRange, NewLot, Row, compress, count, expand
from ledger.custody.lots import Basis, LotRegistered, LotTransformed
from ledger.custody.references import AllottingCountry
from ledger.custody.rules.allotments import Stretch, allotting_of, meets, range_in, stretches
from ledger.custody.rules.days import day_of
from ledger.custody.rules.goods import is_group
from ledger.custody.rules.holding import drawn_goods
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Remark, Rule, Severity, Subject
from ledger.reference.mark_forms import CrocodileTag, parse_crocodile, readings, tag_species

CROCODILE = "CROC"
SEASONS = 1
"""How many years before the act a tag may be of that goods bear which were taken now (ours)."""
SEASONS_STATED = 2
"""As many where their party states that year."""

RULES = (
    Rule("mark.outside-allotment", "stop, check", "A mark is used by the party it is allotted to."),
    Rule("mark.ended", "stop", "A mark that came back, or was replaced, is used no more."),
    Rule("mark.before-issue", "check", "A mark is put on goods after it was allotted."),
    Rule("mark.after-due", "check", "A mark is put on goods before it is due back."),
    Rule("mark.other-year", "check", "A tag shows the year in which the goods were produced."),
    Rule("mark.other-goods", "check", "A tag shows species and country of the goods it is on."),
    Rule("mark.dropped", "check", "Pieces that stay what they are keep their marks."),
)


class Tagged(Struct, frozen=True):
    """Marks that are new on a lot; `strict` where whoever put them there must be the allottee."""

    code: str
    marks: tuple[MarkRange, ...]
    contents: tuple[Row, ...]
    year: int | None
    strict: bool
    is_taken: bool = False
    """Whether the goods are said to have been taken or bred now."""


def check_tagging(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield what new marks show that does not fit: one finding for each lot and rule."""
    for tagged in new_tags(signed, draft):
        yield from check_tagged(signed, draft, tagged)


def check_tagged(signed: Signed, draft: Draft, tagged: Tagged) -> Iterator[Flag]:
    """Yield the findings on the new marks of one lot, with the marks that they are about."""
    found: dict[tuple[str, Severity], list[MarkRange]] = {}
    for marks in tagged.marks:
        for rule, severity, where in _of_range(signed, draft, tagged, marks):
            found.setdefault((rule, severity), []).append(where)
    for (rule, severity), ranges in found.items():
        lot = Subject(Kind.LOT, tagged.code)
        yield Flag(lot, rule, severity, marks=tuple(sorted(set(expand(ranges)))))


def new_tags(signed: Signed, draft: Draft) -> Iterator[Tagged]:
    """Yield the marks that the statement puts on lots for the first time."""
    event = signed.event
    if isinstance(event, LotRegistered):
        if event.basis in (Basis.RE_ENTRY, Basis.STATE_SALE):
            return
        strict = event.basis in (Basis.HARVEST, Basis.BRED)
        for i, lot in enumerate(event.lots):
            if lot.marks:
                tagged = _tagged(signed.code_of(i), lot, lot.marks, strict=strict)
                yield replace(tagged, is_taken=strict)
    elif isinstance(event, LotTransformed):
        lots = [draft.lot(code) for code in sorted(event.inputs)]
        held = tuple(marks for lot in lots if lot is not None for marks in lot.marks)
        for i, out in enumerate(event.outputs):
            # Ranges that only move along are judged no second time.
            fresh = tuple(marks for marks in out.marks if not _carried(marks, held))
            yield _tagged(signed.code_of(i), out, fresh, strict=True)


def check_kept(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a check on pieces that come out of a process, or back, without the marks they had.

    New marks in place of old ones are a replacement, which an officer sees (`replacing`).
    """
    drawn, came = _went_and_came(signed, draft)
    held = {name for goods_in in drawn for name in expand(goods_in.marks)}
    if not held:
        return
    bare: Counter[str] = Counter()
    for goods_in in drawn:
        for term, pieces_in in _pieces(goods_in.contents).items():
            bare[term] += pieces_in - count(goods_in.marks)
    without: dict[int, tuple[str, int]] = {}
    for i, out in enumerate(came):
        for term, made in _pieces(out.contents).items():
            without[i] = (term, made - len(held.intersection(expand(out.marks))))
    for term in bare:
        if sum(n for of, n in without.values() if of == term) > bare[term]:
            for i in sorted(i for i, (of, n) in without.items() if of == term and n > 0):
                yield Flag(Subject(Kind.LOT, signed.code_of(i)), "mark.dropped", Severity.CHECK)


def _went_and_came(signed: Signed, draft: Draft) -> tuple[tuple[Goods, ...], tuple[NewLot, ...]]:
    """Return what went into a process and came out of it, or what had left and comes back."""
    event = signed.event
    if isinstance(event, LotTransformed):
        return drawn_goods(draft, event), event.outputs
    if isinstance(event, LotRegistered) and event.basis is Basis.RE_ENTRY:
        left = draft.lot(event.reference) if event.reference is not None else None
        return (() if left is None else (Goods(left.contents, left.marks),)), event.lots
    return (), ()


def _pieces(rows: tuple[Row, ...]) -> dict[str, int]:
    """Return term and pieces of goods of one row; of several nobody knows which are marked."""
    return {row.term: row.quantity for row in rows if row.unit == PIECES and len(rows) == 1}


def tag_of(marks: MarkRange) -> CrocodileTag | None:
    """Return what the first tag of a range of crocodile tags says, None for other marks."""
    if marks.scheme != CROCODILE:
        return None
    (first,) = expand((replace(marks, last=marks.first),))
    return parse_crocodile(first.partition("/")[2])


def years_shown(marks: tuple[MarkRange, ...]) -> frozenset[int]:
    """Return the years that crocodile tags among `marks` show; all of a range show one."""
    texts = (expand((one,))[0].partition("/")[2] for one in marks if one.scheme == CROCODILE)
    tags = (parse_crocodile(text) for text in texts)
    return frozenset(tag.year for tag in tags if tag is not None)


def _carried(marks: MarkRange, held: tuple[MarkRange, ...]) -> bool:
    """Return whether all of a range lies in one that the inputs had."""
    form = (marks.scheme, marks.before, marks.digits, marks.after)
    return any(
        (own.scheme, own.before, own.digits, own.after) == form
        and own.first <= marks.first
        and marks.last <= own.last
        for own in held
    )


def _tagged(code: str, lot: NewLot, marks: tuple[MarkRange, ...], *, strict: bool) -> Tagged:
    return Tagged(code, marks, lot.contents, lot.year, strict)


def _of_range(
    signed: Signed, draft: Draft, tagged: Tagged, marks: MarkRange
) -> Iterator[tuple[str, Severity, MarkRange]]:
    tag = tag_of(marks)
    known = tuple(stretches(draft, marks))
    if not known and tagged.strict and _is_of_allotting(draft, tag):
        yield "mark.outside-allotment", Severity.CHECK, marks
    for stretch in known:
        yield from _of_stretch(signed, draft, tagged, stretch)
    if _is_under_another_scheme(draft, marks):
        severity = Severity.STOP if tagged.strict else Severity.CHECK
        yield "mark.outside-allotment", severity, marks
    ended = [name for name in expand((marks,)) if _is_ended(draft, name)]
    if ended:
        yield from (("mark.ended", Severity.STOP, one) for one in compress(ended))
    if tag is not None:
        yield from _of_tag(signed, draft, tagged, marks, tag)


def _of_stretch(
    signed: Signed, draft: Draft, tagged: Tagged, stretch: Stretch
) -> Iterator[tuple[str, Severity, MarkRange]]:
    if stretch.account is None or stretch.account.split("/")[1] != signed.party:
        # Goods marked elsewhere come through many hands: only who marks anew must own the mark.
        if stretch.account is not None or tagged.strict:
            severity = Severity.STOP if tagged.strict else Severity.CHECK
            yield "mark.outside-allotment", severity, stretch.marks
        return
    account = draft.account(stretch.account, AllotmentAccount)
    own = range_in(account, stretch.marks) if account is not None else None
    if own is None:
        return
    if meets(own.returned, stretch.marks.first, stretch.marks.last):
        yield "mark.ended", Severity.STOP, stretch.marks
    if tagged.strict and day_of(signed) < own.from_day:
        yield "mark.before-issue", Severity.CHECK, stretch.marks
    due = account.due if account is not None else None
    put_on = signed.at if signed.when is None else signed.when
    if tagged.strict and due is not None and put_on > due:
        yield "mark.after-due", Severity.CHECK, stretch.marks


def _is_of_allotting(draft: Draft, tag: CrocodileTag | None) -> bool:
    """Return whether the country of a tag allots tags in this ledger, since its year or before.

    Then somebody was allotted these too, or nobody. Older tags were handed out elsewhere.
    """
    if tag is None:
        return False
    since = draft.reference(allotting_of(CROCODILE, tag.country), AllottingCountry)
    return since is not None and since.first_year <= tag.year


def _is_of_season(signed: Signed, tagged: Tagged, tag: CrocodileTag) -> bool:
    """Return whether goods that were taken or bred now may bear the tag: of this year or the last.

    Of the year before where their party says so: skins lie in salt. What is older is old stock.
    """
    kept = SEASONS if tagged.year is None else SEASONS_STATED
    year = int(day_of(signed)[:4])
    return year - kept <= tag.year <= year


def _is_under_another_scheme(draft: Draft, marks: MarkRange) -> bool:
    """Return whether marks of any scheme read as crocodile tags that are allotted as such.

    The tag in hand is one; under another scheme's name, or in another spelling, a copy of it would
    be a second mark. The first and the last of a range tell how all are written.
    """
    if marks.scheme == CROCODILE or not marks.digits:
        return False
    ends = (replace(marks, last=marks.first), replace(marks, first=marks.last))
    texts = (expand((end,))[0].partition("/")[2] for end in ends)
    return any(
        stretch.account is not None
        for text in texts
        for tag in readings(text, scheme=CROCODILE)
        for stretch in stretches(draft, compress((tag,))[0])
    )


def _is_ended(draft: Draft, name: str) -> bool:
    state = draft.mark(name)
    return state is not None and state.ended is not None


def _of_tag(
    signed: Signed, draft: Draft, tagged: Tagged, marks: MarkRange, tag: CrocodileTag
) -> Iterator[tuple[str, Severity, MarkRange]]:
    is_other_year = tagged.year is not None and tag.year != tagged.year
    if is_other_year or (tagged.is_taken and not _is_of_season(signed, tagged, tag)):
        yield "mark.other-year", Severity.CHECK, marks
    country = tag.country[:2]
    species = tag_species().get(tag.species, "")
    for row in tagged.contents:
        is_other = species and not _is_of(draft, row.taxon, species)
        is_pure = tag.is_hybrid and not is_group(draft.tables, row.taxon)
        if row.origin != country or is_other or is_pure:
            yield "mark.other-goods", Severity.CHECK, marks
            return


def _is_of(draft: Draft, taxon: str, species: str) -> bool:
    """Return whether the code may stand for the goods: a species for its subspecies, both ways."""
    mine, theirs = draft.tables.taxon(taxon), draft.tables.taxon(species)
    if mine is None or theirs is None:
        return True
    return draft.tables.within(mine, theirs) or draft.tables.within(theirs, mine)
