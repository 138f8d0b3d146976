"""Write docs/formats/record-members.md: every member of every kind of record, and its form.

`python tests/vectors/generate_record_members.py` rewrites what stands between the marks; a test
makes it again and compares. What is said above the marks is written by hand.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from msgspec import NODEFAULT, Meta, structs

from ledger.custody.parties import PublicKey
from ledger.custody.state import state_types
from ledger.custody.subjects import Kind, inner_fields

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats" / "record-members.md"
BEGIN = "<!-- begin: made by tests/vectors/generate_record_members.py -->"
END = "<!-- end -->"
TELLING = {Kind.ACCOUNT: "account", Kind.REFERENCE: "table"}


def complete(page: str) -> str:
    """Return the page with everything between the marks made anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, foot = rest.partition(END)
    return f"{head}{BEGIN}\n\n{made()}\n{END}{foot}"


def made() -> str:
    """Return one table for each kind of record, then one for each value that stands in them."""
    parts = ["## Records\n"]
    values: dict[str, Any] = {}
    for kind, state in state_types():
        parts.append(f"### {heading(kind, state)}\n")
        parts.append(table(state, inner=inner_fields(state)))
        for item in structs.fields(state):
            if item.name != "findings":
                values.update(nested(item.type))
    parts.append("## Values in them\n")
    for name in sorted(values):
        parts.append(f"### {name}\n")
        parts.append(table(values[name], inner=frozenset()))
    return "\n".join(parts)


def heading(kind: Kind, state: Any) -> str:
    """Return what a kind of record is called here: its kind, and the word that tells its type."""
    if kind not in TELLING:
        return str(kind)
    member = TELLING[kind]
    word = next(item.default for item in structs.fields(state) if item.name == member)
    return f"{kind} {word}"


def table(state: Any, *, inner: frozenset[str]) -> str:
    """Return the table of a struct's members but `findings`, which are the record's own."""
    lines = ["| member | form | | stands |", "|---|---|---|---|"]
    if not inner:
        lines = ["| member | form | |", "|---|---|---|"]
    for item in structs.fields(state):
        if item.name == "findings":
            continue
        row = f"| `{item.name}` | {form(item.type)} | {presence(item)} |"
        lines.append(f"{row} {'in `inner`' if item.name in inner else 'open'} |" if inner else row)
    return "\n".join(lines) + "\n"


def presence(item: Any) -> str:
    """Return when a member is written: always, or only where there is something to say."""
    if item.default_factory is not NODEFAULT or item.default is None or item.default == ():
        return "optional"
    return "always"


def form(kind: Any) -> str:
    """Return the form of a member in words, by its annotation."""
    origin, args = get_origin(kind), get_args(kind)
    if kind is PublicKey:
        return "[COSE_Key](cose-keys.md)"
    if hasattr(kind, "__metadata__"):
        return sized(kind)
    if origin in (Union, types.UnionType):
        return form(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        if args[-1] is Ellipsis:
            return f"array of {form(args[0])}"
        return f"array of {len(args)}: {', '.join(form(arg) for arg in args)}"
    if origin is not None and issubclass(origin, Mapping):
        return mapped(*args)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "text: " + ", ".join(f"`{member.value}`" for member in kind)
    if hasattr(kind, "__struct_fields__"):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    return {str: "text", int: "integer", bytes: "bytes", bool: "true or false"}[kind]


def sized(kind: Any) -> str:
    """Return the form of an annotated type: bytes of a fixed length say it."""
    base, *notes = get_args(kind)
    lengths = [note.max_length for note in notes if isinstance(note, Meta) and note.max_length]
    return f"{lengths[0]} bytes" if lengths else form(base)


def mapped(key: Any, value: Any) -> str:
    """Return the form of a map; by byte strings it is an array of pairs, sorted bytewise."""
    if key is bytes:
        return f"array of pairs: bytes, {form(value)}"
    return f"map: text → {form(value)}"


def nested(kind: Any) -> Iterator[tuple[str, Any]]:
    """Yield every struct that stands in a type, at any depth, by its name."""
    if hasattr(kind, "__struct_fields__") and kind is not PublicKey:
        yield kind.__name__, kind
        for item in structs.fields(kind):
            yield from nested(item.type)
    for arg in get_args(kind):
        yield from nested(arg)


if __name__ == "__main__":
    PAGE.write_text(complete(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
