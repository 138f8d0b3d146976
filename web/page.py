"""What the verdict page shows: a verdict, a timeline and a lineage as words, links and a drawing.

Owns the step from values to what a template prints. The level, the reason and the sentence come
from the verdict as they are; nothing here weighs them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from msgspec import Struct, field
from msgspec.structs import replace

from ledger.reader.covering import CoveringQuota
from ledger.reader.views import Lineage, LineageNode, TimelineEntry
from ledger.reference.explaining import explain
from ledger.reference.reasons import verdict_table
from ledger.reference.wording import word, wordings
from ledger.verify.verdict import Check, FindingShown, Verdict, sentence
from ledger.wire import text
from web import words
from web.drawing import draw_lineage
from web.goods import GoodsShown, country, goods_shown, row_shown
from web.quotas import QuotaShown, quotas_in_short

NODES_MAX = 24
"""Lots that a lineage shows: more do not fit a phone."""
STEPS_MAX = 200
"""Steps of a lot's life that a page shows, the newest ones."""


class StepShown(Struct, frozen=True):
    """One step of the timeline in words."""

    day: str
    what: str
    who: str
    country: str


class NodeShown(Struct, frozen=True):
    """A lot of the lineage in words; `link` is empty for the lot that the page is about."""

    code: str
    link: str
    text: str
    relation: str


class FindingLine(Struct, frozen=True):
    """An open finding in words; `cause` is who said what made it, by role and day alone."""

    rule: str
    severity: str
    severity_word: str
    on_word: str
    since: str
    message: str
    hint: str
    reaches: bool
    inherited: bool
    marks: tuple[str, ...]
    innocent: str
    ended_by: str
    cause: StepShown | None = None


class CheckLine(Struct, frozen=True):
    """A check in words."""

    name: str
    kind: str
    outcome: str
    outcome_word: str
    detail: str


class VerdictPage(Struct, frozen=True):
    """Everything that `verdict.html` prints."""

    level: str
    level_word: str
    reason: str
    outcome: str
    sentence: str
    next: str
    kind_word: str
    heading: str
    as_of: str = ""
    age: str = ""
    goods: GoodsShown | None = None
    registered: str = ""
    quotas: tuple[QuotaShown, ...] = ()
    """Under which it was taken, exported or permitted, with what their authority asks."""
    findings: tuple[FindingLine, ...] = ()
    timeline: tuple[StepShown, ...] = ()
    nodes: tuple[NodeShown, ...] = ()
    graph: Markup = field(default_factory=Markup)
    checks: tuple[CheckLine, ...] = ()
    origin: str = ""
    size: int | None = None
    root: str = ""
    ledger: str = ""
    lot_link: str = ""
    card_link: str = ""
    asked: tuple[tuple[str, str], ...] = ()
    """What the phone asks of the card: names and values."""
    stop_word: str = ""
    label_command: str = ""
    """What prints a label of it, for whoever holds its key; nothing where nobody signs one."""


def verdict_page(
    verdict: Verdict,
    *,
    lang: str,
    code: str,
    mark: str | None = None,
    timeline: Sequence[TimelineEntry] = (),
    lineage: Lineage | None = None,
    causes: Mapping[bytes, TimelineEntry] | None = None,
    quotas: Sequence[CoveringQuota] = (),
    shows_code: bool = True,
) -> VerdictPage:
    """Return a verdict with its timeline and lineage in the words of `lang`.

    Without `shows_code` a page about a mark does not tell which lot it belongs to: marks can be
    guessed one after another, codes cannot.
    """
    goods = verdict.goods
    page = judged_page(
        verdict,
        lang=lang,
        heading=mark or grouped(code),
        kind_word=_("Mark") if mark else _("Code"),
        card_link=url_for("lots.card", code=code) if shows_code else "",
        asked=(("code", code), *((("mark", mark),) if mark else ())),
        causes=causes,
        label_of=(grouped(code),) if goods and mark is None else (),
    )
    return replace(
        page,
        goods=goods_shown(goods, lang) if goods else None,
        registered=day_of(goods.born_at) if goods and goods.born_at is not None else "",
        quotas=quotas_in_short(quotas),
        timeline=tuple(_step(entry, lang) for entry in timeline),
        nodes=_nodes(nearest(lineage), lang) if lineage else (),
        graph=_graph(nearest(lineage), lang) if lineage else Markup(),
        lot_link=lot_link(code, lang) if mark and shows_code else "",
    )


def judged_page(
    verdict: Verdict,
    *,
    lang: str,
    heading: str,
    kind_word: str,
    card_link: str,
    asked: tuple[tuple[str, str], ...],
    causes: Mapping[bytes, TimelineEntry] | None = None,
    label_of: Sequence[str] = (),
) -> VerdictPage:
    """Return what every page with a verdict shows of it, in the words of `lang`."""
    says, next_step = _sentence(verdict, lang)
    as_of = verdict.as_of
    return VerdictPage(
        level=verdict.level.value,
        level_word=verdict_table().levels[verdict.level.value][lang],
        reason=verdict.reason,
        outcome=verdict.outcome.value,
        sentence=says,
        next=next_step,
        kind_word=kind_word,
        heading=heading,
        as_of=minute(as_of) if as_of is not None else "",
        age=words.age_word(verdict.age_s or 0) if as_of is not None else "",
        findings=_said_once([_finding(each, causes or {}, lang) for each in verdict.findings]),
        checks=tuple(_check(check) for check in verdict.checks),
        origin=verdict.origin or "",
        size=verdict.size,
        root=verdict.root.hex() if verdict.root else "",
        ledger=verdict.ledger.hex() if verdict.ledger else "",
        card_link=card_link,
        asked=asked,
        stop_word=verdict_table().levels["stop"][lang],
        label_command=shlex.join(("ringmark", "label", "create", *label_of)) if label_of else "",
    )


