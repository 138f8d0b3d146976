"""Searching: from what a person types to the subjects that it may mean.

Owns the order of guesses: a code, a label's link, a mark in any spelling, then prefixes of names,
with other blanks, and last with digits for the letters that look like them. Exact hits come first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from ledger.custody.subjects import Kind
from ledger.errors import MalformedError
from ledger.reader.views import SearchHit
from ledger.reference.mark_forms import readings
from ledger.storage.protocol import RecordRow, Store
from ledger.wire import text
from ledger.wire.label import parse_label_url

Row = Callable[[str, str], RecordRow | None]
"""Reads a record by kind and name, None where there is none."""
TYPED_MAX = 400
_LIKE_DIGITS = re.compile(r"O+(?=[0-9])|(?<=[0-9])[OIL]+(?![A-Z])", re.IGNORECASE)
_DIGITS = str.maketrans("OoIiLl", "001111")
SCHEMES_MAX = 200


def search(store: Store, typed: str, *, limit: int, row: Row) -> list[SearchHit]:
    """Return at most `limit` subjects that `typed` may mean, each once; `row` reads a record."""
    found: dict[tuple[str, str], SearchHit] = {}
    wanted = spellings(typed)
    for spelled in (*wanted, *near(wanted)):
        for hit in islice(_hits(store, spelled, limit, row), 5 * limit):
            found.setdefault((hit.kind, hit.name), hit)
        if found:
            break
    return list(found.values())[:limit]


def spellings(typed: str) -> tuple[str, ...]:
    """Return a text as typed, then with its blanks as nothing, as hyphens and as slashes."""
    wanted = text.tidy(typed[:TYPED_MAX])
    if not wanted:
        return ()
    close = wanted.replace(" /", "/").replace("/ ", "/")
    others = (close, close.replace(" ", "-"), close.replace(" ", ""), close.replace(" ", "/", 2))
    return tuple(dict.fromkeys((wanted, *others)))


def near(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return texts with digits for the letters O, I and L beside digits: what may be meant."""
    known = tuple(wanted)
    digits = (_LIKE_DIGITS.sub(lambda run: run[0].translate(_DIGITS), each) for each in known)
    return tuple(each for each in dict.fromkeys(digits) if each not in known)


def _hits(store: Store, wanted: str, limit: int, row: Row) -> Iterator[SearchHit]:
    yield from _by_code(row, wanted)
    yield from _by_mark(row, wanted)
    for kind in (Kind.MARK, Kind.DOCUMENT, Kind.PARTY, Kind.FACILITY):
        for spelled in dict.fromkeys((wanted, wanted.upper(), wanted.lower())):
            for name in store.names(kind=kind.value, prefix=spelled, limit=limit):
                yield SearchHit(kind.value, name)
    # A tag is read from the goods without its scheme, a number from a paper without its kind.
    for kind, segments in ((Kind.MARK, 1), (Kind.DOCUMENT, 2)):
        for head in _heads(store, kind, segments=segments):
            prefix = f"{head}/{wanted.upper()}"
            for name in store.names(kind=kind.value, prefix=prefix, limit=limit):
                yield SearchHit(kind.value, name)


def _by_mark(row: Row, wanted: str) -> Iterator[SearchHit]:
    """Yield the marks that a printed tag may mean, in any usual spelling, where a lot has them."""
    for name in readings(wanted):
        if row(Kind.MARK.value, name) is not None:
            yield SearchHit(Kind.MARK.value, name)


def _by_code(row: Row, wanted: str) -> Iterator[SearchHit]:
    code = _code(wanted)
    if code is None:
        return
    for kind in (Kind.LOT, Kind.CONTAINER):
        if row(kind.value, code) is not None:
            yield SearchHit(kind.value, code)


def _code(wanted: str) -> str | None:
    try:
        name = parse_label_url(wanted).name if "/" in wanted else wanted
        return text.code_symbols(text.parse_code(name))
    except MalformedError:
        return None


def _heads(store: Store, kind: Kind, *, segments: int) -> Iterator[str]:
    """Yield the first segments that names of a kind begin with: schemes, or countries and kinds."""
    after = ""
    for _ in range(SCHEMES_MAX):
        names = store.names(kind=kind.value, after=after, limit=1)
        if not names:
            return
        head = "/".join(names[0].split("/")[:segments])
        yield head
        # "0" follows "/": the next name after it begins otherwise.
        after = f"{head}0"
