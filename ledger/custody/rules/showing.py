"""Rules on showing a document: in the countries that it names, in one pair of them, or once.

Owns what one copy of a document too many looks like: it turns up at a second border, at the same
one again though its kind is for one shipment, or on another day than somebody else says. Sources:
CITES Art. VI(5); flegtlicence.org; frauds F04, F05 and F08.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from ledger.custody.documents import DocumentEndorsed, DocumentState, Passage, Shown, Way
from ledger.custody.lots import LotExported, LotImported, LotState
from ledger.custody.rules.days import day_of, days_between, log_day
from ledger.custody.rules.endorsements import endorsement_of
from ledger.custody.rules.goods import country_of
from ledger.custody.rules.in_place import left_under, names_before
from ledger.custody.rules.papers import was_used_elsewhere, words
from ledger.custody.rules.unnamed import is_contested
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

SHOWN_MAX = 50
"""The most uses of one document that are kept by day and country."""

APART_DAYS = 7
"""How many days trader and officer may name for one crossing (ours): goods wait in a port."""
UNSTATED_DAYS = 31
"""As many where the second of them names the day on which it speaks: a stamp may come late."""

RULES = (
    Rule("document.other-country", "check", "A document is used in the countries that it names."),
    Rule("document.two-countries", "stop, check", "One document is not shown in two countries."),
    Rule("document.passed-again", "stop, check", "Goods leave once under an export paper."),
    Rule("endorsement.other-day", "check", "Trader and officer speak of one day of a crossing."),
    Rule("document.used", "stop, check", "A licence for one shipment is used for one."),
)


def shown_by(signed: Signed, draft: Draft) -> tuple[tuple[str, Shown], ...]:
    """Return each document that the statement uses, with where and when, each once."""
    day = day_of(signed)
    found: dict[tuple[str, Shown], None] = {}
    for word in words(signed, draft):
        country = _country(signed, draft, word.way, word.document)
        if country is not None:
            found[word.document, Shown(word.way.value, country, day)] = None
    return tuple(found)


def noted(shown: tuple[Shown, ...], one: Shown) -> tuple[Shown, ...]:
    """Return the uses of a document with one more; beyond the first 50 no other day is kept."""
    known = next((s for s in shown if order(s) == order(one)), None)
    if known is None and len(shown) >= SHOWN_MAX:
        return shown
    times = one.times + (known.times if known is not None else 0)
    others = (s for s in shown if s is not known)
    return tuple(sorted((*others, replace(one, times=times)), key=order))


def unshown(shown: tuple[Shown, ...], *, act: str, country: str, day: str) -> tuple[Shown, ...]:
    """Return the uses of a document without one statement on that act, country and day."""
    less = (
        replace(s, times=s.times - 1) if (s.act, s.country, s.day) == (act, country, day) else s
        for s in shown
    )
    return tuple(s for s in less if s.times > 0)


def order(shown: Shown) -> tuple[str, str, str]:
    """Return what uses of a document are sorted by."""
    return shown.day, shown.act, shown.country


def check_shown(
    signed: Signed,
    draft: Draft,
    subject: Subject,
    *,
    document: str,
    way: Way,
    is_second: bool = False,
) -> Iterator[Flag]:
    """Yield what is wrong about where a document was used; findings on `subject`.

    `is_second` where this is the other word on a crossing: the officer may see it another day.

    Where a second country is the one that the document names, the earlier use was the odd one: then
    the document itself gets a check, so that nobody can lock the honest holder out; and where it
    may have been a stranger's (`unnamed`), what would be a stop is a check.
    """
    state, kind = draft.document(document), draft.tables.document_kind(document)
    country = _country(signed, draft, way, document)
    if state is None or kind is None or not kind.act or country is None:
        return
    if kind.act == "travel":
        return
    leaves = kind.act in ("export", "re-export")
    named = _named(document, state, act=kind.act, way=way)
    # Where a registration brings goods in, the country is only that of the party.
    is_said = isinstance(signed.event, LotImported | DocumentEndorsed)
    home = country_of(document)
    comes_home = is_said and leaves and way is Way.IMPORT and country == home
    is_other = named not in (None, country)
    if is_other and way is Way.IMPORT and left_under(draft, subject.name, document):
        # What left for one country of a union may be cleared in another one of it.
        is_other = not draft.tables.in_one_union(named or "", country, day=day_of(signed))
    if comes_home or is_other:
        yield Flag(subject, "document.other-country", Severity.CHECK)
    before = [shown for shown in state.shown if shown.act == way.value]
    others = is_contested(signed, draft, document=document, way=way, code=subject.name)
    weight = Severity.CHECK if others else Severity.STOP
    if any(shown.country != country for shown in before):
        if named == country:
            paper = Subject(Kind.DOCUMENT, document)
            yield Flag(paper, "document.two-countries", Severity.CHECK)
        else:
            yield Flag(subject, "document.two-countries", weight)
    elif kind.single == "shipment" and not is_second and _on_other_days(before, day_of(signed)):
        yield Flag(subject, "document.used", weight)


def check_other_day(
    signed: Signed, draft: Draft, subject: Subject, *, document: str, known: Passage
) -> Iterator[Flag]:
    """Yield a check where the second word on a crossing is of quite another day than the first.

    The day chooses quota, term and season, and the first word's has done so.
    """
    days = tuple(_days_told(signed, draft, document, known))
    apart = min((abs(days_between(day, day_of(signed))) for day in days), default=0)
    # Programs state the present day where nobody names another one.
    is_now = abs(days_between(day_of(signed), log_day(signed.at))) <= 1
    if apart > (UNSTATED_DAYS if is_now else APART_DAYS):
        yield Flag(subject, "endorsement.other-day", Severity.CHECK)


def check_second_journey(lot: LotState, event: LotExported, subject: Subject) -> Iterator[Flag]:
    """Yield a finding on goods that were back in the country that they leave again under a paper.

    A stop where they came back under another paper: the first journey had come to its end.
    """
    if not event.from_country == lot.country == country_of(event.document):
        return
    others = (p for p in lot.passages if p.way is Way.EXPORT and p.document != event.document)
    weight = Severity.STOP if any(others) else Severity.CHECK
    yield Flag(subject, "document.passed-again", weight)


def _days_told(signed: Signed, draft: Draft, document: str, known: Passage) -> Iterator[str]:
    if not isinstance(signed.event, DocumentEndorsed):
        for name in names_before(draft, document) if known.seen_by is not None else ():
            seen = endorsement_of(draft, name, known.seen_by or b"")
            if seen is not None:
                yield seen.day
        return
    state = draft.document(document)
    for shown in state.shown if state is not None and known.said_by is not None else ():
        if (shown.act, shown.country) == (known.way.value, signed.event.country):
            yield shown.day


def _on_other_days(before: list[Shown], day: str) -> bool:
    return any(shown.day != day for shown in before)


def _country(signed: Signed, draft: Draft, way: Way, document: str) -> str | None:
    event = signed.event
    if isinstance(event, DocumentEndorsed):
        return event.country
    if isinstance(event, LotExported):
        return event.from_country
    if isinstance(event, LotImported):
        return event.to_country
    if was_used_elsewhere(signed, document):
        return None
    party = draft.party(signed.party)
    return party.country if party is not None and way is Way.IMPORT else None


def _named(document: str, state: DocumentState, *, act: str, way: Way) -> str | None:
    """Return the country that a document names for that side, or None where it names none."""
    paper = state.paper
    if way is Way.EXPORT:
        own = country_of(document) if act in ("export", "re-export") else None
        return own or (paper.from_country if paper is not None else None)
    own = country_of(document) if act == "import" else None
    return own or (paper.to_country if paper is not None else None)
