"""What the page of an authority shows: everything that waits for it, in words and with commands.

Owns the step from the reader's sections to what `waiting.html` prints. Which rows there are, and in
which order, the reader decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from msgspec import Struct, field

from ledger.reader.views import Errand, WaitingView
from ledger.reference.explaining import explain
from ledger.reference.wording import word, wordings
from web import words
from web.drawing import draw_bar
from web.goods import amount, country, grouped_digits
from web.page import day_of, grouped, lot_link, minute
from web.words import N_

_WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|\S)+""")
"""A word of a command, as a shell reads it: what is quoted belongs together."""
TITLES: Mapping[str, str] = {
    "approvals": N_("Acts that wait for an approval"),
    "seized": N_("Seized goods that wait for a decision"),
    "offers": N_("Goods offered to the authority"),
    "endorsements": N_("Crossings that wait for an officer"),
    "findings": N_("Findings, the heaviest first"),
    "deadlines": N_("Deadlines ahead"),
    "returns": N_("Marks to be returned"),
    "quotas": N_("Quotas by use"),
}


class ErrandShown(Struct, frozen=True):
    """One thing that waits, in words; `bar` is a picture of what is used, said in `use` too.

    Each command comes as its words, so that no line ends within an option; `reason` is the rule
    whose innocent explanation stands below the list.
    """

    title: str
    subject: str
    link: str
    severity: str
    severity_word: str
    facts: tuple[tuple[str, str], ...]
    use: str = ""
    bar: Markup = field(default_factory=Markup)
    reason: str = ""
    commands: tuple[tuple[str, ...], ...] = ()


class ReasonShown(Struct, frozen=True):
    """What may lie innocently behind the findings of a rule: said once for all of them."""

    rule: str
    title: str
    innocent: str


class SectionShown(Struct, frozen=True):
    """One section; `is_cut` says that there are more rows than it shows, `next` leads to them.

    `count` says how many there are in all, where that is known.
    """

    name: str
    title: str
    rows: tuple[ErrandShown, ...]
    reasons: tuple[ReasonShown, ...]
    is_cut: bool
    count: str = ""
    next: str = ""


class WaitingPage(Struct, frozen=True):
    """Everything that `waiting.html` prints."""

    heading: str
    as_of: str
    age: str
    sections: tuple[SectionShown, ...]
    whole: str = ""
    """The link to the whole page, where this one shows a section alone or from a place on."""


def waiting_page(view: WaitingView, *, lang: str, now_s: int) -> WaitingPage:
    """Return what waits in the words of `lang`."""
    places = ", ".join(country(code, lang) for code in view.countries)
    return WaitingPage(
        heading=" · ".join(part for part in (view.authority, places) if part),
        as_of=minute(view.at),
        age=words.age_word(max(0, now_s - view.at)),
        sections=tuple(_section(name, view, lang) for name in view.sections),
        whole=_link(section="", after="") if {"section", "after"} & request.args.keys() else "",
    )


def _section(name: str, view: WaitingView, lang: str) -> SectionShown:
    rows = view.sections[name]
    counts = view.counts if name == "findings" else None
    place = view.next if name == "findings" else ""
    return SectionShown(
        name=name,
        title=_(TITLES[name]),
        rows=tuple(_SHOWN.get(name, _act)(row, lang) for row in rows),
        reasons=tuple(_reasons(rows, lang)) if name in ("findings", "deadlines") else (),
        is_cut=name in view.cut,
        count=_count(counts) if counts is not None else "",
        next=_link(section=name, after=place) if place else "",
    )


def _link(**asked: str) -> str:
    """Return a link to the present page that asks for something else beside what was asked."""
    return "?" + urlencode({k: v for k, v in {**request.args, **asked}.items() if v})


def _reasons(rows: Iterable[Errand], lang: str) -> Iterator[ReasonShown]:
    """Yield each rule's innocent explanation once, in the order in which its findings come."""
    first = {row.about: row for row in reversed(tuple(rows))}
    for rule in dict.fromkeys(row.about for row in rows):
        innocent = explain(rule, lang)[0]
        if innocent:
            yield ReasonShown(rule, _title(first[rule], lang), innocent)


