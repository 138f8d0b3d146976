"""Frozen structs to plain values and back, by their annotations.

Owns one rule for all events and records: absent means None or empty, and there is one spelling
only. Knows no event; the class is an argument. Codecs are built once for each class, and what a set
of keys means to it is worked out once for each set.

    LotFound(lot="51PB1X9SFP3J")        {"lot": "51PB1X9SFP3J"}
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from msgspec import Meta, Struct, structs

from ledger.errors import MalformedError
from ledger.wire import cbor
from ledger.wire.cbor import Plain
from ledger.wire.members import (
    Codec,
    Decoder,
    Doubts,
    Encoder,
    WrongError,
    anything,
    array_codec,
    enum_codec,
    mapping_codec,
    tuple_codec,
)

T = TypeVar("T")
_SCALARS = (int, str, bytes, bool)
_PLANS_MAX = 256
"""The most sets of keys that are remembered for one class: hostile ones shall not fill the memory.
"""


class _Field(Struct, frozen=True):
    name: str
    key: str | int
    codec: Codec
    required: bool
    empty: bool
    """Whether the default is an empty tuple or mapping, which is never written."""


class _Plan(Struct, frozen=True):
    """What one set of keys means to a class: which fields they are, and what is asked of each."""

    is_ordered: bool
    is_shared: bool
    """Whether some of the keys belong to somebody else."""
    keys: tuple[str | int, ...]
    items: tuple[_Field, ...]
    names: tuple[str, ...]
    types: tuple[type[Any] | None, ...]
    texts: tuple[int, ...]
    numbers: tuple[int, ...]
    nested: tuple[tuple[int, _Field], ...]
    """Places and fields that need more than their type."""


def to_plain(value: object) -> Plain:
    """Return a struct as a plain map in the order of the codec.

    None and empty defaults are left out. Raise MalformedError where an integer is out of range.
    """
    kind: Any = type(value)
    plain: Plain = _encoder(kind)(value)
    return plain


def from_plain(kind: type[T], value: Plain, *, path: str = "") -> T:
    """Return an instance of `kind` from a plain map, the inverse of `to_plain`.

    Raise MalformedError with the path of the field: `field.missing`, `field.unknown`, `field.type`,
    `field.size` (a byte string of another length), `field.value` (none of the known words) or
    `field.empty` (an empty array or map that must be left out).
    """
    found, _ = from_shared(kind, value, others=frozenset(), doubts=Doubts(), path=path)
    return found


def from_shared(
    kind: type[T], value: Plain, *, others: frozenset[str], doubts: Doubts, path: str = ""
) -> tuple[T, dict[str, Any]]:
    """Return an instance of `kind` from a map that it shares with `others`, and those beside it.

    What is left to settle is noted in `doubts`; the `others` are returned as they are, unseen.
    Raise MalformedError as `from_plain` does.
    """
    asked: Any = kind
    try:
        found: T = _decoder(asked, others)(value, doubts)
    except WrongError as wrong:
        steps = [str(step) for step in reversed(wrong.way)]
        where = ".".join([path, *steps] if path else steps) or kind.__name__
        raise MalformedError(
            f"field.{wrong.rule}", f"{where} {wrong.reason}.", params={"field": where}
        ) from None
    beside: Any = value
    return found, {key: beside[key] for key in others if key in beside}


@lru_cache(maxsize=512)
def _encoder(kind: Any) -> Encoder:
    by_key = {item.key: item for item in _fields(kind)}
    ordered = [by_key[key] for key in cbor.ordered(tuple(by_key))]
    items = tuple((i.key, i.codec.encode, i.empty, i.codec.exact is int) for i in ordered)
    names = [item.name for item in ordered]
    # attrgetter returns a tuple from two names on.
    contents: Callable[[Any], Any] = (
        attrgetter(*names)
        if len(names) > 1
        else lambda value: [getattr(value, name) for name in names]
    )

    def encode(value: Any) -> dict[str | int, Any]:
        plain: dict[str | int, Any] = {}
        for item, content in zip(items, contents(value), strict=True):
            # Most members are absent: they are not even unpacked.
            if not content and (content is None or item[2]):
                continue
            key, encode_item, _empty, is_number = item
            if is_number:
                cbor.check_integer(content)
            plain[key] = content if encode_item is None else encode_item(content)
        return plain

    return encode


@lru_cache(maxsize=512)
def _decoder(kind: Any, others: frozenset[str] = frozenset()) -> Decoder:
    items = _fields(kind)
    has_numbers = any(type(item.key) is int for item in items)
    plans: dict[tuple[Any, ...], _Plan] = {}

    def plan_for(keys: tuple[Any, ...], known: tuple[Any, ...]) -> _Plan:
        plan = _plan(items, others, keys)
        if len(plans) < _PLANS_MAX:
            plans[known] = plan
        return plan

    def decode(value: Any, doubts: Doubts) -> Any:
        if type(value) is not dict:
            raise WrongError("type", "is not a map")
        keys = tuple(value)
        # True and 1.0 would be found as 1, were their types not looked for too.
        known = (keys, tuple(map(type, keys))) if has_numbers else keys
        plan = plans.get(known) or plan_for(keys, known)
        found = [value[key] for key in plan.keys] if plan.is_shared else list(value.values())
        if tuple(map(type, found)) != plan.types:
            _check_types(plan, found)
        _note_scalars(plan, found, doubts)
        for i, item in plan.nested:
            found[i] = _content(item, found[i], doubts)
        return kind(**dict(zip(plan.names, found, strict=True)))

    return decode


def _plan(items: tuple[_Field, ...], others: frozenset[str], keys: tuple[Any, ...]) -> _Plan:
    """Return what `keys` mean to a class of these fields; raise where they do not fit."""
    exact = {(type(key), key) for key in keys}
    for item in items:
        if item.required and (type(item.key), item.key) not in exact:
            raise WrongError("missing", "is missing", item.key)
    by_key = {(type(item.key), item.key): item for item in items}
    for key in sorted(keys, key=str):
        if (type(key), key) not in by_key and not (type(key) is str and key in others):
            raise WrongError("unknown", "is not a known field", key)
    own = tuple(by_key[type(key), key] for key in keys if (type(key), key) in by_key)
    scalars = [None if item.codec.decode is not None else item.codec.exact for item in own]
    return _Plan(
        is_ordered=cbor.ordered(keys) == keys,
        is_shared=len(own) < len(keys),
        keys=tuple(item.key for item in own),
        items=own,
        names=tuple(item.name for item in own),
        types=tuple(item.codec.exact for item in own),
        texts=tuple(i for i, kind in enumerate(scalars) if kind is str),
        numbers=tuple(i for i, kind in enumerate(scalars) if kind is int),
        nested=tuple(
            (i, item)
            for i, item in enumerate(own)
            if item.codec.decode is not None or item.codec.size is not None or item.empty
        ),
    )


def _note_scalars(plan: _Plan, found: list[Any], doubts: Doubts) -> None:
    if not plan.is_ordered:
        doubts.is_settled = False
    for i in plan.texts:
        text = found[i]
        if not (text.isascii() and text.isprintable()):
            doubts.texts.append(text)
    for i in plan.numbers:
        if not -cbor.INTEGER_MAX <= found[i] <= cbor.INTEGER_MAX:
            doubts.is_settled = False


def _check_types(plan: _Plan, found: list[Any]) -> None:
    """Raise where a scalar is of another type; what has a decoder is left to it."""
    for item, content in zip(plan.items, found, strict=True):
        exact = item.codec.exact
        if item.codec.decode is None and exact is not None and type(content) is not exact:
            raise WrongError("type", f"is not of type {exact.__name__}", item.key)


def _content(item: _Field, content: Any, doubts: Doubts) -> Any:
    if item.codec.decode is not None:
        try:
            content = item.codec.decode(content, doubts)
        except WrongError as wrong:
            wrong.way.append(item.key)
            raise
    size = item.codec.size
    if size is not None and len(content) != size:
        raise WrongError("size", f"has {len(content)} bytes, not {size}", item.key)
    if item.empty and not content:
        raise WrongError("empty", "is empty: it must be left out", item.key)
    return content


@lru_cache(maxsize=512)
def _fields(kind: Any) -> tuple[_Field, ...]:
    made: list[_Field] = []
    for item in structs.fields(kind):
        empty = item.default == () or item.default_factory is dict
        made.append(
            _Field(
                name=item.name,
                key=_key(item.type, item.name),
                codec=_codec(item.type),
                # Any other default is always written, so its absence would be a second spelling.
                required=not empty and item.default is not None,
                empty=empty,
            )
        )
    return tuple(made)


def keys_of(kind: Any) -> dict[str | int, str]:
    """Return the names of a class's fields by the keys that stand for them in a map."""
    return {item.key: item.name for item in _fields(kind)}


def _key(hint: Any, name: str) -> str | int:
    """Return what stands for a field in a map: its name, unless its annotation says a number."""
    notes = hint.__metadata__ if get_origin(hint) is Annotated else ()
    found: str | int = name
    for note in notes:
        found = (note.extra or {}).get("key", found) if isinstance(note, Meta) else found
    return found


@lru_cache(maxsize=512)
def _codec(hint: Any) -> Codec:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        codec = _codec(arguments[0])
        sizes = [note.min_length for note in arguments[1:] if note.min_length is not None]
        return structs.replace(codec, size=sizes[0]) if sizes else codec
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _codec(inner)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return array_codec(_codec(arguments[0]))
        return tuple_codec(tuple(_codec(argument) for argument in arguments))
    if origin is not None and issubclass(origin, Mapping):
        return mapping_codec(arguments[0], _codec(arguments[1]))
    if hint is object or hint is Any:
        return Codec(anything)
    if hint in _SCALARS:
        return Codec(None, exact=hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return enum_codec(hint)
    if isinstance(hint, type) and issubclass(hint, Struct):
        return Codec(_decoder(hint), _encoder(hint), exact=dict)
    raise TypeError(f"no codec for {hint!r}")
