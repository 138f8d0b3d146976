"""An honest, noisy world: many traders at once, with slips, delays and bad networks, and no fraud.

Owns time (whose turn is next), what goes wrong on the way to the ledger, and the count of what the
rules made of it. What a trade does stands in `trades`, one file each. No rule may leave a stop
here, and few a check: every one is a false alarm (DESIGN section 9).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping

from msgspec import Struct, field

from ledger.custody.events import Event
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.lots import LotState
from ledger.custody.parties import Scope
from ledger.custody.stocks import StockAccount
from ledger.custody.subjects import Kind, Severity
from ledger.desk.heads import has_day
from ledger.errors import RefusedError
from ledger.registrar.outcomes import Refused, Registered
from ledger.simulator.dice import Dice
from ledger.simulator.world import DAY_S, POWERS, World
from ledger.statement import lot_code, parse_statement, sign_statement
from ledger.storage.rows import record_of
from ledger.wire import text

HOUR_S = 3_600
STILL_S = 20 * HOUR_S
"""How long the ledger stands still at most before it writes an empty block."""
COUNTRIES: Mapping[str, int] = {
    "ZW": 2,
    "VN": 7,
    "PE": -5,
    "CN": 8,
    "IT": 1,
    "FR": 1,
    "NL": 1,
    "GB": 0,
    "US": -8,
    "ID": 8,
}
"""Countries of the world, each with an authority, and how far their clocks are ahead of UTC (h)."""
AUTHORITY = {country: f"{country.lower()}-authority" for country in COUNTRIES}
OFFICER = {country: f"{country.lower()}-officer" for country in COUNTRIES}

Acts = Generator[int, None, None]
"""A trade: does something, then yields how many seconds pass until its next turn."""


class Said(Struct, frozen=True):
    """A statement that the ledger took: its id, and the codes of what was born in it."""

    id: bytes
    kid: bytes
    salt: bytes

    def code(self, i: int = 0) -> str:
        """Return the code of the lot or container born at place `i`."""
        return lot_code(kid=self.kid, salt=self.salt, i=i)


class Tally(Struct):
    """What became of an honest world: lots, statements, refusals, and open findings by rule."""

    lots: int = 0
    statements: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    """Party, event and rule of each refused statement."""
    stops: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    checked_lots: int = 0
    """Lots with at least one open check of their own."""


class HonestWorld:
    """A ledger with honest parties, and a clock that all of them share."""

    def __init__(self, *, seed: int) -> None:
        self.world = World(seed=seed)
        self.dice = Dice(seed)
        self.refused: list[tuple[str, str, str]] = []
        self.statements = 0
        self._country: dict[str, str] = {}
        self._facilities: set[str] = set()
        self._ahead: list[tuple[int, int, Acts]] = []
        self._turns = 0
        self._numbers = 0
        self._asked: set[str] = set()
        for country in COUNTRIES:
            self.enrol(AUTHORITY[country], country, "authority", scope=Scope(POWERS, (country,)))
            self.enrol(
                OFFICER[country],
                country,
                "officer",
                scope=Scope(POWERS, (country,)),
                acts_for=AUTHORITY[country],
            )

    def enrol(
        self,
        party: str,
        country: str,
        *roles: str,
        scope: Scope | None = None,
        acts_for: str | None = None,
    ) -> str:
        """Enrol a party by the authority of its country, once; return its id."""
        if party in self._country:
            return party
        by = "root" if "authority" in roles else AUTHORITY[country]
        self.world.enrol(party, *roles, country=country, by=by, scope=scope, acts_for=acts_for)
        self._country[party] = country
        return party

    def facility(self, name: str, kind: str, country: str, *, area_m2: int | None = None) -> str:
        """Register a facility of the party that its name begins with, once; return its name."""
        if name not in self._facilities:
            party = name.partition("/")[0]
            cells = ("19M-AB",) if kind == "plot" else ()
            event = FacilityRegistered(name, kind, country, area_m2, cells)
            self.at_once(party, event)
            self._facilities.add(name)
        return name

    def country(self, party: str) -> str:
        """Return the country of a party."""
        return self._country[party]

    def is_first(self, what: str) -> bool:
        """Return whether this is asked of `what` for the first time."""
        known = what in self._asked
        self._asked.add(what)
        return not known

    def number(self) -> int:
        """Return the next of numbers that are given out once, from 1."""
        self._numbers += 1
        return self._numbers

    def knows_place(self, name: str) -> bool:
        """Return whether a facility was registered."""
        return name in self._facilities

    def animals(self, facility: str, taxon: str) -> int:
        """Return how many live animals a farm has by its own word."""
        state = self.world.state(Kind.ACCOUNT, f"stock/{facility}/{taxon}")
        return max(state.count, 0) if isinstance(state, StockAccount) else 0

    def today(self, party: str, *, days: int = 0) -> str:
        """Return the local date of a party, `days` from now: `2026-11-24`."""
        local_s = self.world.clock.now_s() + COUNTRIES[self._country[party]] * HOUR_S
        return text.format_day(local_s // DAY_S + days)

    def year(self, party: str) -> int:
        """Return the local calendar year of a party."""
        return text.parse_decimal(self.today(party)[:4])

    def lot(self, code: str) -> LotState:
        """Return the state of a lot as the ledger has it now."""
        return self.world.lot(code)

    # -- time

    def start(self, trade: Acts, *, in_s: int = 0) -> None:
        """Let a trade have its first turn in so many seconds."""
        self._turns += 1
        at = self.world.clock.now_s() + in_s
        heapq.heappush(self._ahead, (at, self._turns, trade))

    def run(self) -> None:
        """Give every trade its turns, in the order of time, until all have ended."""
        while self._ahead:
            at, _, trade = heapq.heappop(self._ahead)
            self._pass_until(at)
            try:
                self.start(trade, in_s=next(trade))
            except (StopIteration, RefusedError):
                # A refusal is noted: an honest trade that meets one gives its goods up.
                continue

    def _pass_until(self, at: int) -> None:
        clock = self.world.clock
        while clock.now_s() < at:
            clock.advance(min(STILL_S, at - clock.now_s()))
            if clock.now_s() < at:
                self.world.ledger.registrar.heartbeat()

    # -- statements

    def act(self, party: str, event: Event) -> Generator[int, None, Said]:
        """Sign now, send when there is a network: most at once, some after hours, few after days.

        A device's clock is up to five minutes wrong. What arrives twice is taken once.
        """
        raw = self.sign(party, event, ago_s=self.dice.between(0, 2 * HOUR_S))
        lag_s = self._lag_s()
        if lag_s:
            yield lag_s
        said = self.send(party, event, raw)
        if self.dice.chance(3):
            self.send(party, event, raw)
        return said

    def at_once(self, party: str, event: Event, *, ago_s: int = 0) -> Said:
        """Sign and send with a network at hand, as an office does, what was done `ago_s` ago."""
        return self.send(party, event, self.sign(party, event, ago_s=ago_s))

    def sign(self, party: str, event: Event, *, ago_s: int = 0) -> bytes:
        """Return a statement on today's heads of what was done `ago_s` seconds ago, local day."""
        member = self.world.members[party]
        member.seq += 1
        now_s = self.world.clock.now_s()
        when_s = now_s - ago_s
        local_s = when_s + COUNTRIES[self._country[party]] * HOUR_S
        dated = has_day(event)
        return sign_statement(
            event=event,
            signer=member.signer,
            party=party,
            ledger=self.world.ledger.ledger,
            iat=now_s + self.dice.between(-300, 300),
            seq=member.seq,
            salt=self.world.entropy.token(16),
            when=when_s if dated else None,
            day=text.format_day(local_s // DAY_S) if dated else None,
            prev=self.world.heads(event),
        )

    def send(self, party: str, event: Event, raw: bytes) -> Said:
        """Submit signed bytes; note a refusal, which no honest party should meet, and raise it."""
        outcome = self.world.submit(raw)
        self.statements += 1
        if isinstance(outcome, Refused):
            self.refused.append((party, type(event).__name__, outcome.rule))
            raise RefusedError(outcome.rule, f"{party}: {type(event).__name__}: {outcome.params}")
        if not isinstance(outcome, Registered):
            raise outcome.error
        statement = parse_statement(raw)
        return Said(statement.id, statement.kid, statement.salt)

    def _lag_s(self) -> int:
        drawn = self.dice.between(1, 100)
        if drawn <= 70:
            return 0
        if drawn <= 90:
            return self.dice.between(600, 12 * HOUR_S)
        return self.dice.between(12 * HOUR_S, 71 * HOUR_S)

    # -- the count

    def tally(self) -> Tally:
        """Return what the rules made of this world, over all records as they stand now."""
        found = Tally(statements=self.statements, refused=list(self.refused))
        now = self.world.clock.now_s()
        by_weight = {
            Severity.STOP: found.stops,
            Severity.CHECK: found.checks,
            Severity.NOTE: found.notes,
        }
        for row in self.world.ledger.store.records():
            state = record_of(row).state
            open_now = [each for each in state.findings if each.from_at <= now]
            for each in open_now:
                by_weight[each.severity][each.rule] += 1
            if isinstance(state, LotState):
                found.lots += 1
                found.checked_lots += any(f.severity is Severity.CHECK for f in open_now)
        return found


def grow(*, seed: int, size: int, trades: Iterable[Callable[[HonestWorld, int], Acts]]) -> Tally:
    """Return the tally of a world in which each of `trades` runs `size` times, over a year."""
    honest = HonestWorld(seed=seed)
    for trade in trades:
        for i in range(size):
            honest.start(trade(honest, i), in_s=honest.dice.between(0, 360 * DAY_S))
    honest.run()
    return honest.tally()
