"""What a ledger answers over HTTP, taken apart: results, offers, problems, one statement.

Owns which answer says nothing. Asks nothing itself: `source_remote.py` sends and receives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody.subjects import Severity
from ledger.desk.source import RETRY_AFTER_S, Answer, Kept, Plain, Taken, Troubled
from ledger.errors import (
    MalformedError,
    NotFoundError,
    ProofError,
    RefusedError,
    RingmarkError,
    UnavailableError,
    UndecidedError,
    UsageError,
)
from ledger.statement import parse_statement
from ledger.wire import text

_BY_STATUS: Mapping[int, type[RingmarkError]] = {
    400: MalformedError,
    401: RefusedError,
    403: RefusedError,
    404: NotFoundError,
    409: RefusedError,
    413: UsageError,
    415: UsageError,
    422: UndecidedError,
    429: UnavailableError,
}
_PAGES = ("text/html", "application/xhtml+xml")
SAID_MAX = 4_000
"""Characters of what a server says that are read."""
_BLANK = b"\xef\xbb\xbf \t\r\n"


def answer_of(plain: Any, raw: bytes) -> Answer:
    """Return what a result of the interface says about the statement `raw`.

    One of another form, or about another statement id, is no answer: the ledger then speaks of
    something else, and what became of the statement is not known.
    """
    try:
        return _answer_of(plain, raw)
    except ProofError as error:
        return Troubled(error)
    except (MalformedError, LookupError, TypeError, ValueError, AttributeError):
        return Troubled(
            MalformedError("remote.answer", "A result is not of the form it must have.")
        )


def _answer_of(plain: Any, raw: bytes) -> Answer:
    if isinstance(refused := plain.get("refused"), dict):
        return Kept(
            _line(refused.get("rule", "")),
            _lines(dict(refused.get("params") or {})),
            _line(refused.get("message", "")),
            _line(refused.get("hint", "")),
        )
    if "statement" not in plain:
        problem = plain.get("error") if isinstance(plain.get("error"), dict) else plain
        return Troubled(_problem(int(plain.get("status", 422)), dict(problem or {})))
    found = text.decode_hex(plain["statement"], size=32)
    check_is(raw, found)
    registered = plain.get("registered")
    return Taken(
        id=found,
        index=int(plain.get("index") or 0),
        receipt=text.decode_base64(plain.get("receipt") or ""),
        labels=dict(plain.get("labels") or {}),
        raw=text.decode_base64(registered) if registered else None,
        findings=tuple(map(_finding, plain.get("findings") or ())),
    )


def _finding(plain: Any) -> Plain:
    """Return a finding as an answer tells it; raise where it is of another form."""
    severity = str(Severity(plain["severity"]))
    told = {name: [_line(word) for word in plain[name]] for name in ("on", "marks")}
    if not told["on"]:
        raise ValueError("a finding that stands on nothing")
    return {
        "rule": _line(plain["rule"]),
        "severity": severity,
        "from_at": int(plain["from_at"]),
        **told,
    }


def check_is(raw: bytes, statement_id: bytes) -> None:
    """Raise ProofError unless `raw` is the statement with that id, which was asked for."""
    if parse_statement(raw).id != statement_id:
        raise ProofError(
            "remote.other-statement",
            f"The ledger shows another statement in place of {statement_id.hex()[:16]}.",
            hint="Keep what it shows, and ask the authority: such a ledger is not to be believed.",
        )


def offers_in(plain: Any) -> list[Plain]:
    """Return the rows of an answer about offers, those to the party first."""
    named = plain if isinstance(plain, dict) else {"offers": plain}
    groups = [named[name] for name in ("offers", "to", "by") if name in named]
    rows = [row for group in groups if isinstance(group, list) for row in group]
    if not all(isinstance(part, list) for part in groups) or not all(map(_is_map, rows)):
        raise MalformedError("remote.answer", "The ledger does not answer with offers.")
    return rows


def _is_map(row: object) -> bool:
    return isinstance(row, dict)


def check_no_page(url: str, *, media: str, body: bytes) -> None:
    """Raise UndecidedError where a web page came from `url`, whose media type is `media`.

    A network that wants a login, or another host, says nothing of the ledger: nothing is refuted.
    """
    if media in _PAGES and body.lstrip(_BLANK)[:1] == b"<":
        raise UndecidedError(
            "remote.page",
            f"{url} answers with a web page: it is no ledger, or somebody answers in its place.",
            hint="Look at the address; a network that wants a login answers like that.",
            params={"url": url},
        )


def problem_of(status: int, body: bytes, *, wait: str) -> RingmarkError:
    """Return the error that an answer with that HTTP status tells; `wait` is its Retry-After."""
    try:
        plain = text.json_loads(body)
    except MalformedError:
        plain = {}
    problem = _problem(status, plain if isinstance(plain, dict) else {})
    if isinstance(problem, UnavailableError) and wait.isascii() and wait.isdigit():
        # RFC 9110, 10.2.3: seconds; the other form, a date, would need a clock that agrees.
        problem.params = {**problem.params, RETRY_AFTER_S: int(wait[:6])}
    return problem


def _problem(status: int, plain: Plain) -> RingmarkError:
    refused = plain.get("refused")
    if isinstance(refused, dict):
        plain = {**refused, "code": refused.get("rule")}
    kind = _BY_STATUS.get(status, UnavailableError)
    code = plain.get("code")
    title = plain.get("title") or plain.get("message") or f"The ledger answered {status}."
    return kind(
        _line(code or f"remote.status-{status}"),
        _line(title),
        hint=_line(plain.get("hint") or ""),
        params=_lines(plain.get("params")),
    )


def _line(value: object) -> str:
    """Return what a server says as one line: a second one would read as our own word."""
    return " ".join(str(value)[:SAID_MAX].split())


def _lines(params: object) -> dict[str, Any]:
    """Return the facts of a message, those that are texts each as one line."""
    said = params if isinstance(params, dict) else {}
    return {name: _line(v) if isinstance(v, str) else v for name, v in said.items()}
