"""Labels: is this link ours, who signed it, and does it say what the ledger says?

Owns the order of questions of a scan (docs/formats/label.md). The keys come from the proved ledger
record of a card, never from the label.
"""

from __future__ import annotations

from msgspec.structs import replace

from ledger import keys
from ledger.custody.lots import LotState
from ledger.custody.parties import LedgerState
from ledger.errors import MalformedError, ProofError
from ledger.reference.tables import Tables
from ledger.statement import cose_key
from ledger.trust import Trust
from ledger.verify.card import Examined, examine_card
from ledger.verify.head import Asked
from ledger.verify.judge import level_of
from ledger.verify.verdict import Check, CheckOutcome, Level, Outcome, Verdict
from ledger.wire import cose, text
from ledger.wire.label import (
    LABEL_BYTES_MAX,
    LABEL_CONTEXT,
    LabelPayload,
    LabelUrl,
    decode_label,
    label_aad,
    parse_label_headers,
    parse_label_url,
)

OTHER_LEDGER = "The card is of another ledger than the label."


def check_label(
    link: str,
    *,
    card: bytes | None,
    trust: Trust,
    now_s: int,
    tables: Tables,
    asked: Asked | None = None,
) -> Verdict:
    """Return the verdict on a scanned label, together with the card of its lot where there is one.

    Without a card nothing is known of the lot: at best CANNOT TELL. A false label is a stop
    whatever the card says. Never raises for what is in `link` or `card`.
    """
    try:
        url = parse_label_url(link)
        code = text.code_symbols(text.parse_code(url.name)) if url.kind == "i" else ""
    except MalformedError as error:
        damaged = error.code in ("label.digits", "label.size")
        return alone("label.malformed" if damaged else "not-a-label", why=error.message)
    if not trust.by_host(url.host):
        return alone("label.foreign-host", host=url.host)
    if not code:
        return alone("not-a-label", why="The link is a document's.")
    if card is None:
        return alone("unavailable")
    wanted = replace(asked or Asked(), code=code)
    examined = examine_card(card, trust=trust, now_s=now_s, asked=wanted)
    if examined.opened is None or not examined.reached:
        return examined.verdict
    if not is_at_host(examined.opened.ledger, url, trust):
        return alone("unavailable", why=OTHER_LEDGER)
    if url.cose is None:
        return weigh(examined.verdict, "label.code-only", passed=True)
    return _judge(url, code, examined, tables)


def is_at_host(ledger: bytes, url: LabelUrl, trust: Trust) -> bool:
    """Return whether the host of a label serves labels of that ledger, as the verifier trusts.

    A card of another ledger says nothing of the goods, whatever code both have.
    """
    return any(one.ledger == ledger for one in trust.by_host(url.host))


def _judge(url: LabelUrl, code: str, examined: Examined, tables: Tables) -> Verdict:
    verdict, opened = examined.verdict, examined.opened
    lot = examined.reached[0].record.state
    if opened is None or not isinstance(lot, LotState):
        return verdict
    try:
        payload = open_label(
            url.cose or b"", state=opened.state, ledger=opened.ledger, since=lot.born_at
        )
    except MalformedError:
        return weigh(verdict, "label.malformed")
    except ProofError as error:
        return weigh(verdict, error.code if error.code.startswith("label.") else "label.altered")
    if payload.code != text.code_value(code):
        return weigh(verdict, "label.other-lot")
    if payload.number != lot.number or payload.birth != lot.birth:
        return weigh(verdict, "label.differs")
    changed = not _says_same(payload, lot, tables)
    return weigh(verdict, "label.changed" if changed else "", passed=True)


def open_label(
    sealed: bytes, *, state: LedgerState, ledger: bytes, since: int | None = None
) -> LabelPayload:
    """Return the payload of a lot's label that one of the ledger's label keys signed.

    `sealed` is the untagged COSE_Sign1, `state` the proved state of the ledger with that id,
    `since` the log time (s) at which the lot was born, where it is known. Raise ProofError
    `label.unknown-key`, `label.key-ended` or `label.altered`, MalformedError for its form.
    """
    payload = open_sealed(
        sealed,
        state=state,
        ledger=ledger,
        size_max=LABEL_BYTES_MAX,
        context=LABEL_CONTEXT,
        since=since,
    )
    return decode_label(payload)


def open_sealed(
    sealed: bytes,
    *,
    state: LedgerState,
    ledger: bytes,
    size_max: int,
    context: bytes,
    since: int | None,
) -> bytes:
    """Return the payload that a label key signed under `context`; raise as `open_label`."""
    sign1 = cose.decode_sign1(sealed, tagged=False, size_max=size_max)
    alg, short = parse_label_headers(sign1.protected)
    found = [
        held
        for kid, held in state.keys.items()
        if held.purpose == "label" and kid.startswith(short)
    ]
    if len(found) != 1:
        raise ProofError("label.unknown-key", "The label's key is none of this ledger's.")
    key = cose_key(found[0].key)
    if key.alg != alg:
        raise ProofError("label.altered", "The label names another algorithm than its key's.")
    message = cose.sig_structure(
        protected=sign1.protected,
        payload=sign1.payload,
        external_aad=label_aad(ledger, context=context),
    )
    keys.check_signature(alg=alg, public_key=key.public, message=message, signature=sign1.signature)
    # A label says no time of signing. What entered after its key had ended never had one of it.
    ended_at = found[0].ended_at
    if since is not None and ended_at is not None and since > ended_at:
        raise ProofError("label.key-ended", "The label's key ended before what it is on entered.")
    return sign1.payload


def _says_same(payload: LabelPayload, lot: LotState, tables: Tables) -> bool:
    row = lot.contents[0] if lot.contents else None
    taxon, term = tables.taxon_by_number(payload.taxon), tables.term_by_number(payload.term)
    if row is None or taxon is None or term is None:
        return False
    current = tables.taxon(row.taxon)
    return (
        current is not None
        and current.number == payload.taxon
        and term.code == row.term
        and payload.quantity == row.quantity
    )


def weigh(verdict: Verdict, reason: str, *, passed: bool = False) -> Verdict:
    """Return the verdict with the label's check added; a graver reason takes over."""
    outcome = CheckOutcome.PASSED if passed else CheckOutcome.FAILED
    check = Check("label.signed", outcome, detail=reason)
    if reason == "label.code-only":
        check = Check("label.signed", CheckOutcome.OPEN, detail="no signature on the label")
    verdict = replace(verdict, checks=(*verdict.checks, check))
    if not reason:
        return verdict
    level = level_of(reason)
    if not passed:
        return replace(verdict, outcome=Outcome.REFUTED, level=level, reason=reason, params={})
    # A code typed or read from a bare label is answered by the card; a lot that changed stays good.
    if reason == "label.changed" and verdict.reason == "consistent":
        return replace(verdict, reason=reason)
    return verdict


def alone(reason: str, **params: str | int) -> Verdict:
    """Return the verdict on a label that was not compared with anything."""
    level = level_of(reason)
    outcome = Outcome.REFUTED if level is Level.STOP else Outcome.UNDECIDED
    return Verdict(outcome, level, reason, params)
