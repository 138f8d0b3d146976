"""Rules on containers: what goes in, what a container must be to move, and who opens it.

Owns packing and opening. A container moves as one; a lot in it moves with it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.custody import standing
from ledger.custody.decide import Check
from ledger.custody.goods import expand
from ledger.custody.rules import holding, marks, seals
from ledger.custody.rules.registration import check_codes
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Kind, Refusal, Remark, Rule, Subject
from ledger.custody.transfers import ContainerOpened, ContainerPacked

RULES = (
    Rule("container.unknown", "refuse", "A container that is named was packed in this ledger."),
    Rule("container.not-packed", "refuse", "An opened container moves no more."),
    Rule("container.empty", "refuse", "A container is packed with something."),
    Rule("container.twice", "refuse", "A container holds each lot and container once."),
    Rule("seal.reused", "stop, check, note", "A security seal closes one container or load, once."),
    Rule("container.too-full", "refuse", "A container holds at most 1,000 lots and containers."),
)


def check_packed(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why lots and containers cannot go into a new container."""
    event = signed.event
    if not isinstance(event, ContainerPacked):
        return
    if not event.lots and not event.containers:
        yield Refusal("container.empty", {})
    for codes in (event.lots, event.containers):
        if len(set(codes)) != len(codes):
            yield Refusal("container.twice", {})
    yield from marks.check_form(event.seals)
    held = len(event.lots) + len(event.containers)
    for code in event.lots:
        yield from holding.check_held(signed, draft, code)
    for code in event.containers:
        yield from check_container(signed, draft, code)
        held += sum(map(len, standing.within(draft, code)))
    if held > standing.NESTED_MAX:
        yield Refusal("container.too-full", {"lots": held, "lots_max": standing.NESTED_MAX})
    yield from check_codes(signed, draft, count=1)
    inside = {c for code in event.containers for c in (code, *standing.within(draft, code)[1])}
    # A lot rests on the container that it stands in: those inside are closed by the seal, too.
    closes = [Subject(Kind.CONTAINER, code) for code in (signed.code_of(0), *sorted(inside))]
    known = {name: draft.mark(name) for name in expand(event.seals)}
    used = {n: s for n, s in known.items() if s is not None and (s.lots or s.ended is not None)}
    yield from seals.check_reused(draft, used, party=signed.party, closes=tuple(closes))


def check_opened(signed: Signed, draft: Draft) -> Iterator[Remark]:
    """Yield why the signer cannot open the container."""
    event = signed.event
    if isinstance(event, ContainerOpened):
        yield from check_container(signed, draft, event.container)


def check_container(signed: Signed, draft: Draft, code: str) -> Iterator[Refusal]:
    """Yield why the signer may not move container `code` freely."""
    state = draft.container(code)
    if state is None:
        yield Refusal("container.unknown", {"container": code})
        return
    if state.status != "packed":
        yield Refusal("container.not-packed", {"container": code})
    if state.holder != signed.party:
        yield Refusal("custody.not-holder", {"lot": code, "party": signed.party})
    if state.container is not None:
        yield Refusal("container.inside", {"lot": code, "container": state.container})
    offer = draft.offer(state.offer) if state.offer is not None else None
    if offer is not None and signed.at <= offer.event.expires:
        yield Refusal("transfer.open-offer", {"lot": code})


CHECKS: Mapping[type[Any], tuple[Check, ...]] = {
    ContainerPacked: (check_packed,),
    ContainerOpened: (check_opened,),
}
