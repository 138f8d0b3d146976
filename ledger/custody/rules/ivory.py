"""Rules on dealing in ivory: the exemptions of the Ivory Act 2018, one registration a dealing.

Owns the tests of the sections as rules; their figures are the table `ivory_exemptions`. Source:
Ivory Act 2018, s.2 and s.6 to s.9, as carried in the domain data; frauds F26 and F27.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody.documents import Exemption
from ledger.custody.rules.boxes import Boxes
from ledger.custody.rules.days import is_day
from ledger.custody.state import Draft
from ledger.custody.subjects import Flag, Kind, Refusal, Remark, Rule, Severity, Subject
from ledger.reference.rows import IvoryExemption

KINDS = frozenset({"IVORY-CERT", "IVORY-REG"})
RULES = (
    Rule("ivory.section", "refuse, check", "An Ivory Act paper names the section of its kind."),
    Rule("ivory.test", "refuse, check", "An exempt item passes the test of its section."),
)


def check_exemption(draft: Draft, boxes: Boxes, *, by_issuer: bool) -> Iterator[Remark]:
    """Yield what is wrong with the ground on which an Ivory Act paper exempts an item."""
    if boxes.kind is None or boxes.kind.kind not in KINDS:
        return
    subject = Subject(Kind.DOCUMENT, boxes.name)
    exemption = boxes.paper.exemption
    section = draft.tables.ivory_exemptions.get(exemption.section) if exemption else None
    rule = ""
    if exemption is None or section is None or section.kind != boxes.kind.kind:
        rule = "ivory.section"
    elif not passes(exemption, section):
        rule = "ivory.test"
    if rule and by_issuer:
        facts: Mapping[str, Any] = {"document": boxes.name}
        yield Refusal(rule, facts)
    elif rule:
        yield Flag(subject, rule, Severity.CHECK)


def passes(exemption: Exemption, section: IvoryExemption) -> bool:
    """Return whether what the paper says of the item passes the test of the section."""
    made, share, surface = exemption.made_before, exemption.share_percent, exemption.surface_cm2
    before, below, most = section.made_before, section.share_below_percent, section.surface_max_cm2
    is_old = not before or (made is not None and is_day(made) and made <= before)
    is_little = below is None or (share is not None and 0 <= share < below)
    is_small = most is None or (surface is not None and 0 < surface <= most)
    has_museum = not section.needs_museum or bool((exemption.museum or "").strip())
    return is_old and is_little and is_small and has_museum
