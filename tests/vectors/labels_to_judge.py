"""Labels of lots and documents for verify.json: genuine ones, and each way to be false."""

from __future__ import annotations

from typing import Any

from trail import FARM, PERMIT, SKIN, Trail, born_of, bred, world

from ledger.custody.documents import DocumentIssued, DocumentRow, Paper
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import RegistrarKeyChanged
from ledger.keys import Signer
from ledger.reference.tables import load_tables
from ledger.statement import public_key
from ledger.verify.document_label import check_document_label, row_numbers
from ledger.verify.label import check_label
from ledger.wire import cbor, cose
from ledger.wire.label import (
    DOCUMENT_CONTEXT,
    LABEL_BYTES_MAX,
    LABEL_CONTEXT,
    LabelUrl,
    format_label_url,
    label_aad,
    label_headers,
    parse_label_headers,
    parse_label_url,
)


def labelled() -> tuple[Trail, dict[str, tuple[str, str]]]:
    """A ledger, and by name: a lot's code or document's name, and a label to judge beside it."""
    trail, _ = world("vector-labels")
    other, _ = world("vector-foreign")
    done = trail.tell(DocumentIssued("ZW/PERMIT/2", paper(until_day="2027-06-30")), by="parks")
    endless = trail.tell(DocumentIssued("ZW/PERMIT/3", paper()), by="parks")
    born = trail.tell(LotRegistered(basis=Basis.BRED, lots=(bred(50, 3), bred(60, 2))), by="farm")
    codes = born_of(born, 2)
    bare = trail.tell(LotRegistered(basis=Basis.BRED, lots=(unmarked(),)), by="farm")
    (unmarked_code,) = born_of(bare, 1)
    lot, permit = born.labels[codes[0]], done.labels["ZW/PERMIT/2"]
    foreign = other.tell(DocumentIssued("ZW/PERMIT/2", paper(until_day="2027-06-30")), by="parks")
    cases: dict[str, tuple[str, str]] = {
        "genuine": (codes[0], lot),
        "genuine without marks": (unmarked_code, bare.labels[unmarked_code]),
        "of the other lot": (codes[0], moved(born.labels[codes[1]], lot)),
        "document genuine": ("ZW/PERMIT/2", permit),
        "document without a last day": ("ZW/PERMIT/3", endless.labels["ZW/PERMIT/3"]),
        "document of another name": ("ZW/PERMIT/2", moved(endless.labels["ZW/PERMIT/3"], permit)),
        "document of another ledger": ("ZW/PERMIT/2", foreign.labels["ZW/PERMIT/2"]),
        "a lot's on a document": ("ZW/PERMIT/2", moved(lot, permit)),
        "a document's on a lot": (codes[0], moved(permit, lot)),
    }
    for name, link in (("lot", lot), ("document", permit)):
        subject = codes[0] if name == "lot" else "ZW/PERMIT/2"
        start = link.index("#") + 2
        for place in (start, start + 1, start + 40, start + 120, len(link) - 1):
            digit = "1" if link[place] != "1" else "2"
            changed = link[:place] + digit + link[place + 1 :]
            cases[f"{name}: digit {place - start} changed"] = (subject, changed)
        cases[f"{name}: cut"] = (subject, link[:-3])
        cases[f"{name}: with a zero before"] = (subject, f"{link[:start]}0{link[start:]}")
        cases[f"{name}: of few digits"] = (subject, f"{link[:start]}12")
        cases[f"{name}: of letters"] = (subject, f"{link[:start]}abc")
    for name, change in FALSE_LOTS.items():
        cases[name] = (codes[0], resigned(trail, lot, change))
    for name, change in FALSE_PAPERS.items():
        cases[f"document {name}"] = ("ZW/PERMIT/2", resigned(trail, permit, change))
    cases |= by_a_key_that_ended(trail)
    return trail, cases


def by_a_key_that_ended(trail: Trail) -> dict[str, tuple[str, str]]:
    """The label key is replaced; what is entered then has labels of the one before, and of its."""
    old = next(key for key in trail.made.signers.values() if key.kid in label_kids(trail))
    new = trail.key("label-2")
    trail.made.signers[new.kid] = trail.registrar._sequencer._signers[new.kid] = new
    trail.tell(RegistrarKeyChanged("label", public_key(new.key)), by="root-0")
    trail.clock.advance(60)
    born = trail.tell(LotRegistered(basis=Basis.BRED, lots=(bred(80, 1),)), by="farm")
    (code,) = born_of(born, 1)
    done = trail.tell(DocumentIssued("ZW/PERMIT/4", paper(until_day="2027-06-30")), by="parks")
    link = done.labels["ZW/PERMIT/4"]
    return {
        "by the key that came": (code, born.labels[code]),
        "by the key before": (code, by_key(trail, born.labels[code], old)),
        "document by the key that came": ("ZW/PERMIT/4", link),
        "document by the key before": ("ZW/PERMIT/4", by_key(trail, link, old)),
    }


def label_kids(trail: Trail) -> set[bytes]:
    keys = trail.reader.ledger().state.keys
    return {kid for kid, key in keys.items() if key.purpose == "label"}


