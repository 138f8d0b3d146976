"""Ranges of leaves, checked on their own: strict form, signatures, and the subtrees over them.

Owns what can be said of a leaf without the state of the ledger. A key is named by its thumbprint,
so that a signature under it is a fact; whose key it is and whether it is in force, the replay says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

from ledger.custody.events import BlockClosed
from ledger.errors import MalformedError, ProofError, RingmarkError, UndecidedError
from ledger.form import Form, open_form
from ledger.keys import check_signature
from ledger.log.frontier import Frontier, cut
from ledger.log.tree import leaf_hash
from ledger.payload import event_kind
from ledger.statement import CARRYING, carried_keys, statement_of
from ledger.wire.cose import CoseKey, thumbprint

RANGE = 512
"""Leaves in a range: two tiles, some 50 ms of work."""
Leaves = Callable[[int, int], list[bytes]]
"""Reads the leaves start <= index < stop."""
Keys = Mapping[bytes, CoseKey]
"""Public keys by thumbprint."""


class Range(Struct, frozen=True):
    """Leaves first <= index < stop; where they are not `judged`, they are hashed alone."""

    first: int
    stop: int
    judged: bool = True


class Bad(Struct, frozen=True):
    """The first leaf of a range that does not hold: which named check, and why."""

    index: int
    check: str
    code: str
    message: str
    is_undecided: bool = False


class Link(Struct, frozen=True):
    """A closing, and the subtrees over the leaves of its range before it, largest first."""

    index: int
    id: bytes
    headers: tuple[str, str, int]
    """Claims iss, aud and iat."""
    event: BlockClosed
    nodes: tuple[bytes, ...]


class Facts(Struct, frozen=True):
    """What was found in a range.

    `nodes` are its complete subtrees (`frontier.cut`), `keys` those that its statements carry,
    `unknown` the indexes of leaves whose key was not known to whoever checked.
    """

    range: Range
    nodes: tuple[tuple[int, bytes], ...] = ()
    keys: Keys = field(default_factory=dict)
    unknown: tuple[int, ...] = ()
    bad: Bad | None = None
    links: tuple[Link, ...] = ()


class Checking:
    """Checks ranges one after another, and remembers the keys that it met.

    `whole` returns the closings, and looks whether each type of event is known: for audits that no
    replay follows. The other fields of events are left to whoever judges them.
    """

    def __init__(self, leaves: Leaves, *, whole: bool = False) -> None:
        self.keys: dict[bytes, CoseKey] = {}
        self._leaves = leaves
        self._whole = whole

    def check(self, wanted: Range) -> Facts:
        """Return what is found in a range; raises only for leaves that cannot be read."""
        raws = self._leaves(wanted.first, wanted.stop)
        if len(raws) != wanted.stop - wanted.first:
            missing = wanted.first + len(raws)
            bad = Bad(missing, "tree.root", "leaves.missing", f"Leaves from {missing} are missing.")
            return Facts(wanted, bad=bad)
        hashes = [leaf_hash(raw) for raw in raws]
        nodes = tuple(cut(hashes, first=wanted.first))
        if not wanted.judged:
            return Facts(wanted, nodes)
        return self._judge(wanted, raws, hashes, nodes)

    def _judge(
        self,
        wanted: Range,
        raws: list[bytes],
        hashes: list[bytes],
        nodes: tuple[tuple[int, bytes], ...],
    ) -> Facts:
        found: dict[bytes, CoseKey] = {}
        unknown: list[int] = []
        links: list[Link] = []
        inside = Frontier()
        for index, raw in enumerate(raws, start=wanted.first):
            try:
                read, carried, closing = self._read(raw)
            except RingmarkError as error:
                return Facts(wanted, nodes, found, tuple(unknown), _bad(error, index), tuple(links))
            for key in carried:
                found[thumbprint(key)] = self.keys[thumbprint(key)] = key
            known = self.keys.get(read.kid)
            if known is None:
                unknown.append(index)
            elif (error_of := signature_error(read, known)) is not None:
                bad = Bad(index, "signatures.good", error_of.code, error_of.message)
                return Facts(wanted, nodes, found, tuple(unknown), bad, tuple(links))
            if closing is not None:
                links.append(Link(index, *closing, nodes=inside.nodes))
            if self._whole:
                inside.append(hashes[index - wanted.first])
        return Facts(wanted, nodes, found, tuple(unknown), None, tuple(links))

    def _read(
        self, raw: bytes
    ) -> tuple[Form, Iterable[CoseKey], tuple[bytes, tuple[str, str, int], BlockClosed] | None]:
        """Return what is signed, carried keys and, of whole leaves the closing that it is."""
        form = open_form(raw)
        named = form.plain.get("type")
        name = named if isinstance(named, str) else ""
        is_closing = name == BlockClosed.__name__
        if name in CARRYING or (is_closing and self._whole):
            statement = statement_of(raw, form)
            event = statement.event
            if not isinstance(event, BlockClosed):
                return form, carried_keys(event), None
            headers = (statement.party, statement.aud, statement.iat)
            return form, (), (statement.id, headers, event)
        if self._whole:
            event_kind(form.plain)
        return form, (), None


def signature_error(read: Form, key: CoseKey) -> ProofError | MalformedError | None:
    """Return what is wrong with a leaf's signature under a key, or None."""
    if read.alg != key.alg:
        return ProofError("signature.alg", "The algorithm is not the enrolled key's.")
    try:
        check_signature(
            alg=key.alg,
            public_key=key.public,
            message=read.message,
            signature=read.signature,
        )
    except (ProofError, MalformedError) as error:
        return error
    return None


def ranges_of(size: int, *, start: int = 0) -> list[Range]:
    """Return the ranges of a log of `size` leaves; those before `start` are hashed alone."""
    old = [Range(at, min(at + RANGE, start), False) for at in range(0, start, RANGE)]
    new: list[Range] = []
    at = start
    while at < size:
        stop = min(at - at % RANGE + RANGE, size)
        new.append(Range(at, stop))
        at = stop
    return old + new


def _bad(error: RingmarkError, index: int) -> Bad:
    is_undecided = isinstance(error, UndecidedError)
    message = error.message if is_undecided else f"Leaf {index}: {error.message}"
    return Bad(index, "leaves.strict", error.code, message, is_undecided)
