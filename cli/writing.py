"""What all writing commands share: say it in plain words, ask, sign, keep, send, show.

Owns `--dry-run`, `--yes` and `--queue`, and the shape of their results (docs/cli.md, Output).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from cli.asking import question_of
from cli.remarking import merged, remark_lines
from ledger.errors import MalformedError, ProofError, RefusedError, UnavailableError, UsageError
from ledger.wire import text

if TYPE_CHECKING:
    from cli.context import Session
    from cli.output import Progress
    from ledger.custody.events import Event
    from ledger.desk.desk import Desk
    from ledger.desk.draft import Act, Drafted
    from ledger.desk.outbox import Entry
    from ledger.desk.source import Answer

F = TypeVar("F", bound=Callable[..., Any])


class Manner(Struct, frozen=True):
    """How a writing command was asked to go about it."""

    dry_run: bool = False
    yes: bool = False
    queue: bool = False
    hide: tuple[str, ...] = ()


class Words(Struct, frozen=True):
    """What a command adds: another question than its event's, the next command, members.

    `agreed` is done once nobody said no, before the statement is kept: nothing is left of a no.
    """

    question: str = ""
    next: tuple[str, ...] = ()
    plain: Mapping[str, Any] | None = None
    agreed: Callable[[], None] | None = None


def writing_options(command: F) -> F:
    """Give a command `--dry-run`, `--yes`, `--queue` and `--hide`, as one argument `manner`."""

    def wrapped(
        *args: Any, dry_run: bool, yes: bool, queue: bool, hide: tuple[str, ...], **kwargs: Any
    ) -> Any:
        return command(*args, manner=Manner(dry_run, yes, queue, hide), **kwargs)

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    params = getattr(command, "__click_params__", [])
    wrapped.__click_params__ = params  # type: ignore[attr-defined]
    for option in (
        click.option(
            "--hide",
            multiple=True,
            metavar="FIELD=VALUE",
            help="Bind a price, name or address by its hash; hand it over beside.",
        ),
        click.option("--queue", is_flag=True, help="Sign and keep it; send it later."),
        click.option("--yes", "-y", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Ask the ledger what it would answer."),
    ):
        option(wrapped)
    return wrapped  # type: ignore[return-value]


def write(session: Session, act: Act, manner: Manner, words: Words | None = None) -> None:
    """Sign one act and show what became of it."""
    write_all(session, (act,), manner, words)


def say(session: Session, event: Event, manner: Manner, words: Words | None = None) -> None:
    """Sign one event that needs nothing beside it."""
    from ledger.desk.draft import Act

    write_all(session, (Act(event),), manner, words)


def write_all(
    session: Session,
    acts: Sequence[Act],
    manner: Manner,
    words: Words | None = None,
    *,
    again: bool = True,
) -> Sequence[Entry]:
    """Sign acts in their order, show what became of them, and return them: one result for all.

    Unless `again`, an act that a statement of the outbox says already is not signed a second time.
    Raise RefusedError where the ledger refuses one, UnavailableError where it does not answer;
    what was signed lies in the outbox then.
    """
    words = words or Words()
    acts = [_with_hidden(session, acts[0], manner.hide), *acts[1:]]
    desk = session.desk()
    if manner.dry_run:
        _dry_run(session, desk, acts, words)
        return ()
    before = _before(session, desk, acts, again=again)
    kept = _keep(session, desk, acts, before, partial(_confirm_first, session, manner, words))
    done = kept if manner.queue else deliver(session, desk, kept)
    _show(session, done, words)
    return done


def _keep(
    session: Session,
    desk: Desk,
    acts: Sequence[Act],
    before: Sequence[Entry | None],
    ask: Callable[[Act], None],
) -> list[Entry]:
    """Sign and keep what was not signed before; the first is asked about, for all of them."""
    kept: list[Entry] = []
    with ExitStack() as shown:
        progress: Progress | None = None
        for act, known in zip(acts, before, strict=True):
            entry = known
            if entry is None:
                drafted = desk.prepare(act)
                said = _announce(session, desk, drafted)
                if progress is None:
                    # A bar that moves would write over the question.
                    ask(act)
                    progress = shown.enter_context(session.output.progress("Signing"))
                entry = desk.keep(drafted, said=said)
            kept.append(entry)
            if progress is not None:
                progress(len(kept), len(acts))
    return kept


def _confirm_first(session: Session, manner: Manner, words: Words, act: Act) -> None:
    confirm(session, act.event, yes=manner.yes, question=words.question)
    if words.agreed is not None:
        words.agreed()


def confirm(session: Session, event: object, *, yes: bool, question: str = "") -> None:
    """Ask before an event is signed that nothing takes back; `question` says it otherwise."""
    if asked := question or question_of(event):
        session.confirm(asked, yes=yes)


def _before(
    session: Session, desk: Desk, acts: Sequence[Act], *, again: bool
) -> Sequence[Entry | None]:
    if again:
        return [None] * len(acts)
    found = desk.outbox.signed_before([act.event for act in acts])
    old = sum(entry is not None for entry in found)
    if old:
        session.output.say(
            f"{old} of {len(acts)} statement(s) were signed before and are not signed again;"
            " to register the same goods once more: --again"
        )
    return found


def deliver(session: Session, desk: Desk, kept: Sequence[Entry]) -> list[Entry]:
    """Send the outbox and return `kept` as they are afterwards; raise unless all are registered."""
    with session.output.progress("Sending") as progress:
        done = {entry.place: entry for entry in send(desk, kept, progress)}
    mine = [done.get(entry.place, entry) for entry in kept]
    for entry in mine:
        check_entry(entry)
    return mine


def send(desk: Desk, kept: Sequence[Entry], progress: Callable[[int, int], None]) -> list[Entry]:
    """Send the outbox; where the ledger does not answer, say where the statement lies."""
    try:
        return desk.send(progress=progress)
    except UnavailableError as error:
        place, statement = kept[-1].place, kept[-1].id.hex()
        raise UnavailableError(
            error.code,
            f"{error.message} Your statement is signed and kept in the outbox as number {place}.",
            hint=f"{_later(error)}: ringmark outbox push",
            params={**error.params, "place": place, "statement": statement},
        ) from error


@contextmanager
def handing_over(session: Session, manner: Manner, name: str) -> Iterator[None]:
    """Sign with the key `name` once the statement that brings it is kept, registered or not.

    A ledger that does not answer has it with the next push: the old key must sign nothing more.
    """
    try:
        yield
    except UnavailableError as error:
        if "place" in error.params:
            session.home.use_key(session.party, name)
        raise
    if not manner.dry_run:
        session.home.use_key(session.party, name)


def _later(error: UnavailableError) -> str:
    from ledger.desk.source import RETRY_AFTER_S

    after_s = error.params.get(RETRY_AFTER_S)
    return f"In {after_s} s" if after_s is not None else "Later"


def check_entry(entry: Entry) -> None:
    """Raise what an entry says unless it is registered."""
    from ledger.desk.outbox import State

    if entry.state is State.REGISTERED:
        return
    code, message = entry.rule or "outbox.unknown-fate", entry.error or ""
    facts = {**entry.params, "place": entry.place, "statement": entry.id.hex()}
    again = f"When the reason is gone: ringmark outbox fix {entry.place}"
    if entry.state is State.REFUSED and entry.counted:
        raise RefusedError(code, message, hint=again, params=facts)
    if entry.state is State.REFUSED:
        raise MalformedError(code, message, hint=again, params=facts)
    if entry.untrue:
        raise ProofError(code, message, hint="Do not trust this ledger's answer.", params=facts)
    hint = " ".join(part for part in (entry.hint, "Then: ringmark outbox push") if part)
    raise UnavailableError(
        code, message or "What became of it is not known.", hint=hint, params=facts
    )


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return what `--json` says of one statement."""
    plain: dict[str, Any] = {
        "statement": entry.id.hex(),
        "place": entry.place,
        "state": entry.state.value,
        "index": entry.index,
        "receipt": text.encode_base64(entry.receipt) if entry.receipt else None,
        "lots": list(entry.born),
        "labels": dict(entry.labels),
        "findings": list(entry.findings),
    }
    if entry.disclosures:
        plain["disclosures"] = [text.encode_base64(item) for item in entry.disclosures]
    return plain