FALSE_LOTS: dict[str, Any] = {
    "another number": lambda items: [items[0], items[1] + 1, *items[2:]],
    "another birth": lambda items: [*items[:2], bytes(16), *items[3:]],
    "another code": lambda items: [items[0] + 1, *items[1:]],
    "an item less": lambda items: items[:-1],
    "a text for a number": lambda items: [*items[:6], "3", *items[7:]],
    "no mark": lambda items: [*items[:-1], ""],
    "as long as fits": lambda items: [*items[:-1], longest(items, 0)],
    "a byte longer than fits": lambda items: [*items[:-1], longest(items, 1)],
}
FALSE_PAPERS: dict[str, Any] = {
    "more": lambda items: [*items[:3], [[*items[3][0][:3], 400, items[3][0][4]]]],
    "another taxon": lambda items: [*items[:3], renumbered(items[3], 0)],
    "another term": lambda items: [*items[:3], renumbered(items[3], 1)],
    "another source": lambda items: [*items[:3], renumbered(items[3], 2)],
    "another unit": lambda items: [*items[:3], renumbered(items[3], 4)],
    "a row more": lambda items: [*items[:3], items[3] * 2],
    "a later day": lambda items: [*items[:2], items[2] + 1, items[3]],
    "no last day": lambda items: [*items[:2], None, items[3]],
    "a row of four": lambda items: [*items[:3], [items[3][0][:4]]],
    "an item more": lambda items: [*items, 0],
}


def longest(items: list[Any], more: int) -> str:
    """A mark that fills the 200 bytes of a lot's label, and `more`; two bytes say its length."""
    others = len(cbor.encode(items[:-1]))
    # Array, header, empty map, payload's and mark's heads, signature: 86 bytes beside them.
    return "m" * (LABEL_BYTES_MAX + more - 86 - others)


def renumbered(rows: Any, place: int) -> Any:
    """The rows with one more at a place of the first."""
    return [[n + (at == place) for at, n in enumerate(rows[0])], *rows[1:]]


def unmarked() -> NewLot:
    row = Row(SKIN.taxon, SKIN.term, 5, SKIN.unit, SKIN.source, SKIN.origin)
    return NewLot(contents=(row,), year=2026, documents=(PERMIT,), facility=FARM)


def moved(link: str, onto: str) -> str:
    """The digits of one label behind the link of another."""
    return f"{onto.partition('#')[0]}#{link.partition('#')[2]}"


def resigned(trail: Trail, link: str, change: Any) -> str:
    """A label with another payload, signed by the ledger's own label key."""
    url = parse_label_url(link)
    sealed = cose.decode_sign1(url.cose or b"", tagged=False)
    _, short = parse_label_headers(sealed.protected)
    (signer,) = [s for kid, s in trail.made.signers.items() if kid.startswith(short)]
    payload = cbor.encode(change(cbor.decode(sealed.payload)))
    return sealed_by(trail, url, payload, signer)


def by_key(trail: Trail, link: str, signer: Signer) -> str:
    """A label with the same payload, signed by another key."""
    url = parse_label_url(link)
    payload = cose.decode_sign1(url.cose or b"", tagged=False).payload
    return sealed_by(trail, url, payload, signer)


def sealed_by(trail: Trail, url: LabelUrl, payload: bytes, signer: Signer) -> str:
    context = LABEL_CONTEXT if url.kind == "i" else DOCUMENT_CONTEXT
    protected = label_headers(signer.key.alg, signer.kid)
    message = cose.sig_structure(
        protected=protected,
        payload=payload,
        external_aad=label_aad(trail.ledger, context=context),
    )
    signed = cose.Sign1(protected, payload, signer.sign(message))
    # Not by `format_label_url` alone: it refuses what is too long.
    number = int.from_bytes(b"\x01" + cose.encode_sign1(signed, tagged=False), "big")
    return f"{format_label_url(host=url.host, name=url.name, signed=None, kind=url.kind)}#1{number}"


def paper(**more: Any) -> Paper:
    """A document for 100 skins."""
    row = DocumentRow(SKIN.taxon, SKIN.term, 100, SKIN.unit, SKIN.source, SKIN.origin)
    return Paper(rows=(row,), **more)


def label_case(trail: Trail, name: str, subject: str, link: str) -> tuple[dict[str, Any], bytes]:
    """Return what a verifier must say of a scanned label, and the card that it is held against."""
    is_document = "/" in subject
    card = (trail.reader.document_card if is_document else trail.reader.card)(subject)
    known = {"card": card, "trust": trail.trust, "now_s": trail.clock.now_s()}
    tables = load_tables()
    verdict = (
        check_document_label(link, tables=tables, **known).verdict
        if is_document
        else check_label(link, tables=tables, **known)
    )
    rows = trail.reader.document(subject).state.rows if is_document else ()
    case = {
        "name": name,
        "link": link,
        "card": f"label of {subject}",
        "trust": trail.seed,
        "now_s": known["now_s"],
        "rows": [row_numbers(row, tables) for row in rows],
        "reason": verdict.reason if verdict.outcome.value != "verified" else "",
    }
    return case, card
