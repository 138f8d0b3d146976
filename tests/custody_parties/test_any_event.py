"""Whatever is said, by whomever: the rules answer, and never raise.

Values come from a pool of what exists and what does not, so that statements get past the first
checks often enough.
"""

from __future__ import annotations

import hashlib
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import pytest
from ledger_world import DAY, LedgerWorld, founded_world, key, kid, tables
from msgspec import structs

from ledger.custody.events import EVENTS, containers_named, lots_named
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import LedgerFounded
from ledger.custody.rules.roles import MOVING
from ledger.custody.state import Change
from ledger.custody.subjects import Kind, Refusal, Subject

PARTIES = ("root", "parks", "customs", "ranger", "clerk", "farm", "tannery", "auditor", "nobody")
TEXTS = (
    *PARTIES,
    "",
    " ",
    "a reason",
    "ZW",
    "QQ",
    "BR",
    "ZW/EXPORT/1",
    "farm/shed",
    "farm",
    "recount",
    "retail",
    "abroad",
    "lost",
    "matches",
    "differs",
    "Crocodylus niloticus",
    "SKI",
    "NAR",
    "GRM",
    "C",
    "W",
    "2026-01-01",
    "sawing",
    "ringmark-1",
    "closing",
    "control.held",
    "image/png",
    "process",
    "FSC 100%",
    "FSC Mix Credit",
    "FSC Mix 70%",
    "bred",
    "harvest",
    "visit",
    "outline",
)
LIKELY: dict[str, tuple[Any, ...]] = {
    "party": PARTIES,
    "to": ("farm", "tannery"),
    "reason": ("a reason",),
    "country": ("ZW",),
    "origin": ("ZW",),
    "from_country": ("ZW",),
    "to_country": ("BR",),
    "taxon": ("Crocodylus niloticus",),
    "term": ("SKI",),
    "unit": ("NAR",),
    "source": ("C",),
    "quantity": (1, 2, 3),
    "expires": (1_800_000_000,),
    "due": (1_800_000_000,),
    "document": ("ZW/EXPORT/1", "ZW/EXPORT/2", "BR/EXPORT/3"),
    "cause": ("recount",),
    "how": ("retail",),
    "why": ("lost",),
    "result": ("matches", "differs"),
}
"""For most fields of these names: what lets a statement through."""
KINDS = tuple(kind for kind in EVENTS.values() if kind is not LedgerFounded)
RARE = {"PartySuspended", "KeyRevoked", "KeyRotated", "LotRetired", "LotDeparted", "LotSeized"}
"""What ends a story early."""
NUMBERS = (0, 1, 2, 5, 10, 11, 2026, 1_790_000_000, -1, 2**53 - 1)


