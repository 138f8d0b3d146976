"""The only map from errors to HTTP: RFC 9457 problem details, or a page for people.

Owns statuses. Views raise; nothing here decides about custody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, current_app, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ledger import errors
from ledger.reference.reasons import verdict_table
from ledger.reference.wording import places, word, wordings
from ledger.token import SCHEME
from ledger.wire import text
from web import damage, negotiate
from web.language import language
from web.words import N_

STATUS: dict[type[errors.RingmarkError], int] = {
    errors.MalformedError: 400,
    errors.UsageError: 400,
    errors.ProofError: 422,
    errors.RefusedError: 409,
    errors.UndecidedError: 422,
    errors.NotFoundError: 404,
    errors.UnavailableError: 503,
    errors.DamagedError: 503,
}
CODE_STATUS = {
    "rate.limited": 429,
    "registrar.busy": 429,
    "access.denied": 403,
    "access.unproved": 401,
    "token.form": 401,
    "token.ledger": 401,
    "token.host": 401,
    "token.time": 401,
    "token.key": 401,
    "token.signature": 401,
    "request.too-large": 413,
    "photo.too-large": 413,
    "request.media-type": 415,
}
"""Codes with a status of their own."""
REASONS = {
    "code.char": "code-char",
    "code.length": "code-length",
    "code.check": "code-check",
    "lot.unknown": "lot.absent",
    "photo.unreadable": "photo-unreadable",
    "label.not-a-label": "not-a-label",
}
"""Codes that people are told in the words of the table of verdicts."""
SEVERAL, NEAR, SEVERAL_STATUS = "mark.several", "mark.near", 300
"""A text that means several marks, or nearly one: the choice is the reader's (RFC 9110, 15.4.1)."""
RETRY_AFTER_S = "5"
PROBLEM = "application/problem+json"
_SPELLING = N_("Look at the spelling; it may stand in another ledger.")
_SAID: Mapping[str, tuple[str, str]] = {
    "mark.unknown": (N_("This ledger has no mark %(name)s."), _SPELLING),
    "document.unknown": (N_("This ledger has no document %(name)s."), _SPELLING),
    "finding.place": (
        N_("%(place)s is no place in a list of findings."),
        N_("Open the list again from its beginning."),
    ),
    "request.parameter": (
        N_("The parameter %(name)s is not what it should be."),
        N_("Look at the address again."),
    ),
}
"""Errors that people meet on pages: their words with places for facts, translated there."""
_KEPT = ("store.", "copy.", "high-water.")
_PLACES = frozenset(("place", "path"))
_INSIDE = (N_("The ledger cannot be asked now."), N_("Wait a few seconds and try again."))
"""What is told of a database, a copy or a mark that does not answer: where they are is the
operator's, whose log says it."""
_UNKNOWN = N_("What became of it is not known: send the same again, it never counts twice.")
_CONSTANT = (
    N_("This is no country code."),
    N_("Use two letters: ZW."),
    N_("No lot of this ledger has this mark."),
    N_("Ask the authority of its country to whom it was allotted."),
)
"""Messages of other modules that are translated here as they are."""
_HTTP: Mapping[int, tuple[str, str, str]] = {
    404: (
        "http.not-found",
        N_("There is no such page."),
        N_("Look at the address again, or type the code of the label."),
    ),
    405: (
        "http.method-not-allowed",
        N_("This address does not take requests of that kind."),
        N_("Open the address of the label again, or type its code."),
    ),
}


def install(app: Flask) -> None:
    """Turn every error of `app` into one shape."""
    app.register_error_handler(errors.RingmarkError, _ringmark)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def status_of(error: errors.RingmarkError) -> int:
    """Return the HTTP status of an error: by its code, else by its class."""
    return CODE_STATUS.get(error.code) or STATUS.get(type(error), 500)


def problem_of(error: errors.RingmarkError) -> dict[str, Any]:
    """Return the problem details of an error, in the language of the request (RFC 9457)."""
    damage.tell(error)
    title, hint = _words(error)
    return _details(status=status_of(error), code=error.code, title=title, hint=hint)


def reason_page(reason: str) -> Response:
    """Return a page that says one reason of the table of verdicts, in its own level."""
    return Response(reason_text(reason))


def reason_text(reason: str, *, status: int = 200, links: Sequence[tuple[str, str]] = ()) -> str:
    """Return the text of such a page; `links` are words and addresses below it."""
    plain = reason_json(reason)
    return _page(
        level=plain["verdict"],
        reason=reason,
        sentence=plain["sentence"],
        next_step=plain["next"],
        status=status,
        links=links,
    )