def grouped(code: str) -> str:
    """Return a code of 12 symbols in groups of four."""
    return text.format_code(text.code_value(code))


def minute(seconds: int) -> str:
    """Return a time to the minute, UTC: `2026-11-24 01:53`."""
    return text.format_time(seconds)[:16].replace("T", " ")


def day_of(seconds: int) -> str:
    """Return the UTC day of a time: `2026-11-24`."""
    return text.format_time(seconds)[:10]


def _sentence(verdict: Verdict, lang: str) -> tuple[str, str]:
    """Return the table's sentence, or the rule's own words where a finding decided."""
    params = {name: _param(name, value) for name, value in verdict.params.items()}
    verdict = replace(verdict, params=params)
    says, next_step = sentence(verdict, lang=lang)
    if verdict.reason in verdict_table().reasons or verdict.reason not in wordings():
        return says, next_step
    message, hint = word(verdict.reason, verdict.params, lang)
    return message, hint or next_step


def _param(name: str, value: str | int) -> str | int:
    said = {"how": words.end_word, "status": words.status_word}.get(name)
    return said(value) if said is not None and isinstance(value, str) else value


def _finding(
    finding: FindingShown, causes: Mapping[bytes, TimelineEntry], lang: str
) -> FindingLine:
    message, hint = word(finding.rule, {"on": finding.on}, lang)
    innocent, ended_by = explain(finding.rule, lang)
    cause = causes.get(finding.cause)
    return FindingLine(
        rule=finding.rule,
        severity=finding.severity,
        severity_word=words.severity_word(finding.severity),
        on_word=words.kind_word(finding.on),
        since=day_of(finding.from_at),
        message=message,
        hint=hint,
        reaches=finding.reaches,
        inherited=finding.inherited,
        marks=finding.marks,
        innocent=innocent,
        ended_by=ended_by,
        cause=_step(cause, lang) if cause is not None else None,
    )


def _said_once(lines: Sequence[FindingLine]) -> tuple[FindingLine, ...]:
    """Return findings with what is true of a rule said at its first one: a phone shows fifty."""
    told: set[tuple[str, str]] = set()
    shown = []
    for line in lines:
        again = (line.rule, line.ended_by) in told
        told.add((line.rule, line.ended_by))
        shown.append(replace(line, innocent="", ended_by="") if again else line)
    return tuple(shown)


def _check(check: Check) -> CheckLine:
    outcome = check.outcome.value
    return CheckLine(
        check.name,
        check.kind.value,
        outcome,
        words.outcome_word(outcome),
        words.detail_word(check.detail) if check.detail else "",
    )


def _step(entry: TimelineEntry, lang: str) -> StepShown:
    what = words.event_word(entry.type)
    if entry.inherited:
        what = _("%(what)s (goods it was made of)", what=what)
    return StepShown(
        day=day_of(entry.at),
        what=what,
        who=words.role_word(entry.role),
        country=country(entry.country, lang),
    )


def _nodes(lineage: Lineage, lang: str) -> tuple[NodeShown, ...]:
    parents = {parent for parent, child in lineage.edges if child == lineage.code}
    children = {child for parent, child in lineage.edges if parent == lineage.code}
    relations = {code: _("made into") for code in children}
    relations.update({code: _("made from") for code in parents})
    relations[lineage.code] = _("this lot")
    return tuple(
        NodeShown(
            code=grouped(node.code),
            link="" if node.code == lineage.code else lot_link(node.code, lang),
            text="; ".join(_row_text(node, lang)),
            relation=relations.get(node.code, _("further away")),
        )
        for node in lineage.nodes
    )


def nearest(lineage: Lineage) -> Lineage:
    """Return at most NODES_MAX lots of a lineage, the nearest ones first."""
    nodes = lineage.nodes[:NODES_MAX]
    return replace(lineage, nodes=nodes, is_complete=len(nodes) == len(lineage.nodes))


def _graph(lineage: Lineage, lang: str) -> Markup:
    if len(lineage.nodes) < 2:
        return Markup()
    lines = {
        node.code: (grouped(node.code), *_row_text(node, lang)[:1], *_node_state(node))
        for node in lineage.nodes
    }
    links = {node.code: lot_link(node.code, lang) for node in lineage.nodes}
    return draw_lineage(lines, lineage.edges, here=lineage.code, links=links)


def _node_state(node: LineageNode) -> tuple[str, ...]:
    """Return where a lot stands, and the gravest that was found, on a line of its own."""
    found = "stop" if node.stops else "check" if node.checks else None
    weight = (words.severity_word(found),) if found is not None else ()
    return (words.status_word(node.status), *weight)


def _row_text(node: LineageNode, lang: str) -> list[str]:
    shown = [row_shown(row, lang) for row in node.rows]
    return [f"{row.amount} {row.unit or '×'} {row.term}" for row in shown]


def lot_link(code: str, lang: str) -> str:
    """Return the link to a lot's page in `lang`."""
    return url_for("verdicts.lot", code=code, lang=lang)
