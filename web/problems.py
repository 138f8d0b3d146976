"""The only map from errors to HTTP: RFC 9457 problem details, or a page for people.

Owns statuses. Views raise; nothing here decides about custody.
"""

from __future__ import annotations

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ledger import errors
from ledger.reference.wording import word
from ledger.wire import text
from web.language import language

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
    "request.too-large": 413,
    "request.media-type": 415,
}
"""Codes with a status of their own."""


def install(app: Flask) -> None:
    """Turn every error of `app` into one shape."""
    app.register_error_handler(errors.RingmarkError, _ringmark)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def status_of(error: errors.RingmarkError) -> int:
    """Return the HTTP status of an error: by its code, else by its class."""
    return CODE_STATUS.get(error.code) or STATUS.get(type(error), 500)


def problem(*, status: int, code: str, title: str, hint: str = "") -> Response:
    """Return a problem+json response with a stable `code` (RFC 9457)."""
    body = {"type": "about:blank", "status": status, "code": code, "title": title}
    if hint:
        body["hint"] = hint
    response = Response(text.json_dumps(body), status, mimetype="application/problem+json")
    if status in (429, 503):
        response.headers["Retry-After"] = "5"
    return response


def _answer(*, status: int, code: str, title: str, hint: str = "") -> Response:
    if _wants_page():
        page = render_template("problem.html", status=status, code=code, title=title, hint=hint)
        response = Response(page, status)
        if status in (429, 503):
            response.headers["Retry-After"] = "5"
        return response
    return problem(status=status, code=code, title=title, hint=hint)


def _wants_page() -> bool:
    if request.path.startswith(("/api/", "/log/", "/healthz")):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _ringmark(error: errors.RingmarkError) -> Response:
    title, hint = error.message, error.hint
    if isinstance(error, errors.RefusedError):
        title, hint = word(error.code, error.params, language())
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
    code = f"http.{(error.name or 'error').lower().replace(' ', '-')}"
    return _answer(status=status, code=code, title=error.name or "Error")


def _fault(error: Exception) -> Response:
    from flask import current_app

    current_app.logger.error("fault in %s", request.path, exc_info=error)
    return _answer(
        status=500,
        code="fault",
        title="Something broke on our side. Nothing was changed by this request.",
        hint="Try again; if it stays, tell the operator the time and the address of this page.",
    )
