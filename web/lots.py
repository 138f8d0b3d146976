"""What programs ask about subjects: lots, cards, bundles, parties, documents, statements, findings.

Owns the addresses under `/api/v1` that only read (docs/http.md). What a record hides is shown by an
open ledger alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from flask import Blueprint, Response, request

from ledger.errors import UsageError
from ledger.reader import view_json
from ledger.reader.views import View
from ledger.wire import text
from web import negotiate
from web.stand import demand_open, stand

blueprint = Blueprint("lots", __name__, url_prefix="/api/v1")
ROWS_MAX = 1_000
TYPED_MAX = 400


@blueprint.get("/ledger")
def ledger() -> Response:
    """Say what the ledger is: id, origin, hosts, size, root, keys."""
    return _one(stand().reader.ledger())


@blueprint.get("/lots/<code>")
def lot(code: str) -> Response:
    """Say what a lot is."""
    return _one(stand().reader.lot(symbols(code)))


@blueprint.get("/lots/<code>/card")
def card(code: str) -> Response:
    """Give the card of a lot; where there is no such lot, the proof of that."""
    return _file(stand().reader.card(symbols(code)), negotiate.CARD, name=f"{symbols(code)}.card")


@blueprint.get("/lots/<code>/bundle")
def bundle(code: str) -> Response:
    """Give the bundle of a lot."""
    demand_open()
    made = stand().reader.bundle(symbols(code))
    return _file(made, negotiate.BUNDLE, name=f"{symbols(code)}.bundle")


@blueprint.get("/lots/<code>/history")
def history(code: str) -> Response:
    """List the statements that touched a lot, oldest first."""
    demand_open()
    return _many("history", stand().reader.history(symbols(code)))


@blueprint.get("/containers/<code>")
def container(code: str) -> Response:
    """Say what a container is."""
    return _one(stand().reader.container(symbols(code)))


@blueprint.get("/parties")
def parties() -> Response:
    """List the enrolled parties, sorted by id, from the one after `after` on."""
    demand_open()
    after = request.args.get("after", "")[:TYPED_MAX]
    return _many("parties", stand().reader.parties(after=after, limit=ROWS_MAX))


@blueprint.get("/parties/<party>")
def party(party: str) -> Response:
    """Say what a party is, with its keys and their next numbers."""
    demand_open()
    return _one(stand().reader.party(party))


@blueprint.get("/parties/<party>/lots")
def lots_of(party: str) -> Response:
    """List the lots that a party holds or owns, sorted by code, from the one after `after` on."""
    demand_open()
    after = request.args.get("after", "")[:TYPED_MAX]
    return _many("lots", stand().reader.lots_of(party, after=after, limit=ROWS_MAX))


@blueprint.get("/parties/<party>/facilities")
def facilities_of(party: str) -> Response:
    """List the places of a party, sorted by name."""
    demand_open()
    return _many("facilities", stand().reader.facilities_of(party))


@blueprint.get("/parties/<party>/offers")
def offers(party: str) -> Response:
    """List the open offers to and by a party."""
    demand_open()
    reader = stand().reader
    to, by = reader.offers_for(party), reader.offers_by(party)
    plain = {"to": [view_json(offer) for offer in to], "by": [view_json(offer) for offer in by]}
    return negotiate.json_response(plain)


@blueprint.get("/documents/<path:name>")
def document(name: str) -> Response:
    """Say what a document is, by its name `CC/KIND/NUMBER`."""
    return _one(stand().reader.document(name))


@blueprint.get("/marks/<scheme>/<path:mark>")
def mark(scheme: str, mark: str) -> Response:
    """Say what claims a mark."""
    return _one(stand().reader.mark(f"{scheme}/{mark}"))


@blueprint.get("/facilities/<party>/<slug>")
def facility(party: str, slug: str) -> Response:
    """Say what a facility is."""
    return _one(stand().reader.facility(f"{party}/{slug}"))


@blueprint.get("/findings")
def findings() -> Response:
    """List the open findings, sorted by subject, from those of the subject after `after` on."""
    demand_open()
    after = request.args.get("after", "")[:TYPED_MAX]
    return _many("findings", stand().reader.findings(after=after, limit=ROWS_MAX))


@blueprint.get("/search")
def search() -> Response:
    """List the subjects that a typed text may mean."""
    demand_open()
    return _many("results", stand().reader.search(request.args.get("q", "")[:TYPED_MAX]))


@blueprint.get("/statements/<statement>")
def statement(statement: str) -> Response:
    """Give a statement: as JSON, its bytes (`form=cose`), its proof or its RFC 9942 receipt."""
    demand_open()
    reader, wanted = stand().reader, text.decode_hex(statement, size=32)
    forms = {
        "json": lambda: _one(reader.statement(wanted)),
        "cose": lambda: _file(reader.statement(wanted).raw, negotiate.COSE, name="statement.cose"),
        "proof": lambda: _file(reader.proof(wanted), "text/plain", name="receipt.tlog-proof"),
        "receipt": lambda: _file(reader.receipt_cose(wanted), negotiate.COSE, name="receipt.cose"),
    }
    form = request.args.get("form", "json")
    if form not in forms:
        raise UsageError(
            "request.form",
            "A statement has no such form.",
            hint=f"Use one of {', '.join(forms)}.",
        )
    return forms[form]()


def symbols(code: str) -> str:
    """Return the 12 symbols of a code as people write it; raise MalformedError for no code."""
    return text.code_symbols(text.parse_code(code))


def _one(view: object) -> Response:
    return negotiate.json_response(view_json(cast(View, view), inner=stand().is_open))


def _many(name: str, views: Sequence[object]) -> Response:
    inner = stand().is_open
    plain = {name: [view_json(cast(View, view), inner=inner) for view in views]}
    return negotiate.json_response(plain)


def _file(content: bytes, mimetype: str, *, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
