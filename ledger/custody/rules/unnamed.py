"""Documents that others than whoever they were issued for may have used up by their word alone.

Owns what keeps a stranger from locking out an honest holder: anybody may say that goods came in
under the number of a permit that names nobody, or that lots of his left under it, and anybody may
record a copy that names himself before the issuer enters the document. Of what leaves it is known
how much each party says, until an officer sees it. Sources: CITES Art. VI (5); fraud F05.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from ledger.custody.documents import DocumentEndorsed, DocumentState, Paper, ToldAlone, Way
from ledger.custody.rules.diligence import ancestors
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.rules.in_place import passage_under
from ledger.custody.rules.lines import Line, lines_of, rows_of
from ledger.custody.rules.papers import Over, Word
from ledger.custody.state import Draft, Signed
from ledger.custody.subjects import Finding, Severity

PARTIES_MAX = 20
"""Of how many parties a document that names nobody keeps apart what they said left under it."""
SEVERAL = ""
"""Stands for the party where more than one said so."""
CONTESTED = frozenset({"document.overdrawn", "document.two-countries", "document.used"})
"""What others may have caused by using a document: a check then, where it would be a stop."""


def claimed_by(draft: Draft, word: Word, *, party: str) -> str | None:
    """Return who used the word's document, which names nobody, by its own word alone.

    None where nobody did: an officer saw the goods, they left under it here, or it names its
    holder. Of goods that leave it is asked for copies alone: what was issued is in its bearer's
    hands.
    """
    state = draft.document(word.document)
    if state is None:
        return None
    known = state.claimed_by
    is_open = word.way is Way.IMPORT or (word.way is Way.EXPORT and state.status == "recorded")
    if word.is_official or _holder(state.paper) is not None or not is_open:
        return known
    return known if _left_under(draft, word) else of_both(known, party)


def claimed_before(copy: DocumentState, paper: Paper) -> str | None:
    """Return who used a copy by its own word alone, before its issuer enters `paper` in its place.

    The party that a copy names is what its recorder said; the issuer may name another.
    """
    named = _holder(copy.paper)
    if named in (None, paper.holder) or not any(copy.drawn.values()):
        return copy.claimed_by
    return of_both(copy.claimed_by, named)


def of_both(one: str | None, other: str | None) -> str | None:
    """Return who said so where two documents, or two statements, are taken together."""
    said = {one, other} - {None}
    return SEVERAL if len(said) > 1 else next(iter(said), None)


def with_told(state: DocumentState, party: str, more: Counter[Line]) -> DocumentState:
    """Return a document that names nobody with what else a party said left under it."""
    known = {told.party: lines_of(told.rows) for told in state.told_alone}
    name = party if party in known or len(known) < PARTIES_MAX else SEVERAL
    known[name] = known.get(name, Counter()) + more
    return replace(state, told_alone=_told(known))


def without_told(
    state: DocumentState, parties: Iterable[str], seen: Counter[Line]
) -> DocumentState:
    """Return a document without what an officer saw of the word of one of these parties."""
    known = {told.party: lines_of(told.rows) for told in state.told_alone}
    name = next((party for party in (*parties, SEVERAL) if party in known), None)
    if name is None:
        return state
    known[name] = known[name] - seen
    return replace(state, told_alone=_told(known))


def both_told(one: DocumentState, other: DocumentState) -> tuple[ToldAlone, ...]:
    """Return what left by words alone under two documents that are taken together."""
    joined = other
    for told in one.told_alone:
        joined = with_told(joined, told.party, lines_of(told.rows))
    return joined.told_alone


def is_open(state: DocumentState, way: Way) -> bool:
    """Return whether anybody may say that goods passed under the document on that side."""
    return way is not Way.SALE and _holder(state.paper) is None


def _told(known: Mapping[str, Counter[Line]]) -> tuple[ToldAlone, ...]:
    rows = ((party, rows_of(lines, quantity_max=QUANTITY_MAX)) for party, lines in known.items())
    return tuple(ToldAlone(party, own) for party, own in sorted(rows) if own)


def is_contested(signed: Signed, draft: Draft, *, document: str, way: Way, code: str) -> bool:
    """Return whether others than the party of lot `code` may have used the document up on a side.

    The lot waits for an officer then, who compares it with the permit, and is not stopped.
    """
    state = draft.document(document)
    if state is None or state.claimed_by is None or way is Way.SALE:
        return False
    holder = _holder(state.paper)
    if holder is not None:
        return state.claimed_by != holder
    lot = draft.lot(code) if isinstance(signed.event, DocumentEndorsed) else None
    party = lot.holder if lot is not None else signed.party
    return way is Way.IMPORT and state.claimed_by != party


def is_explained(signed: Signed, draft: Draft, over: Over) -> bool:
    """Return whether what others alone said left under a document that names nobody is as much.

    The lot waits for an officer then. What an officer saw leave is no mere word any more.
    """
    draw = over.draw
    state = draft.document(draw.document)
    if state is None or draw.code is None or draw.way is not Way.EXPORT:
        return False
    party = signed.party
    if isinstance(signed.event, DocumentEndorsed):
        lot = draft.lot(draw.code)
        party = lot.holder if lot is not None else party
    others = (told for told in state.told_alone if told.party != party)
    said = sum(lines_of(told.rows)[draw.line] for told in others)
    return is_open(state, draw.way) and said >= over.beyond


def contested_on(draft: Draft, code: str) -> tuple[Finding, ...]:
    """Return the checks on a lot that stand in place of a stop, as others may have caused it.

    They go with the goods as the stop would: else a split would settle what waits for an officer.
    What was made names no papers itself, those of what it was made of are asked.
    """
    lot = draft.lot(code)
    findings = lot.findings if lot is not None else ()
    found = tuple(f for f in findings if f.rule in CONTESTED and f.severity is Severity.CHECK)
    names = (name for known in ancestors(draft, code) for name in known.documents) if found else ()
    return found if any(_is_claimed(draft, name) for name in names) else ()


def _is_claimed(draft: Draft, name: str) -> bool:
    state = draft.document(name)
    return state is not None and (state.claimed_by is not None or bool(state.told_alone))


def _holder(paper: Paper | None) -> str | None:
    return paper.holder if paper is not None else None


def _left_under(draft: Draft, word: Word) -> bool:
    lot = draft.lot(word.code) if word.code is not None else None
    known = passage_under(draft, lot, word.document, Way.EXPORT) if lot is not None else None
    return word.way is Way.IMPORT and known is not None
