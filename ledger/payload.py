"""The payload of a statement: its event, and the fields that all events share.

Owns which fields stand in every payload and what form they have (docs/formats/statement.md). Knows
no header, no signature and no rule: what a field means where is judged later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.custody.events import EVENTS, BlockClosed, Event
from ledger.errors import MalformedError, UndecidedError
from ledger.wire import cbor, fields, text
from ledger.wire.members import Doubts

_KINDS: Mapping[tuple[str, int], type[Any]] = {**EVENTS, (BlockClosed.__name__, 1): BlockClosed}
_COMMON = frozenset({"type", "v", "seq", "salt", "when", "day", "prev", "seen", "hidden"})


def event_kind(plain: dict[Any, Any]) -> type[Any]:
    """Return the class of a payload's event.

    Raise MalformedError where the payload names none, UndecidedError where this version does not
    know the type or its version.
    """
    name, version = plain.get("type"), plain.get("v")
    if not isinstance(name, str) or type(version) is not int:
        raise MalformedError("statement.type", "The payload has no type and version.")
    kind = _KINDS.get((name, version))
    if kind is None:
        raise UndecidedError(
            "statement.unknown-type",
            f"The event {name} version {version} is not known to this version.",
            hint="Use a newer version of Ringmark.",
            params={"type": name, "v": version},
        )
    return kind


def read_payload(
    plain: dict[Any, Any], doubts: Doubts
) -> tuple[Event | BlockClosed, dict[str, Any]]:
    """Return the event and the common fields of a payload, by their names in `Statement`.

    What is left to settle is noted in `doubts`. Raise MalformedError where a field is not of its
    form, UndecidedError for a type, version or field that this version does not know.
    """
    kind = event_kind(plain)
    name = kind.__name__
    event, shared = fields.from_shared(kind, plain, others=_COMMON, doubts=doubts, path=name)
    return event, _common(name, shared, doubts)


def _common(name: str, plain: dict[str, Any], doubts: Doubts) -> dict[str, Any]:
    has_seq, has_salt = name != "BlockClosed", name not in ("BlockClosed", "LedgerFounded")
    common: dict[str, Any] = {}
    if has_seq != ("seq" in plain) or has_salt != ("salt" in plain):
        raise MalformedError("statement.common", f"{name}: seq or salt missing or not allowed.")
    if has_seq:
        common["seq"] = _integer(plain["seq"], "seq", least=1)
    if has_salt:
        common["salt"] = _sized(plain["salt"], "salt", size=16)
    if "when" in plain:
        common["when"] = _integer(plain["when"], "when", least=0)
    if "day" in plain:
        common["day"] = _day(plain["day"])
    for side in ("prev", "seen"):
        if side in plain:
            common[side] = _heads(plain[side], side)
            doubts.keys(tuple(plain[side]))
    if "hidden" in plain:
        common["hidden"] = _hidden(plain["hidden"])
    if name == "BlockClosed" and common:
        raise MalformedError("statement.common", "A closing has no common fields.")
    return common


def _heads(value: Any, name: str) -> dict[str, bytes]:
    if not isinstance(value, dict) or not value:
        raise MalformedError(f"statement.{name}", f"The field {name} is not a map of heads.")
    for code, head in value.items():
        if not isinstance(code, str):
            raise MalformedError(
                f"statement.{name}", f"The field {name} has a key that is no code."
            )
        text.code_value(code)
        _sized(head, name, size=32)
    return value


def _day(value: Any) -> str:
    if not isinstance(value, str):
        raise MalformedError("statement.day", "The field day is not a text.")
    text.parse_day(value)
    return value


def _hidden(value: Any) -> tuple[bytes, ...]:
    if not isinstance(value, list) or not value:
        raise MalformedError("statement.hidden", "The field hidden is not an array of digests.")
    digests = tuple(_sized(digest, "hidden", size=32) for digest in value)
    if sorted(set(digests)) != list(digests):
        raise MalformedError("statement.hidden", "The digests in hidden are not sorted and unique.")
    return digests


def _integer(value: Any, name: str, *, least: int) -> int:
    if type(value) is not int or not least <= value <= cbor.INTEGER_MAX:
        raise MalformedError(f"statement.{name}", f"The field {name} is not a number >= {least}.")
    return value


def _sized(value: Any, name: str, *, size: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != size:
        raise MalformedError(f"statement.{name}", f"The field {name} has not {size} bytes.")
    return value
