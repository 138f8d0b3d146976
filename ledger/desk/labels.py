"""Labels of what another desk entered: asked for, and checked before anybody prints them.

Owns no format and no key: the link comes from the registrar, what it must say from the card of the
lot or document. What is not registered yet has its bare code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ledger.desk.outbox import OPEN, Entry
from ledger.desk.source import Source
from ledger.errors import NotFoundError, ProofError, RefusedError, UnavailableError
from ledger.reference.tables import load_tables
from ledger.trust import Trust
from ledger.verify.card import examine_card
from ledger.verify.document_label import check_document_label
from ledger.verify.head import Asked
from ledger.verify.label import open_label
from ledger.verify.verdict import Outcome
from ledger.wire import text
from ledger.wire.label import format_label_url, parse_label_url


def fetch_label(source: Source, code: str, *, trust: Trust, now_s: int) -> str:
    """Return the link of a lot's label (12 symbols) as the registrar signs it.

    Raise ProofError where its signature or code is not what the lot's card proves.
    """
    link = source.label(code)
    examined = examine_card(source.card(code), trust=trust, now_s=now_s, asked=Asked(code=code))
    if examined.opened is None:
        raise ProofError("label.unproved", f"The card of lot {code} does not hold.")
    opened = examined.opened
    payload = open_label(
        parse_label_url(link).cose or b"", state=opened.state, ledger=opened.ledger
    )
    if payload.code != text.code_value(code):
        raise ProofError("label.unproved", f"The ledger gave the label of another lot than {code}.")
    return link


def bare_links(entries: Iterable[Entry], *, host: str) -> Mapping[str, str]:
    """Return the links without a signature of what waits in the outbox, by code (12 symbols).

    Nothing is proved by one: whoever opens it sees what the ledger holds by then.
    """
    waiting = (code for entry in entries if entry.state in OPEN for code in entry.born)
    return {code: format_label_url(host=host, name=code, signed=None) for code in waiting}


def document_link(
    source: Source,
    name: str,
    *,
    came: Iterable[Mapping[str, str]],
    trust: Trust,
    now_s: int,
) -> tuple[str, str]:
    """Return the link of a document's label, and "", or "" and why nobody signs one.

    `came` are the labels that came to this desk; the newest one counts, else the ledger is asked.
    """
    own = [known[name] for known in came if name in known]
    if own:
        return own[-1], ""
    try:
        return fetch_document_label(source, name, trust=trust, now_s=now_s), ""
    except (NotFoundError, RefusedError, UnavailableError) as error:
        return "", error.message


def fetch_document_label(source: Source, name: str, *, trust: Trust, now_s: int) -> str:
    """Return the link of the label of a document `CC/KIND/NUMBER` as the registrar signs it.

    Raise ProofError where its signature or what it says is not what the document's card proves.
    """
    link = source.document_label(name)
    read = check_document_label(
        link,
        card=source.document_card(name),
        trust=trust,
        now_s=now_s,
        tables=load_tables(),
        asked=Asked(document=name),
    )
    is_other = read.payload is None or read.payload.name != name
    if read.verdict.outcome is not Outcome.VERIFIED or is_other:
        raise ProofError(
            "label.unproved", f"The label that the ledger gave for {name} does not hold."
        )
    return link
