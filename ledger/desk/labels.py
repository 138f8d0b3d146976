"""Labels of lots that another desk registered: asked for, and checked before anybody prints them.

Owns no format and no key: the link comes from the registrar, what it must say from the lot's card.
"""

from __future__ import annotations

from ledger.desk.source import Source
from ledger.errors import ProofError
from ledger.trust import Trust
from ledger.verify.card import examine_card
from ledger.verify.head import Asked
from ledger.verify.label import open_label
from ledger.wire import text
from ledger.wire.label import parse_label_url


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
