"""What a person typed, pasted or photographed, turned into the page that answers it.

Owns the guesses, in order: a label's link, a code, a mark in any spelling, a document's number, and
what is nearly one that the ledger knows. A text from a picture is somebody's claim and is read
exactly like a typed one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from ledger.errors import MalformedError
from ledger.reader import Reader
from ledger.reader.searching import near, spellings
from ledger.reference.mark_forms import readings
from ledger.trust import Trust
from ledger.wire import text
from ledger.wire.label import parse_label_url

_DOCUMENT = re.compile(r"[A-Z]{2}/[A-Z][A-Z0-9-]*/.+")
_CODE_LAST = re.compile(r"(?:.*[ :])?((?:[0-9A-Za-z]{4}[- ]?){3})\.?")
TYPED_MAX = 4_296
"""As many characters as one symbol may hold (ISO/IEC 18004)."""


class Asked(Struct, frozen=True):
    """What a text asks for: a `kind` of page (`lot`, `document`, `mark`) and its name.

    `link` is the label's link as it was read, where it was one.
    """

    kind: str
    name: str
    link: str = ""

    @property
    def fragment(self) -> str:
        """Return what stood behind the `#` of the link: the label's signed digits, or nothing."""
        return self.link.partition("#")[2]


class NotUnderstood(Struct, frozen=True):
    """A text that asks for nothing here; `reason` is a code of the table of verdicts."""

    reason: str


class Several(Struct, frozen=True):
    """A text that can be read as more than one mark, each with its scheme: a question to a person.

    None of them is tried first: that the ledger knows one says nothing of what the goods bear.
    """

    typed: str
    names: tuple[str, ...]


class Near(Struct, frozen=True):
    """A text that the ledger does not know, and what it knows that is nearly the same."""

    typed: str
    names: tuple[Asked, ...]


Read = Asked | NotUnderstood | Several | Near
"""What a text came to."""


def read_typed(typed: str, *, trust: Trust, reader: Reader, may_search: bool) -> Read:
    """Return what `typed` asks for; marks without their scheme are looked up if `may_search`."""
    wanted = text.tidy(typed[:TYPED_MAX])
    if "://" in wanted or trust.by_host(wanted.partition("/")[0].lower()):
        # Pasted from two lines a link has a blank in it; read aloud it has no scheme.
        link = wanted.replace(" ", "")
        return _link(link if "://" in link else f"https://{link}", trust)
    last = _CODE_LAST.fullmatch(wanted)
    code = _code(last[1] if last else wanted)
    if isinstance(code, Asked) or not wanted:
        return code
    spelled = readings(wanted)
    if len(spelled) == 1 and not may_search:
        return Asked("mark", spelled[0])
    found = reader.search(wanted) if may_search else []
    hits = [Asked(hit.kind, hit.name) for hit in found if hit.kind in ("mark", "document")]
    as_typed = spellings(wanted)
    for hit in hits:
        if (hit.name,) == spelled or _is_one_of(hit.name, as_typed):
            return hit
    if len(spelled) > 1:
        return Several(wanted, spelled)
    if alike := tuple(hit for hit in hits if _is_one_of(hit.name, near(as_typed))):
        return Near(wanted, alike)
    return _named(wanted) or code


def read_texts(texts: Sequence[str], *, trust: Trust, reader: Reader) -> Read:
    """Return what the first understood text of a picture asks for."""
    found = [read_typed(item, trust=trust, reader=reader, may_search=False) for item in texts]
    for kind in (Asked, Several):
        for item in found:
            if isinstance(item, kind):
                return item
    reasons = [item.reason for item in found if isinstance(item, NotUnderstood)]
    telling = [reason for reason in reasons if reason.startswith("label.")]
    if telling:
        return NotUnderstood(telling[0])
    return NotUnderstood("not-a-label" if texts else "photo-unreadable")


def _link(wanted: str, trust: Trust) -> Asked | NotUnderstood:
    try:
        label = parse_label_url(wanted)
    except MalformedError as error:
        return NotUnderstood("label.malformed" if error.code == "label.digits" else "not-a-label")
    if not trust.by_host(label.host):
        return NotUnderstood("label.foreign-host")
    if label.kind == "d":
        return Asked("document", label.name, wanted)
    code = _code(label.name)
    return Asked("lot", code.name, wanted) if isinstance(code, Asked) else code


def _code(wanted: str) -> Asked | NotUnderstood:
    try:
        return Asked("lot", text.code_symbols(text.parse_code(wanted)))
    except MalformedError as error:
        return NotUnderstood(error.code.replace(".", "-"))


def _named(wanted: str) -> Asked | None:
    """Return the document or mark that a text with a slash names, known to the ledger or not."""
    name = wanted.replace(" /", "/").replace("/ ", "/")
    if _DOCUMENT.fullmatch(name.upper()):
        return Asked("document", name.upper())
    scheme, _, rest = name.partition("/")
    return Asked("mark", name) if scheme and rest else None


def _is_one_of(name: str, typed: Sequence[str]) -> bool:
    """Return whether a found name is all that was typed: without its scheme, country or kind."""
    segments = name.casefold().split("/")
    endings = {"/".join(segments[n:]) for n in range(min(len(segments), 3))}
    return not endings.isdisjoint(each.casefold() for each in typed)
