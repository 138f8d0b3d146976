"""What programs ask about subjects: lots, cards, bundles, parties, documents, statements, findings.

Owns the addresses under `/api/v1` that only read (docs/http.md). Who may see what a record hides is
decided by `ledger.reader.access`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from flask import Blueprint, Response, request

from ledger.custody.subjects import Kind
from ledger.errors import NotFoundError, UsageError
from ledger.reader import view_json
from ledger.reader.views import View, jsonable
from ledger.token import SCHEME
from ledger.wire import text
from web import negotiate, packing
from web.asked import number_asked, page_asked, wanted_findings
from web.stand import access, is_unproved, stand, writer

blueprint = Blueprint("lots", __name__, url_prefix="/api/v1")
ROWS_MAX = 1_000
TYPED_MAX = 400
_UNSAFE = re.compile(r"[^0-9A-Z._-]+")
"""What the name of a file does without on any system."""


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


@blueprint.get("/lots/<code>/label")
def label(code: str) -> Response:
    """Give the link of a lot's label to its holder, its owner or an officer."""
    access().demand_label(symbols(code))
    return negotiate.json_response({"code": symbols(code), "label": writer().label(symbols(code))})


@blueprint.get("/lots/<code>/bundle")
def bundle(code: str) -> Response:
    """Give the bundle of a lot."""
    access().demand(access().is_of_lot(symbols(code)))
    made = stand().reader.bundle(symbols(code))
    return _file(made, negotiate.BUNDLE, name=f"{symbols(code)}.bundle")


@blueprint.get("/lots/<code>/history")
def history(code: str) -> Response:
    """List the statements that touched a lot, oldest first."""
    access().demand(access().is_of_lot(symbols(code)))
    return _all("history", stand().reader.history(symbols(code)))


@blueprint.get("/containers/<code>")
def container(code: str) -> Response:
    """Say what a container is."""
    return _one(stand().reader.container(symbols(code)))


@blueprint.get("/parties")
def parties() -> Response:
    """List the enrolled parties, sorted by id, from the one after `after` on."""
    access().demand(False)
    after = request.args.get("after", "")[:TYPED_MAX]
    return _all("parties", stand().reader.parties(after=after, limit=ROWS_MAX))


@blueprint.get("/parties/<party>")
def party(party: str) -> Response:
    """Say what a party is, with its keys and their next numbers."""
    access().demand(access().is_self(party))
    return _one(stand().reader.party(party))


@blueprint.get("/parties/<party>/numbers/<kid>/<number>")
def numbered(party: str, kid: str, number: str) -> Response:
    """Give a party the bytes of what its own key signed under a number, refused or registered."""
    access().demand(access().is_self(party))
    found = stand().reader.numbered(
        party, kid=text.decode_hex(kid, size=32), number=text.parse_decimal(number)
    )
    return _file(found, negotiate.COSE, name="statement.cose")


@blueprint.get("/parties/<party>/lots")
def lots_of(party: str) -> Response:
    """List the lots that a party holds or owns, sorted by code, from the one after `after` on."""
    access().demand(access().is_self(party))
    after = request.args.get("after", "")[:TYPED_MAX]
    return _all("lots", stand().reader.lots_of(party, after=after, limit=ROWS_MAX))


@blueprint.get("/parties/<party>/facilities")
def facilities_of(party: str) -> Response:
    """List the places of a party, sorted by name."""
    access().demand(access().is_self(party))
    return _all("facilities", stand().reader.facilities_of(party))


@blueprint.get("/parties/<party>/offers")
def offers(party: str) -> Response:
    """List the open offers to and by a party."""
    access().demand(access().is_self(party))
    reader = stand().reader
    to, by = reader.offers_for(party), reader.offers_by(party)
    plain = {"to": [view_json(offer) for offer in to], "by": [view_json(offer) for offer in by]}
    return negotiate.json_response(plain)


@blueprint.get("/documents/<path:name>")
def document(name: str) -> Response:
    """Say what a document is, by its name `CC/KIND/NUMBER`."""
    return _one(stand().reader.document(name))


