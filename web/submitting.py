"""Taking statements: one as COSE, many as a batch, or a dry run.

Owns media types, limits and the shape of results (docs/http.md). Judges nothing: the registrar
does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from flask import Blueprint, Response, request

from ledger.errors import MalformedError, RefusedError, UsageError
from ledger.reader.views import jsonable
from ledger.reference.wording import word
from ledger.registrar import Failed, Outcome, Refused, Registered
from ledger.wire import cbor, text
from web import negotiate
from web.language import language
from web.problems import problem_of, status_of
from web.stand import writer

blueprint = Blueprint("submitting", __name__, url_prefix="/api/v1")
STATEMENT_BYTES_MAX = 61_440
BATCH_COUNT_MAX = 100
BATCH_BYTES_MAX = BATCH_COUNT_MAX * (STATEMENT_BYTES_MAX + 9)


@blueprint.post("/statements")
def submit() -> Response:
    """Register one statement or a batch of them; `dry_run=1` only says what would become of one."""
    if request.mimetype == negotiate.BATCH:
        outcomes = writer().submit(_batch(_body(BATCH_BYTES_MAX)))
        return negotiate.json_response({"results": [result_json(item) for item in outcomes]})
    if request.mimetype != negotiate.COSE:
        raise UsageError(
            "request.media-type",
            "A statement comes as application/cose.",
            hint=f"Send one as {negotiate.COSE}, many as {negotiate.BATCH}.",
        )
    raw = _body(STATEMENT_BYTES_MAX)
    if request.args.get("dry_run") == "1":
        return _single(writer().dry_run(raw), registered_status=200)
    return _single(writer().submit([raw])[0], registered_status=201)


def result_json(outcome: Outcome) -> dict[str, Any]:
    """Return what became of one statement, as one member of `results`."""
    match outcome:
        case Registered():
            return _registered(outcome)
        case Refused():
            return {"refused": _refused(outcome)}
        case Failed():
            error = problem_of(outcome.error)
            return {"error": error, "status": error["status"]}
        case _:
            assert_never(outcome)


def _single(outcome: Outcome, *, registered_status: int) -> Response:
    match outcome:
        case Registered():
            status = 200 if outcome.again else registered_status
            return negotiate.json_response(_registered(outcome), status=status)
        case Refused():
            refused = _refused(outcome)
            error = RefusedError(outcome.rule, refused["message"], hint=refused["hint"])
            plain = {**problem_of(error), "refused": refused, "statement": outcome.id.hex()}
            return negotiate.json_response(
                plain, status=status_of(error), mimetype="application/problem+json"
            )
        case Failed():
            raise outcome.error
        case _:
            assert_never(outcome)


def _registered(outcome: Registered) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "statement": outcome.id.hex(),
        "index": outcome.index,
        "at": text.format_time(outcome.at),
        "receipt": text.encode_base64(outcome.receipt),
        "labels": dict(outcome.labels),
        "findings": jsonable(outcome.findings),
    }
    if outcome.again:
        plain["registered"] = text.encode_base64(outcome.raw)
    return plain


def _refused(outcome: Refused) -> dict[str, Any]:
    message, hint = word(outcome.rule, outcome.params, language())
    params = dict(outcome.params)
    return {"rule": outcome.rule, "message": message, "hint": hint, "params": params}


def _body(size_max: int) -> bytes:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UsageError(
            "request.media-type", "The request is packed.", hint="Send the bytes as they are."
        )
    if request.content_length is None or request.content_length > size_max:
        raise UsageError(
            "request.too-large",
            f"The request has more than {size_max} bytes, or does not say how many.",
            hint="Send fewer statements at once.",
            params={"size_max": size_max},
        )
    return request.get_data(cache=False)


def _batch(body: bytes) -> Sequence[bytes]:
    items = cbor.decode(body, size_max=BATCH_BYTES_MAX)
    if not isinstance(items, list) or not 1 <= len(items) <= BATCH_COUNT_MAX:
        raise MalformedError(
            "batch.shape", f"A batch is an array of 1 to {BATCH_COUNT_MAX} byte strings."
        )
    raws = [item for item in items if isinstance(item, bytes)]
    if len(raws) != len(items):
        raise MalformedError("batch.shape", "A batch holds byte strings and nothing else.")
    return raws