def _with_hidden(session: Session, act: Act, hide: Sequence[str]) -> Act:
    from msgspec.structs import replace

    from ledger.desk.disclosures import make_disclosure

    pairs = [spec.partition("=") for spec in hide]
    if any(not name or not value for name, _, value in pairs):
        raise UsageError("cli.hide", "What is hidden?", hint="Write --hide FIELD=VALUE")
    made = tuple(
        make_disclosure(field=name, value=value, entropy=session.entropy)
        for name, _, value in pairs
    )
    return replace(act, disclosures=(*act.disclosures, *made)) if made else act


def check_answer(answer: Answer) -> Sequence[Mapping[str, Any]]:
    """Return what would be remarked on a statement; raise what else a ledger would answer."""
    from ledger.desk.source import Kept, Troubled

    if isinstance(answer, Troubled):
        raise answer.error
    if isinstance(answer, Kept):
        raise RefusedError(answer.rule, answer.message, hint=answer.hint, params=answer.params)
    return answer.findings


def _dry_run(session: Session, desk: Desk, acts: Sequence[Act], words: Words) -> None:
    drafted = desk.prepare(acts[0])
    _announce(session, desk, drafted)
    findings = check_answer(desk.dry_run(drafted))
    plain = {"dry_run": True, "lots": list(drafted.born), "would": "register"}
    more = f" ({len(acts)} statements; the first was tried.)" if len(acts) > 1 else ""
    session.output.result(
        {**plain, "findings": list(findings), **(words.plain or {})},
        [
            f"The ledger would register this. Nothing was signed for good.{more}",
            *would_remark(session, findings),
        ],
    )


