"""A party at its desk: drafts with the right number and heads, keeps them, sends them.

Owns how home, memory, outbox and source work together. One desk is one party with one key on one
ledger. Decides no rule; what the ledger says is shown as it said it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ledger import keys
from ledger.ambient import Clock, Entropy
from ledger.custody.events import Event, births
from ledger.custody.goods import Goods, NewLot
from ledger.custody.lots import LotRegistered, LotTransformed
from ledger.custody.transfers import ContainerPacked
from ledger.desk.draft import SALT_SIZE, Act, Drafted, Numbering, Writer, sign_act
from ledger.desk.facts import LotFacts, OfferFacts, lot_facts, offer_facts, plain_goods
from ledger.desk.heads import heads_of, moved_codes
from ledger.desk.home import Home
from ledger.desk.memory import Memory
from ledger.desk.numbers import check_spoken
from ledger.desk.outbox import OPEN, Entry, Outbox, State
from ledger.desk.sending import Progress, push
from ledger.desk.source import Answer, Source
from ledger.errors import NotFoundError, RefusedError, UnavailableError, UsageError
from ledger.trust import TrustedLedger

MANY = 3
"""From more lots than this on, they are asked for together."""
PAGE_WORTH = 50
"""As many single questions weigh as much as one page of a list, on a poor line."""


class Desk:
    """One party, one key, one ledger."""

    def __init__(
        self,
        *,
        home: Home,
        trusted: TrustedLedger,
        party: str,
        signer: keys.Signer,
        source: Source,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.party = party
        self.trusted = trusted
        self.source = source
        self.outbox = outbox_of(home, trusted)
        self.memory = memory_of(home, trusted)
        self.writer = Writer(party, signer, trusted.ledger)
        self._home = home
        self._clock = clock
        self._entropy = entropy
        self._asked: set[str] = set()
        self._following: int | None = None
        self._is_offline = False

    @property
    def kid(self) -> bytes:
        """Return the thumbprint of the key that signs here, 32 bytes."""
        return self.writer.signer.kid

    def prepare(self, act: Act) -> Drafted:
        """Return the signed statement of an act; nothing is kept or sent yet.

        Raise NotFoundError for a lot that neither the ledger nor this desk knows.
        """
        self.look_up(moved_codes(act.event))
        numbering = Numbering(
            seq=self.next_number(),
            salt=self._entropy.token(SALT_SIZE),
            iat=self._clock.now_s(),
        )
        heads = heads_of(act.event, self.head)
        return sign_act(act, self.writer, numbering=numbering, heads=heads)

    def keep(self, drafted: Drafted, *, said: str) -> Entry:
        """Put a signed statement into the outbox and count on it from now on.

        Raise UnavailableError where another command of this home took its number meanwhile.
        """
        with self.lock():
            self._check_number(drafted)
            entry = self.outbox.add(drafted, said=said)
            self._count_on(drafted)
            self.memory.save()
        return entry

    def send(self, *, progress: Progress | None = None) -> list[Entry]:
        """Send everything open; raise UnavailableError where the ledger cannot be reached."""
        with self.lock():
            done = push(self.outbox, self.source, self.trusted, progress=progress)
            for entry in done:
                if entry.state is State.REFUSED:
                    self._forget(entry)
            self.memory.save()
        return done

    def dry_run(self, drafted: Drafted) -> Answer:
        """Return what the ledger would answer now."""
        return self.source.dry_run(drafted.raw)

    def next_number(self) -> int:
        """Return the next number of this key.

        The ledger is asked too, once: a home that was taken back from an old copy would use a
        number twice, which stops its party. Raise UsageError where nobody can know it: a home
        without a memory and without a network; ProofError where the ledger is ahead and shows
        nothing that this key signed.
        """
        last = self.last_number()
        is_known = bool(last) or self.memory.knows(self.kid)
        if self._following is None and not (is_known and self._is_offline):
            following = self.number_said(is_known=is_known)
            if following is not None and following - 1 > last:
                check_spoken(
                    self.source,
                    party=self.party,
                    key=self.writer.signer.key,
                    ledger=self.trusted.ledger,
                    number=following - 1,
                )
            self._following = following
        return max(last + 1, self._following or 1)

    def last_number(self) -> int:
        """Return the last number that this key used as far as is known here; 0 for none."""
        return max(self.memory.last_number(self.kid), self.outbox.last_number(self.kid))

    def number_said(self, *, is_known: bool) -> int | None:
        """Return the next number on the word of the ledger alone; None where it does not say.

        Where it is not `is_known` here either, raise what keeps the ledger from saying it.
        """
        try:
            numbers = self.source.party(self.party).get("next_numbers", {})
        except NotFoundError:
            return 1
        except (UnavailableError, RefusedError) as error:
            self._is_offline = isinstance(error, UnavailableError)
            if is_known:
                return None
            if isinstance(error, RefusedError):
                raise
            raise UsageError(
                "desk.number-unknown",
                "Which number this key used last is not known here.",
                hint="Connect once, so that no number is used twice.",
            ) from error
        following = numbers.get(self.kid.hex(), 1)
        return following if isinstance(following, int) else 1

    def head(self, code: str) -> bytes:
        """Return the head of a lot or container as known now; raise NotFoundError."""
        facts = self.lot(code)
        if facts.head is None:
            raise NotFoundError(
                "desk.head-unknown",
                f"The ledger does not show what lot {code} rests on.",
                hint="Only its parties can move it. Name yours with --as.",
                params={"lot": code},
            )
        return facts.head

    def lot(self, code: str) -> LotFacts:
        """Return what is known of a lot or container; raise NotFoundError where nothing is."""
        self.look_up((code,))
        plain = self.memory.lot(code)
        if plain is None:
            raise NotFoundError(
                "lot.unknown",
                f"Lot {code} is not known here.",
                hint="Check the code, or connect to the ledger.",
                params={"lot": code},
            )
        return lot_facts(code, plain)

    def known(self, code: str) -> LotFacts | None:
        """Return what this desk remembers of a lot, without asking the ledger."""
        plain = self.memory.lot(code)
        return lot_facts(code, plain) if plain is not None else None

    def offers(self) -> list[OfferFacts]:
        """Return the open offers to and by this party."""
        return [offer_facts(plain) for plain in self.source.offers(self.party)]

    def look_up(self, codes: Iterable[str]) -> None:
        """Ask the ledger about lots, once each; those moved here stay as signed."""
        moving = self._moving()
        asked = [c for c in dict.fromkeys(codes) if c not in moving and c not in self._asked]
        if not asked:
            return
        try:
            if not self._is_offline:
                self._ask(asked)
        except UnavailableError:
            # The last thing known is the best there is then. A dead line is tried once.
            self._is_offline = True
        if self._is_offline:
            self._asked.update(asked)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home, so that two commands at once never use one number."""
        with self._home.lock():
            yield

    def _check_number(self, drafted: Drafted) -> None:
        statement = drafted.statement
        taken = {
            e.statement.seq: e.id for e in self.outbox.entries() if e.statement.kid == self.kid
        }
        other = taken.get(statement.seq)
        if statement.kid == self.kid and other not in (None, statement.id):
            raise UnavailableError(
                "desk.number-taken",
                f"Another command of yours used number {statement.seq} meanwhile.",
                hint="Run this one again.",
                params={"number": statement.seq},
            )

    def _ask(self, codes: Sequence[str]) -> None:
        left = list(codes)
        if len(left) > MANY:
            left = self._ask_together(left)
        for code in left:
            self._put(code, self._fetch(code))

    def _ask_together(self, codes: Sequence[str]) -> list[str]:
        """Look for lots in the list of one's own; return those that are asked for one by one.

        Of somebody's 20,000 lots no more pages are read than asking one by one would weigh.
        """
        wanted = set(codes)
        for number, page in enumerate(self.source.lots_pages(self.party), 1):
            for row in page:
                if row.get("code") in wanted and "head" in row:
                    self._put(row["code"], row)
                    wanted.discard(row["code"])
            if not wanted or number * PAGE_WORTH > len(codes):
                break
        return [code for code in codes if code in wanted]

    def _fetch(self, code: str) -> dict[str, Any]:
        try:
            return self.source.lot(code)
        except NotFoundError as error:
            try:
                return self.source.container(code)
            except NotFoundError:
                raise error from None

    def _put(self, code: str, plain: dict[str, Any]) -> None:
        self._asked.add(code)
        self.memory.put_lot(code, plain)

    def _moving(self) -> set[str]:
        moving: set[str] = set()
        for entry in self.outbox.entries():
            if entry.state in OPEN:
                moving.update(entry.statement.prev, entry.born)
        return moving

    def _count_on(self, drafted: Drafted) -> None:
        statement = drafted.statement
        self.memory.use_number(statement.kid, statement.seq)
        for code in statement.prev:
            self.memory.move(code, statement.id)
        for code, goods in zip(drafted.born, _goods_born(statement.event, drafted), strict=False):
            status = "packed" if isinstance(statement.event, ContainerPacked) else "live"
            plain = {"head": statement.id.hex(), "holder": self.party, "status": status}
            self.memory.put_lot(code, {**plain, **plain_goods(goods)})

    def _forget(self, entry: Entry) -> None:
        for code in (*entry.statement.prev, *entry.born):
            self.memory.drop_lot(code)
            self._asked.discard(code)


def outbox_of(home: Home, trusted: TrustedLedger) -> Outbox:
    """Return the outbox of one ledger in a home."""
    return Outbox(home.folder(f"outbox/{trusted.ledger.hex()[:16]}"))


def memory_of(home: Home, trusted: TrustedLedger) -> Memory:
    """Return what a home remembers of one ledger."""
    return Memory(home.folder("memory") / f"{trusted.ledger.hex()[:16]}.json")


def _goods_born(event: Event | Any, drafted: Drafted) -> list[Goods]:
    news: tuple[NewLot, ...] = ()
    if isinstance(event, LotRegistered):
        news = event.lots
    elif isinstance(event, LotTransformed):
        news = event.outputs
    if news:
        return [Goods(lot.contents, lot.marks) for lot in news]
    return [Goods()] * max(len(drafted.born), births(event))
