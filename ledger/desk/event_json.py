"""Events as JSON that people can read and write: bytes are lower-case hex.

Owns the turn of JSON into an event by the annotations of its class, and back. JSON is a view and
never signed; what is signed is the event's own encoding.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from ledger.custody.events import EVENTS, BlockClosed, Event
from ledger.errors import MalformedError
from ledger.statement import Statement
from ledger.wire import fields, text


def event_json(event: Event | BlockClosed) -> dict[str, Any]:
    """Return an event as JSON-able values, its type first."""
    plain = fields.to_plain(event)
    members = plain if isinstance(plain, dict) else {}
    return {"type": type(event).__name__, **{str(k): _shown(v) for k, v in members.items()}}


def statement_json(statement: Statement) -> dict[str, Any]:
    """Return a statement as JSON-able values: its headers, then its event."""
    return {
        "statement": statement.id.hex(),
        "party": statement.party,
        "kid": statement.kid.hex(),
        "alg": statement.alg,
        "sub": statement.sub,
        "aud": statement.aud,
        "iat": text.format_time(statement.iat),
        "seq": statement.seq,
        "when": text.format_time(statement.when) if statement.when is not None else None,
        "day": statement.day,
        "prev": _shown(dict(statement.prev)),
        "seen": _shown(dict(statement.seen)),
        "hidden": [digest.hex() for digest in statement.hidden],
        "event": event_json(statement.event),
    }


def parse_event(plain: Any) -> Event:
    """Return the event that a JSON object says; `type` names it.

    Raise MalformedError for an unknown type, a missing, unknown or wrong member.
    """
    if not isinstance(plain, dict) or not isinstance(plain.get("type"), str):
        raise MalformedError(
            "event.json", "The file is no event.", hint='It is a JSON object with a "type".'
        )
    name = plain["type"]
    kind = EVENTS.get((name, 1))
    if kind is None:
        raise MalformedError(
            "event.unknown", f"There is no event {name}.", hint="See docs/events.md."
        )
    members = {key: value for key, value in plain.items() if key not in ("type", "v")}
    return fields.from_plain(kind, _plain(members, kind, name), path=name)


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    return value


def _plain(value: Any, hint: Any, path: str) -> Any:
    """Return a JSON value as the field codec wants it: hex becomes bytes where bytes belong."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _plain(value, inner, path)
    if hint is bytes:
        return _hex(value, path)
    if isinstance(hint, type) and issubclass(hint, Struct) and isinstance(value, dict):
        return _members(value, hint, path)
    if origin is tuple and isinstance(value, list):
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return [_plain(item, arguments[0], path) for item in value]
        pairs = zip(value, arguments, strict=False)
        return [_plain(item, kind, path) for item, kind in pairs]
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, dict):
        return {key: _plain(item, arguments[1], f"{path}.{key}") for key, item in value.items()}
    return value


def _members(value: dict[str, Any], kind: type[Any], path: str) -> dict[Any, Any]:
    hints = get_type_hints(kind)
    by_key = {str(key): (key, name) for key, name in fields.keys_of(kind).items()}
    found: dict[Any, Any] = {}
    for key, item in value.items():
        name, field = by_key.get(key, (key, None))
        found[name] = _plain(item, hints[field], f"{path}.{key}") if field else item
    return found


def _hex(value: Any, path: str) -> bytes:
    if not isinstance(value, str):
        raise MalformedError("event.json", f"{path} is no hex text.")
    return text.decode_hex(value)
