"""Files that a person names: read whole, and told apart by name where they are not what they seem.

Owns the sentence that says which file is wrong and what it should have been. What is wrong in it
says whoever parses it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from cli.context import read_bytes
from ledger.errors import MalformedError, UsageError
from ledger.wire import text

if TYPE_CHECKING:
    from ledger.custody.events import Event
    from ledger.desk.enrolment import KeyRequest
    from ledger.statement import Statement
    from ledger.trust import Trust

T = TypeVar("T")


def parsed(file: str, parse: Callable[[bytes], T], *, what: str, hint: str) -> T:
    """Return what `parse` makes of a file's bytes.

    Raise MalformedError that names the file and `what` it should be, NotFoundError without it.
    """
    body = read_bytes(file)
    with naming(file, what=what, hint=hint, empty=not body):
        return parse(body)


@contextmanager
def naming(file: str, *, what: str, hint: str, empty: bool = False) -> Iterator[None]:
    """Let a MalformedError of the block name the file, and say what it should be."""
    try:
        yield
    except MalformedError as error:
        shown = "It is empty." if empty else error.message
        raise MalformedError(
            error.code,
            f"{file} is no {what}: {shown}",
            hint=error.hint or hint,
            params={**error.params, "file": file},
        ) from error


def text_in(file: str) -> str:
    """Return a file's text, UTF-8."""
    return parsed(file, _decoded, what="text", hint="Save it as UTF-8.")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError("cli.text", "It has other letters than UTF-8.") from error


def event_in(file: str) -> Event:
    """Return the event that a file says in JSON."""
    from ledger.desk.event_json import parse_event

    return parsed(
        file,
        lambda body: parse_event(text.json_loads(body)),
        what="event",
        hint='It is a JSON object with a "type" and the members of that event (docs/events.md).',
    )


def request_in(file: str) -> KeyRequest:
    """Return the request for a key that a file holds."""
    from ledger.desk.enrolment import parse_request

    return parsed(
        file,
        parse_request,
        what="request for a key",
        hint="Ask its party for PARTY.request.json, which `ringmark key create` wrote.",
    )


def trust_in(file: str) -> Trust:
    """Return what a trust file says."""
    from ledger.trust import parse_trust

    return parsed(
        file,
        parse_trust,
        what="trust file",
        hint="Get trust.json from the authority, or from the folder of its ledger.",
    )


def statement_in(file: str) -> Statement:
    """Return the signed statement in a file; its bytes are kept in it as they are."""
    from ledger.statement import parse_statement

    return parsed(
        file,
        parse_statement,
        what="signed statement",
        hint="One is written by: ringmark statement sign EVENT.json --out FILE",
    )


def first_line(descriptor: int) -> str:
    """Return the first line of what is open under a number; raise UsageError for none."""
    try:
        with os.fdopen(descriptor, "r", encoding="utf-8", closefd=False) as stream:
            return stream.readline().rstrip("\n")
    except (OSError, ValueError, OverflowError) as error:
        raise UsageError(
            "cli.passphrase-fd",
            f"--passphrase-fd {descriptor}: nothing that can be read is open under that number.",
            hint="Open it on the same line: ringmark --passphrase-fd 3 … 3<passphrase.txt",
            params={"descriptor": descriptor},
        ) from error