def several_answer(names: Sequence[str]) -> Response:
    """Return the question which of several marks is meant: as a page with links, or as JSON."""
    lang = language()
    links = [(name, url_for("verdicts.marked", mark=name, lang=lang)) for name in names]
    return choice_answer(SEVERAL, "marks", links)


def choice_answer(reason: str, member: str, links: Sequence[tuple[str, str]]) -> Response:
    """Return a question as a page with `links`, names and addresses, or as JSON under `member`."""
    if _wants_page():
        response = Response(reason_text(reason, status=SEVERAL_STATUS, links=links))
    else:
        plain = {**reason_json(reason), member: [name for name, _ in links]}
        response = Response(text.json_dumps(plain), mimetype="application/json")
    response.status_code = SEVERAL_STATUS
    response.vary.update(["Accept", "Accept-Language"])
    return response


def reason_json(reason: str) -> dict[str, str]:
    """Return one reason of the table of verdicts as a verdict in JSON names it."""
    row, lang = verdict_table().reasons[reason], language()
    return {
        "outcome": "undecided",
        "verdict": row.level,
        "reason": reason,
        "sentence": row.sentences[lang],
        "next": row.nexts[lang],
    }


def _details(*, status: int, code: str, title: str, hint: str) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "type": "about:blank",
        "status": status,
        "code": code,
        "title": title,
    }
    if hint:
        plain["hint"] = hint
    return plain


def problem_page(*, status: int, code: str, title: str, hint: str = "") -> str:
    """Return a problem as a page that cannot tell, in the language of the request."""
    return _page(
        level="cannot-tell",
        reason=code,
        sentence=gettext(title),
        next_step=gettext(hint) if hint else "",
        status=status,
    )


def _answer(*, status: int, code: str, title: str, hint: str = "") -> Response:
    if _wants_page():
        response = Response(problem_page(status=status, code=code, title=title, hint=hint), status)
    else:
        plain = _details(status=status, code=code, title=title, hint=hint)
        response = Response(text.json_dumps(plain), status, mimetype=PROBLEM)
    if status in (429, 503):
        response.headers["Retry-After"] = RETRY_AFTER_S
    if status == 401:
        response.headers["WWW-Authenticate"] = SCHEME
    response.vary.update(["Accept", "Accept-Language"])
    return response


def _page(
    *,
    level: str,
    reason: str,
    sentence: str,
    next_step: str,
    status: int,
    links: Sequence[tuple[str, str]] = (),
) -> str:
    return render_template(
        "problem.html",
        level=level,
        level_word=verdict_table().levels[level][language()],
        reason=reason,
        sentence=sentence,
        next=next_step,
        status=status,
        links=links,
    )


def _wants_page() -> bool:
    return negotiate.is_for_people(request.path, request.headers.get("Accept", ""))


def _words(error: errors.RingmarkError) -> tuple[str, str]:
    lang = language()
    if error.code.startswith(_KEPT) and _PLACES & error.params.keys():
        return gettext(_INSIDE[0]), gettext(_INSIDE[1])
    if error.code == "registrar.unknown":
        # Why is in the log: it may name a disk, a copy or a database.
        return gettext(_UNKNOWN), error.hint
    reason = verdict_table().reasons.get(REASONS.get(error.code, ""))
    if reason is not None:
        return reason.sentences[lang], reason.nexts[lang]
    said = _SAID.get(error.code)
    if said is not None and error.params and _wants_page():
        return gettext(said[0], **error.params), gettext(said[1])
    wording = wordings().get(error.code)
    if wording is not None and places(wording.messages[lang]) <= error.params.keys():
        return word(error.code, error.params, lang)
    return error.message, error.hint


def _ringmark(error: errors.RingmarkError) -> Response:
    title, hint = _words(error)
    damage.tell(error)
    return _answer(status=status_of(error), code=error.code, title=title, hint=hint)


def _too_large(_error: RequestEntityTooLarge) -> Response:
    return _answer(
        status=413,
        code="request.too-large",
        title="The request is larger than this page takes.",
        hint="Send fewer statements at once, or a smaller picture.",
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    name = error.name or "Error"
    code, title, hint = _HTTP.get(status, (f"http.{name.lower().replace(' ', '-')}", name, ""))
    response = _answer(status=status, code=code, title=title, hint=hint)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        # RFC 9110, 15.5.6: the answer says which methods there are.
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _fault(error: Exception) -> Response:
    current_app.logger.error("fault in %s", request.path, exc_info=error)
    writes = request.method not in ("GET", "HEAD", "OPTIONS")
    return _answer(
        status=500,
        code="fault",
        title=N_("Something broke on our side."),
        hint=_UNKNOWN
        if writes
        else N_("Try again; if it stays, tell the operator the time and the address of this page."),
    )
