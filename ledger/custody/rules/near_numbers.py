"""Rule on numbers of documents that are read as one: O for 0, other signs, another year form.

Owns the key under which such numbers meet: one look-up for each document that is entered, never a
scan. A permit whose number is typed a little otherwise is another document here, with a balance of
its own; whoever typed it by a slip loses nothing by a check. Source: fraud F05 (permit reuse).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ledger.custody.documents import DocumentIssued, DocumentRecorded, DocumentReplaced
from ledger.custody.references import NumberedPapers
from ledger.custody.rules.lines import Line, lines_of
from ledger.custody.rules.permit_marks import GONE
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Flag, Kind, Rule, Severity, Subject

NEAR = "document.near-number"
_ALIKE = str.maketrans("OI", "01")
_GROUPS = re.compile(r"[0-9]+|[A-Z]+")
# A year, and a serial that ran together with it: 20260412.
_YEAR = re.compile(r"(?:19|20)([0-9]{2})")
_YEAR_AND_SERIAL = re.compile(r"(?:19|20)([0-9]{2})([0-9]{3,})")
# What is typed before a number, and what is stamped on a copy of it.
_BEFORE = re.compile(r"(?:NO|NR|NUM)[^0-9A-Z]*(?=[0-9])")
_COPIED = re.compile(r"(.*[0-9])[^0-9A-Z]*(?:COPY|DUPLICATE|ORIGINAL|COPIE|COPIA)")
_CONFIRMED = ("issued", "attested")
_GOODS_LEAVE = "export"

RULES = (
    Rule(
        "document.near-number",
        "check, note",
        "Numbers of documents that are read as one are one document.",
    ),
)


def check_near(signed: Signed, draft: Draft) -> Iterator[Flag]:
    """Yield a finding on a document, and on others in force whose numbers are read as the same.

    What nobody confirmed gets a check; a document that its issuer entered, or an officer confirmed,
    is only told of a copy that is near it: else whoever types numbers could cast doubt on all.
    """
    event = signed.event
    if not isinstance(event, DocumentIssued | DocumentRecorded | DocumentReplaced):
        return
    gone = event.replaces if isinstance(event, DocumentReplaced) else ""
    is_issued = not isinstance(event, DocumentRecorded)
    lines = lines_of(event.paper.rows)
    near = near_to(draft, event.document, lines, is_copy=not is_issued)
    others = [name for name in near if name != gone]
    firm = {name for name in others if _is_confirmed(draft, name)}
    if others:
        told = is_issued and not firm
        own = Subject(Kind.DOCUMENT, event.document)
        yield Flag(own, NEAR, Severity.NOTE if told else Severity.CHECK)
    for name in others:
        told = name in firm and not is_issued
        yield Flag(Subject(Kind.DOCUMENT, name), NEAR, Severity.NOTE if told else Severity.CHECK)


def near_to(draft: Draft, document: str, lines: Counter[Line], *, is_copy: bool) -> tuple[str, ...]:
    """Return the other documents in force of its country with a number that is read as its own.

    Of its kind; or such as list the same goods, where no table knows one of the two kinds, or where
    one of two kinds under which goods leave is a copy: nobody issues one number in two registers
    for the same goods.
    """
    known = draft.reference(numbers_of(document), NumberedPapers)
    names = known.numbered if known is not None else ()
    return tuple(
        name
        for name in names
        if name != document
        and is_in_force(draft, name)
        and _is_near(draft, document, name, lines, is_copy=is_copy)
    )


def is_in_force(draft: Draft, name: str) -> bool:
    """Return whether a document stands: it was neither cancelled nor replaced."""
    state = draft.document(name)
    return state is not None and state.status not in GONE


def numbers_of(document: str) -> str:
    """Return the name of what keeps the documents whose numbers are read as this one."""
    country, _, number = document.split("/", 2)
    return f"numbers/{country}/{key_of(number, country=country)}"


def _is_near(
    draft: Draft, document: str, other: str, lines: Counter[Line], *, is_copy: bool
) -> bool:
    if document.split("/")[1] == other.split("/")[1]:
        return True
    state = draft.document(other)
    if state is None or lines.keys().isdisjoint(lines_of(state.rows)):
        return False
    kinds = [draft.tables.document_kind(name) for name in (document, other)]
    known = [kind for kind in kinds if kind is not None]
    both_leave = all(kind.act == _GOODS_LEAVE for kind in known)
    one_is_copy = is_copy or state.status not in _CONFIRMED
    return len(known) < len(kinds) or (both_leave and one_is_copy)


def key_of(number: str, *, country: str) -> str:
    """Return a number as it is read: the year first, in two digits, and groups of letters, digits.

    O is 0 and I is 1; signs between groups, zeros in front of one, the issuer's country before all
    and the word "copy" behind do not count.
    """
    groups = _GROUPS.findall(_bare(number, country).translate(_ALIKE))
    digits = [i for i, group in enumerate(groups) if group.isdigit()]
    if len(digits) == 1:
        joined = _YEAR_AND_SERIAL.fullmatch(groups[digits[0]])
        if joined is not None:
            groups[digits[0] : digits[0] + 1] = joined.groups()
    elif digits:
        for i in (digits[0], digits[-1]):
            year = _YEAR.fullmatch(groups[i])
            if year is not None:
                groups[i : i + 1] = []
                groups.insert(digits[0], year.group(1))
                break
    return ".".join(group.lstrip("0") or "0" for group in groups)


def _bare(number: str, country: str) -> str:
    """Return a number without what is no part of it: its country, "No", and that it is a copy."""
    own = re.match(rf"{country}[^0-9A-Z]*(?=[0-9])", number) or _BEFORE.match(number)
    rest = number[own.end() :] if own is not None else number
    copied = _COPIED.fullmatch(rest)
    return copied.group(1) if copied is not None else rest


def _is_confirmed(draft: Draft, name: str) -> bool:
    state = draft.document(name)
    return state is not None and state.status in _CONFIRMED