@blueprint.get("/documents/<path:name>/card")
def document_card(name: str) -> Response:
    """Give the card of a document; where there is no such document, the proof of that."""
    made = stand().reader.document_card(name)
    return _file(made, negotiate.CARD, name=f"{_UNSAFE.sub('-', name)}.card")


@blueprint.get("/documents/<path:name>/label")
def document_label(name: str) -> Response:
    """Give the link of a document's label to its issuer, its holder or an officer."""
    access().demand_document_label(name)
    return negotiate.json_response({"name": name, "label": writer().document_label(name)})


@blueprint.get("/marks/<scheme>/<path:mark>")
def mark(scheme: str, mark: str) -> Response:
    """Say what claims a mark."""
    return _one(stand().reader.mark(f"{scheme}/{mark}"))


@blueprint.get("/facilities/<party>/<slug>")
def facility(party: str, slug: str) -> Response:
    """Say what a facility is."""
    return _one(stand().reader.facility(f"{party}/{slug}"))


@blueprint.get("/entries/<kind>")
def entries(kind: str) -> Response:
    """List accounts or references that begin with `prefix`, from the one after `after` on."""
    asked = {name: request.args.get(name, "")[:TYPED_MAX] for name in ("prefix", "after")}
    _demand_entry(kind, asked["prefix"])
    return _all("entries", stand().reader.entries(_kept(kind), limit=ROWS_MAX, **asked))


@blueprint.get("/entries/<kind>/<path:name>")
def entry(kind: str, name: str) -> Response:
    """Say what an account or a reference holds: a quota, an allotment, suspensions of a country."""
    _demand_entry(kind, name)
    return _one(stand().reader.entry(_kept(kind), name))


def _demand_entry(kind: str, name: str) -> None:
    """Let all see what authorities publish, and of other accounts each party its own."""
    if kind == Kind.ACCOUNT.value and not name.startswith("quota/"):
        # The party's id must be whole: what begins with it may be another party's.
        parts = name.split("/")
        access().demand(len(parts) > 2 and access().is_self(parts[1]))


def _kept(kind: str) -> Kind:
    if kind not in (Kind.ACCOUNT.value, Kind.REFERENCE.value):
        raise NotFoundError(
            "entry.kind",
            f"There are no entries of the kind {kind}.",
            hint="Ask for account or reference.",
            params={"kind": kind[:32]},
        )
    return Kind(kind)


@blueprint.get("/findings")
def findings() -> Response:
    """List the open findings that the asker may see and wants, from the place `after` on."""
    access().demand(not is_unproved())
    after = page_asked()[1]
    limit = number_asked("limit", least=1, most=ROWS_MAX) or ROWS_MAX
    return negotiate.json_response(
        jsonable(access().findings(wanted_findings(), after=after, limit=limit))
    )


@blueprint.get("/search")
def search() -> Response:
    """List the subjects that a typed text may mean, those that the asker may see."""
    access().demand(not is_unproved())
    found = stand().reader.search(request.args.get("q", "")[:TYPED_MAX])
    return _all("results", access().visible(found))


@blueprint.get("/statements/<statement>")
def statement(statement: str) -> Response:
    """Give a statement: as JSON, its bytes (`form=cose`), its proof or its RFC 9942 receipt."""
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
    access().demand(not is_unproved())
    access().demand(access().sees(reader.statement(wanted)))
    return forms[form]()


def symbols(code: str) -> str:
    """Return the 12 symbols of a code as people write it; raise MalformedError for no code."""
    return text.code_symbols(text.parse_code(code))


def _one(view: object) -> Response:
    inner = access().sees(view)
    shown = access().own_part(view) if inner else view
    response = negotiate.json_response(view_json(cast(View, shown), inner=inner))
    if is_unproved():
        # RFC 9110, 11.6.1: the answer would be another one with credentials.
        response.headers["WWW-Authenticate"] = SCHEME
    return response


def _all(name: str, views: Sequence[object]) -> Response:
    return negotiate.json_response({name: [view_json(cast(View, view)) for view in views]})


def _file(content: bytes, mimetype: str, *, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return packing.sent(response)
