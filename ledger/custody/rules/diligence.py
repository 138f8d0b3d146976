"""Rules on due-diligence references (EUDR): the plots that they name, and how they are amended.

Owns the question whether goods come from a plot that their reference names: the plot of a lot is
its own, or those of what it was made of. A reference is amended under its number within 72 hours,
while nothing rests on it. Sources: EUDR (Reg. 2023/1115); EC EUDR API and UI validation rules v1.3;
fraud F31.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ledger.custody.documents import DocumentRecorded, DocumentState, Paper
from ledger.custody.lots import LotRegistered
from ledger.custody.rules.goods import DAY_S
from ledger.custody.rules.papers import Use
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Refusal, Rule, Severity, Subject

REFERENCE = "DDS"
AMEND_S = 3 * DAY_S
PLOTS_MAX = 500
ANCESTORS_MAX = 200
"""Of how many lots the plots are asked, nearest first."""

RULES = (
    Rule("document.plots", "refuse", "A reference names plots of this ledger, each once."),
    Rule("document.amended", "refuse", "A reference is amended within 72 hours, while unused."),
    Rule(
        "document.other-plot", "stop, check", "Goods come from a plot that their reference names."
    ),
)


def check_plots(draft: Draft, paper: Paper, *, name: str) -> Iterator[Refusal]:
    """Yield a refusal unless each plot that a paper names is one of this ledger."""
    facts: dict[str, str | int] = {"document": name, "plots_max": PLOTS_MAX}
    if len(set(paper.plots)) != len(paper.plots) or len(paper.plots) > PLOTS_MAX:
        yield Refusal("document.plots", facts)
    for plot in paper.plots:
        state = draft.facility(plot)
        if state is None:
            yield Refusal("facility.unknown", {"facility": plot})
        elif state.kind != "plot":
            yield Refusal("document.plots", facts)


def is_amendable(signed: Signed, known: DocumentState) -> bool:
    """Return whether who recorded a reference may still say it anew under the same number."""
    event = signed.event
    is_own = known.status == "recorded" and known.by == signed.party
    is_used = bool(known.drawn) or bool(known.shown) or known.referenced
    return (
        isinstance(event, DocumentRecorded)
        and is_reference(event.document)
        and is_own
        and not is_used
        and signed.at - known.entered_at <= AMEND_S
    )


def is_reference(name: str) -> bool:
    """Return whether a document of that name is a due-diligence reference."""
    return name.split("/")[1:2] == [REFERENCE]


def check_origin(signed: Signed, draft: Draft, use: Use) -> Iterator[Flag]:
    """Yield a finding on a lot that comes from a plot which its reference does not name.

    What a party says of its own reference is a check; where an officer or the issuer confirmed it,
    a stop.
    """
    state = draft.document(use.document) if is_reference(use.document) else None
    named = state.paper.plots if state is not None and state.paper is not None else ()
    if state is None or not named:
        return
    if not set(_plots_of(signed, draft, use)).issubset(named):
        confirmed = state.status in ("issued", "attested")
        severity = Severity.STOP if confirmed else Severity.CHECK
        yield Flag(Subject(Kind.LOT, use.code), "document.other-plot", severity)


def _plots_of(signed: Signed, draft: Draft, use: Use) -> Iterator[str]:
    """Yield the plots where goods grew: that of the lot, else those of what it was made of."""
    event = signed.event
    if isinstance(event, LotRegistered):
        places = (
            signed.code_of(i) == use.code and lot.facility for i, lot in enumerate(event.lots)
        )
        yield from (place for place in places if place and _is_plot(draft, place))
        return
    ahead, seen = deque([use.code]), {use.code}
    while ahead and len(seen) <= ANCESTORS_MAX:
        lot = draft.lot(ahead.popleft())
        if lot is None:
            continue
        if lot.facility is not None and _is_plot(draft, lot.facility):
            yield lot.facility
            continue
        new = [code for code in lot.parents if code not in seen]
        seen.update(new)
        ahead.extend(new)


def _is_plot(draft: Draft, name: str) -> bool:
    state = draft.facility(name)
    return state is not None and state.kind == "plot"
