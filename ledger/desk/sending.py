"""Sending what lies in the outbox, and believing only receipts that were checked.

Owns the order of a push: oldest first, each marked as sent before it leaves, shown as registered
only when its receipt holds against the trust file. Sending the same twice is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.desk.outbox import Entry, Outbox, State
from ledger.desk.source import RETRY_AFTER_S, Answer, Kept, Source, Taken
from ledger.errors import (
    DamagedError,
    MalformedError,
    NotFoundError,
    ProofError,
    UnavailableError,
)
from ledger.log.proof import check_tlog_proof, parse_tlog_proof
from ledger.reference.wording import word
from ledger.statement import parse_statement
from ledger.trust import TrustedLedger

SENT_AT_ONCE = 100
NO_ANSWER = "remote."
"""How codes begin that say that no word of the ledger on a statement came through."""
TRIES_MAX = 5
"""How often the same statements are sent to a ledger that says when to try again."""
WAIT_S_MAX = 60
"""Who asks for more patience than this is left until the next push."""
Progress = Callable[[int, int], None]
"""Told how many of how many statements are done."""
Wait = Callable[[int], None]
"""Returns after so many seconds."""


def push(
    outbox: Outbox,
    source: Source,
    trusted: TrustedLedger,
    *,
    progress: Progress | None = None,
    wait: Wait | None = None,
) -> list[Entry]:
    """Send everything open, oldest first; return the entries as they are afterwards.

    With `wait` a ledger that is busy and says for how long is asked again after that time.

    Statements that rest on a refused one are not sent: they would be refused too, and a refused
    number is lost. Raise UnavailableError where the ledger cannot be reached; what was sent by then
    stays `sent` and is sent again by the next push.
    """
    waiting = list(outbox.open_entries())
    done: list[Entry] = []
    for start in range(0, len(waiting), SENT_AT_ONCE):
        batch = waiting[start : start + SENT_AT_ONCE]
        done += _push_batch(outbox, source, trusted, batch, wait)
        if progress is not None:
            progress(len(done), len(waiting))
    return done


def _push_batch(
    outbox: Outbox,
    source: Source,
    trusted: TrustedLedger,
    batch: Sequence[Entry],
    wait: Wait | None,
) -> list[Entry]:
    ready, held = _ready(outbox, batch)
    for entry in ready:
        outbox.put(entry.with_(state=State.SENT, error=None))
    try:
        answers = _submit(source, [entry.raw for entry in ready], wait) if ready else []
    except UnavailableError as error:
        for entry in ready:
            outbox.put(entry.with_(state=State.SENT, error=error.message))
        raise
    done = [
        outbox.put(settle(entry, answer, trusted))
        for entry, answer in zip(ready, answers, strict=True)
    ]
    return done + held


def _submit(source: Source, raws: Sequence[bytes], wait: Wait | None) -> Sequence[Answer]:
    tries = TRIES_MAX
    while True:
        try:
            return source.submit(raws)
        except UnavailableError as error:
            tries -= 1
            after_s = error.params.get(RETRY_AFTER_S)
            if wait is None or not tries or not isinstance(after_s, int) or after_s > WAIT_S_MAX:
                raise
            wait(after_s)


def settle(entry: Entry, answer: Answer, trusted: TrustedLedger) -> Entry:
    """Return an entry with what the ledger answered; a receipt that does not hold is no answer."""
    if isinstance(answer, Taken):
        try:
            check_answer(answer, entry, trusted=trusted)
        except (ProofError, MalformedError) as untrue:
            return entry.with_(
                state=State.SENT, rule=untrue.code, error=untrue.message, untrue=True
            )
        return entry.with_(
            raw=answer.raw or entry.raw,
            state=State.REGISTERED,
            rule=None,
            error=None,
            untrue=False,
            index=answer.index,
            receipt=answer.receipt,
            labels=answer.labels,
            findings=answer.findings,
        )
    if isinstance(answer, Kept):
        message, hint = answer.message, answer.hint
        if not message:
            message, hint = word(answer.rule, answer.params)
        return entry.with_(
            state=State.REFUSED,
            rule=answer.rule,
            error=message,
            hint=hint,
            params=answer.params,
            counted=True,
        )
    error = answer.error
    # What a ledger cannot tell, or cannot read of itself, says nothing of the statement.
    is_open = isinstance(error, UnavailableError | DamagedError | NotFoundError)
    if is_open or error.code.startswith(NO_ANSWER):
        return entry.with_(state=State.SENT, rule=error.code, error=error.message, hint=error.hint)
    return entry.with_(
        state=State.REFUSED, rule=error.code, error=error.message, params=error.params
    )


def check_answer(taken: Taken, entry: Entry, *, trusted: TrustedLedger) -> None:
    """Raise ProofError unless the answer is about this very statement and its receipt holds.

    Other registered bytes than those sent may differ in the signature alone: their id is the same.
    """
    raw = taken.raw or entry.raw
    if taken.id != entry.id or parse_statement(raw).id != entry.id:
        raise ProofError("receipt.other-statement", "The answer is about another statement.")
    proof = parse_tlog_proof(taken.receipt)
    if proof.index != taken.index:
        raise ProofError("receipt.index", "The receipt is of another place in the log.")
    check_tlog_proof(proof, entry=raw, origin=trusted.origin, vkeys=trusted.log)


def rests_on(entry: Entry, others: Sequence[Entry]) -> bool:
    """Return whether a statement needs one of `others`: as a head, an offer, or a birth."""
    statement = entry.statement
    ids = {other.id for other in others}
    named = {*statement.prev.values(), *statement.seen.values()}
    named |= {getattr(statement.event, name, b"") for name in ("offer", "of")}
    return bool(ids & named)


def _ready(outbox: Outbox, batch: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return what can be sent, and what rests on something refused."""
    broken = [e for e in outbox.entries() if e.state is State.REFUSED]
    ready: list[Entry] = []
    held: list[Entry] = []
    for entry in batch:
        if rests_on(entry, broken):
            broken.append(entry)
            held.append(
                outbox.put(entry.with_(error="It rests on a refused statement; fix that one."))
            )
        else:
            ready.append(entry)
    return ready, held