class Chance:
    """Numbers that look drawn, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.seed, self.drawn = seed, 0

    def randint(self, least: int, most: int) -> int:
        self.drawn += 1
        digest = hashlib.sha256(f"{self.seed}/{self.drawn}".encode()).digest()
        return least + int.from_bytes(digest[:8], "big") % (most - least + 1)

    def random(self) -> float:
        return self.randint(0, 9_999) / 10_000

    def choice(self, items: Sequence[Any]) -> Any:
        return items[self.randint(0, len(items) - 1)]

    def sample(self, items: Sequence[Any], size: int) -> list[Any]:
        left = list(items)
        return [left.pop(self.randint(0, len(left) - 1)) for _ in range(size)]


class Speaker:
    """Makes statements of all kinds up, from what the world has."""

    def __init__(self, seed: int, world: LedgerWorld) -> None:
        self.rng, self.world = Chance(seed), world
        self.fresh = 0

    def event(self) -> Any:
        kind = self.rng.choice(KINDS)
        if kind.__name__ in RARE and self.rng.random() < 0.9:
            kind = self.rng.choice(KINDS)
        return self.build(kind)

    def build(self, kind: type[Any]) -> Any:
        if kind.__name__ == "PublicKey":
            self.fresh += 1
            return key(self.rng.choice(["farm", f"fresh-{self.fresh}", f"fresh-{self.fresh}"]))
        hints = typing.get_type_hints(kind)
        return kind(**{f.name: self.value(hints[f.name], f) for f in structs.fields(kind)})

    def value(self, form: Any, field: Any = None) -> Any:
        origin, args = typing.get_origin(form), typing.get_args(form)
        name = field.name if field is not None else ""
        if origin in (typing.Union, types.UnionType):
            inner = [arg for arg in args if arg is not type(None)]
            return None if self.rng.random() < 0.7 else self.value(inner[0], field)
        if name in ("lots", "inputs", "short", "lot", "refused", "containers", "container"):
            return self.goods(form, name)
        if name == "tables":
            return self.rng.choice([tables(), {}])
        if origin is tuple:
            return tuple(self.value(args[0]) for _ in range(self.rng.choice([0, 1, 1, 2])))
        if origin is not None and issubclass(origin, Mapping):
            return {self.value(args[0]): self.value(args[1]) for _ in range(self.rng.randint(0, 2))}
        if name in LIKELY and self.rng.random() < 0.8:
            return self.rng.choice(LIKELY[name])
        return self.single(form)

    def single(self, form: Any) -> Any:
        if form is str:
            return self.rng.choice(TEXTS)
        if form is bool:
            return self.rng.choice((True, False))
        if form is int:
            return self.rng.choice(NUMBERS)
        if form is bytes:
            ids = [self.world.last_id, *self.world.offers, *self.world.acts]
            return self.rng.choice([*ids, *ids, kid("farm"), bytes(32)])
        if isinstance(form, type) and issubclass(form, Enum):
            return self.rng.choice(list(form))
        return self.build(form)

    def goods(self, form: Any, name: str) -> Any:
        of = Kind.CONTAINER if name.startswith("container") else Kind.LOT
        known = [s.name for s in self.world.states if s.kind is of] or ["0" * 12]
        picked = self.rng.sample(known, min(len(known), self.rng.choice([1, 1, 2])))
        origin, args = typing.get_origin(form), typing.get_args(form)
        if origin is tuple and args[0] is str:
            return tuple(picked)
        if origin is tuple:
            return tuple(self.value(args[0]) for _ in range(self.rng.choice([1, 2])))
        if origin is not None:
            return {code: self.value(args[1]) for code in picked}
        return picked[0]

    def heads(self, event: Any) -> dict[str, bytes]:
        codes = {*lots_named(event), *containers_named(event)} if type(event) in MOVING else ()
        found = {}
        for code in codes:
            for of in (Kind.LOT, Kind.CONTAINER):
                state = self.world.states.get(Subject(of, code))
                if state is not None:
                    found[code] = getattr(state, "head", bytes(32))
        return found


@pytest.mark.parametrize("seed", range(12))
def test_the_rules_answer_whatever_is_said(seed: int) -> None:
    strict = {"root": 2, "threshold": 2, "thresholds": "thresholds-two"} if seed % 2 else {}
    world = founded_world(**strict)
    speaker = Speaker(seed, world)
    rows = Row("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")
    stock = LotRegistered(Basis.OPENING_STOCK, tuple(NewLot((rows,)) for _ in range(6)))
    for by in ("farm", "tannery"):
        world.do(stock, by=by)
    admitted = 0
    for _ in range(1_500):
        event = speaker.event()
        by = speaker.rng.choice((*PARTIES, "farm", "tannery", "ranger", "parks"))
        own = "root-2" if by == "root" and speaker.rng.random() < 0.3 else ""
        outcome = world.say(event, by=by, key=own, prev=speaker.heads(event))
        assert isinstance(outcome, Change | Refusal)
        admitted += isinstance(outcome, Change)
        if speaker.rng.random() < 0.02:
            world.at += speaker.rng.choice([600, DAY, 31 * DAY])
        if speaker.rng.random() < 0.02:
            world.close((kid(by), speaker.rng.choice(NUMBERS), bytes(32), "lot.unknown"))
    assert admitted > 25