def _count(counts: Mapping[str, int]) -> str:
    """Return how many findings there are, in all and by weight: `21 510: stop 500, check …`."""
    by_weight = ", ".join(
        f"{words.severity_word(weight)} {grouped_digits(str(count))}"
        for weight, count in counts.items()
        if count
    )
    return f"{grouped_digits(str(sum(counts.values())))}: {by_weight}" if by_weight else ""


def _act(row: Errand, lang: str) -> ErrandShown:
    title = _("%(act)s, by %(party)s", act=words.event_word(row.about), party=row.party)
    return _shown(row, title, lang)


def _goods(row: Errand, lang: str) -> ErrandShown:
    title = _("%(act)s, of %(party)s", act=words.event_word(row.about), party=row.party)
    return _shown(row, title, lang)


def _finding(row: Errand, lang: str) -> ErrandShown:
    return _shown(
        row, _title(row, lang), lang, reason=row.about if explain(row.about, lang)[0] else ""
    )


def _title(row: Errand, lang: str) -> str:
    return word(row.about, {"on": row.kind}, lang)[0] if row.about in wordings() else row.about


def _marks(row: Errand, lang: str) -> ErrandShown:
    return _shown(row, _("Marks allotted to %(party)s", party=row.party), lang)


def _quota(row: Errand, lang: str) -> ErrandShown:
    terms = f" ({', '.join(row.terms)})" if row.terms else ""
    return _shown(row, f"{country(row.party, lang)}: {row.taxon}{terms}", lang)


def _shown(row: Errand, title: str, lang: str, *, reason: str = "") -> ErrandShown:
    is_lot = row.kind == "lot"
    bar = Markup()
    if row.amount is not None:
        bar = draw_bar(row.used or 0, row.amount, reserved=row.reserved or 0)
    return ErrandShown(
        title=title,
        subject=grouped(row.name) if is_lot else f"{row.kind}/{row.name}",
        link=lot_link(row.name, lang) if is_lot else "",
        severity=row.severity,
        severity_word=words.severity_word(row.severity) if row.severity else "",
        facts=tuple(_facts(row)),
        use=_use(row, lang),
        bar=bar,
        reason=reason,
        commands=tuple(tuple(_WORD.findall(command)) for command in row.commands),
    )


def _facts(row: Errand) -> list[tuple[str, str]]:
    facts = []
    if row.at is not None:
        facts.append((_("Since"), day_of(row.at)))
    if row.due is not None and row.due != row.at:
        facts.append((_("Due"), day_of(row.due)))
    if row.period is not None:
        facts.append((_("Period"), f"{row.period[0]} – {row.period[1]}"))
    if row.party and row.period is None:
        facts.append((_("Party"), row.party))
    if row.document:
        facts.append((_("Document"), row.document))
    if row.marks:
        facts.append((_("Marks"), ", ".join(row.marks)))
    facts += [(_("Condition"), condition) for condition in row.conditions]
    return facts


def _use(row: Errand, lang: str) -> str:
    if row.amount is None:
        return ""
    used, unit = amount(row.used or 0, row.unit, lang)
    whole = amount(row.amount, row.unit, lang)[0]
    unit = unit or ngettext("piece", "pieces", row.amount)
    said: str = _("%(used)s of %(amount)s %(unit)s used", used=used, amount=whole, unit=unit)
    if row.amount:
        said += f" ({(row.used or 0) * 100 // row.amount} %)"
    if (row.used or 0) > row.amount:
        # 10,801 of 10,800 are a hundred per cent, and one too many.
        over = amount((row.used or 0) - row.amount, row.unit, lang)[0]
        said += " · " + _("%(over)s too many", over=over)
    if row.reserved:
        reserved = amount(row.reserved, row.unit, lang)[0]
        said += " · " + _("%(reserved)s reserved by permits", reserved=reserved)
    return said


_SHOWN: Mapping[str, Callable[[Errand, str], ErrandShown]] = {
    "seized": _goods,
    "findings": _finding,
    "deadlines": _finding,
    "returns": _marks,
    "quotas": _quota,
}