def would_remark(session: Session, findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is said of the findings that a statement would open."""
    lines = remark_lines(session, findings)
    return ["It would be remarked on:", *lines] if lines else []


def _announce(session: Session, desk: Desk, drafted: Drafted) -> str:
    from ledger.custody.events import BlockClosed
    from ledger.desk.telling import tell

    event = drafted.statement.event
    if isinstance(event, BlockClosed):
        raise MalformedError("statement.closing", "A party signs no closing.")
    lines = tell(event, born=drafted.born, units=_units(desk, event))
    session.output.say(f"{desk.party} signs with key {desk.kid.hex()[:8]}:")
    for line in lines:
        session.output.say(f"  {line}")
    return lines[0].rstrip(":")


def _units(desk: Desk, event: object) -> dict[str, tuple[str, ...]]:
    """Return the units of the goods that an event names a part of, where this desk knows them."""
    named = [getattr(event, "lot", "")]
    for name in ("lots", "inputs", "short"):
        named += [code for code in getattr(event, name, ()) if isinstance(code, str)]
    named += [passed.lot for passed in getattr(event, "passed", ()) if passed.lot]
    known = {code: desk.known(code) for code in named}
    return {
        code: tuple(row.unit for row in facts.goods.contents)
        for code, facts in known.items()
        if facts is not None
    }


def _show(session: Session, done: Sequence[Entry], words: Words) -> None:
    rows = [entry_json(entry) for entry in done]
    plain: dict[str, Any] = dict(rows[0]) if len(rows) == 1 else {"statements": rows}
    if len(rows) > 1:
        plain["lots"] = [code for row in rows for code in row["lots"]]
        plain["labels"] = {code: url for row in rows for code, url in row["labels"].items()}
        plain["findings"] = merged(found for row in rows for found in row["findings"])
    following = [_filled(line, _names(done)) for line in words.next]
    lines = [line for entry in done for line in _lines(entry)]
    lines += remark_lines(session, (found for entry in done for found in entry.findings))
    session.output.result({**plain, **(words.plain or {}), "next": following}, lines)
    session.output.next(*following)


def _lines(entry: Entry) -> list[str]:
    from ledger.desk.portions import show_code

    short = entry.id.hex()[:16]
    if entry.index is None:
        head = f"queued as number {entry.place}: statement {short}…"
    else:
        head = f"registered at index {entry.index}: statement {entry.id.hex()}"
    return [head, *(f"  {show_code(code)}" for code in entry.born)]


def _filled(line: str, names: Mapping[str, str]) -> str:
    """Return a command with what is known in its places; braces that somebody typed stay."""
    for name, value in names.items():
        line = line.replace(f"{{{name}}}", value)
    return line


def _names(done: Sequence[Entry]) -> dict[str, str]:
    from ledger.desk.portions import show_code

    born = [code for entry in done for code in entry.born]
    return {
        "statement": done[-1].id.hex(),
        "code": show_code(born[0]) if born else "CODE",
        "index": str(done[-1].index if done[-1].index is not None else "INDEX"),
    }
